/**
 * The IOMMU's cache of translations: sets and ways, least recently used out first, entries for 4 KiB
 * pages and 2 MiB superpages; and the caches of table pointers that shorten walks, one for each level.
 *
 * Pages are tagged: the spaces of several contexts lie `CONTEXT_STRIDE` pages apart.
 *
 * Vendors publish no geometry. About 64 entries were inferred for one Xeon server (Neugebauer et al.,
 * SIGCOMM 2018); profiles state what they assume.
 */
const EMPTY = -1;
const SUPERPAGE_ORDER = 9;
const SUPERPAGE = 512;

/** Pages of one context's space are kept apart from other contexts' in all caches. */
export const CONTEXT_STRIDE = 2 ** 40;

export class Iotlb {
  readonly sets: number;
  readonly ways: number;
  readonly #tag: Float64Array;
  readonly #target: Int32Array;
  readonly #order: Uint8Array;
  readonly #permission: Uint8Array;
  readonly #used: Float64Array;
  #clock = 0;
  #superpages = 0;
  hits = 0;
  misses = 0;

  constructor(sets: number, ways: number) {
    this.sets = sets;
    this.ways = ways;
    this.#tag = new Float64Array(sets * ways).fill(EMPTY);
    this.#target = new Int32Array(sets * ways);
    this.#order = new Uint8Array(sets * ways);
    this.#permission = new Uint8Array(sets * ways);
    this.#used = new Float64Array(sets * ways);
  }

  /** The entry that translates a page, for `targetOf` and `permissionOf`, or -1. Counts hit or miss. */
  lookup(page: number): number {
    const at = this.#find(page);
    if (at === EMPTY) {
      this.misses++;
      return EMPTY;
    }
    this.#used[at] = ++this.#clock;
    this.hits++;
    return at;
  }

