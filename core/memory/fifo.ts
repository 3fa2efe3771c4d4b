/**
 * One area of 16-byte slots for headers and payloads, taken and given back in order: records wrap by a
 * pad record, so that each payload lies in one piece, and space returns only from the oldest record on.
 */
import { assert } from '../base/assert.ts';

export const FIFO_SLOT_BYTES = 16;
/** 512 KiB: as many slots as a virtqueue may have entries. */
export const FIFO_SLOTS_MAX = 32_768;

/** A record in the area. */
export interface FifoRecord {
  /** First slot: the header's. */
  readonly slot: number;
  /** Slots of header and payload, and of a pad before them. */
  readonly slots: number;
  done: boolean;
}

export class PayloadFifo {
  readonly slots: number;
  readonly #records: FifoRecord[] = [];
  #tail = 0;
  #used = 0;
  #usedMax = 0;

  /** @param bytes size of the area, headers included; at most 512 KiB */
  constructor(bytes: number) {
    this.slots = Math.floor(bytes / FIFO_SLOT_BYTES);
    assert(this.slots > 1 && this.slots <= FIFO_SLOTS_MAX, 'a FIFO has 2 to 32768 slots');
  }

  get used(): number {
    return this.#used;
  }
  /** Most bytes in use at once, headers and pads included. */
  get usedBytesMax(): number {
    return this.#usedMax * FIFO_SLOT_BYTES;
  }

  /** Slots of a record with so much payload. */
  static slotsFor(bytes: number): number {
    return 1 + Math.ceil(bytes / FIFO_SLOT_BYTES);
  }

  /** Can a record with so much payload ever fit? */
  canHold(bytes: number): boolean {
    return PayloadFifo.slotsFor(bytes) <= this.slots;
  }

  /** Takes room for a record at the tail, or returns null when there is not enough. */
  take(bytes: number): FifoRecord | null {
    const wanted = PayloadFifo.slotsFor(bytes);
    const toEnd = this.slots - this.#tail;
    const pad = wanted > toEnd ? toEnd : 0;
    if (this.#used + pad + wanted > this.slots) return null;
    const slot = pad > 0 ? 0 : this.#tail;
    const record: FifoRecord = { slot, slots: pad + wanted, done: false };
    this.#tail = (slot + wanted) % this.slots;
    this.#used += pad + wanted;
    if (this.#used > this.#usedMax) this.#usedMax = this.#used;
    this.#records.push(record);
    return record;
  }

  /** A record is done with. Space returns from the oldest on: one that is not done blocks the rest. */
  give(record: FifoRecord): void {
    assert(!record.done, 'a record was given back twice');
    record.done = true;
    while (this.#records[0]?.done === true) {
      this.#used -= (this.#records.shift() as FifoRecord).slots;
    }
    assert(this.#used >= 0, 'a FIFO has less than nothing in use');
    if (this.#records.length === 0) this.#tail = 0;
  }

  /** Byte offset in the area where a record's payload starts. */
  static payloadOffset(record: FifoRecord): number {
    return (record.slot + 1) * FIFO_SLOT_BYTES;
  }
}
