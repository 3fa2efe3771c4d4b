/** Pages that a domain may spend, and what it has spent. */
import { assert } from '../base/assert.ts';

export class MemoryBudget {
  #limit: number;
  #used = 0;
  #max = 0;

  /** @param limit pages */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }
  get used(): number {
    return this.#used;
  }
  /** Most pages in use at once. */
  get max(): number {
    return this.#max;
  }

  /** Takes pages. False when that would go beyond the limit, and nothing is taken then. */
  take(pages: number): boolean {
    if (this.#used + pages > this.#limit) return false;
    this.#used += pages;
    if (this.#used > this.#max) this.#max = this.#used;
    return true;
  }

  give(pages: number): void {
    this.#used -= pages;
    assert(this.#used >= 0, 'more pages were given back than taken');
  }

  /** The limit shrinks or grows; what is in use stays. */
  setLimit(pages: number): void {
    this.#limit = pages;
  }
}
