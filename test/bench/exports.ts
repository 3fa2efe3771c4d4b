/** How fast traces are compared and written for other programs, beside one scan of the same files. */
import path from 'node:path';
import { EXPORT_FORMATS } from '../../core/contract/index.ts';
import { diff } from '../../core/diff/index.ts';
import { exportTrace } from '../../traces/export/export.ts';
import { openTrace } from '../../traces/index.ts';
import { fullScan } from './baselines.ts';
import { record, scenarioOf, temporaryFolder } from './made.ts';
import { perSecond, perSecondAsync, type Bench } from './measure.ts';

const milliseconds = (work: () => void) => 1000 / perSecond(1, work);

function compare(fileA: string, fileB: string): void {
  const a = openTrace(fileA);
  const b = openTrace(fileB);
  const sequences = (request: number) => [a.sequence(request), b.sequence(request)] as const;
  diff(a.subject(fileA), b.subject(fileB), sequences, 10);
  a.close();
  b.close();
}

/** The goal amounts to 3 seconds for two traces of a million events each on an idle machine. */
export const diffed: Bench = {
  name: 'diff',
  unit: 'ms',
  better: 'lower',
  goal: 14,
  about: 'opening two traces of one workload and comparing them, against one full SQL scan of both',
  prepare(long) {
    const { folder, done } = temporaryFolder();
    const requests = long ? 54_000 : 10_000;
    const [a, b] = ['a.mctrace', 'b.mctrace'].map((name) => path.join(folder, name)) as [
      string,
      string,
    ];
    record(scenarioOf(requests, 'grant-map'), a);
    record(scenarioOf(requests, 'grant-copy'), b);
    return {
      value: () => milliseconds(() => compare(a, b)),
      baseline: () =>
        milliseconds(() => {
          fullScan(a);
          fullScan(b);
        }),
      done,
    };
  },
};

/** A scan hands nothing out and writes nothing; an export writes every value of every event by name. */
export const EXPORTED: readonly Bench[] = EXPORT_FORMATS.map((to) => ({
  name: `export-${to}`,
  unit: 'events/s',
  better: 'higher',
  goal: 0.008,
  about: `events of a trace into a finished file (${to}), against one full SQL scan of it`,
  prepare(long) {
    const { folder, done } = temporaryFolder();
    const input = path.join(folder, 'a.mctrace');
    const output = path.join(folder, 'out');
    const events = record(scenarioOf(long ? 50_000 : 5_000), input);
    return {
      value: () => perSecondAsync(events, () => exportTrace({ input, output, to, force: true })),
      baseline: () => perSecond(events, () => fullScan(input)),
      done,
    };
  },
}));
