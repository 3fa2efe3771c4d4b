/** Handlers of what replay asks beyond the trace itself, and of what takes longer than a moment. */
import { setImmediate } from 'node:timers/promises';
import type { ArgsOf, LabHandlers, ResultOf } from '../../../core/contract/index.ts';
import { alternatives } from '../../../core/experiment/index.ts';
import type { LabContext } from './context.ts';

type Topic = 'trace.range' | 'trace.counters' | 'hazard.alternatives';

/** Events of which the samples are read without letting anybody else have their turn: some 20 ms. */
const EVENTS_AT_ONCE = 100_000;

export function replayHandlers({ library }: LabContext): Pick<LabHandlers, Topic> {
  return {
    'trace.counters': (args) => counters(library, args),
    'trace.range': ({ trace, from, to }) => library.reader(trace).range(from, to),
    'hazard.alternatives': ({ scenario, hazard }) => alternatives(scenario, hazard),
  };
}

/** Samples lie at every microsecond: those of a long time are read a part after the other. */
async function counters(
  library: LabContext['library'],
  { trace, from, to, buckets }: ArgsOf<'trace.counters'>,
): Promise<ResultOf<'trace.counters'>> {
  const reader = library.reader(trace);
  const first = reader.at(from).event;
  // 0 says that no event is so late.
  const last = reader.at(to).event || reader.info(trace).events;
  const events = first === 0 ? 0 : last - first;
  const parts = Math.max(1, Math.min(buckets, Math.ceil(events / EVENTS_AT_ONCE)));
  const edge = (part: number) => from + Math.floor(((to - from + 1) * part) / parts);
  const found = new Map<number, Columns>();
  for (let part = 0; part < parts; part++) {
    if (part > 0) await setImmediate();
    const times = { from: edge(part), to: part === parts - 1 ? to : edge(part + 1) - 1 };
    const windows = library
      .reader(trace)
      .counters({ ...times, buckets: Math.ceil(buckets / parts) });
    for (const { counter, ...columns } of windows) {
      const known = found.get(counter) ?? { ts: [], min: [], max: [], last: [] };
      found.set(counter, known);
      // The value on entering a part stands already, as the last one of the part before.
      const skip = known.ts.length > 0 ? 1 : 0;
      for (const name of COLUMNS) known[name].push(...columns[name].slice(skip));
    }
  }
  return [...found].map(([counter, columns]) => ({ counter, ...columns }));
}

const COLUMNS = ['ts', 'min', 'max', 'last'] as const;
type Columns = Record<(typeof COLUMNS)[number], number[]>;
