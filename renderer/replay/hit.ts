/** What is under a point of the timeline. */
import { rangeOf, type WindowData } from './window-data.ts';

/**
 * The entry at a place, or -1. Where several are there the shortest wins, since it is drawn last and
 * is hardest to meet.
 *
 * @param slop how many ticks beside a span still count as on it
 */
export function hitTest(
  data: WindowData,
  row: number,
  depth: number,
  tick: number,
  slop: number,
): number {
  const [first, last] = rangeOf(data, tick - slop, tick + slop);
  let found = -1;
  let best = Infinity;
  for (let i = first; i < last; i += 1) {
    if (data.row[i] !== row || data.depth[i] !== depth) continue;
    const start = data.ts[i] ?? 0;
    const length = data.dur[i] ?? 0;
    const distance = tick < start ? start - tick : Math.max(0, tick - start - length);
    if (distance > slop) continue;
    const score = distance * 1e6 + length;
    if (score < best) [found, best] = [i, score];
  }
  return found;
}
