/**
 * Events that begin before a moment and last up to it. They may begin anywhere, so the summaries
 * lead there: a bucket in which nothing lasted long enough is never entered.
 */
import { MAX_TRACKS, int, type TraceStore } from './store.ts';

/** One event as plain numbers. */
export interface Span {
  readonly id: number;
  readonly ts: number;
  readonly dur: number;
  readonly kind: number;
  readonly track: number;
  readonly level: number;
  /** 0 for none. */
  readonly request: number;
}

export const SPAN_COLUMNS = 'id, ts, dur, kind, track, level, coalesce(request, 0)';

export function toSpan(row: unknown[]): Span {
  return {
    id: int(row[0]),
    ts: int(row[1]),
    dur: int(row[2]),
    kind: int(row[3]),
    track: int(row[4]),
    level: int(row[5]),
    request: int(row[6]),
  };
}

/** Bounds of one search: enough for any real trace, a fraction of a second for a hostile one. */
const MAX_SPANS = 4096;
const MAX_SCANNED = 1_000_000;
const MAX_QUERIES = 20_000;

/** Ids of tracks, in order. */
export function trackIds(store: TraceStore): number[] {
  return store
    .rows(`SELECT id FROM tracks ORDER BY id LIMIT ${MAX_TRACKS}`)
    .map((row) => int(row[0]));
}

/**
 * Events with `ts` < `moment` <= `ts + dur`, by id.
 *
 * @param track only those of this track
 */
export function spansOver(store: TraceStore, moment: number, track?: number): Span[] {
  const before = store.firstAt(moment);
  const found: Span[] = [];
  let scanned = 0;
  for (const bucket of reachingBuckets(store, moment, track)) {
    const start = store.firstAt(bucket * store.lodTicks);
    const end = Math.min(store.firstAt((bucket + 1) * store.lodTicks), before);
    scanned += Math.max(end - start, 0);
    if (scanned > MAX_SCANNED || found.length >= MAX_SPANS) break;
    const rows = store.rows(
      `SELECT ${SPAN_COLUMNS} FROM events
       WHERE id >= ? AND id < ? AND dur > 0 AND ts + dur >= ?
       ${track === undefined ? '' : `AND track = ${track}`} LIMIT ${MAX_SPANS}`,
      start,
      end,
      moment,
    );
    for (const row of rows) found.push(toSpan(row));
  }
  return found.sort((a, b) => a.id - b.id);
}

/** Level-0 buckets with an event that may last up to `moment`, the nearest first. */
function reachingBuckets(store: TraceStore, moment: number, track?: number): number[] {
  const buckets = new Set<number>();
  let queries = 0;
  for (const each of track === undefined ? trackIds(store) : [track]) {
    let parents: number[] = [];
    for (let level = store.lodLevels - 1; level >= 0; level--) {
      const width = store.lodTicks * 4 ** level;
      const ranges: [number, number][] =
        level === store.lodLevels - 1
          ? [[0, Math.floor(moment / width)]]
          : parents.map((parent) => [parent * 4, parent * 4 + 3]);
      const reaching: number[] = [];
      for (const [first, last] of ranges) {
        if ((queries += 1) > MAX_QUERIES) break;
        for (const row of store.rows(
          `SELECT bucket, max(longest) FROM lod WHERE level = ? AND track = ?
           AND bucket BETWEEN ? AND ? GROUP BY bucket LIMIT 1024`,
          level,
          each,
          first,
          last,
        )) {
          const start = int(row[0]) * width;
          const longest = int(row[1]);
          if (start < moment && longest > 0 && start + width - 1 + longest >= moment) {
            reaching.push(int(row[0]));
          }
        }
      }
      parents = reaching;
    }
    for (const bucket of parents) buckets.add(bucket);
  }
  return [...buckets].sort((a, b) => b - a);
}
