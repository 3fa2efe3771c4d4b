/**
 * Summaries for drawing, built while events pass by, in bounded memory. Entries are (track, kind,
 * bucket). When there are too many for the events seen so far, buckets become twice as wide and
 * neighbours are merged: the file is never read again.
 */
import { firstWhere } from '../../core/base/first-where.ts';
import { assert } from '../../core/base/assert.ts';
import { doubled } from '../../core/base/doubled.ts';

/** One level-0 entry for so many events: about 3 bytes an event in the file, with all levels. */
const EVENTS_PER_ENTRY = 16;
const MIN_ENTRIES = 1024;
/** Bounds memory at about 50 MiB: 48 bytes an entry, and its place while they are put in order. */
const MAX_ENTRIES = 1 << 20;
const KIND_CODES = 256;

export interface LodRow {
  readonly level: number;
  readonly track: number;
  readonly bucket: number;
  readonly kind: number;
  readonly n: number;
  readonly busy: number;
  readonly longest: number;
  readonly bytes: number;
  readonly firstId: number;
}

export class LodBuilder {
  #ticks: number;
  #events = 0;
  #pairs = 0;
  #count = 0;
  /** Columns of the entries, in the order in which they began. */
  #pair = new Int32Array(MIN_ENTRIES);
  #bucket = new Float64Array(MIN_ENTRIES);
  #n = new Uint32Array(MIN_ENTRIES);
  #busy = new Float64Array(MIN_ENTRIES);
  #longest = new Float64Array(MIN_ENTRIES);
  #bytes = new Float64Array(MIN_ENTRIES);
  #firstId = new Float64Array(MIN_ENTRIES);
  /** Latest entry of each (track, kind), or -1. Time never goes back, so no other can grow. */
  #latest = new Int32Array(KIND_CODES * 64).fill(-1);

  /** @param ticks width of the narrowest bucket; doubled as needed */
  constructor(ticks: number) {
    this.#ticks = ticks;
  }

  /** Width of a bucket of level 0, ticks. */
  get ticks(): number {
    return this.#ticks;
  }

