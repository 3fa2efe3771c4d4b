/** Nesting depth of recorded events. */

/** Deepest level that is told apart; real recordings stay below ten. */
const MAX_LEVEL = 255;
/** Rows of a lane; what finds none free lies over others in the last. */
const MAX_ROWS = 64;

/**
 * Recorded spans on a CPU need not nest: a thread may exit on one and enter on another. So an event
 * goes one deeper than the deepest span that is still open, and nothing is ever drawn over another.
 * A span on a lane has the first row that is free.
 */
export class Levels {
  readonly #open = new Map<number, { end: number; level: number }[]>();
  readonly #rows = new Map<number, number[]>();

  /** Level of the next event of a CPU; call in order of time. `end` is infinite while unknown. */
  next(track: number, ts: number, end: number): number {
    let open = this.#open.get(track);
    if (open === undefined) this.#open.set(track, (open = []));
    let kept = 0;
    let level = 0;
    for (const span of open) {
      if (span.end <= ts) continue;
      level = Math.max(level, span.level + 1);
      open[kept] = span;
      kept += 1;
    }
    open.length = kept;
    level = Math.min(level, MAX_LEVEL);
    if (end > ts) open.push({ end, level });
    return level;
  }

  /** The same on a lane. */
  nextOnLane(track: number, ts: number, end: number): number {
    let rows = this.#rows.get(track);
    if (rows === undefined) this.#rows.set(track, (rows = []));
    let row = 0;
    while (row < MAX_ROWS - 1 && (rows[row] ?? 0) > ts) row += 1;
    rows[row] = Math.max(rows[row] ?? 0, end);
    return row;
  }

  /** Says when a span ends that was open-ended until now. */
  close(track: number, level: number, end: number): void {
    const span = this.#open
      .get(track)
      ?.find((each) => each.level === level && each.end === Infinity);
    if (span !== undefined) span.end = end;
    const rows = this.#rows.get(track);
    if (rows?.[level] === Infinity) rows[level] = end;
  }
}
