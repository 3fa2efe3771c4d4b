/** Search: events that meet conditions, a bounded part of the trace at a time. */
import {
  MAX_FIND_EVENTS,
  type ArgsOf,
  type EventRow,
  type Found,
} from '../../core/contract/methods/index.ts';
import { ROW_COLUMNS, ROW_TABLES, toEventRow } from './rows.ts';
import type { TraceStore } from './store.ts';

export type FindArgs = Omit<ArgsOf<'trace.find'>, 'trace'>;

/** Events asked for with one statement: small enough to stop soon after the limit is reached. */
const STEP = 50_000;

type Value = number | string | bigint;

/**
 * Looks through at most `MAX_FIND_EVENTS` events, and fewer where texts have to be compared. Where the
 * trace is longer, `next` says where to go on.
 */
export function findEvents(store: TraceStore, args: FindArgs): Found {
  const { direction, limit } = args;
  const forward = direction === 'forward';
  const { sql, values, slow } = conditions(store, args);
  const bound = slow ? MAX_FIND_EVENTS / 5 : MAX_FIND_EVENTS;
  const events: EventRow[] = [];
  let at = args.from === 0 ? (forward ? 1 : store.lastId) : Math.min(args.from, store.lastId + 1);
  let [least, most] = [1, store.lastId];
  if (args.request !== undefined) [least, most] = requestBounds(store, args.request);
  at = forward ? Math.max(at, least) : Math.min(at, most);
  let scanned = 0;
  while (at >= least && at <= most && scanned < bound && events.length < limit) {
    const [low, high] = forward
      ? [at, Math.min(at + STEP - 1, most)]
      : [Math.max(at - STEP + 1, least), at];
    const rows = store
      .raw(
        `SELECT ${ROW_COLUMNS} FROM ${ROW_TABLES} WHERE e.id BETWEEN ? AND ? ${sql}
         ORDER BY e.id ${forward ? 'ASC' : 'DESC'} LIMIT ?`,
      )
      .all(low, high, ...values, limit - events.length) as unknown[][];
    for (const row of rows) events.push(toEventRow(row));
    const last = events.at(-1);
    const full = events.length === limit && last !== undefined;
    const reached = full ? last.id : forward ? high : low;
    scanned += Math.abs(reached - at) + 1;
    at = forward ? reached + 1 : reached - 1;
  }
  return { events, next: at >= least && at <= most ? at : null, scanned };
}

/** All events of a request lie between its first and its last. */
function requestBounds(store: TraceStore, request: number): [number, number] {
  const [row] = store.rows('SELECT first_event, last_event FROM requests WHERE id = ?', request);
  return row === undefined
    ? [1, 0]
    : [Math.max(1, Number(row[0])), Math.min(store.lastId, Number(row[1]))];
}

function conditions(
  store: TraceStore,
  args: FindArgs,
): { sql: string; values: Value[]; slow: boolean } {
  const parts: string[] = [];
  const values: Value[] = [];
  const add = (sql: string, ...bound: Value[]) => {
    parts.push(`AND ${sql}`);
    values.push(...bound);
  };
  const numbers = (list: readonly number[]) => list.map((each) => Math.trunc(each)).join(', ');
  if (args.kinds !== undefined) add(`e.kind IN (${numbers(args.kinds)})`);
  if (args.tracks !== undefined) add(`e.track IN (${numbers(args.tracks)})`);
  if (args.request !== undefined) add('e.request = ?', args.request);
  if (args.frame !== undefined) add('e.frame = ?', BigInt.asIntN(64, BigInt(args.frame)));
  if (args.failed) add('e.status IS NOT NULL AND e.status <> 0');
  if (args.minDur !== undefined) add('e.dur >= ?', args.minDur);
  let slow = false;
  if (args.text !== undefined) {
    const pattern = `%${args.text.replace(/[\\%_]/g, '\\$&')}%`;
    const named = store
      .rows(`SELECT code FROM kinds WHERE name LIKE ? ESCAPE '\\' LIMIT 256`, pattern)
      .map(([code]) => Number(code));
    const ways = [`e.kind IN (${numbers(named)})`];
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
  }
  return { sql: parts.join(' '), values, slow };
}
