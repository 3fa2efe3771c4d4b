/**
 * IOVA space of one IOMMU domain as Linux allocates it (`drivers/iommu/iova.c`): a tree of what is in
 * use, searched from the top down, and before it caches of freed ranges by size, 2^0 to 2^5 pages. Each
 * CPU has two magazines of 127 ranges for each size; full ones are exchanged through a depot of 32.
 * What is larger than 32 pages, and what the caches do not hold, comes from the tree.
 */
import { firstWhere } from '../base/first-where.ts';
import { assert } from '../base/assert.ts';

/** `IOVA_MAG_SIZE`, `MAX_GLOBAL_MAGS`, `IOVA_RANGE_CACHE_MAX_SIZE`. */
const MAGAZINE = 127;
const DEPOT = 32;
const CACHED_ORDERS = 6;
/** Pages below 4 GiB, which PCI devices are given first, and pages of a 48-bit space. */
export const TOP_32 = 2 ** 20;
export const TOP_48 = 2 ** 36;

/** A free range: pages from `first` up to, not including, `end`. */
interface Gap {
  first: number;
  end: number;
}

/** What is in use, kept as the gaps between: searched from the top, sizes aligned to themselves. */
export class IovaTree {
  /** In ascending order; neighbours never touch. */
  readonly #gaps: Gap[];

  constructor(bottom: number, top: number) {
    this.#gaps = [{ first: bottom, end: top }];
  }

  /** The highest fitting range below `limit`, aligned to the next power of two; -1 without one. */
  take(pages: number, limit: number): number {
    const align = alignmentOf(pages);
    for (let at = this.#gaps.length - 1; at >= 0; at--) {
      const gap = this.#gaps[at] as Gap;
      const page = Math.floor((Math.min(gap.end, limit) - pages) / align) * align;
      if (page < gap.first) continue;
      const above = { first: page + pages, end: gap.end };
      gap.end = page;
      if (above.first < above.end) this.#gaps.splice(at + 1, 0, above);
      if (gap.first === gap.end) this.#gaps.splice(at, 1);
      return page;
    }
    return -1;
  }

  give(page: number, pages: number): void {
    const at = this.#firstAfter(page);
    const below = this.#gaps[at - 1];
    const above = this.#gaps[at];
    const end = page + pages;
    assert((below?.end ?? -1) <= page, 'an IOVA range was freed twice');
    assert((above?.first ?? Infinity) >= end, 'an IOVA range was freed twice');
    const joinsBelow = below?.end === page;
    const joinsAbove = above?.first === end;
    if (joinsBelow && joinsAbove) {
      below.end = above.end;
      this.#gaps.splice(at, 1);
    } else if (joinsBelow) below.end = end;
    else if (joinsAbove) above.first = page;
    else this.#gaps.splice(at, 0, { first: page, end });
  }

  /** Index of the first gap that starts after a page. */
  #firstAfter(page: number): number {
    return firstWhere(0, this.#gaps.length, (i) => (this.#gaps[i] as Gap).first > page);
  }
}

function alignmentOf(pages: number): number {
  return 2 ** orderOf(pages);
}

function orderOf(pages: number): number {
  return 32 - Math.clz32(pages - 1);
}

/** One CPU's caches of one size. */
interface Magazines {
  loaded: number[];
  previous: number[];
}

/** Where a range came from: a magazine of the CPU's own, one taken from the depot, or the tree. */
export type IovaPath = 'magazine' | 'depot' | 'tree';

export interface IovaRange {
  /** -1 when the space is used up. */
  readonly page: number;
  readonly path: IovaPath;
}

export class IovaSpace {
  readonly #tree: IovaTree;
  readonly #top: number;
  /** By CPU and order. */
  readonly #cpus = new Map<number, Magazines[]>();
  /** Full magazines by order. */
  readonly #depots: number[][][] = Array.from({ length: CACHED_ORDERS }, () => []);
  readonly #cachedOrders: number;
  #inUse = 0;

