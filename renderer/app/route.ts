/** Every view is a link: a room, and for Replay a trace with the part of it that is shown. */

export const ROOMS = ['library', 'experiment', 'replay'] as const;
export type Room = (typeof ROOMS)[number];

export interface Route {
  readonly room: Room;
  /** The trace of Replay; null shows what was opened last. */
  readonly trace: string | null;
  /** Visible range in ticks, and the selected event. */
  readonly from: number | null;
  readonly to: number | null;
  readonly event: number | null;
}

export const HOME: Route = { room: 'library', trace: null, from: null, to: null, event: null };

function number(text: string | null): number | null {
  if (text === null || text === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Reads a location's fragment; anything that is not understood leads to the library. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [name = '', trace = ''] = path.split('/');
  const room = ROOMS.find((each) => each === name) ?? 'library';
  if (room !== 'replay') return { ...HOME, room };
  const params = new URLSearchParams(query);
  return {
    room,
    trace: trace === '' ? null : decode(trace),
    from: number(params.get('from')),
    to: number(params.get('to')),
    event: number(params.get('event')),
  };
}

export function formatRoute(route: Partial<Route> & { readonly room: Room }): string {
  const { room, trace = null } = route;
  if (room !== 'replay' || trace === null) return `#/${room}`;
  const params = new URLSearchParams();
  if (route.from != null) params.set('from', String(Math.round(route.from)));
  if (route.to != null) params.set('to', String(Math.round(route.to)));
  if (route.event != null) params.set('event', String(route.event));
  const query = params.toString();
  return `#/replay/${encodeURIComponent(trace)}${query === '' ? '' : `?${query}`}`;
}
