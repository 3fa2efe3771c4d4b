/**
 * Host memory, frame by frame: who owns each, and how many references keep it from being freed
 * (Xen's `page_info.count_info`, one reference standing for "allocated to its owner").
 */
import { assert } from '../base/assert.ts';

/** Owner of a frame nobody has. */
export const NOBODY = -1;

export class FrameTable {
  readonly #owner: Int16Array;
  readonly #references: Uint16Array;
  readonly #surrendered: Uint8Array;
  /** Frames that were given back, the newest last. */
  readonly #freed: number[] = [];
  /** From here on nobody has had any yet. */
  #untouched = 0;
  readonly size: number;
  /** Called when a frame returns to the heap, with the domain that had it. */
  onFree: ((mfn: number, domain: number) => void) | null = null;

  /** @param size frames of 4 KiB in the host; mfns are 0 to `size` - 1 */
  constructor(size: number) {
    this.size = size;
    this.#owner = new Int16Array(size).fill(NOBODY);
    this.#references = new Uint16Array(size);
    this.#surrendered = new Uint8Array(size);
  }

  /** Gives `domain` the free frames with the lowest numbers, as one range; returns the first. */
  allocateRange(domain: number, count: number): number {
    assert(count <= this.freeFrames, 'the host has too little memory for its domains');
    assert(this.#freed.length === 0, 'ranges are allocated before single frames are freed');
    const first = this.#untouched;
    this.#untouched += count;
    this.#owner.fill(domain, first, first + count);
    this.#references.fill(1, first, first + count);
    return first;
  }

  /** Gives `domain` a frame, the one given back last first; returns its mfn, or -1 when none is free. */
  allocate(domain: number): number {
    const mfn = this.#freed.pop() ?? this.#untouched;
    if (mfn === this.size) return -1;
    if (mfn === this.#untouched) this.#untouched++;
    this.#owner[mfn] = domain;
    this.#references[mfn] = 1;
    this.#surrendered[mfn] = 0;
    return mfn;
  }

  /** Drops the owner's reference; the frame returns to the heap with its last reference. */
  release(mfn: number): void {
    this.put(mfn);
  }

  /**
   * The owner gives the frame up and has no number for it any more. While others hold references it
   * stays where it is, still charged to its owner.
   */
  surrender(mfn: number): void {
    this.#surrendered[mfn] = 1;
    this.put(mfn);
  }

  isSurrendered(mfn: number): boolean {
    return this.#surrendered[mfn] === 1;
  }

  /** Takes a reference. */
  get(mfn: number): void {
    const references = this.#references[mfn] as number;
    assert(references > 0, 'a reference was taken to a free frame');
    this.#references[mfn] = references + 1;
  }

  /** Drops a reference. */
  put(mfn: number): void {
    const references = (this.#references[mfn] as number) - 1;
    assert(references >= 0, 'a frame has fewer than no references');
    this.#references[mfn] = references;
    if (references > 0) return;
    const owner = this.#owner[mfn] as number;
    this.#owner[mfn] = NOBODY;
    this.#freed.push(mfn);
    this.onFree?.(mfn, owner);
  }

  ownerOf(mfn: number): number {
    return this.#owner[mfn] as number;
  }
  referencesOf(mfn: number): number {
    return this.#references[mfn] as number;
  }
  get freeFrames(): number {
    return this.#freed.length + this.size - this.#untouched;
  }
}
