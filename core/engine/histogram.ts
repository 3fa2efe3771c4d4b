/**
 * A distribution of whole numbers in fixed memory: 64 buckets for each power of two, so that a
 * percentile is at most 1.6 % too high; the maximum is exact. Integer arithmetic only.
 */
const SUB_BITS = 6;
const SUB = 1 << SUB_BITS;

export class Histogram {
  readonly #counts = new Float64Array(SUB * 48);
  count = 0;
  sum = 0;
  max = 0;

  /** @param value a whole number from 0 to 2^53 */
  add(value: number): void {
    const index = indexOf(value);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.count++;
    this.sum += value;
    if (value > this.max) this.max = value;
  }

  /** How many values each bucket holds; bucket 0 holds the zeros. All histograms share one division. */
  get buckets(): Readonly<Float64Array> {
    return this.#counts;
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** The value that `fraction` of all values do not exceed; 0 when there are none. */
  percentile(fraction: number): number {
    if (this.count === 0) return 0;
    const rank = Math.max(1, Math.ceil(fraction * this.count));
    let seen = 0;
    for (let index = 0; index < this.#counts.length; index++) {
      seen += this.#counts[index] as number;
      if (seen >= rank) return Math.min(this.max, upperEdge(index));
    }
    return this.max;
  }
}

function indexOf(value: number): number {
  if (value < SUB) return value;
  const high = Math.floor(value / 4294967296);
  const bits = high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(value);
  const shift = bits - SUB_BITS - 1;
  return (shift + 1) * SUB + (Math.floor(value / 2 ** shift) - SUB);
}

function upperEdge(index: number): number {
  if (index < SUB) return index;
  const shift = Math.floor(index / SUB) - 1;
  return ((index % SUB) + SUB + 1) * 2 ** shift - 1;
}
