import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import { K } from '../contract/kinds.ts';
import { Engine, type Steps } from './engine.ts';
import { Recorder } from './recorder.ts';
import { NONE, type EventChunk, type TraceSink } from './recording.ts';

interface Row {
  id: number;
  ts: number;
  dur: number;
  kind: number;
  level: number;
}

function collector(): { sink: TraceSink; rows: Row[] } {
  const rows: Row[] = [];
  const events = (chunk: EventChunk) => {
    for (let i = 0; i < chunk.count; i++) {
      rows.push({
        id: chunk.firstId + i,
        ts: chunk.ts[i] as number,
        dur: chunk.dur[i] as number,
        kind: chunk.kind[i] as number,
        level: chunk.level[i] as number,
      });
    }
  };
  const nothing = () => undefined;
  const sink: TraceSink = {
    begin: nothing,
    events,
    request: nothing,
    hazard: nothing,
    sample: nothing,
    exposure: nothing,
  };
  return { sink, rows };
}

describe('the recorder', () => {
  it('insists that spans of a track end innermost first', () => {
    const recorder = new Recorder(new Engine(), null, 2);
    const outer = recorder.begin(K.backendPoll, 0, NONE);
    recorder.begin(K.stackBackend, 0, NONE);
    expect(() => recorder.end(outer, 0)).toThrow(InvariantError);
  });

  it('gives ids in time order and levels by nesting, across many chunks', () => {
    const engine = new Engine();
    const { sink, rows } = collector();
    const recorder = new Recorder(engine, sink, 2);
    const process = function* (track: number, step: number): Steps {
      for (let i = 0; i < 6000; i++) {
        const span = recorder.begin(K.backendPoll, track, NONE);
        yield step;
        recorder.leaf(K.cpuCopy, track, step, NONE, 1, 64);
        yield step;
        recorder.end(span, track);
      }
    };
    engine.spawn(process(0, 3));
    engine.spawn(process(1, 5));
    while (engine.run(100)) {
      // Go on.
    }
    recorder.finish();
    expect(rows.length).toBe(24_000);
    for (const [i, row] of rows.entries()) {
      expect(row.id).toBe(i + 1);
      if (i > 0) expect(row.ts).toBeGreaterThanOrEqual((rows[i - 1] as Row).ts);
      expect(row.level).toBe(row.kind === K.cpuCopy ? 1 : 0);
    }
    expect(recorder.counts().copy).toBe(12_000);
    expect(recorder.copiedBytes).toBe(12_000 * 64);
    expect(recorder.outermostPs(0)).toBe(6000 * 6);
  });

  it('hashes the same with and without a sink', () => {
    const run = (sink: TraceSink | null): string => {
      const engine = new Engine();
      const recorder = new Recorder(engine, sink, 1);
      for (let i = 0; i < 20_000; i++) recorder.leaf(K.dmaRead, 0, i, i % 7, i, 64);
      recorder.begin(K.napiPoll, 0, NONE);
      recorder.finish();
      return recorder.fingerprint();
    };
    expect(run(collector().sink)).toBe(run(null));
  });
});

describe('a thread that sleeps in the middle of a span', () => {
  it('leaves two parts, and ends the second by the name of the first', () => {
    const engine = new Engine();
    const { sink, rows } = collector();
    const recorder = new Recorder(engine, sink, 1);
    const outer = recorder.begin(K.backendPoll, 0, NONE);
    engine.now = 10;
    const spans = recorder.suspend(0);
    engine.now = 100;
    recorder.leaf(K.hardirq, 0, 5);
    engine.now = 200;
    recorder.resume(0, spans);
    engine.now = 230;
    recorder.end(outer, 0);
    recorder.finish();
    expect(rows.map(({ kind, ts, dur }) => [kind, ts, dur])).toEqual([
      [K.backendPoll, 0, 10],
      [K.hardirq, 100, 5],
      [K.backendPoll, 200, 30],
    ]);
    expect(recorder.outermostPs(0)).toBe(45);
  });

  it('may not cut in two what counts', () => {
    const recorder = new Recorder(new Engine(), null, 1);
    recorder.begin(K.grantCopy, 0, NONE);
    expect(() => recorder.suspend(0)).toThrow(/not cut in two/);
  });
});
