/** Search: events that meet conditions, a bounded part of the trace at a time. */
import {
  MAX_FIND_EVENTS,
  type ArgsOf,
  type EventRow,
  type Found,
} from '../../core/contract/methods/index.ts';
import { AboutFrame } from './about-frame.ts';
import { ROW_COLUMNS, ROW_TABLES, toEventRow } from './rows.ts';
import { int, type TraceStore } from './store.ts';

export type FindArgs = Omit<ArgsOf<'trace.find'>, 'trace'>;

/** Events asked for with one statement: small enough to stop soon after the limit is reached. */
const STEP = 50_000;

type Value = number | string | bigint;

/**
 * Looks through at most `MAX_FIND_EVENTS` events, and fewer where texts have to be compared or frames
 * followed. Where the
 * trace is longer, `next` says where to go on. Parts in which the summaries know none of the kinds
 * wanted are passed over.
 */
export function findEvents(store: TraceStore, args: FindArgs): Found {
  const { limit } = args;
  const forward = args.direction === 'forward';
  const { sql, values, slow, kinds } = conditions(store, args);
  const about = args.about === undefined ? null : new AboutFrame(store, Number(args.about));
  const bound = slow || about !== null ? MAX_FIND_EVENTS / 5 : MAX_FIND_EVENTS;
  const events: EventRow[] = [];
  const [least, most] =
    args.request === undefined ? [1, store.lastId] : requestBounds(store, args.request);
  const from = args.from === 0 && !forward ? store.lastId : args.from;
  let at = forward ? Math.max(from, least) : Math.min(from, most);
  let scanned = 0;
  const inside = () => at >= least && at <= most;
  while (inside() && scanned < bound && events.length < limit) {
    const [low, high] = forward
      ? [at, Math.min(at + STEP - 1, most)]
      : [Math.max(at - STEP + 1, least), at];
    const wanted = about === null ? [] : [JSON.stringify(about.ids(low, high))];
    const rows = store
      .raw(
        `SELECT ${ROW_COLUMNS} FROM ${ROW_TABLES} WHERE e.id BETWEEN ? AND ? ${sql}
         ${about === null ? '' : 'AND e.id IN (SELECT value FROM json_each(?))'}
         ORDER BY e.id ${forward ? 'ASC' : 'DESC'} LIMIT ?`,
      )
      .all(low, high, ...values, ...wanted, limit - events.length) as unknown[][];
    for (const row of rows) events.push(toEventRow(row));
    const last = events.at(-1);
    const isFull = events.length === limit && last !== undefined;
    const reached = isFull ? last.id : forward ? high : low;
    scanned += Math.abs(reached - at) + 1;
    at = forward ? reached + 1 : reached - 1;
    if (rows.length === 0 && kinds !== null && inside()) at = skip(store, at, forward, kinds);
  }
  return { events, next: inside() ? at : null, scanned };
}

/** The nearest id from `at` on where the summaries know one of the kinds; beyond the end if none. */
function skip(store: TraceStore, at: number, forward: boolean, kinds: readonly number[]): number {
  const ticks = store.lodTicks;
  const [row] = store.rows('SELECT ts FROM events WHERE id = ?', at);
  if (row === undefined) return at;
  const here = Math.floor(int(row[0]) / ticks);
  const [found] = store.rows(
    `SELECT ${forward ? 'min' : 'max'}(bucket) FROM lod
     WHERE level = 0 AND kind IN (${kinds.join(', ')}) AND bucket ${forward ? '>=' : '<='} ?`,
    here,
  );
  const bucket = found?.[0];
  if (bucket === null || bucket === undefined) return forward ? store.lastId + 1 : 0;
  return forward
    ? Math.max(at, store.firstAt(int(bucket) * ticks))
    : Math.min(at, store.firstAt((int(bucket) + 1) * ticks) - 1);
}

/** All events of a request lie between its first and its last. */
function requestBounds(store: TraceStore, request: number): [number, number] {
  const [row] = store.rows('SELECT first_event, last_event FROM requests WHERE id = ?', request);
  return row === undefined
    ? [1, 0]
    : [Math.max(1, int(row[0])), Math.min(store.lastId, int(row[1]))];
}

interface Conditions {
  readonly sql: string;
  readonly values: Value[];
  /** Are texts to be compared event by event? */
  readonly slow: boolean;
  /** Only events of these kinds can meet them; null where others can. */
  readonly kinds: readonly number[] | null;
}

function conditions(store: TraceStore, args: FindArgs): Conditions {
  const parts: string[] = [];
  const values: Value[] = [];
  const add = (sql: string, ...bound: Value[]) => {
    parts.push(`AND ${sql}`);
    values.push(...bound);
  };
  if (args.kinds !== undefined) add(`e.kind IN (${args.kinds.join(', ')})`);
  if (args.tracks !== undefined) add(`e.track IN (${args.tracks.join(', ')})`);
  if (args.request !== undefined) add('e.request = ?', args.request);
  if (args.frame !== undefined) add('e.frame = ?', BigInt.asIntN(64, BigInt(args.frame)));
  if (args.failed) add('e.status IS NOT NULL AND e.status <> 0');
  if (args.minDur !== undefined) add('e.dur >= ?', args.minDur);
  let slow = false;
  let kinds = args.kinds ?? null;
  if (args.text !== undefined) {
    const pattern = `%${args.text.replace(/[\\%_]/g, '\\$&')}%`;
    const named = store
      .rows(`SELECT code FROM kinds WHERE name LIKE ? ESCAPE '\\' LIMIT 256`, pattern)
      .map(([code]) => int(code));
    const ways = [`e.kind IN (${named.join(', ')})`];
    for (const [table, column] of [
      ['details', 'json'],
      ['source', 'text'],
    ]) {
      if (store.rows(`SELECT 1 FROM ${table} LIMIT 1`).length === 0) continue;
      slow = true;
      ways.push(
        `EXISTS (SELECT 1 FROM ${table} AS x WHERE x.event = e.id AND x.${column} LIKE ? ESCAPE '\\')`,
      );
      values.push(pattern);
    }
    parts.push(`AND (${ways.join(' OR ')})`);
    if (!slow) kinds = kinds === null ? named : kinds.filter((kind) => named.includes(kind));
  }
  return { sql: parts.join(' '), values, slow, kinds };
}
