/** Every view is a link: a room, the parts of its path, and the parameters that the room keeps. */

export const ROOMS = ['library', 'experiment', 'replay', 'diff', 'charts', 'report'] as const;
export type Room = (typeof ROOMS)[number];

export interface Route {
  readonly room: Room;
  /** What the room shows, decoded: for Replay the trace, for Diff the two. */
  readonly path: readonly string[];
  /** How it is shown. Each room reads its own names and leaves out what it does not understand. */
  readonly query: Readonly<Record<string, string>>;
}

/** A route as it is asked for: parameters that are null or empty are left out of the link. */
export interface RouteInput {
  readonly room: Room;
  readonly path?: readonly string[];
  readonly query?: Readonly<Record<string, string | number | null | undefined>>;
}

export const HOME: Route = { room: 'library', path: [], query: {} };

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
  const [name, ...parts] = path.split('/');
  const room = ROOMS.find((each) => each === name);
  if (room === undefined) return HOME;
  return {
    room,
    path: parts.map(decode).filter((part) => part !== null && part !== '') as string[],
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

export function formatRoute({ room, path = [], query = {} }: RouteInput): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value != null && value !== '') params.set(name, String(value));
  }
  const parts = [room, ...path.map(encodeURIComponent)].join('/');
  return `#/${parts}${params.size === 0 ? '' : `?${params.toString()}`}`;
}

/** A parameter that is a number; null where it is absent or none. */
export function numberIn(route: Route, name: string): number | null {
  const text = route.query[name];
  if (text === undefined || text === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
