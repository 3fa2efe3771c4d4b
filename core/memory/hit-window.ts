/** How many of a cache's newest lookups hit it: a ring that remembers the outcome of each. */
export class HitWindow {
  readonly #outcomes: Uint8Array;
  #next = 0;
  #seen = 0;
  #hits = 0;

  /** @param size lookups that the window holds */
  constructor(size: number) {
    this.#outcomes = new Uint8Array(size);
  }

  /** A lookup took place; returns the hits per hundred lookups of the window, rounded. */
  add(hit: boolean): number {
    const size = this.#outcomes.length;
    const outcome = hit ? 1 : 0;
    // What leaves the window; 0 as long as it is not full.
    this.#hits += outcome - (this.#outcomes[this.#next] as number);
    this.#outcomes[this.#next] = outcome;
    this.#next = (this.#next + 1) % size;
    if (this.#seen < size) this.#seen++;
    return Math.round((this.#hits * 100) / this.#seen);
  }
}
