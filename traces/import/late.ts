/** Spans that were written before their end was known, each in 26 bytes: there may be a million. */
import { firstWhere } from '../../core/base/first-where.ts';
import { doubled } from '../../core/base/doubled.ts';

const MIN_LENGTH = 1024;

/** A span whose end is still to come. */
export interface LateSpan {
  readonly track: number;
  readonly level: number;
  readonly kind: number;
  /** When it begins, ticks. */
  readonly ts: number;
}

export class LateSpans {
  /** Columns in order of id; what has been taken has a level of -1. */
  #id = new Float64Array(MIN_LENGTH);
  #ts = new Float64Array(MIN_LENGTH);
  #track = new Int32Array(MIN_LENGTH);
  #level = new Int16Array(MIN_LENGTH);
  #kind = new Int32Array(MIN_LENGTH);
  #length = 0;
  #taken = 0;

  get size(): number {
    return this.#length - this.#taken;
  }

  /** @param id greater than all before it */
  add(id: number, { track, level, kind, ts }: LateSpan): void {
    if (this.#length === this.#id.length) this.#makeRoom();
    const at = this.#length;
    this.#id[at] = id;
    this.#ts[at] = ts;
    this.#track[at] = track;
    this.#level[at] = level;
    this.#kind[at] = kind;
    this.#length += 1;
  }

  /** Removes a span. @returns undefined when it is not, or no longer, among these */
  take(id: number): LateSpan | undefined {
    const at = firstWhere(0, this.#length, (i) => (this.#id[i] as number) >= id);
    const level = this.#level[at] as number;
    if (at >= this.#length || this.#id[at] !== id || level < 0) return undefined;
    this.#level[at] = -1;
    this.#taken += 1;
    return {
      track: this.#track[at] as number,
      level,
      kind: this.#kind[at] as number,
      ts: this.#ts[at] as number,
    };
  }

  /** Ids of those that are left, in order. */
  *ids(): Iterable<number> {
    for (let at = 0; at < this.#length; at++) {
      if ((this.#level[at] as number) >= 0) yield this.#id[at] as number;
    }
  }

  /** Closes the gaps, or makes the columns twice as long where there are few. */
  #makeRoom(): void {
    if (this.#taken < this.#length / 2) {
      this.#id = doubled(this.#id);
      this.#ts = doubled(this.#ts);
      this.#track = doubled(this.#track);
      this.#level = doubled(this.#level);
      this.#kind = doubled(this.#kind);
      return;
    }
    const columns = [this.#id, this.#ts, this.#track, this.#level, this.#kind];
    let kept = 0;
    for (let at = 0; at < this.#length; at++) {
      if ((this.#level[at] as number) < 0) continue;
      for (const column of columns) column[kept] = column[at] as number;
      kept += 1;
    }
    this.#length = kept;
    this.#taken = 0;
  }
}
