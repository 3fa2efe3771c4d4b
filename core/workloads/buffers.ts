/**
 * Memory of the frontend for payloads: pages in a row, the most recently freed first. What the guest has
 * given back to its host is not handed out while there is anything else.
 */
import type { RandomStream } from '../engine/random.ts';
import type { Guest, World } from '../primitives/world.ts';

export class BufferArena {
  readonly #world: World;
  readonly #guest: Guest;
  readonly #first: number;
  readonly #frames: number;
  readonly #random: RandomStream;
  readonly #used: Uint8Array;
  readonly #free = new Map<number, number[]>();
  /** Buffers that have lost a page, by their size in pages. */
  readonly #lost = new Map<number, number[]>();
  /** Sizes in pages for which there is no whole place any more: pages given back do not return. */
  readonly #scarce = new Set<number>();
  /** Frames that have ever been handed out. */
  takenFrames = 0;

  /**
   * @param frames of the guest that the arena may use, from its first on
   * @param random stream for the placement of new buffers
   */
  constructor(world: World, guest: Guest, frames: number, random: RandomStream) {
    this.#world = world;
    this.#guest = guest;
    this.#first = guest.memory.first;
    this.#frames = frames;
    this.#random = random;
    this.#used = new Uint8Array(frames);
  }

  /** Takes `pages` frames in a row; returns the first mfn. */
  take(pages: number): number {
    const freed = this.#free.get(pages);
    for (let mfn = freed?.pop(); mfn !== undefined; mfn = freed?.pop()) {
      if (this.#isWhole(mfn, pages)) return mfn;
      keep(this.#lost, mfn, pages);
    }
    // A guest that has given nearly everything back takes what it has: the request will fail.
    const mfn =
      this.#wholePlace(pages) ?? this.#lost.get(pages)?.pop() ?? this.#place(pages, false);
    // Scenarios are checked for this before they run.
    if (mfn === null) {
      throw new RangeError('the guest has too little memory for its requests in flight');
    }
    return mfn;
  }

  give(mfn: number, pages: number): void {
    keep(this.#free, mfn, pages);
  }

  /** Are all pages of a buffer still the guest's? */
  #isWhole(mfn: number, pages: number): boolean {
    const { frames } = this.#world;
    for (let page = mfn; page < mfn + pages; page++) {
      if (frames.ownerOf(page) !== this.#guest.domain || frames.isSurrendered(page)) return false;
    }
    return true;
  }

  #wholePlace(pages: number): number | null {
    if (this.#scarce.has(pages)) return null;
    const mfn = this.#place(pages, true);
    if (mfn === null) this.#scarce.add(pages);
    return mfn;
  }

  /**
   * A new buffer somewhere in memory, aligned to its size rounded up to a power of two; null when there
   * is none.
   *
   * @param whole whether all of its pages must still be the guest's
   */
  #place(pages: number, whole: boolean): number | null {
    const align = 2 ** (32 - Math.clz32(pages - 1));
    const places = Math.floor(this.#frames / align);
    let place = this.#random.below(places);
    for (let tries = 0; tries < places; tries++) {
      const from = place * align;
      const isFree = !this.#used.subarray(from, from + pages).includes(1);
      if (isFree && (!whole || this.#isWhole(this.#first + from, pages))) {
        this.#used.fill(1, from, from + pages);
        this.takenFrames += pages;
        return this.#first + from;
      }
      place = (place + 1) % places;
    }
    return null;
  }
}

function keep(lists: Map<number, number[]>, mfn: number, pages: number): void {
  const list = lists.get(pages);
  if (list === undefined) lists.set(pages, [mfn]);
  else list.push(mfn);
}
