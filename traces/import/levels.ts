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
  readonly #stacks = new Map<number, Stack>();
  readonly #rows = new Map<number, number[]>();

  /** Level of the next event of a CPU; call in order of time. `end` is infinite while unknown. */
  next(track: number, ts: number, end: number): number {
    let stack = this.#stacks.get(track);
    if (stack === undefined) this.#stacks.set(track, (stack = new Stack()));
    return stack.next(ts, end);
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
    this.#stacks.get(track)?.close(level, end);
    const rows = this.#rows.get(track);
    if (rows?.[level] === Infinity) rows[level] = end;
  }
}

/** The open spans of one CPU: one on each level, but for the deepest. */
class Stack {
  /** When a level is free again; what lies below an open span may be free already. */
  readonly #ends: number[] = [];
  /** Spans on the deepest level whose end is unknown. */
  #unended = 0;

  next(ts: number, end: number): number {
    const ends = this.#ends;
    if (this.#unended === 0) while ((ends.at(-1) ?? Infinity) <= ts) ends.pop();
    const level = Math.min(ends.length, MAX_LEVEL);
    if (end <= ts) return level;
    if (level < MAX_LEVEL) ends.push(end);
    else if (end === Infinity) this.#stayDeepest(ts, 1);
    else this.#stayDeepest(end, 0);
    return level;
  }

  close(level: number, end: number): void {
    if (level === MAX_LEVEL && this.#unended > 0) this.#stayDeepest(end, -1);
    else if (this.#ends[level] === Infinity) this.#ends[level] = end;
  }

  /** The deepest level is not free before a time. */
  #stayDeepest(until: number, unended: number): void {
    this.#ends[MAX_LEVEL] = Math.max(this.#ends[MAX_LEVEL] ?? until, until);
    this.#unended += unended;
  }
}
