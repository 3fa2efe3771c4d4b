/** Counters between two moments. */
import { int, type TraceStore } from './store.ts';

const MAX_COUNTERS = 256;

export interface CounterArgs {
  /** Ticks, both included. */
  readonly from: number;
  readonly to: number;
  readonly buckets: number;
}

/** Columns of one counter; a row is a bucket that has samples, `ts` its first. */
export interface CounterWindow {
  readonly counter: number;
  readonly ts: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
  readonly last: readonly number[];
}

/** Every counter; the value it has on entering the window is its first row, at `from`. */
export function readCounters(store: TraceStore, args: CounterArgs): CounterWindow[] {
  if (!(args.to >= args.from)) return [];
  return store
    .rows(`SELECT id FROM counters ORDER BY id LIMIT ${MAX_COUNTERS}`)
    .map((row) => readCounter(store, int(row[0]), args));
}

function readCounter(store: TraceStore, counter: number, args: CounterArgs): CounterWindow {
  const { from, to, buckets } = args;
  const ts: number[] = [];
  const min: number[] = [];
  const max: number[] = [];
  const last: number[] = [];
  const width = Math.max((to - from) / buckets, 1);
  let current = -1;
  const take = (bucket: number, at: number, value: number) => {
    const row = ts.length - 1;
    if (bucket === current) {
      min[row] = Math.min(min[row] ?? value, value);
      max[row] = Math.max(max[row] ?? value, value);
      last[row] = value;
      return;
    }
    current = bucket;
    ts.push(at);
    min.push(value);
    max.push(value);
    last.push(value);
  };
  const [entering] = store.rows(
    'SELECT value FROM samples WHERE counter = ? AND ts < ? ORDER BY ts DESC LIMIT 1',
    counter,
    from,
  );
  // A bucket of its own: what follows in the first bucket must not widen it.
  if (entering !== undefined) take(-2, from, int(entering[0]));
  for (const row of store
    .raw('SELECT ts, value FROM samples WHERE counter = ? AND ts BETWEEN ? AND ? ORDER BY ts')
    .iterate(counter, from, to)) {
    const [at, value] = row as unknown[];
    take(Math.floor((int(at) - from) / width), int(at), int(value));
  }
  return { counter, ts, min, max, last };
}
