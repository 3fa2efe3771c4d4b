/** Memory of the frontend for payloads: pages in a row, the most recently freed first. */
import type { RandomStream } from '../engine/random.ts';
import type { GuestMemory } from '../primitives/world.ts';

export class BufferArena {
  readonly #first: number;
  readonly #frames: number;
  readonly #random: RandomStream;
  readonly #used: Uint8Array;
  readonly #free = new Map<number, number[]>();
  /** Frames that have ever been handed out. */
  takenFrames = 0;

  /**
   * @param frames of the guest that the arena may use, from its first on
   * @param random stream for the placement of new buffers
   */
  constructor(guest: GuestMemory, frames: number, random: RandomStream) {
    this.#first = guest.first;
    this.#frames = frames;
    this.#random = random;
    this.#used = new Uint8Array(frames);
  }

  /** Takes `pages` frames in a row; returns the first mfn. */
  take(pages: number): number {
    const freed = this.#free.get(pages)?.pop();
    return freed ?? this.#place(pages);
  }

  give(mfn: number, pages: number): void {
    const list = this.#free.get(pages);
    if (list === undefined) this.#free.set(pages, [mfn]);
    else list.push(mfn);
  }

  /** A new buffer somewhere in memory, aligned to its size rounded up to a power of two. */
  #place(pages: number): number {
    const align = 2 ** (32 - Math.clz32(pages - 1));
    const places = Math.floor(this.#frames / align);
    let place = this.#random.below(places);
    for (let tries = 0; tries < places; tries++) {
      const from = place * align;
      if (!this.#used.subarray(from, from + pages).includes(1)) {
        this.#used.fill(1, from, from + pages);
        this.takenFrames += pages;
        return this.#first + from;
      }
      place = (place + 1) % places;
    }
    // Scenarios are checked for this before they run.
    throw new RangeError('the guest has too little memory for its requests in flight');
  }
}
