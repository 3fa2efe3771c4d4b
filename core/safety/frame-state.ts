/**
 * What the oracle knows of each watched frame apart from who reaches it: how much of it is needed,
 * whether its owner has let it go, and which generation of its content and owner it is in.
 */
import { PAGE_SIZE } from '../base/brand.ts';

export class FrameState {
  readonly first: number;
  readonly count: number;
  /** Bytes that requests in flight need. */
  readonly needed: Uint16Array;
  /** Uses that the owner has permitted and not taken back. */
  readonly authorised: Uint16Array;
  /** How often the owner has permitted a use, and how often it had when a mapping was last let go. */
  readonly #uses: Uint16Array;
  readonly #usesWhenLetGo: Uint16Array;
  /** Is the frame set aside for I/O for the whole run? */
  readonly dedicated: Uint8Array;
  /** Has any request ever named the frame? */
  readonly named: Uint8Array;
  /** Times that the frame has been given to another owner. */
  readonly generation: Uint16Array;
  /** Generation when the frame was last translated for someone. */
  readonly translated: Uint16Array;
  /** Device-only leases that permit access without a mapping of the backend. */
  readonly leases: Uint16Array;
  /** Actor + 1 that changed the frame while the other side relied on it; 0 for nobody. */
  readonly changedBy: Uint8Array;
  /** When the last need for the frame ended, and one picosecond: 0 before the first. */
  readonly #neededUntil: Float64Array;
  /** Frames that requests named last, for faults that strike what is in use. */
  readonly #recent = new Int32Array(RECENT).fill(-1);
  #recentNext = 0;

  constructor(first: number, count: number) {
    this.first = first;
    this.count = count;
    this.needed = new Uint16Array(count);
    this.authorised = new Uint16Array(count);
    this.#uses = new Uint16Array(count);
    this.#usesWhenLetGo = new Uint16Array(count);
    this.dedicated = new Uint8Array(count);
    this.named = new Uint8Array(count);
    this.generation = new Uint16Array(count);
    this.translated = new Uint16Array(count);
    this.leases = new Uint16Array(count);
    this.changedBy = new Uint8Array(count);
    this.#neededUntil = new Float64Array(count);
  }

  /** Is this frame watched? */
  holds(mfn: number): boolean {
    return mfn >= this.first && mfn < this.first + this.count;
  }

  /** These frames are set aside for I/O. */
  dedicate(mfn: number, frames: number): void {
    this.dedicated.fill(1, mfn - this.first, mfn - this.first + frames);
  }

  /** The owner permits a use: what was changed before is part of it. */
  authorise(at: number): void {
    this.authorised[at] = (this.authorised[at] as number) + 1;
    this.#uses[at] = (this.#uses[at] as number) + 1;
    this.changedBy[at] = 0;
  }

  /** A mapping or a lease of the frame is gone. */
  letGo(at: number): void {
    this.#usesWhenLetGo[at] = this.#uses[at] as number;
  }

  /** Has the owner taken the frame back, or permitted another use, since a mapping was let go? */
  isReused(at: number): boolean {
    return this.authorised[at] === 0 || this.#uses[at] !== this.#usesWhenLetGo[at];
  }

  /** A request needs `bytes` bytes of a frame. Returns the bytes needed now. */
  need(at: number, bytes: number): number {
    this.named[at] = 1;
    this.translated[at] = this.generation[at] as number;
    this.#recent[this.#recentNext++ % RECENT] = at;
    return (this.needed[at] = Math.min(PAGE_SIZE, (this.needed[at] as number) + bytes));
  }

  /** That need has ended. Returns the bytes needed now. */
  needless(at: number, bytes: number, nowPs: number): number {
    this.needed[at] = Math.max(0, (this.needed[at] as number) - bytes);
    if (this.needed[at] === 0) this.#neededUntil[at] = nowPs + 1;
    return this.needed[at];
  }

  /** When the last need for the frame ended; -1 before the first. */
  neededUntil(at: number): number {
    return (this.#neededUntil[at] as number) - 1;
  }

  /** How many of some frames has any request ever named? */
  namedOf(mfn: number, frames: number): number {
    const range = this.named.subarray(mfn - this.first, mfn - this.first + frames);
    let count = 0;
    for (let at = range.indexOf(1); at !== -1; at = range.indexOf(1, at + 1)) count++;
    return count;
  }

  /** Has the frame another owner than when it was translated? */
  hasMoved(at: number): boolean {
    return this.generation[at] !== this.translated[at];
  }

  /** A frame that some recent request named, by a number to choose it with; -1 when there is none. */
  recent(choice: number): number {
    const at = this.#recent[choice % RECENT] as number;
    return at === -1 ? -1 : at + this.first;
  }
}

const RECENT = 256;
