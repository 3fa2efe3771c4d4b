/** Hazards with the events that led to them. */
import type { HazardRow } from '../../core/contract/methods/index.ts';
import { int, intOrNull, text, type TraceStore } from './store.ts';

/** The simulator keeps far fewer; a file may claim any number. */
const MAX_CAUSES = 256;

const COLUMNS = 'id, code, actor, frame, frames, opened, closed, request, substr(note, 1, 10000)';

/** The first `limit` hazards, by id. */
export function readHazards(store: TraceStore, limit: number): HazardRow[] {
  return store
    .rows(`SELECT ${COLUMNS} FROM hazards ORDER BY id LIMIT ?`, limit)
    .map((row) => toHazard(store, row));
}

/** Hazards by id; those that are not there are left out. */
export function hazardsOf(store: TraceStore, ids: readonly number[]): HazardRow[] {
  return ids.flatMap((id) =>
    store
      .rows(`SELECT ${COLUMNS} FROM hazards WHERE id = ?`, id)
      .map((row) => toHazard(store, row)),
  );
}

function toHazard(store: TraceStore, row: unknown[]): HazardRow {
  return {
    id: int(row[0]),
    code: text(row[1]),
    actor: text(row[2]),
    frame: int(row[3]),
    frames: int(row[4]),
    opened: int(row[5]),
    closed: intOrNull(row[6]),
    request: intOrNull(row[7]),
    causes: store
      .rows(
        `SELECT event FROM hazard_causes WHERE hazard = ? ORDER BY position LIMIT ${MAX_CAUSES}`,
        int(row[0]),
      )
      .map((cause) => int(cause[0])),
    note: text(row[8]),
  };
}
