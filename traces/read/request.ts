/** One request's journey. */
import { LabError } from '../../core/contract/errors.ts';
import type { RequestDetail } from '../../core/contract/methods/index.ts';
import { SPAN_COLUMNS, spansOver, toSpan, type Span } from './covering.ts';
import { ancestors } from './detail.ts';
import { readByIds } from './rows.ts';
import { int, intOrNull, type TraceStore } from './store.ts';

const MAX_EVENTS = 2000;
/** Events between the first and the last of one request, all tracks and requests together. */
const MAX_SCANNED = 1_000_000;

/**
 * The events of a request with the batches that served it: spans of no single request that enclose
 * one of its events.
 *
 * @throws LabError NOT_FOUND
 */
export function readRequest(store: TraceStore, id: number): RequestDetail {
  const [row] = store.rows(
    'SELECT id, submitted, completed, bytes, first_event, last_event FROM requests WHERE id = ?',
    id,
  );
  if (row === undefined) {
    throw new LabError(
      'NOT_FOUND',
      `there is no request ${id}`,
      store.path,
      'requests are numbered from 1 and only simulated traces have them',
    );
  }
  const request = {
    id: int(row[0]),
    submitted: int(row[1]),
    completed: intOrNull(row[2]),
    bytes: int(row[3]),
    firstEvent: int(row[4]),
    lastEvent: int(row[5]),
  };
  const { own, shared, truncated } = collect(store, id, request.firstEvent, request.lastEvent);
  const ids = [...own, ...shared].sort((a, b) => a - b);
  const kept = ids.slice(0, MAX_EVENTS);
  const keptSet = new Set(kept);
  return {
    request,
    events: readByIds(store, kept),
    shared: [...shared].filter((each) => keptSet.has(each)).sort((a, b) => a - b),
    truncated: truncated || ids.length > kept.length,
  };
}

interface Collected {
  readonly own: readonly number[];
  readonly shared: ReadonlySet<number>;
  readonly truncated: boolean;
}

/** Walks once from the first to the last event and keeps the open spans of every track at hand. */
function collect(store: TraceStore, request: number, first: number, last: number): Collected {
  const own: number[] = [];
  const shared = new Set<number>();
  const open = new Map<number, Span[]>();
  const [firstRow] = store.rows('SELECT ts FROM events WHERE id = ?', first);
  if (firstRow === undefined) return { own, shared, truncated: false };
  const start = int(firstRow[0]);
  for (const span of spansOver(store, start)) push(open, span);
  // A batch may begin at the very moment of the first event, a little before it in the order.
  const from = Math.min(store.firstAt(start), first);
  const end = Math.min(last, from + MAX_SCANNED);
  let truncated = end < last;
  for (const row of store
    .raw(`SELECT ${SPAN_COLUMNS} FROM events WHERE id BETWEEN ? AND ? ORDER BY id`)
    .iterate(from, end)) {
    const span = toSpan(row as unknown[]);
    if (span.request === request) {
      if (own.length === MAX_EVENTS) {
        truncated = true;
        break;
      }
      own.push(span.id);
      for (const parent of ancestors(span, open.get(span.track) ?? [])) {
        if (parent.request === 0) shared.add(parent.id);
      }
    }
    push(open, span);
  }
  return { own, shared, truncated };
}

/** Adds a span to its track's stack and drops what it shows to be over. */
function push(open: Map<number, Span[]>, span: Span): void {
  let stack = open.get(span.track);
  if (stack === undefined) open.set(span.track, (stack = []));
  for (let top = stack.at(-1); top !== undefined && top.level >= span.level; top = stack.at(-1)) {
    stack.pop();
  }
  stack.push(span);
}
