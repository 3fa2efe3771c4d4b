/** The visible range of a trace in ticks, and how it moves. */

export interface Viewport {
  readonly from: number;
  readonly to: number;
}

export interface Bounds {
  readonly first: number;
  readonly last: number;
}

/** Nothing shorter than this many ticks fills the screen. */
export const MIN_SPAN_TICKS = 100;
/** Empty space shown on either side of a trace, as a share of it. */
const MARGIN = 0.02;

export const spanOf = (view: Viewport): number => view.to - view.from;

export function wholeOf(bounds: Bounds): Viewport {
  const span = Math.max(bounds.last - bounds.first, MIN_SPAN_TICKS);
  return { from: bounds.first - span * MARGIN, to: bounds.first + span * (1 + MARGIN) };
}

/** Moves a range inside the trace and limits its length, keeping its length where it can. */
export function clamp(view: Viewport, bounds: Bounds): Viewport {
  const whole = wholeOf(bounds);
  const span = Math.min(spanOf(whole), Math.max(MIN_SPAN_TICKS, spanOf(view)));
  // Too short or too long: grow or shrink around the middle.
  const middle = (view.from + view.to) / 2;
  const start = spanOf(view) === span ? view.from : middle - span / 2;
  const from = Math.max(whole.from, Math.min(start, whole.to - span));
  return { from, to: from + span };
}

/** Scales the range by `factor` (below one zooms in) and keeps `anchor` where it is on screen. */
export function zoomAt(view: Viewport, factor: number, anchor: number, bounds: Bounds): Viewport {
  const limit = Math.max(factor, MIN_SPAN_TICKS / spanOf(view));
  return clamp(
    { from: anchor - (anchor - view.from) * limit, to: anchor + (view.to - anchor) * limit },
    bounds,
  );
}

export function pan(view: Viewport, ticks: number, bounds: Bounds): Viewport {
  return clamp({ from: view.from + ticks, to: view.to + ticks }, bounds);
}

/** A range around an item: the item takes the middle third. */
export function around(start: number, length: number, bounds: Bounds): Viewport {
  const span = Math.max(length * 3, MIN_SPAN_TICKS * 10);
  const middle = start + length / 2;
  return clamp({ from: middle - span / 2, to: middle + span / 2 }, bounds);
}

/** The same range, moved as little as needed for the item to be seen. */
export function reveal(view: Viewport, start: number, length: number, bounds: Bounds): Viewport {
  const span = spanOf(view);
  const edge = span * 0.08;
  const visible = start + length > view.from + edge * 0.5 && start < view.to - edge * 0.5;
  if (visible) return view;
  return clamp({ from: start - span * 0.35, to: start + span * 0.65 }, bounds);
}
