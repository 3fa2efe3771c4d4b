/** Event rows for tables and details. */
import { K } from '../../core/contract/kinds.ts';
import type { EventRow } from '../../core/contract/methods/index.ts';
import { int, intOrNull, text, type TraceStore } from './store.ts';

/** Kinds from here on are recorded: their `frame` and `arg` are unsigned 64-bit numbers. */
const FIRST_RECORDED_KIND = 150;

/**
 * Columns of an `EventRow`. Wide numbers come as text, so that they are exact without making every
 * other column a BigInt. The recorded name matters for kinds that have none of their own.
 */
export const ROW_COLUMNS = `e.id, e.ts, e.dur, e.kind, e.track, e.level, e.request,
  CAST(e.frame AS TEXT), e.bytes, e.n, e.status, CAST(e.arg AS TEXT), k.name,
  CASE WHEN e.kind IN (${K.generic}, ${K.raw}) THEN
    (SELECT substr(d.json, 1, 65536) FROM details AS d WHERE d.event = e.id) END`;
export const ROW_TABLES = 'events AS e LEFT JOIN kinds AS k ON k.code = e.kind';

/** Makes an `EventRow` of a row of `ROW_COLUMNS`. */
export function toEventRow(row: unknown[]): EventRow {
  const kind = int(row[3]);
  const details = row[13] === null ? undefined : parseDetails(text(row[13]));
  return {
    id: int(row[0]),
    ts: int(row[1]),
    dur: int(row[2]),
    kind,
    name: details?.['name'] ?? (row[12] === null ? `kind ${kind}` : text(row[12])),
    track: int(row[4]),
    level: int(row[5]),
    request: intOrNull(row[6]),
    frame: exactText(row[7], kind),
    bytes: intOrNull(row[8]),
    n: intOrNull(row[9]),
    status: intOrNull(row[10]),
    arg: exactText(row[11], kind),
  };
}

/** An exact number as text: that of a recorded kind is unsigned. */
export function exactText(value: unknown, kind: number): string | null {
  if (value === null) return null;
  const digits = text(value);
  return kind >= FIRST_RECORDED_KIND && digits.startsWith('-')
    ? BigInt.asUintN(64, BigInt(digits)).toString()
    : digits;
}

/** A page of the event table: up to `limit` events from id `first` on. */
export function readEvents(store: TraceStore, first: number, limit: number): EventRow[] {
  return store
    .rows(
      `SELECT ${ROW_COLUMNS} FROM ${ROW_TABLES} WHERE e.id >= ? ORDER BY e.id LIMIT ?`,
      first,
      limit,
    )
    .map(toEventRow);
}

/** Reads events by id, in the order of `ids`; ids that are not there are left out. */
export function readByIds(store: TraceStore, ids: readonly number[]): EventRow[] {
  const rows: EventRow[] = [];
  for (const id of ids) {
    const [row] = store.rows(`SELECT ${ROW_COLUMNS} FROM ${ROW_TABLES} WHERE e.id = ?`, id);
    if (row !== undefined) rows.push(toEventRow(row));
  }
  return rows;
}

/** A `details` document as text fields; empty when it is none. */
export function parseDetails(json: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return {};
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return {};
  const fields: [string, string][] = [];
  for (const [key, value] of Object.entries(parsed)) {
    if (typeof value === 'string') fields.push([key, value]);
  }
  // fromEntries defines own properties, so that a key such as __proto__ stays a key.
  return Object.fromEntries(fields);
}
