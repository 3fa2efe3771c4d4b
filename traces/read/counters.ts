/** Counters between two moments. */
import { int, type TraceStore } from './store.ts';

const MAX_COUNTERS = 256;
const MAX_BUCKETS = 20_000;

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
  const take = (at: number, least: number, greatest: number, newest: number) => {
    ts.push(at);
    min.push(least);
    max.push(greatest);
    last.push(newest);
  };
  const [entering] = store.rows(
    'SELECT value FROM samples WHERE counter = ? AND ts < ? ORDER BY ts DESC LIMIT 1',
    counter,
    from,
  );
  // A row of its own: what follows in the first bucket must not widen it.
  if (entering !== undefined) {
    const value = int(entering[0]);
    take(from, value, value, value);
  }
  const newest = store.raw('SELECT value FROM samples WHERE counter = ? AND ts = ?').pluck();
  for (const row of store.rows(
    `SELECT min(ts), min(value), max(value), max(ts), CAST((ts - ?) / ? AS INTEGER) AS bucket
     FROM samples WHERE counter = ? AND ts BETWEEN ? AND ? GROUP BY bucket ORDER BY bucket
     LIMIT ${MAX_BUCKETS}`,
    from,
    width,
    counter,
    from,
    to,
  )) {
    const [at, least, greatest, end] = [int(row[0]), int(row[1]), int(row[2]), int(row[3])];
    take(at, least, greatest, int(newest.get(counter, end)));
  }
  return { counter, ts, min, max, last };
}
