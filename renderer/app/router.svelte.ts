import { createContext } from 'svelte';
import { formatRoute, parseRoute, type Route, type RouteInput } from './route.ts';

export class Router {
  route = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
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
    history.replaceState(null, '', formatRoute(route));
  }
}

export const [useRouter, provideRouter] = createContext<Router>();
