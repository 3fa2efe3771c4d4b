/** From which keyframe on a state is put together. */
import { WHAT } from '../state/keyframes.ts';
import { int, type TraceStore } from './store.ts';

/** Rows of one keyframe at most; a file may claim any number. */
const MAX_ROWS = 300_000;
/** Events that a trace without keyframes is read back for. */
const MAX_BACK = 500_000;

/** What has to be read to know the state after an event. */
export interface Start {
  /** Number of the keyframe before, 0 for the beginning of the trace. */
  readonly keyframe: number;
  /** Events from `from` + 1 on are to be applied to it. */
  readonly from: number;
  /** Is all known that was there before? */
  readonly whole: boolean;
  /** When the next keyframe is due, ticks; Infinity after the last one. */
  readonly nextTs: number;
}

export function startOf(store: TraceStore, event: number): Start {
  const interval = store.keyframeEvents;
  if (interval === null) {
    const from = Math.max(0, event - MAX_BACK);
    return { keyframe: 0, from, whole: from === 0, nextTs: Infinity };
  }
  const keyframe = Math.floor(event / interval);
  const [next] = store.rows('SELECT ts FROM events WHERE id = ?', (keyframe + 1) * interval);
  const nextTs = next === undefined ? Infinity : int(next[0]);
  return { keyframe, from: keyframe * interval, whole: true, nextTs };
}

/** Rows of a table that stand at a keyframe. `columns` are those of the table, as `t`. */
export function standingRows(
  store: TraceStore,
  keyframe: number,
  what: keyof typeof WHAT,
  table: 'events' | 'requests' | 'reach' | 'needs',
  columns: string,
): unknown[][] {
  const found: unknown[][] = [];
  for (let level = 0, slot = keyframe; slot > 0; level++, slot = Math.floor(slot / 2)) {
    const rows = store.rows(
      `SELECT ${columns} FROM keyframes AS k JOIN ${table} AS t ON t.id = k.row
       WHERE k.level = ? AND k.slot = ? AND k.what = ${WHAT[what]} LIMIT ?`,
      level,
      slot,
      MAX_ROWS - found.length,
    );
    for (const row of rows) found.push(row);
  }
  return found;
}
