/** How fast replay runs, and where the playhead is a moment later. */
import { roundStep } from '../ruler.ts';
import { clamp, type Bounds, type Viewport } from '../viewport.ts';

/** Traces are milliseconds long: the base is chosen for each so that its first view takes this long. */
const FIRST_VIEW_SECONDS = 10;

/** Speeds as multiples of the base. */
export const SPEEDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 100, 1000] as const;
export const NORMAL_SPEED = 3;

/**
 * Simulated time that passes in a second of replay at speed 1, a round number.
 *
 * @param viewPs length of what is shown first, in picoseconds
 * @returns picoseconds a second
 */
export function basePace(viewPs: number): number {
  return roundStep(Math.max(1, viewPs / FIRST_VIEW_SECONDS));
}

/** The playhead after `ticks` more: around in a loop, or up to the end. */
export function advance(
  at: number,
  ticks: number,
  loop: Viewport | null,
  bounds: Bounds,
): { readonly at: number; readonly ended: boolean } {
  if (loop !== null) {
    const length = Math.max(1, loop.to - loop.from);
    if (at < loop.from || at >= loop.to) return { at: loop.from, ended: false };
    return { at: loop.from + ((at - loop.from + ticks) % length), ended: false };
  }
  const next = at + ticks;
  return next >= bounds.last ? { at: bounds.last, ended: true } : { at: next, ended: false };
}

/** Share of the view at which it begins to move with the playhead. */
const KEEP_AT = 0.7;

/** The view in which a running playhead is seen: it moves along once the playhead is well inside. */
export function followed(view: Viewport, at: number, bounds: Bounds): Viewport {
  const span = view.to - view.from;
  const place = (at - view.from) / span;
  if (place < 0 || place > 1) {
    return clamp({ from: at - span * 0.1, to: at + span * 0.9 }, bounds);
  }
  if (place <= KEEP_AT) return view;
  return clamp({ from: at - span * KEEP_AT, to: at + span * (1 - KEEP_AT) }, bounds);
}
