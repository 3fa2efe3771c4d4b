/** What is measured. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StrategyId } from '../../core/contract/ids.ts';
import type { EventChunk } from '../../core/engine/recording.ts';
import { EventQueue } from '../../core/engine/queue.ts';
import { openTrace } from '../../traces/index.ts';
import { bareHeap, fullScan, KeptEvents, sameInserts } from './baselines.ts';
import { diffed, EXPORTED } from './exports.ts';
import { IMPORTED } from './imports.ts';
import { record, recordAsUsers, scenarioOf, simulate, temporaryFolder } from './made.ts';
import { replayFrames, replayTask } from './replay.ts';
import { OPENED } from './opened.ts';
import { perSecond, perSecondAsync, type Bench } from './measure.ts';
import { cancelled } from './queries.ts';

const queue: Bench = {
  name: 'event-queue',
  unit: 'operations/s',
  better: 'higher',
  goal: 0.35,
  about:
    'hold model with 256 pending: pop and push, against a bare typed-array heap without payloads',
  prepare(long) {
    const operations = long ? 20_000_000 : 2_000_000;
    const size = 256;
    return {
      value() {
        const events = new EventQueue();
        for (let i = 0; i < size; i++) events.push(i, i);
        let state = 1;
        return perSecond(operations, () => {
          for (let n = 0; n < operations; n++) {
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            const payload = events.pop();
            events.push(events.poppedTime + 1 + (state >>> 20), payload);
          }
        });
      },
      baseline: () => perSecond(operations, () => bareHeap(size, operations)),
    };
  },
};

/** The goals amount to 2 million primitive operations a second on an idle machine of two cores. */
const runOf = (strategy: StrategyId): Bench => ({
  name: `run-${strategy}`,
  unit: 'events/s',
  better: 'higher',
  goal: 0.08,
  about: 'primitive operations of a run without a trace, against operations of a bare heap',
  prepare(long) {
    // Enough that building the world does not count.
    const scenario = scenarioOf(long ? 400_000 : 100_000, strategy);
    const { events } = simulate(scenario, null);
    return {
      value: () => perSecond(events, () => simulate(scenario, null)),
      baseline: () => perSecond(1_000_000, () => bareHeap(256, 1_000_000)),
    };
  },
});

const memory: Bench = {
  name: 'memory',
  unit: 'MiB',
  better: 'lower',
  goal: 1.25,
  rounds: 1,
  about: 'greatest memory of a process that simulates requests, against a fifth as many of them',
  prepare(long) {
    // Fewer than some 300,000 end before garbage has been collected in earnest.
    const requests = long ? 10_000_000 : 2_000_000;
    const child = fileURLToPath(new URL('./memory-child.ts', import.meta.url));
    const peak = (count: number) =>
      Number(execFileSync(process.execPath, [child, String(count)], { encoding: 'utf8' }));
    return { value: () => peak(requests), baseline: () => peak(requests / 5) };
  },
};

const recorded: Bench = {
  name: 'run-recorded',
  unit: 'events/s',
  better: 'higher',
  goal: 0.7,
  about: 'events of a run into a finished trace, against a bare loop that inserts the same rows',
  prepare(long) {
    const scenario = scenarioOf(long ? 100_000 : 40_000);
    const kept = new KeptEvents();
    const ignore = () => undefined;
    const sink = { begin: ignore, request: ignore, hazard: ignore, sample: ignore };
    const events = (chunk: EventChunk) => kept.add(chunk);
    simulate(scenario, { ...sink, exposure: ignore, events });
    const { folder, done } = temporaryFolder();
    let round = 0;
    return {
      value: () => {
        const file = path.join(folder, `${round++}.mctrace`);
        return perSecondAsync(kept.count, () => recordAsUsers(scenario, file));
      },
      baseline: () => {
        const file = path.join(folder, `${round++}.db`);
        return perSecond(kept.count, () => sameInserts(file, kept));
      },
      done,
    };
  },
};

const overview: Bench = {
  name: 'open-and-overview',
  unit: 'ms',
  better: 'lower',
  goal: 0.5,
  about: 'opening a trace and summarising all of it for 1000 pixels, against one full SQL scan',
  prepare(long) {
    const { folder, done } = temporaryFolder();
    const file = path.join(folder, 'a.mctrace');
    record(scenarioOf(long ? 100_000 : 20_000), file);
    const milliseconds = (work: () => void) => 1000 / perSecond(1, work);
    return {
      value: () =>
        milliseconds(() => {
          const reader = openTrace(file);
          const { lastTick } = reader.info('bench');
          reader.window({ from: 0, to: lastTick, buckets: 1000, maxEvents: 5000 });
          reader.close();
        }),
      baseline: () => milliseconds(() => fullScan(file)),
      done,
    };
  },
};

export const BENCHES: readonly Bench[] = [
  queue,
  runOf('grant-copy'),
  runOf('viommu-strict'),
  recorded,
  memory,
  overview,
  ...IMPORTED,
  diffed,
  cancelled,
  ...EXPORTED,
  replayFrames,
  replayTask,
  ...OPENED,
];
