/**
 * IOVA space as Linux allocates it (`drivers/iommu/iova.c`): ranges of up to 2^5 pages come from
 * per-CPU caches by size class, larger ones and cache misses from a red-black tree under a lock.
 */
const CACHED_ORDERS = 6;

/** A range and how it was come by. */
export interface IovaRange {
  readonly page: number;
  readonly cached: boolean;
}

export class IovaSpace {
  readonly #cached: number[][] = Array.from({ length: CACHED_ORDERS }, () => []);
  readonly #large = new Map<number, number[]>();
  #next: number;
  #inUse = 0;

  /** @param top page above the space; allocation goes downwards from it */
  constructor(top: number) {
    this.#next = top;
  }

  /** Pages handed out. */
  get inUse(): number {
    return this.#inUse;
  }

  take(pages: number): IovaRange {
    const order = 32 - Math.clz32(pages - 1);
    this.#inUse += pages;
    const list = order < CACHED_ORDERS ? this.#cached[order] : this.#large.get(pages);
    const page = list?.pop();
    if (page !== undefined) return { page, cached: order < CACHED_ORDERS };
    this.#next -= order < CACHED_ORDERS ? 2 ** order : pages;
    return { page: this.#next, cached: false };
  }

  give(page: number, pages: number): void {
    const order = 32 - Math.clz32(pages - 1);
    this.#inUse -= pages;
    if (order < CACHED_ORDERS) {
      (this.#cached[order] as number[]).push(page);
      return;
    }
    const list = this.#large.get(pages);
    if (list === undefined) this.#large.set(pages, [page]);
    else list.push(page);
  }
}

/** Linux's deferred invalidation: 256 entries for each CPU and domain, one kept empty; 10 ms. */
export const FLUSH_QUEUE_USABLE = 255;
export const FLUSH_QUEUE_TIMEOUT_PS = 10_000_000_000;
