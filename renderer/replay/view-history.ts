/** Where the view has been: each place it came to rest, to go back to and forth again. */
import type { Viewport } from './viewport.ts';

const KEPT = 200;

export class ViewHistory {
  #places: Viewport[] = [];
  #at = -1;

  /** A place where the view rests. What was ahead after going back is forgotten. */
  rest(view: Viewport): void {
    const here = this.#places[this.#at];
    if (here !== undefined && same(here, view)) return;
    this.#places = [...this.#places.slice(0, this.#at + 1), view].slice(-KEPT);
    this.#at = this.#places.length - 1;
  }

  get canGoBack(): boolean {
    return this.#at > 0;
  }

  get canGoForth(): boolean {
    return this.#at + 1 < this.#places.length;
  }

  /** The place `step` moves away (-1 back, 1 forth), or undefined where there is none. */
  go(step: 1 | -1): Viewport | undefined {
    const place = this.#places[this.#at + step];
    if (place !== undefined) this.#at += step;
    return place;
  }

  clear(): void {
    this.#places = [];
    this.#at = -1;
  }
}

/** Equal but for what rounding does to a place that was gone back to. */
function same(a: Viewport, b: Viewport): boolean {
  const tolerance = (a.to - a.from) * 1e-6;
  return Math.abs(a.from - b.from) <= tolerance && Math.abs(a.to - b.to) <= tolerance;
}
