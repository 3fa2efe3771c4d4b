/** One event with what surrounds it. */
import { LabError } from '../../core/contract/errors.ts';
import { LASTING_KINDS } from '../../core/contract/kinds.ts';
import type { EventDetail } from '../../core/contract/methods/index.ts';
import { SPAN_COLUMNS, spansOver, toSpan, type Span } from './covering.ts';
import { parseDetails, readByIds } from './rows.ts';
import { int, text, type TraceStore } from './store.ts';

const MAX_CHILDREN = 200;
/** A parent may last for the whole trace; its first children are near its start. */
const MAX_SCANNED = 1_000_000;
const MAX_TEXT_CHARS = 1024 * 1024;

/** @throws LabError NOT_FOUND */
export function readDetail(store: TraceStore, id: number): EventDetail {
  const [event] = readByIds(store, [id]);
  const [row] = store.rows(`SELECT ${SPAN_COLUMNS} FROM events WHERE id = ?`, id);
  if (event === undefined || row === undefined) {
    throw new LabError(
      'NOT_FOUND',
      `there is no event ${id}`,
      store.path,
      `give a number from 1 to ${store.lastId}`,
    );
  }
  const span = toSpan(row);
  const lasting = LASTING_KINDS.has(event.kind);
  const [details] = store.rows(
    `SELECT substr(json, 1, ${MAX_TEXT_CHARS}) FROM details WHERE event = ?`,
    id,
  );
  const [source] = store.rows(
    `SELECT line, substr(text, 1, ${MAX_TEXT_CHARS}) FROM source WHERE event = ?`,
    id,
  );
  return {
    event,
    parents: lasting ? [] : readByIds(store, parentsOf(store, span)),
    children: lasting ? [] : readByIds(store, childrenOf(store, span)),
    details: details === undefined ? {} : parseDetails(text(details[0])),
    source: source === undefined ? null : { line: int(source[0]), text: text(source[1]) },
  };
}

/** Ids of the enclosing spans on the same track, outermost first. */
function parentsOf(store: TraceStore, span: Span): number[] {
  if (span.level === 0) return [];
  const candidates = spansOver(store, span.ts, span.track);
  // Those that begin at the same moment; the search above ends just before it.
  for (const row of store.rows(
    `SELECT ${SPAN_COLUMNS} FROM events WHERE id >= ? AND id < ? AND track = ? LIMIT 10000`,
    store.firstAt(span.ts),
    span.id,
    span.track,
  )) {
    candidates.push(toSpan(row));
  }
  return ancestors(span, candidates).map((parent) => parent.id);
}

/**
 * The parent of an event is the last earlier one with a smaller level that covers it; its parent
 * likewise.
 *
 * @param earlier spans of the same track before `span`, by id
 * @returns outermost first
 */
export function ancestors(span: Span, earlier: readonly Span[]): Span[] {
  const chain: Span[] = [];
  let child = span;
  for (let i = earlier.length - 1; i >= 0 && child.level > 0; i--) {
    const each = earlier[i];
    if (each === undefined || each.id >= child.id || each.level >= child.level) continue;
    if (each.ts > child.ts || each.ts + each.dur < child.ts + child.dur) continue;
    chain.push(each);
    child = each;
  }
  return chain.reverse();
}

/** Ids of the spans directly inside: one level deeper, up to the next one at this level. */
function childrenOf(store: TraceStore, span: Span): number[] {
  if (span.dur === 0) return [];
  const end = store.firstAt(span.ts + span.dur + 1);
  const children: number[] = [];
  for (const row of store
    .raw(
      `SELECT id, level FROM events
       WHERE id > ? AND id < ? AND track = ? AND level <= ? AND (level <= ? OR ts + dur <= ?)
       ORDER BY id`,
    )
    .iterate(
      span.id,
      Math.min(end, span.id + MAX_SCANNED),
      span.track,
      span.level + 1,
      span.level,
      span.ts + span.dur,
    )) {
    const [id, level] = row as unknown[];
    if (int(level) <= span.level || children.length === MAX_CHILDREN) break;
    children.push(int(id));
  }
  return children;
}