  /**
   * @param top page above the space; what lies below 4 GiB is given out first
   * @param caches false as before Linux 4.7, when each range came from the tree
   */
  constructor(top: number = TOP_48, bottom = 1, caches = true) {
    this.#cachedOrders = caches ? CACHED_ORDERS : 0;
    this.#tree = new IovaTree(bottom, top);
    this.#top = top;
  }

  /** Pages handed out. */
  get inUse(): number {
    return this.#inUse;
  }

  /** `alloc_iova_fast`. @param cpu any number that tells CPUs apart */
  take(cpu: number, pages: number): IovaRange {
    const order = orderOf(pages);
    const found = order < this.#cachedOrders ? this.#takeCached(cpu, order) : null;
    const range = found ?? { page: this.#takeFromTree(sizeOf(pages)), path: 'tree' };
    if (range.page !== -1) this.#inUse += pages;
    return range;
  }

  /** `free_iova_fast`. Returns how many ranges went back to the tree. */
  give(cpu: number, page: number, pages: number): number {
    this.#inUse -= pages;
    assert(this.#inUse >= 0, 'more IOVA pages were freed than taken');
    const order = orderOf(pages);
    if (order < this.#cachedOrders) return this.#giveCached(cpu, order, page);
    this.#tree.give(page, sizeOf(pages));
    return 1;
  }

  #takeCached(cpu: number, order: number): IovaRange | null {
    const own = this.#magazines(cpu, order);
    if (own.loaded.length === 0 && own.previous.length > 0) {
      [own.loaded, own.previous] = [own.previous, own.loaded];
    }
    const page = own.loaded.pop();
    if (page !== undefined) return { page, path: 'magazine' };
    const full = this.#depots[order]?.pop();
    if (full === undefined) return null;
    own.loaded = full;
    return { page: full.pop() as number, path: 'depot' };
  }

  #giveCached(cpu: number, order: number, page: number): number {
    const own = this.#magazines(cpu, order);
    if (own.loaded.length === MAGAZINE && own.previous.length < MAGAZINE) {
      [own.loaded, own.previous] = [own.previous, own.loaded];
    }
    if (own.loaded.length < MAGAZINE) {
      own.loaded.push(page);
      return 0;
    }
    const full = own.loaded;
    own.loaded = [page];
    const depot = this.#depots[order] as number[][];
    if (depot.length < DEPOT) {
      depot.push(full);
      return 0;
    }
    for (const each of full) this.#tree.give(each, 2 ** order);
    return full.length;
  }

  /** Below 4 GiB if there is room, then anywhere, then with all caches emptied. */
  #takeFromTree(size: number): number {
    for (const limit of [TOP_32, this.#top]) {
      const page = this.#tree.take(size, limit);
      if (page !== -1) return page;
    }
    this.#emptyCaches();
    return this.#tree.take(size, this.#top);
  }

  #emptyCaches(): void {
    const empty = (magazine: number[], order: number) => {
      for (const page of magazine.splice(0)) this.#tree.give(page, 2 ** order);
    };
    for (const orders of this.#cpus.values()) {
      orders.forEach(({ loaded, previous }, order) => {
        empty(loaded, order);
        empty(previous, order);
      });
    }
    this.#depots.forEach((depot, order) => {
      for (const magazine of depot.splice(0)) empty(magazine, order);
    });
  }

  #magazines(cpu: number, order: number): Magazines {
    let orders = this.#cpus.get(cpu);
    if (orders === undefined) {
      orders = Array.from({ length: CACHED_ORDERS }, () => ({ loaded: [], previous: [] }));
      this.#cpus.set(cpu, orders);
    }
    return orders[order] as Magazines;
  }
}

/** Sizes that are cached are rounded up to a power of two, so that any of them can be used again. */
function sizeOf(pages: number): number {
  const order = orderOf(pages);
  return order < CACHED_ORDERS ? 2 ** order : pages;
}
