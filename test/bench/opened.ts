/**
 * How fast a large trace answers. What a screen may wait for is held against reading 20 000 events plainly
 * by their ids, which takes 16 ms on an idle machine of two cores: so goal 1 means one frame.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseScenario, VERSION, type TraceInfo } from '../../core/contract/index.ts';
import { FORMAT_VERSION, openTrace, type TraceReader } from '../../traces/index.ts';
import { plainReads } from './baselines.ts';
import { record } from './made.ts';
import type { Bench } from './measure.ts';

/** Questions of one round. */
const QUESTIONS = 100;

/** A trace of a million events, or of ten; made once and kept in the folder for temporary files. */
export function largeTrace(long: boolean): string {
  const name = `mapcopy-bench-${VERSION}-${FORMAT_VERSION}-${long ? '10' : '1'}M.mctrace`;
  const file = path.join(os.tmpdir(), name);
  if (existsSync(file)) return file;
  const making = path.join(os.tmpdir(), `${process.pid}-${name}`);
  rmSync(`${making}.part`, { force: true });
  record(
    parseScenario({
      strategy: 'grant-map',
      hypervisor: 'kvm-vhost',
      hostDma: 'lazy',
      payloadBytes: 16_384,
      requests: long ? 174_000 : 17_400,
    }),
    making,
  );
  renameSync(making, file);
  return file;
}

/** Numbers from 0 to 1, the same every time. */
function randoms(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function percentile95(times: number[]): number {
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)] as number;
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** 95th percentiles of many questions, of which `ask` puts one. */
function asked(name: string, goal: number, about: string, ask: Question): Bench {
  return {
    name,
    unit: 'ms',
    better: 'lower',
    goal,
    about: `${about}, 95th percentile, against plain reads of 20 000 events by id`,
    prepare(long) {
      const file = largeTrace(long);
      const reader = openTrace(file);
      const extent = reader.info('bench');
      const random = randoms();
      const once = () => timed(() => ask(reader, extent, random));
      return {
        value: () => percentile95(Array.from({ length: QUESTIONS }, once)),
        baseline: () => percentile95(plainReads(file, 20_000, QUESTIONS, random)),
        done: () => reader.close(),
      };
    },
  };
}

const opened: Bench = {
  name: 'open-large',
  unit: 'ms',
  better: 'lower',
  goal: 60,
  about:
    'opening a large trace up to its first timeline, against plain reads of 20 000 events by id',
  prepare(long) {
    const file = largeTrace(long);
    const random = randoms();
    return {
      value: () =>
        timed(() => {
          const reader = openTrace(file);
          const { lastTick } = reader.info('bench');
          reader.window({ from: 0, to: lastTick, buckets: 1600, maxEvents: 5000 });
          reader.counters({ from: 0, to: lastTick, buckets: 1600 });
          reader.close();
        }),
      baseline: () => percentile95(plainReads(file, 20_000, 10, random)),
    };
  },
};

const memory: Bench = {
  name: 'open-memory',
  unit: 'MiB',
  better: 'lower',
  goal: 1,
  rounds: 1,
  about:
    'greatest memory of a process that opens a large trace and asks all of this, against 512 MiB',
  prepare(long) {
    const file = largeTrace(long);
    const child = fileURLToPath(new URL('./open-child.ts', import.meta.url));
    return {
      value: () => Number(execFileSync(process.execPath, [child, file], { encoding: 'utf8' })),
      baseline: () => 512,
    };
  },
};

const size: Bench = {
  name: 'bytes-per-event',
  unit: 'bytes',
  better: 'lower',
  goal: 1,
  rounds: 1,
  about: 'size of a large trace, summaries and keyframes included, by its events, against 56',
  prepare(long) {
    const file = largeTrace(long);
    const reader = openTrace(file);
    const { events } = reader.info('bench');
    reader.close();
    return { value: () => statSync(file).size / events, baseline: () => 56 };
  },
};

type Extent = Pick<TraceInfo, 'lastTick' | 'events' | 'requests'>;
export type Question = (reader: TraceReader, extent: Extent, random: () => number) => void;

/** What a viewer of a trace asks. */
export const ASKED = {
  window: (reader, { lastTick }, random) => {
    const width = lastTick / 10 ** (random() * 7);
    const from = random() * (lastTick - width);
    reader.window({ from, to: from + width, buckets: 1600, maxEvents: 5000 });
  },
  page: (reader, { events }, random) => {
    reader.events(1 + Math.floor(random() * events), 100);
  },
  state: (reader, { lastTick }, random) => {
    reader.state({ ts: random() * lastTick, limit: 200 });
  },
  request: (reader, { requests }, random) => {
    reader.request(1 + Math.floor(random() * requests));
  },
} satisfies Record<string, Question>;

export const OPENED: readonly Bench[] = [
  opened,
  // 16 ms on an idle machine of two cores, where the plain reads take 8.8.
  asked('window', 1.8, 'a window at a random zoom and place', ASKED.window),
  asked('page', 1, 'a page of 100 events anywhere', ASKED.page),
  asked('state', 3, 'the state at a time, anywhere', ASKED.state),
  asked('request', 1, 'one request with its events', ASKED.request),
  memory,
  size,
];
