/** The part of a trace that a link shows. */
import { numberIn, type Route, type RouteInput } from '../app/route.ts';
import type { Viewport } from './viewport.ts';

export interface LinkedView {
  /** Visible range in ticks; null shows what was shown last. */
  readonly from: number | null;
  readonly to: number | null;
  /** The selected event. */
  readonly event: number | null;
  /** Where the playhead stands; null is at the selected event. */
  readonly at: number | null;
  /** The range that was chosen. */
  readonly range: Viewport | null;
}

export function viewIn(route: Route): LinkedView {
  const a = numberIn(route, 'a');
  const b = numberIn(route, 'b');
  return {
    from: numberIn(route, 'from'),
    to: numberIn(route, 'to'),
    event: numberIn(route, 'event'),
    at: numberIn(route, 'at'),
    range: a !== null && b !== null && b > a ? { from: a, to: b } : null,
  };
}

/** The link to a trace, and to a part of it. */
export function linkTo(trace: string, view: Partial<LinkedView> = {}): RouteInput {
  const whole = (tick: number | null = null) => (tick === null ? null : Math.round(tick));
  return {
    room: 'replay',
    path: [trace],
    query: {
      from: whole(view.from),
      to: whole(view.to),
      event: view.event,
      at: whole(view.at),
      a: whole(view.range?.from),
      b: whole(view.range?.to),
    },
  };
}
