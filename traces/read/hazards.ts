/** Hazards with the events that led to them. */
import type { HazardRow } from '../../core/contract/methods/index.ts';
import { int, intOrNull, text, type TraceStore } from './store.ts';

/** The simulator keeps far fewer; a file may claim any number. */
const MAX_CAUSES = 256;

const COLUMNS = 'id, code, actor, frame, frames, opened, closed, request, substr(note, 1, 10000)';

/**
 * `limit` hazards at most, in the order of their ids. Where there are more, those of which there are few
 * are there all the same: of each code the first, and the more the fewer other codes have.
 */
export function readHazards(store: TraceStore, limit: number): HazardRow[] {
  const counts = store
    .rows('SELECT code, count(*) AS n FROM hazards GROUP BY code ORDER BY n LIMIT 100')
    .map(([code, n]) => ({ code: text(code), n: int(n) }));
  const rows: unknown[][] = [];
  counts.forEach(({ code, n }, i) => {
    const share = Math.floor((limit - rows.length) / (counts.length - i));
    const sql = `SELECT ${COLUMNS} FROM hazards WHERE code = ? ORDER BY id LIMIT ?`;
    for (const row of store.rows(sql, code, Math.min(n, share))) rows.push(row);
  });
  const causes = causesOf(
    store,
    rows.map((row) => int(row[0])),
  );
  return rows
    .map((row) => toHazard(row, causes.get(int(row[0])) ?? []))
    .sort((a, b) => a.id - b.id);
}

/** Hazards by id; those that are not there are left out. */
export function hazardsOf(store: TraceStore, ids: readonly number[]): HazardRow[] {
  const causes = causesOf(store, ids);
  return ids.flatMap((id) =>
    store
      .rows(`SELECT ${COLUMNS} FROM hazards WHERE id = ?`, id)
      .map((row) => toHazard(row, causes.get(id) ?? [])),
  );
}

/** Events that led to each of some hazards, oldest first. */
function causesOf(store: TraceStore, ids: readonly number[]): Map<number, number[]> {
  const causes = new Map<number, number[]>();
  for (const [id, event] of store.rows(
    `SELECT hazard, event FROM hazard_causes
     WHERE hazard IN (SELECT value FROM json_each(?)) AND position < ${MAX_CAUSES}
     ORDER BY hazard, position`,
    JSON.stringify(ids),
  )) {
    const known = causes.get(int(id));
    if (known === undefined) causes.set(int(id), [int(event)]);
    else known.push(int(event));
  }
  return causes;
}

function toHazard(row: unknown[], causes: readonly number[]): HazardRow {
  return {
    id: int(row[0]),
    code: text(row[1]),
    actor: text(row[2]),
    frame: int(row[3]),
    frames: int(row[4]),
    opened: int(row[5]),
    closed: intOrNull(row[6]),
    request: intOrNull(row[7]),
    causes,
    note: text(row[8]),
  };
}
