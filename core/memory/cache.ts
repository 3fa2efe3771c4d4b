/**
 * Which frames are still in the last-level cache, by reuse distance: a frame is warm while fewer
 * bytes than its part of the cache holds have been brought in since it was touched. That is a fully
 * associative LRU cache whose lines are frames, and which counts a frame touched twice as two.
 *
 * Device writes allocate into a part of their own (DDIO's ways), so that they push each other out long
 * before the cache is full; what a CPU has touched since then counts as the CPU's.
 */
import { PAGE_SIZE } from '../base/brand.ts';

export class FrameCache {
  readonly #cpuBytes: number;
  readonly #deviceBytes: number;
  /** Clock of its part at the last touch; of CPU touches positive, of device writes negative. */
  readonly #touchedAt: Float64Array;
  #cpuClock: number;
  #deviceClock: number;
  /** Device reads and writes that found their frame cached, and that did not. */
  deviceHits = 0;
  deviceMisses = 0;

  /**
   * @param frames of the host
   * @param capacityBytes last-level cache
   * @param deviceShare part of it that device writes may allocate into: 0 where they go to memory
   */
  constructor(frames: number, capacityBytes: number, deviceShare = 0) {
    this.#cpuBytes = capacityBytes;
    this.#deviceBytes = Math.round(capacityBytes * deviceShare);
    this.#touchedAt = new Float64Array(frames);
    // Nothing is warm at the start.
    this.#cpuClock = capacityBytes + 1;
    this.#deviceClock = this.#deviceBytes + 1;
  }

  /** Has the frame been touched recently enough to be cached? */
  isWarm(mfn: number): boolean {
    const at = this.#touchedAt[mfn] as number;
    return at < 0
      ? this.#deviceClock + at <= this.#deviceBytes
      : this.#cpuClock - at <= this.#cpuBytes;
  }

  /** A CPU or a copy engine reads or writes `bytes` bytes of a frame. */
  touch(mfn: number, bytes: number): void {
    this.#cpuClock += bytes < PAGE_SIZE ? bytes : PAGE_SIZE;
    this.#touchedAt[mfn] = this.#cpuClock;
  }

  /** A device reads a frame: from the cache if it is there; a read allocates nothing. */
  deviceRead(mfn: number): boolean {
    const hit = this.isWarm(mfn);
    if (hit) this.deviceHits++;
    else this.deviceMisses++;
    return hit;
  }

  /** A device writes `bytes` bytes: into the cache where there are ways for that, else to memory. */
  deviceWrite(mfn: number, bytes: number): boolean {
    if (this.#deviceBytes === 0) {
      this.#touchedAt[mfn] = 0;
      this.deviceMisses++;
      return false;
    }
    const hit = this.isWarm(mfn);
    if (hit) this.deviceHits++;
    else this.deviceMisses++;
    // A frame that a CPU has in the cache is updated where it is.
    if (hit && (this.#touchedAt[mfn] as number) > 0) return true;
    this.#deviceClock += bytes < PAGE_SIZE ? bytes : PAGE_SIZE;
    this.#touchedAt[mfn] = -this.#deviceClock;
    return true;
  }
}
