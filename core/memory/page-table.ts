/**
 * A translation table as IOMMUs and second-level paging have it: a radix tree of 512-entry tables
 * over 4 KiB leaves, with ranges of superpages for what is mapped at boot.
 */
import { assert } from '../base/assert.ts';

const ENTRIES = 512;
const ABSENT = -1;

/** What an entry permits. */
export const PERMISSION = { read: 1, write: 2, both: 3 } as const;

/** A range mapped with one entry for each superpage. */
interface SuperpageRange {
  readonly first: number;
  readonly count: number;
  readonly target: number;
  readonly order: number;
  readonly permission: number;
}

interface Leaf {
  readonly targets: Int32Array;
  readonly permissions: Uint8Array;
}

export class PageTable {
  /** Table levels that a walk of a 4 KiB page reads. */
  readonly levels: number;
  readonly #leaves = new Map<number, Leaf>();
  #ranges: readonly SuperpageRange[] = [];
  #entries = 0;

  constructor(levels: number) {
    this.levels = levels;
  }

  /** 4 KiB entries present. */
  get entries(): number {
    return this.#entries;
  }

  /** Maps `count` pages from `first` to `target` with superpages of 2^`order` pages. */
  mapRange(
    first: number,
    count: number,
    target: number,
    order: number,
    permission: number = PERMISSION.both,
  ): void {
    this.#ranges = [...this.#ranges, { first, count, target, order, permission }];
  }

  /** Removes the ranges that start at `first`. */
  unmapRange(first: number): void {
    this.#ranges = this.#ranges.filter((each) => each.first !== first);
  }

  /** Writes an entry. Returns false when one is there already. */
  map(page: number, target: number, permission: number = PERMISSION.both): boolean {
    const key = Math.floor(page / ENTRIES);
    let leaf = this.#leaves.get(key);
    if (leaf === undefined) {
      leaf = {
        targets: new Int32Array(ENTRIES).fill(ABSENT),
        permissions: new Uint8Array(ENTRIES),
      };
      this.#leaves.set(key, leaf);
    }
    const slot = page % ENTRIES;
    if (leaf.targets[slot] !== ABSENT) return false;
    leaf.targets[slot] = target;
    leaf.permissions[slot] = permission;
    this.#entries++;
    return true;
  }

  /** Changes what the entry of a page permits; nothing where there is none. */
  permit(page: number, permission: number): void {
    const leaf = this.#leaves.get(Math.floor(page / ENTRIES));
    if (leaf !== undefined) leaf.permissions[page % ENTRIES] = permission;
  }

  /** Clears an entry. Returns what it led to, or -1 when there was none. */
  unmap(page: number): number {
    const leaf = this.#leaves.get(Math.floor(page / ENTRIES));
    const slot = page % ENTRIES;
    const target = leaf?.targets[slot] ?? ABSENT;
    if (leaf === undefined || target === ABSENT) return ABSENT;
    leaf.targets[slot] = ABSENT;
    this.#entries--;
    assert(this.#entries >= 0, 'a page table has fewer than no entries');
    return target;
  }

  /** What a page leads to, or -1. */
  lookup(page: number): number {
    const target = this.#leaves.get(Math.floor(page / ENTRIES))?.targets[page % ENTRIES] ?? ABSENT;
    if (target !== ABSENT) return target;
    const range = this.#rangeOf(page);
    return range === undefined ? ABSENT : range.target + (page - range.first);
  }

  /** What the entry of a page permits; 0 where there is none. */
  permissionOf(page: number): number {
    const leaf = this.#leaves.get(Math.floor(page / ENTRIES));
    const slot = page % ENTRIES;
    if (leaf !== undefined && leaf.targets[slot] !== ABSENT)
      return leaf.permissions[slot] as number;
    return this.#rangeOf(page)?.permission ?? 0;
  }

  /** log2 of the pages that one entry covers here: 0 for 4 KiB, 9 for 2 MiB. */
  orderOf(page: number): number {
    const target = this.#leaves.get(Math.floor(page / ENTRIES))?.targets[page % ENTRIES] ?? ABSENT;
    return target !== ABSENT ? 0 : (this.#rangeOf(page)?.order ?? 0);
  }

  #rangeOf(page: number): SuperpageRange | undefined {
    for (const range of this.#ranges) {
      if (page >= range.first && page < range.first + range.count) return range;
    }
    return undefined;
  }
}
