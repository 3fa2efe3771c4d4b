import { createContext, untrack } from 'svelte';
import { formatRoute, parseRoute, type Route, type RouteInput } from './route.ts';

const LAST_KEY = 'mapcopy.view';

export class Router {
  route: Route;

  constructor() {
    // A window that is opened without an address shows what it showed when it was closed.
    const last = localStorage.getItem(LAST_KEY);
    if (location.hash === '' && last !== null) history.replaceState(null, '', last);
    this.route = $state.raw(parseRoute(location.hash));
    window.addEventListener('pagehide', () => {
      if (location.hash.startsWith('#/')) localStorage.setItem(LAST_KEY, location.hash);
    });
    window.addEventListener('hashchange', () => {
      this.route = parseRoute(location.hash);
    });
  }

  /** A step the user can go back from. */
  go(route: RouteInput): void {
    location.hash = formatRoute(route);
  }

  /** The same view, moved: the address follows without a step in the history. */
  replace(route: RouteInput): void {
    // Another room has been asked for and is about to be shown: the address is that room's.
    if (parseRoute(location.hash).room !== untrack(() => this.route.room)) return;
    history.replaceState(null, '', formatRoute(route));
  }
}

export const [useRouter, provideRouter] = createContext<Router>();
