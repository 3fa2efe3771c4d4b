/**
 * The first whole number from `low` up to, not including, `high` for which something holds; `high` where
 * there is none. Where it holds for one it has to hold for all that follow.
 */
export function firstWhere(low: number, high: number, holds: (at: number) => boolean): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
