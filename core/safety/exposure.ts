/**
 * Integrals of what one actor could reach of a guest's memory beyond need.
 *
 * Bytes and byte-seconds. A frame that the actor can reach counts as *held* while no request in
 * flight needs it, and with the part outside the payload as *granule* while one does. A frame that it
 * can reach only through a cached translation that should be gone counts as *stale*. Reach that
 * stands for the whole run is part of *held* and is shown by itself as well.
 */
import { PAGE_SIZE } from '../base/brand.ts';
import type { Exposure } from '../contract/result.ts';

const PS_TO_S = 1e-12;

const NONE = 0;
const HELD = 1;
const GRANULE = 2;
const STALE = 3;

export class ActorExposure {
  readonly #first: number;
  readonly #frames: number;
  /** Mappings that lead this actor to a frame now. */
  readonly #maps: Uint16Array;
  readonly #stale: Uint8Array;
  readonly #standing: Uint8Array;
  /** Which integral a frame counts in, and with how many bytes. */
  readonly #kind: Uint8Array;
  readonly #bytes: Uint16Array;
  readonly #now = new Float64Array(4);
  readonly #integral = new Float64Array(4);
  #standingBytes = 0;
  #obtainable = false;
  #lastPs = 0;
  #obtainableByteSeconds = 0;

  /** @param first mfn of the guest's first frame, of `frames` */
  constructor(first: number, frames: number) {
    this.#first = first;
    this.#frames = frames;
    this.#maps = new Uint16Array(frames);
    this.#stale = new Uint8Array(frames);
    this.#standing = new Uint8Array(frames);
    this.#kind = new Uint8Array(frames);
    this.#bytes = new Uint16Array(frames);
  }

  /** The actor can map any frame of the guest if it chooses. */
  grantPrivilege(): void {
    this.#obtainable = true;
  }

  /** The actor reaches these frames for the whole run. */
  addStanding(first: number, frames: number): void {
    for (let mfn = first; mfn < first + frames; mfn++) {
      if (this.#standing[mfn - this.#first] === 1) continue;
      this.#standing[mfn - this.#first] = 1;
      this.#standingBytes += PAGE_SIZE;
      this.#account(mfn - this.#first, 0);
    }
  }

  isStanding(mfn: number): boolean {
    return this.#standing[mfn - this.#first] === 1;
  }
  isMapped(mfn: number): boolean {
    return (this.#maps[mfn - this.#first] as number) > 0;
  }
  isStale(mfn: number): boolean {
    return this.#stale[mfn - this.#first] === 1;
  }
  /** Can the actor reach the frame now, rightly or not? */
  reaches(mfn: number): boolean {
    return this.isMapped(mfn) || this.isStale(mfn) || this.isStanding(mfn);
  }
  /** Bytes beyond need that it reaches now, standing reach apart. */
  get beyondNeedBytes(): number {
    const held = (this.#now[HELD] as number) - this.#standingBytes;
    return Math.max(0, held) + (this.#now[GRANULE] as number) + (this.#now[STALE] as number);
  }

  /** One mapping more, or (`delta` -1) one less. */
  map(mfn: number, delta: 1 | -1, neededBytes: number, nowPs: number): void {
    const at = mfn - this.#first;
    this.advance(nowPs);
    this.#maps[at] = (this.#maps[at] as number) + delta;
    this.#account(at, neededBytes);
  }

  setStale(mfn: number, stale: boolean, neededBytes: number, nowPs: number): void {
    const at = mfn - this.#first;
    this.advance(nowPs);
    this.#stale[at] = stale ? 1 : 0;
    this.#account(at, neededBytes);
  }

  /** The need for a frame has changed. */
  needChanged(mfn: number, neededBytes: number, nowPs: number): void {
    this.advance(nowPs);
    this.#account(mfn - this.#first, neededBytes);
  }

  /** Integrates up to `nowPs`. */
  advance(nowPs: number): void {
    const seconds = (nowPs - this.#lastPs) * PS_TO_S;
    if (seconds === 0) return;
    this.#lastPs = nowPs;
    for (let kind = HELD; kind <= STALE; kind++) {
      this.#integral[kind] =
        (this.#integral[kind] as number) + (this.#now[kind] as number) * seconds;
    }
    if (this.#obtainable) {
      const reached = (this.#now[HELD] as number) + (this.#now[GRANULE] as number);
      this.#obtainableByteSeconds += Math.max(0, this.#frames * PAGE_SIZE - reached) * seconds;
    }
  }

  result(): Exposure {
    return {
      heldByteSeconds: this.#integral[HELD] as number,
      obtainableByteSeconds: this.#obtainableByteSeconds,
      standingBytes: this.#standingBytes,
      granuleByteSeconds: this.#integral[GRANULE] as number,
      staleByteSeconds: this.#integral[STALE] as number,
    };
  }

  #account(at: number, neededBytes: number): void {
    const before = this.#kind[at] as number;
    this.#now[before] = (this.#now[before] as number) - (this.#bytes[at] as number);
    let kind = NONE;
    let bytes = 0;
    if ((this.#maps[at] as number) > 0 || this.#standing[at] === 1) {
      kind = neededBytes > 0 ? GRANULE : HELD;
      bytes = PAGE_SIZE - neededBytes;
    } else if (this.#stale[at] === 1) {
      kind = STALE;
      bytes = PAGE_SIZE;
    }
    this.#kind[at] = kind;
    this.#bytes[at] = bytes;
    this.#now[kind] = (this.#now[kind] as number) + bytes;
  }
}
