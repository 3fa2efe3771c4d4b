/**
 * Random numbers. Every consumer names its stream, and streams are independent: a new consumer never
 * shifts what another one draws. Integers only, so that every machine draws the same.
 *
 * The generator is xoshiro128** 1.1 (Blackman and Vigna, 2018), seeded through SplitMix32.
 */
import { assert } from '../base/assert.ts';

/** A stream of random 32-bit numbers. */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** The same seed and name give the same stream. */
  constructor(seed: number, name: string) {
    let hash = 0x811c9dc5 ^ seed;
    for (let i = 0; i < name.length; i++) {
      hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    }
    const next = () => {
      hash = (hash + 0x9e3779b9) | 0;
      let z = hash;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1;
  }

  /** A whole number from 0 to 2^32 - 1. */
  u32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** A whole number from 0 to `bound` - 1, without bias. */
  below(bound: number): number {
    assert(Number.isInteger(bound) && bound > 0 && bound <= 2 ** 32, 'a bound from 1 to 2^32');
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let draw = this.u32();
    while (draw >= limit) draw = this.u32();
    return draw % bound;
  }

  /**
   * A whole number with an exponential distribution of the given mean, at least 0.
   *
   * Von Neumann's comparison method: no logarithm, whose last bit differs between machines.
   */
  exponential(mean: number): number {
    for (let whole = 0; ; whole++) {
      const first = this.u32();
      let previous = first;
      let runs = 1;
      for (;;) {
        const next = this.u32();
        if (next >= previous) break;
        previous = next;
        runs++;
      }
      if (runs % 2 === 1) return Math.floor((whole + first / 2 ** 32) * mean);
    }
  }
}

/** Streams of one run, by name. */
export class RandomSource {
  readonly #seed: number;
  readonly #names = new Set<string>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Opens a stream. A name is used once, so that two consumers cannot share one by accident. */
  stream(name: string): RandomStream {
    assert(!this.#names.has(name), `the random stream ${name} is already in use`);
    this.#names.add(name);
    return new RandomStream(this.#seed, name);
  }
}
