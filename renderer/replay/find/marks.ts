/** Marks: moments or ranges of a trace with a text, in time order. */

export interface Mark {
  readonly id: string;
  readonly ts: number;
  /** End of a range that is marked; null for a moment. */
  readonly to: number | null;
  readonly text: string;
}

/** In time order, the earlier made first. */
export function inOrder(marks: readonly Mark[]): readonly Mark[] {
  return [...marks].sort((a, b) => a.ts - b.ts);
}

/** The next (1) or previous (-1) mark from a moment, or undefined at the end. */
export function markFrom(marks: readonly Mark[], ts: number, step: 1 | -1): Mark | undefined {
  return step === 1
    ? marks.find((mark) => mark.ts > ts)
    : marks.findLast((mark) => mark.ts < Math.floor(ts));
}
