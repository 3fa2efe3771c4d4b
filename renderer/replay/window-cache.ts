/**
 * Windows that were asked for, newest last. Drawing takes the best one there is and never waits:
 * while a window is on its way, a coarser or neighbouring one stands in.
 */
import { windowFor, type WindowData } from './window-data.ts';

interface Request {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly level: number;
}

const KEPT = 32;
const RETRY_MS = 1000;

export class WindowCache<T extends { from: number; to: number; level: number; exact: boolean }> {
  readonly #windows = new Map<string, T>();
  readonly #fetch: (request: Request) => Promise<T>;
  readonly #arrived: () => void;
  #running: string | null = null;
  #next: Request | null = null;

  /**
   * @param fetch asks the lab
   * @param arrived called when there is something new to draw
   */
  constructor(fetch: (request: Request) => Promise<T>, arrived: () => void) {
    this.#fetch = fetch;
    this.#arrived = arrived;
  }

  get loading(): boolean {
    return this.#running !== null;
  }

  /** The best window for a range; asks for a better one where there is none. */
  best(from: number, to: number): T | undefined {
    const wanted = windowFor(from, to);
    let found: T | undefined;
    let foundScore = -Infinity;
    for (const each of this.#windows.values()) {
      const covered = Math.max(0, Math.min(to, each.to) - Math.max(from, each.from)) / (to - from);
      if (covered === 0) continue;
      const fine = each.exact ? 0 : Math.max(0, each.level - wanted.level);
      const coarse = Math.max(0, wanted.level - each.level);
      const score = covered * 100 - fine - coarse;
      if (score > foundScore) [found, foundScore] = [each, score];
    }
    const good =
      found !== undefined &&
      found.from <= from &&
      found.to >= to &&
      (found.exact || found.level <= wanted.level);
    if (!good) this.#ask({ ...wanted, key: `${wanted.level}:${wanted.from}` });
    return found;
  }

  #ask(request: Request): void {
    if (this.#windows.has(request.key) || this.#running === request.key) return;
    if (this.#running !== null) {
      // Only the latest wish counts: what was scrolled past need not be fetched.
      this.#next = request;
      return;
    }
    this.#running = request.key;
    void this.#fetch(request)
      .then((data) => {
        this.#windows.set(request.key, data);
        const oldest = this.#windows.keys().next().value;
        if (this.#windows.size > KEPT && oldest !== undefined) this.#windows.delete(oldest);
      })
      .then(
        () => 0,
        // A lost lab is reported once, by the shell; the view keeps what it has and asks later.
        () => RETRY_MS,
      )
      .then((wait) => {
        this.#running = null;
        const next = this.#next;
        this.#next = null;
        if (next !== null) this.#ask(next);
        if (wait === 0) this.#arrived();
        else setTimeout(this.#arrived, wait);
      });
  }
}

export type EventWindows = WindowCache<WindowData>;
