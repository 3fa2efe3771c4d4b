/** What a viewer draws between two moments. */
import type { TraceWindow } from '../../core/contract/methods/index.ts';
import { SPAN_COLUMNS, spansOver, toSpan, trackIds, type Span } from './covering.ts';
import { int, type TraceStore } from './store.ts';

export interface WindowArgs {
  /** Ticks, both included. */
  readonly from: number;
  readonly to: number;
  /** Buckets wanted over the window. */
  readonly buckets: number;
  /** Up to so many events are given one by one. */
  readonly maxEvents: number;
}

/** Summed on the spot where the stored summaries are too coarse; beyond, they have to do. */
const MAX_SUMMED = 50_000;
/** A window never has more rows than this. */
const MAX_ROWS = 500_000;

/** A window under construction. */
type Columns = { readonly [Name in Exclude<keyof TraceWindow, 'mode'>]: number[] };

function noColumns(): Columns {
  const make = (): number[] => [];
  return {
    id: make(),
    ts: make(),
    dur: make(),
    kind: make(),
    track: make(),
    level: make(),
    request: make(),
    n: make(),
    busy: make(),
  };
}

/** Adds an event as itself. */
function addSpan(columns: Columns, span: Span): void {
  columns.id.push(span.id);
  columns.ts.push(span.ts);
  columns.dur.push(span.dur);
  columns.kind.push(span.kind);
  columns.track.push(span.track);
  columns.level.push(span.level);
  columns.request.push(span.request);
  columns.n.push(1);
  columns.busy.push(span.dur);
}

/** Adds a bucket of `n` events of one kind; `dur` is its width. A window may have tens of thousands. */
function addBucket(
  columns: Columns,
  id: number,
  ts: number,
  dur: number,
  kind: number,
  track: number,
  n: number,
  busy: number,
): void {
  columns.id.push(id);
  columns.ts.push(ts);
  columns.dur.push(dur);
  columns.kind.push(kind);
  columns.track.push(track);
  columns.level.push(0);
  columns.request.push(0);
  columns.n.push(n);
  columns.busy.push(busy);
}

/**
 * Events, or summaries where there are too many.
 *
 * Events that begin before `from` and last into the window come first, as themselves, in either
 * mode: in a summary such a row is a bucket of one event. Summaries come from the widest level that
 * still has a quarter as many buckets as were asked for: levels are a factor of 4 apart, and each row
 * costs its time. Where even the narrowest has fewer than were asked for, the events are summed on the
 * spot, unless there are more than 50 000 of them.
 */
export function readWindow(store: TraceStore, args: WindowArgs): TraceWindow {
  const { from, to } = args;
  const columns = noColumns();
  if (!(to >= from) || store.lastId === 0) return { mode: 'events', ...columns };
  for (const span of spansOver(store, from)) {
    if (span.ts + span.dur === from) continue;
    addSpan(columns, span);
  }
  const first = store.firstAt(from);
  const end = store.firstAt(nextAfter(to));
  const count = end - first;
  if (count <= args.maxEvents) {
    addEvents(store, columns, first, end, args.maxEvents);
    return { mode: 'events', ...columns };
  }
  const wanted = Math.max((to - from) / args.buckets, 1);
  let level = 0;
  while (level + 1 < store.lodLevels && store.lodTicks * 4 ** (level + 1) <= 4 * wanted) {
    level += 1;
  }
  if (store.lodTicks > wanted && count <= MAX_SUMMED) {
    addSums(store, columns, first, end, from, wanted);
  } else {
    addBuckets(store, columns, level, from, to);
  }
  return { mode: 'summary', ...columns };
}

/** The least moment that is later: ticks are whole. */
function nextAfter(ts: number): number {
  return Math.floor(ts) + 1;
}

function addEvents(
  store: TraceStore,
  columns: Columns,
  first: number,
  end: number,
  limit: number,
): void {
  for (const row of store.rows(
    `SELECT ${SPAN_COLUMNS} FROM events WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`,
    first,
    end,
    limit,
  )) {
    addSpan(columns, toSpan(row));
  }
}

function addBuckets(
  store: TraceStore,
  columns: Columns,
  level: number,
  from: number,
  to: number,
): void {
  const width = store.lodTicks * 4 ** level;
  let left = MAX_ROWS;
  for (const track of trackIds(store)) {
    const rows = store.rows(
      `SELECT first_id, bucket, kind, n, busy FROM lod
       WHERE level = ? AND track = ? AND bucket BETWEEN ? AND ? LIMIT ?`,
      level,
      track,
      Math.floor(from / width),
      Math.floor(to / width),
      left,
    );
    for (const row of rows) {
      const [id, bucket, kind] = [int(row[0]), int(row[1]), int(row[2])];
      addBucket(columns, id, bucket * width, width, kind, track, int(row[3]), int(row[4]));
    }
    left -= rows.length;
    if (left <= 0) return;
  }
}

function addSums(
  store: TraceStore,
  columns: Columns,
  first: number,
  end: number,
  from: number,
  width: number,
): void {
  for (const row of store.rows(
    `SELECT min(id), CAST((ts - ?) / ? AS INTEGER) AS bucket, kind, track, count(*), sum(dur)
     FROM events WHERE id >= ? AND id < ? GROUP BY bucket, track, kind`,
    from,
    width,
    first,
    end,
  )) {
    const [id, bucket, kind, track] = [int(row[0]), int(row[1]), int(row[2]), int(row[3])];
    addBucket(columns, id, from + bucket * width, width, kind, track, int(row[4]), int(row[5]));
  }
}
