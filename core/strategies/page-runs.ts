/**
 * Pages of a domain's own in runs of 1, 2, 4 or 8, as Linux allocates a socket's buffer
 * (`alloc_skb_with_frags`): the largest run that the rest fills, and free runs are kept by size, as the
 * page allocator keeps free blocks.
 */
import { assert } from '../base/assert.ts';
import type { FrameTable } from '../memory/frames.ts';

/** `PAGE_ALLOC_COSTLY_ORDER`. */
const ORDER_MAX = 3;

/** Frames from `first` on. */
export interface PageRun {
  readonly first: number;
  readonly pages: number;
}

export class PageRuns {
  readonly #frames: FrameTable;
  readonly #domain: number;
  /** By order. */
  readonly #free: number[][] = Array.from({ length: ORDER_MAX + 1 }, () => []);

  constructor(frames: FrameTable, domain: number) {
    this.#frames = frames;
    this.#domain = domain;
  }

  /** Runs of so many pages together. */
  take(pages: number): PageRun[] {
    const runs: PageRun[] = [];
    for (let left = pages; left > 0;) {
      const order = Math.min(ORDER_MAX, 31 - Math.clz32(left));
      const kept = this.#free[order]?.pop();
      if (kept === undefined) runs.push(...this.#allocate(2 ** order));
      else runs.push({ first: kept, pages: 2 ** order });
      left -= 2 ** order;
    }
    return runs;
  }

  give({ first, pages }: PageRun): void {
    if (pages === 1) this.#frames.release(first);
    else this.#free[31 - Math.clz32(pages)]?.push(first);
  }

  /** One run, or single pages where memory has none in a row. */
  #allocate(pages: number): PageRun[] {
    if (this.#frames.freeFrames < pages) this.#letGo();
    const all = Array.from({ length: pages }, () => this.#frames.allocate(this.#domain));
    const first = all[0] as number;
    assert(!all.includes(-1), 'the host keeps as many pages as its backends may spend');
    if (all.every((mfn, i) => mfn === first + i)) return [{ first, pages }];
    return all.map((mfn) => ({ first: mfn, pages: 1 }));
  }

  /** Somebody else needs what is kept. */
  #letGo(): void {
    this.#free.forEach((runs, order) => {
      for (const first of runs.splice(0)) {
        for (let i = 0; i < 2 ** order; i++) this.#frames.release(first + i);
      }
    });
  }
}
