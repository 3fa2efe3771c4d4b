/**
 * The IOMMU's cache of translations: sets and ways, least recently used out first, entries for 4 KiB
 * pages and superpages; and the cache of table pointers that shortens walks.
 *
 * Vendors publish no geometry. About 64 entries were inferred for one Xeon server (Neugebauer et al.,
 * SIGCOMM 2018); profiles state what they assume.
 */
const EMPTY = -1;

export class Iotlb {
  readonly sets: number;
  readonly ways: number;
  readonly #tag: Float64Array;
  readonly #target: Int32Array;
  readonly #order: Uint8Array;
  readonly #used: Float64Array;
  #clock = 0;
  hits = 0;
  misses = 0;

  constructor(sets: number, ways: number) {
    this.sets = sets;
    this.ways = ways;
    this.#tag = new Float64Array(sets * ways).fill(EMPTY);
    this.#target = new Int32Array(sets * ways);
    this.#order = new Uint8Array(sets * ways);
    this.#used = new Float64Array(sets * ways);
  }

  /** The cached translation of a page, or -1. Counts a hit or a miss. */
  lookup(page: number): number {
    for (const order of [0, 9]) {
      const at = this.#find(page, order);
      if (at !== EMPTY) {
        this.#used[at] = ++this.#clock;
        this.hits++;
        return (this.#target[at] as number) + (page % 2 ** order);
      }
    }
    this.misses++;
    return -1;
  }

  /** Is the page's translation cached? Counts nothing. */
  holds(page: number): boolean {
    return this.#find(page, 0) !== EMPTY || this.#find(page, 9) !== EMPTY;
  }

  /** Caches a translation found by a walk; `target` is that of the page itself. */
  fill(page: number, target: number, order: number): void {
    const number = Math.floor(page / 2 ** order);
    const set = (number % this.sets) * this.ways;
    let victim = set;
    for (let at = set; at < set + this.ways; at++) {
      if (this.#tag[at] === EMPTY) {
        victim = at;
        break;
      }
      if ((this.#used[at] as number) < (this.#used[victim] as number)) victim = at;
    }
    this.#tag[victim] = number;
    this.#order[victim] = order;
    this.#target[victim] = target - (page % 2 ** order);
    this.#used[victim] = ++this.#clock;
  }

  /** Drops the translations of `count` pages from `first`. */
  invalidate(first: number, count: number): void {
    for (let page = first; page < first + count; page++) {
      const at = this.#find(page, 0);
      if (at !== EMPTY) this.#tag[at] = EMPTY;
      const large = this.#find(page, 9);
      if (large !== EMPTY) this.#tag[large] = EMPTY;
    }
  }

  /** Drops everything. */
  invalidateAll(): void {
    this.#tag.fill(EMPTY);
  }

  get hitRate(): number | null {
    const lookups = this.hits + this.misses;
    return lookups === 0 ? null : this.hits / lookups;
  }

  #find(page: number, order: number): number {
    const number = order === 0 ? page : Math.floor(page / 2 ** order);
    const set = (number % this.sets) * this.ways;
    for (let at = set; at < set + this.ways; at++) {
      if (this.#tag[at] === number && this.#order[at] === order) return at;
    }
    return EMPTY;
  }
}

/** Pointers to leaf tables, least recently used out first: a hit leaves one level to read. */
export class WalkCache {
  readonly #capacity: number;
  readonly #entries = new Map<number, true>();
  hits = 0;
  misses = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Levels that the walk of a page reads, of `levels`; remembers the way. */
  levelsToRead(page: number, levels: number, order: number): number {
    const table = Math.floor(page / 512) * 2 + (order === 0 ? 0 : 1);
    const full = order === 0 ? levels : levels - 1;
    if (this.#entries.delete(table)) {
      this.#entries.set(table, true);
      this.hits++;
      return 1;
    }
    this.misses++;
    this.#entries.set(table, true);
    if (this.#entries.size > this.#capacity) {
      const oldest = this.#entries.keys().next();
      if (oldest.done !== true) this.#entries.delete(oldest.value);
    }
    return full;
  }

  invalidateAll(): void {
    this.#entries.clear();
  }

  get hitRate(): number | null {
    const lookups = this.hits + this.misses;
    return lookups === 0 ? null : this.hits / lookups;
  }
}
