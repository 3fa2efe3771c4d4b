/**
 * A pool of bounce slots as Linux 6.1 keeps it (`kernel/dma/swiotlb.c`): slots of 2 KiB, at most 128
 * in a row, in areas that are searched from where the last search ended. Each slot knows how many
 * free slots follow it in its segment, so that a search looks at one number per step.
 */
import { assert } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';

export const SLOT_BYTES = 2048;
const SEGMENT_SLOTS = 128;
/** Largest mapping: 256 KiB. */
export const BOUNCE_MAX_BYTES = SLOT_BYTES * SEGMENT_SLOTS;

/** A search's outcome: the first slot, or -1 when the pool is full, and how many slots it looked at. */
export interface BounceSearch {
  readonly slot: number;
  readonly area: number;
  readonly steps: number;
}

export class BouncePool {
  readonly slots: number;
  readonly areas: number;
  readonly #areaSlots: number;
  /** Free slots in a row from here to the end of the segment; 0 for one in use. */
  readonly #run: Uint8Array;
  readonly #areaNext: Int32Array;
  readonly #areaUsed: Int32Array;

  /** @param areas a power of two; each has the same share of the slots */
  constructor(bytes: number, areas: number) {
    this.slots = Math.floor(bytes / SLOT_BYTES / areas / SEGMENT_SLOTS) * SEGMENT_SLOTS * areas;
    assert(this.slots > 0, 'a bounce pool has at least one segment in each area');
    this.areas = areas;
    this.#areaSlots = this.slots / areas;
    this.#run = new Uint8Array(this.slots);
    for (let slot = 0; slot < this.slots; slot++) {
      this.#run[slot] = SEGMENT_SLOTS - (slot % SEGMENT_SLOTS);
    }
    this.#areaNext = new Int32Array(areas);
    this.#areaUsed = new Int32Array(areas);
  }

  /** Slots in use. */
  get used(): number {
    let used = 0;
    for (const each of this.#areaUsed) used += each;
    return used;
  }

  /** The area that a slot lies in. */
  areaOf(slot: number): number {
    return Math.floor(slot / this.#areaSlots);
  }

  /** Slots that a mapping of `bytes` takes. */
  static slotsFor(bytes: number): number {
    return Math.ceil(bytes / SLOT_BYTES);
  }

  /** Takes consecutive slots for `bytes`, in the area of `cpu` or the next that has room. */
  take(bytes: number, cpu: number): BounceSearch {
    const count = BouncePool.slotsFor(bytes);
    assert(count > 0 && count <= SEGMENT_SLOTS, 'a bounce mapping is at most 256 KiB');
    let steps = 0;
    for (let i = 0; i < this.areas; i++) {
      const area = (cpu + i) % this.areas;
      const search = this.#searchArea(area, count, bytes >= PAGE_SIZE ? PAGE_SIZE / SLOT_BYTES : 1);
      steps += search.steps;
      if (search.slot !== -1) return { slot: search.slot, area, steps };
    }
    return { slot: -1, area: -1, steps };
  }

  /** Gives back the slots of a mapping. */
  give(slot: number, bytes: number): void {
    const count = BouncePool.slotsFor(bytes);
    const end = slot + count;
    let run = end % SEGMENT_SLOTS === 0 ? 0 : (this.#run[end] as number);
    for (let at = end - 1; at >= slot; at--) {
      assert(this.#run[at] === 0, 'a bounce slot was given back twice');
      this.#run[at] = ++run;
    }
    this.#extendBefore(slot, run);
    const area = Math.floor(slot / this.#areaSlots);
    this.#areaUsed[area] = (this.#areaUsed[area] as number) - count;
  }

  #searchArea(area: number, count: number, stride: number): { slot: number; steps: number } {
    if (count > this.#areaSlots - (this.#areaUsed[area] as number)) return { slot: -1, steps: 1 };
    const base = area * this.#areaSlots;
    let index = Math.ceil((this.#areaNext[area] as number) / stride) * stride;
    let steps = 0;
    for (let checked = 0; checked < this.#areaSlots; checked += stride) {
      if (index >= this.#areaSlots) index = 0;
      steps++;
      const slot = base + index;
      if ((this.#run[slot] as number) >= count) {
        this.#occupy(slot, count);
        this.#areaNext[area] = (index + count) % this.#areaSlots;
        this.#areaUsed[area] = (this.#areaUsed[area] as number) + count;
        return { slot, steps };
      }
      index += stride;
    }
    return { slot: -1, steps };
  }

  #occupy(slot: number, count: number): void {
    for (let at = slot; at < slot + count; at++) this.#run[at] = 0;
    this.#extendBefore(slot, 0);
  }

  /** Renumbers the free slots just before `slot`, after which `run` free slots follow. */
  #extendBefore(slot: number, run: number): void {
    let length = run;
    for (let at = slot - 1; at >= 0 && at % SEGMENT_SLOTS !== SEGMENT_SLOTS - 1; at--) {
      if (this.#run[at] === 0) break;
      this.#run[at] = ++length;
    }
  }
}