  /** Takes the next event in time order. */
  add(id: number, ts: number, dur: number, kind: number, track: number, bytes: number): void {
    this.#events += 1;
    const pair = track * KIND_CODES + kind;
    if (pair >= this.#latest.length) this.#growPairs(pair);
    const bucket = Math.floor(ts / this.#ticks);
    const at = this.#latest[pair] as number;
    if (at >= 0 && this.#bucket[at] === bucket) {
      this.#n[at] = (this.#n[at] as number) + 1;
      this.#busy[at] = (this.#busy[at] as number) + dur;
      if (dur > (this.#longest[at] as number)) this.#longest[at] = dur;
      this.#bytes[at] = (this.#bytes[at] as number) + bytes;
      return;
    }
    if (at < 0) this.#pairs += 1;
    const entry = this.#count;
    if (entry === this.#pair.length) this.#growEntries();
    this.#latest[pair] = entry;
    this.#pair[entry] = pair;
    this.#bucket[entry] = bucket;
    this.#n[entry] = 1;
    this.#busy[entry] = dur;
    this.#longest[entry] = dur;
    this.#bytes[entry] = bytes;
    this.#firstId[entry] = id;
    this.#count += 1;
    const limit = this.#limit();
    if (this.#count <= limit) return;
    // Well below the limit, so that the next widening is not due at once.
    while (this.#count > limit * 0.75) {
      this.#ticks *= 2;
      this.#fold(2);
    }
  }

  /** An event that was taken with a duration of 0 lasts so long. */
  lengthen(ts: number, dur: number, kind: number, track: number): void {
    const pair = track * KIND_CODES + kind;
    const bucket = Math.floor(ts / this.#ticks);
    const isThere = (i: number) => (this.#bucket[i] as number) >= bucket;
    let at = firstWhere(0, this.#count, isThere);
    while (at < this.#count && this.#pair[at] !== pair) at += 1;
    assert(at < this.#count && this.#bucket[at] === bucket, 'no such event has been taken');
    this.#busy[at] = (this.#busy[at] as number) + dur;
    if (dur > (this.#longest[at] as number)) this.#longest[at] = dur;
  }

  /**
   * Hands out every level, each in key order, and leaves the builder empty of detail.
   *
   * @returns how many levels there are
   */
  emit(take: (row: LodRow) => void): number {
    for (let level = 0; ; level++) {
      for (const i of this.#inKeyOrder()) {
        const pair = this.#pair[i] as number;
        take({
          level,
          track: Math.floor(pair / KIND_CODES),
          bucket: this.#bucket[i] as number,
          kind: pair % KIND_CODES,
          n: this.#n[i] as number,
          busy: this.#busy[i] as number,
          longest: this.#longest[i] as number,
          bytes: this.#bytes[i] as number,
          firstId: this.#firstId[i] as number,
        });
      }
      if (this.#count === 0 || this.#bucket[this.#count - 1] === 0) return level + 1;
      this.#fold(4);
    }
  }

  /** Fewer entries than twice the (track, kind) pairs could never be reached by merging. */
  #limit(): number {
    const wanted = Math.max(MIN_ENTRIES, Math.floor(this.#events / EVENTS_PER_ENTRY));
    return Math.max(Math.min(wanted, MAX_ENTRIES), 2 * this.#pairs);
  }

  /** Places of the entries in order of track, bucket and kind. They lie in order of bucket. */
  #inKeyOrder(): Uint32Array {
    const trackOf = (i: number) => Math.floor((this.#pair[i] as number) / KIND_CODES);
    // Where the next entry of each track goes.
    const next = new Uint32Array(this.#latest.length / KIND_CODES + 1);
    for (let i = 0; i < this.#count; i++) {
      next[trackOf(i) + 1] = (next[trackOf(i) + 1] as number) + 1;
    }
    for (let t = 1; t < next.length; t++) next[t] = (next[t] as number) + (next[t - 1] as number);
    const first = next.slice();
    const order = new Uint32Array(this.#count);
    for (let i = 0; i < this.#count; i++) {
      const track = trackOf(i);
      let at = next[track] as number;
      next[track] = at + 1;
      // Kinds of one bucket began in any order.
      for (; at > (first[track] as number) && this.#isBefore(i, order[at - 1] as number); at--) {
        order[at] = order[at - 1] as number;
      }
      order[at] = i;
    }
    return order;
  }

  #isBefore(a: number, b: number): boolean {
    return (
      this.#bucket[a] === this.#bucket[b] && (this.#pair[a] as number) < (this.#pair[b] as number)
    );
  }

  /** Makes buckets `factor` times as wide and merges entries that fall together. */
  #fold(factor: number): void {
    this.#latest.fill(-1);
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      const pair = this.#pair[i] as number;
      const bucket = Math.floor((this.#bucket[i] as number) / factor);
      const at = this.#latest[pair] as number;
      if (at >= 0 && this.#bucket[at] === bucket) {
        this.#n[at] = (this.#n[at] as number) + (this.#n[i] as number);
        this.#busy[at] = (this.#busy[at] as number) + (this.#busy[i] as number);
        this.#longest[at] = Math.max(this.#longest[at] as number, this.#longest[i] as number);
        this.#bytes[at] = (this.#bytes[at] as number) + (this.#bytes[i] as number);
        continue;
      }
      this.#pair[kept] = pair;
      this.#bucket[kept] = bucket;
      this.#n[kept] = this.#n[i] as number;
      this.#busy[kept] = this.#busy[i] as number;
      this.#longest[kept] = this.#longest[i] as number;
      this.#bytes[kept] = this.#bytes[i] as number;
      this.#firstId[kept] = this.#firstId[i] as number;
      this.#latest[pair] = kept;
      kept += 1;
    }
    this.#count = kept;
  }

  #growPairs(pair: number): void {
    let length = this.#latest.length;
    while (length <= pair) length *= 2;
    const grown = new Int32Array(length).fill(-1);
    grown.set(this.#latest);
    this.#latest = grown;
  }

  #growEntries(): void {
    this.#pair = doubled(this.#pair);
    this.#bucket = doubled(this.#bucket);
    this.#n = doubled(this.#n);
    this.#busy = doubled(this.#busy);
    this.#longest = doubled(this.#longest);
    this.#bytes = doubled(this.#bytes);
    this.#firstId = doubled(this.#firstId);
  }
}
