/** Nesting depth of recorded events. */

/** Deepest level that is told apart; real recordings stay below ten. */
const MAX_LEVEL = 255;

/**
 * Recorded spans on a CPU need not nest: a thread may exit on one and enter on another. So an event
 * goes one deeper than the deepest span that is still open, and nothing is ever drawn over another.
 */
export class Levels {
  readonly #open = new Map<number, { end: number; level: number }[]>();

  /** Level of the next event of a track; call in order of time. */
  next(track: number, ts: number, dur: number): number {
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
    if (dur > 0) open.push({ end: ts + dur, level });
    return level;
  }
}
