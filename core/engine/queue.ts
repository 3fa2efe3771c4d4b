/**
 * The future of a simulation: payloads ordered by time, and among equal times by order of arrival.
 *
 * A four-ary heap over typed arrays. Entries are (time, sequence number, payload); the sequence
 * number makes the order total, so that a run never depends on how the heap happens to be laid out.
 */
import { assert } from '../base/assert.ts';

const INITIAL_CAPACITY = 256;

export class EventQueue {
  #times = new Float64Array(INITIAL_CAPACITY);
  #order = new Float64Array(INITIAL_CAPACITY);
  #payloads = new Int32Array(INITIAL_CAPACITY);
  #size = 0;
  #next = 0;
  /** Time of the earliest entry, or Infinity. Read in the engine's inner loop. */
  minTime = Infinity;
  /** Time of the entry that `pop` returned last. */
  poppedTime = 0;

  get size(): number {
    return this.#size;
  }

  /** Sequence number of the entry that was pushed last. */
  get newest(): number {
    return this.#next - 1;
  }

  /** Is the earliest entry due before `time`, or at that time and not after entry `sequence` was pushed? */
  isBefore(time: number, sequence: number): boolean {
    return this.minTime < time || (this.minTime === time && (this.#order[0] as number) <= sequence);
  }

  /** @param time picoseconds, an integer; may equal but not precede what was popped last. */
  push(time: number, payload: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const times = this.#times;
    const order = this.#order;
    const payloads = this.#payloads;
    const sequence = this.#next++;
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      const parentTime = times[parent] as number;
      // A newcomer has the greatest sequence number, so that an equal time stays behind.
      if (parentTime <= time) break;
      times[hole] = parentTime;
      order[hole] = order[parent] as number;
      payloads[hole] = payloads[parent] as number;
      hole = parent;
    }
    times[hole] = time;
    order[hole] = sequence;
    payloads[hole] = payload;
    if (time < this.minTime) this.minTime = time;
  }

  /** Removes the earliest entry and returns its payload; its time is then in `poppedTime`. */
  pop(): number {
    assert(this.#size > 0, 'pop from an empty event queue');
    const times = this.#times;
    const order = this.#order;
    const payloads = this.#payloads;
    this.poppedTime = times[0] as number;
    const payload = payloads[0] as number;
    const last = --this.#size;
    if (last === 0) {
      this.minTime = Infinity;
      return payload;
    }
    const time = times[last] as number;
    const sequence = order[last] as number;
    let hole = 0;
    for (;;) {
      const first = (hole << 2) + 1;
      if (first >= last) break;
      const end = first + 4 < last ? first + 4 : last;
      let best = first;
      let bestTime = times[first] as number;
      for (let child = first + 1; child < end; child++) {
        const childTime = times[child] as number;
        if (
          childTime < bestTime ||
          (childTime === bestTime && (order[child] as number) < (order[best] as number))
        ) {
          best = child;
          bestTime = childTime;
        }
      }
      if (bestTime > time || (bestTime === time && (order[best] as number) > sequence)) break;
      times[hole] = bestTime;
      order[hole] = order[best] as number;
      payloads[hole] = payloads[best] as number;
      hole = best;
    }
    times[hole] = time;
    order[hole] = sequence;
    payloads[hole] = payloads[last] as number;
    this.minTime = times[0] as number;
    return payload;
  }

  #grow(): void {
    const capacity = this.#times.length * 2;
    const grown = <T extends Float64Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#times = grown(this.#times, new Float64Array(capacity));
    this.#order = grown(this.#order, new Float64Array(capacity));
    this.#payloads = grown(this.#payloads, new Int32Array(capacity));
  }
}
