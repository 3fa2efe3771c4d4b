/** Diffs that were looked at, newest first; and where the room was left. */
import { formatRoute, parseRoute, type Route, type RouteInput } from '../app/route.ts';

const RECENT_KEY = 'mapcopy.diff.recent';
const LAST_KEY = 'mapcopy.diff.last';
const KEPT = 8;

export interface Recent {
  readonly a: string;
  readonly b: string;
}

function isRecent(value: unknown): value is Recent {
  const { a, b } = (value ?? {}) as Partial<Record<keyof Recent, unknown>>;
  return typeof a === 'string' && typeof b === 'string';
}

export function recentDiffs(storage: Pick<Storage, 'getItem'> = localStorage): readonly Recent[] {
  try {
    const list = JSON.parse(storage.getItem(RECENT_KEY) ?? '[]') as unknown;
    return Array.isArray(list) ? list.filter(isRecent).slice(0, KEPT) : [];
  } catch {
    return [];
  }
}

export function remember(
  { a, b }: Recent,
  storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage,
): void {
  // The same two the other way round are the same diff.
  const others = recentDiffs(storage).filter(
    (each) => !(each.a === a && each.b === b) && !(each.a === b && each.b === a),
  );
  storage.setItem(RECENT_KEY, JSON.stringify([{ a, b }, ...others].slice(0, KEPT)));
}

export function leaveAt(route: RouteInput): void {
  localStorage.setItem(LAST_KEY, formatRoute(route));
}

/** Where the room was left; null at the first visit. */
export function lastPlace(): Route | null {
  const hash = localStorage.getItem(LAST_KEY);
  return hash === null ? null : parseRoute(hash);
}

export function forgetPlace(): void {
  localStorage.removeItem(LAST_KEY);
}
