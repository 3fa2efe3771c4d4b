import { expect, it } from 'vitest';
import type { TraceSink } from '../../../core/engine/recording.ts';
import { emitRun } from '../../../traces/testing/stream.ts';
import { Gatherer, replay } from './portion.ts';

/** Notes what it is told of requests, reach and events, each by the last event handed over before. */
function noting(notes: unknown[]): TraceSink {
  let last = 0;
  return {
    begin: () => notes.push('begin'),
    events: ({ firstId, count }) => (last = firstId + count - 1),
    request: ({ id }) => notes.push([last, id]),
    hazard: ({ id }) => notes.push([last, 'hazard', id]),
    sample: (counter, ts) => notes.push([last, 'sample', counter, ts]),
    exposure: (actor) => notes.push([last, actor]),
    memory: {
      guest: () => notes.push('guest'),
      standing: () => notes.push('standing'),
      reach: ({ frame }) => notes.push([last, 'reach', frame]),
      need: ({ frame }) => notes.push([last, 'need', frame]),
    },
  };
}

it('what a run said before a chunk of events is said before it again', () => {
  const said: unknown[] = [];
  emitRun(noting(said), 300);
  const heard: unknown[] = [];
  const sink = noting(heard);
  const gatherer = new Gatherer((portion) => replay(portion, sink));
  emitRun(gatherer, 300);
  gatherer.flush();
  const sorted = (notes: unknown[]) => notes.map((note) => JSON.stringify(note)).sort();
  expect(sorted(heard)).toEqual(sorted(said));
});
