/**
 * Which frames are still in the last-level cache, by reuse distance: a frame is warm while fewer
 * bytes than the cache holds have been touched since it was. That is a fully associative LRU cache
 * whose lines are frames, and which counts a frame touched twice as two.
 */
import { PAGE_SIZE } from '../base/brand.ts';

export class FrameCache {
  readonly #capacityBytes: number;
  readonly #touchedAt: Float64Array;
  #clockBytes: number;

  constructor(frames: number, capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
    this.#touchedAt = new Float64Array(frames);
    // Nothing is warm at the start.
    this.#clockBytes = capacityBytes + 1;
  }

  /** Has the frame been touched recently enough to be cached? */
  isWarm(mfn: number): boolean {
    return this.#clockBytes - (this.#touchedAt[mfn] as number) <= this.#capacityBytes;
  }

  /** `bytes` bytes of a frame are read or written. */
  touch(mfn: number, bytes: number): void {
    this.#clockBytes += bytes < PAGE_SIZE ? bytes : PAGE_SIZE;
    this.#touchedAt[mfn] = this.#clockBytes;
  }
}
