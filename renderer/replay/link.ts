/** The part of a trace that a link shows. */
import { numberIn, type Route, type RouteInput } from '../app/route.ts';

export interface LinkedView {
  /** Visible range in ticks; null shows what was shown last. */
  readonly from: number | null;
  readonly to: number | null;
  /** The selected event. */
  readonly event: number | null;
}

export function viewIn(route: Route): LinkedView {
  return {
    from: numberIn(route, 'from'),
    to: numberIn(route, 'to'),
    event: numberIn(route, 'event'),
  };
}

/** The link to a trace, and to a part of it. */
export function linkTo(trace: string, view: Partial<LinkedView> = {}): RouteInput {
  const whole = (tick: number | null = null) => (tick === null ? null : Math.round(tick));
  return {
    room: 'replay',
    path: [trace],
    query: { from: whole(view.from), to: whole(view.to), event: view.event },
  };
}