  /** Where an entry leads for a page of it. */
  targetOf(entry: number, page: number): number {
    return (this.#target[entry] as number) + (this.#order[entry] === 0 ? 0 : page % SUPERPAGE);
  }

  /** What an entry permits: that of the table when it was filled. */
  permissionOf(entry: number): number {
    return this.#permission[entry] as number;
  }

  /** Is the page's translation cached? Counts nothing. */
  holds(page: number): boolean {
    return this.#find(page) !== EMPTY;
  }

  /**
   * Caches a translation found by a walk; `target` is that of the page itself.
   *
   * @returns the 4 KiB page whose translation had to make room, or -1
   */
  fill(page: number, target: number, order: number, permission: number): number {
    const number = order === 0 ? page : Math.floor(page / SUPERPAGE);
    const set = (number % this.sets) * this.ways;
    let slot = set;
    for (let at = set; at < set + this.ways; at++) {
      if (this.#tag[at] === EMPTY) {
        slot = at;
        break;
      }
      if ((this.#used[at] as number) < (this.#used[slot] as number)) slot = at;
    }
    const evicted = this.#order[slot] === 0 ? (this.#tag[slot] as number) : EMPTY;
    this.#clear(slot);
    this.#tag[slot] = number;
    this.#order[slot] = order;
    this.#permission[slot] = permission;
    this.#target[slot] = order === 0 ? target : target - (page % SUPERPAGE);
    this.#used[slot] = ++this.#clock;
    if (order !== 0) this.#superpages++;
    return evicted;
  }

  /** Drops the translations of `count` pages from `first`. */
  invalidate(first: number, count: number): void {
    if (count > this.#tag.length) {
      this.#drop(first, first + count);
      return;
    }
    for (let page = first; page < first + count; page++) {
      for (let at = this.#find(page); at !== EMPTY; at = this.#find(page)) this.#clear(at);
    }
  }

  /** Drops what is cached of one context: `base` is the first page of its space. */
  invalidateContext(base: number): void {
    this.#drop(base, base + CONTEXT_STRIDE);
  }

  get hitRate(): number | null {
    const lookups = this.hits + this.misses;
    return lookups === 0 ? null : this.hits / lookups;
  }

  #drop(from: number, end: number): void {
    for (let at = 0; at < this.#tag.length; at++) {
      const tag = this.#tag[at] as number;
      if (tag === EMPTY) continue;
      const size = this.#order[at] === 0 ? 1 : SUPERPAGE;
      if (tag * size < end && (tag + 1) * size > from) this.#clear(at);
    }
  }

  #clear(at: number): void {
    if (this.#tag[at] !== EMPTY && this.#order[at] !== 0) this.#superpages--;
    this.#tag[at] = EMPTY;
  }

  #find(page: number): number {
    const small = this.#findIn(page, 0);
    if (small !== EMPTY || this.#superpages === 0) return small;
    return this.#findIn(Math.floor(page / SUPERPAGE), SUPERPAGE_ORDER);
  }

  #findIn(number: number, order: number): number {
    const set = (number % this.sets) * this.ways;
    for (let at = set; at < set + this.ways; at++) {
      if (this.#tag[at] === number && (this.#order[at] === 0) === (order === 0)) return at;
    }
    return EMPTY;
  }
}

/** Pointers to tables of one level, least recently used out first. */
class PointerCache {
  readonly #capacity: number;
  readonly #span: number;
  readonly #known = new Set<number>();

  /** @param span pages that one table of the level below covers */
  constructor(capacity: number, span: number) {
    this.#capacity = capacity;
    this.#span = span;
  }

  has(page: number): boolean {
    const table = Math.floor(page / this.#span);
    if (!this.#known.delete(table)) return false;
    this.#known.add(table);
    return true;
  }

  add(page: number): void {
    this.#known.add(Math.floor(page / this.#span));
    if (this.#known.size <= this.#capacity) return;
    const oldest = this.#known.values().next();
    if (oldest.done !== true) this.#known.delete(oldest.value);
  }

  drop(first: number, count: number): void {
    if (this.#known.size === 0) return;
    const last = Math.floor((first + count - 1) / this.#span);
    if (last - Math.floor(first / this.#span) < this.#known.size) {
      for (let table = Math.floor(first / this.#span); table <= last; table++) {
        this.#known.delete(table);
      }
      return;
    }
    for (const table of this.#known) {
      if (table * this.#span < first + count && (table + 1) * this.#span > first) {
        this.#known.delete(table);
      }
    }
  }
}

/**
 * Pointers to tables, by level: a pointer to the leaf table leaves one read, one to the table above it
 * two, and so on. Each level holds `capacity` of them.
 */
export class WalkCache {
  /** Index 0 holds pointers to leaf tables. */
  readonly #levels: readonly PointerCache[];
  hits = 0;
  misses = 0;

  /** @param levels table levels that are cached, the root not among them */
  constructor(capacity: number, levels = 4) {
    this.#levels = Array.from(
      { length: levels },
      (_, i) => new PointerCache(capacity, SUPERPAGE ** (i + 1)),
    );
  }

  /**
   * Table levels that the walk of a page reads, of `levels`; remembers the way. A superpage's entry
   * stands one level above the leaf tables.
   */
  levelsToRead(page: number, levels: number, order: number): number {
    const lowest = order === 0 ? 0 : 1;
    const top = Math.min(levels - 1, this.#levels.length);
    let found = lowest;
    while (found < top && this.#levels[found]?.has(page) !== true) found++;
    if (found === lowest && found < top) this.hits++;
    else this.misses++;
    for (let level = found - 1; level >= lowest; level--) this.#levels[level]?.add(page);
    return (found < top ? found + 1 : levels) - lowest;
  }

  /**
   * A range's translations were invalidated: pointers to its leaf tables go with them. Those above are
   * kept: in measurements upper levels are hardly ever read again (0.05 against 0.36 reads a page for
   * the lowest; Fast & Safe IO Memory Protection, SOSP 2024, section 2.2).
   */
  invalidate(first: number, count: number): void {
    this.#levels[0]?.drop(first, count);
  }

  /** Drops what is cached of one context. */
  invalidateContext(base: number): void {
    for (const level of this.#levels) level.drop(base, CONTEXT_STRIDE);
  }

  get hitRate(): number | null {
    const lookups = this.hits + this.misses;
    return lookups === 0 ? null : this.hits / lookups;
  }
}

/**
 * The host's part of nested walks. Each guest table that a walk goes down to, and the page at its end,
 * has a guest address that the host's table translates; recent such translations are cached. The host
 * maps guests by 2 MiB superpages, so that one of its walks reads one level less than there are; the
 * guest's tables of one level lie side by side, 512 to a superpage.
 */
export class NestedCache {
  readonly #known: PointerCache;
  readonly #readsEach: number;

  /** @param levels table levels of the host's table */
  constructor(capacity: number, levels: number) {
    this.#known = new PointerCache(capacity, SUPERPAGE);
    this.#readsEach = levels - 1;
  }

  /**
   * Reads of host entries for a walk that reads `guestReads` of `levels` guest entries and ends at
   * frame `mfn` (-1: nowhere). A cached pointer of the guest's holds a host address already.
   */
  reads(page: number, mfn: number, guestReads: number, levels: number): number {
    let reads = mfn === -1 ? 0 : this.#translate(mfn);
    const tables = guestReads >= levels ? guestReads : guestReads - 1;
    for (let level = 1; level <= tables; level++) {
      // Tables of different levels, in spaces of their own beyond all memory.
      reads += this.#translate(level * CONTEXT_STRIDE + Math.floor(page / SUPERPAGE ** level));
    }
    return reads;
  }

  #translate(page: number): number {
    if (this.#known.has(page)) return 0;
    this.#known.add(page);
    return this.#readsEach;
  }
}
