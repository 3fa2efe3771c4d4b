import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import { canonicalJson, Fingerprint, hashText } from './fingerprint.ts';
import { Histogram } from './histogram.ts';
import { RandomSource, RandomStream } from './random.ts';

describe('random streams', () => {
  it('belong to one consumer each', () => {
    const source = new RandomSource(1);
    source.stream('placement');
    expect(() => source.stream('placement')).toThrow(InvariantError);
    expect(() => new RandomStream(1, 'x').below(0)).toThrow(InvariantError);
  });

  it('are independent: what one draws does not depend on another', () => {
    const alone = new RandomSource(7).stream('arrivals');
    const source = new RandomSource(7);
    const other = source.stream('placement');
    for (let i = 0; i < 10; i++) other.u32();
    const beside = source.stream('arrivals');
    for (let i = 0; i < 100; i++) expect(beside.u32()).toBe(alone.u32());
  });

  it('draw the same on every machine', () => {
    const stream = new RandomStream(1, 'golden');
    expect(Array.from({ length: 4 }, () => stream.u32())).toMatchInlineSnapshot(`
      [
        3524319062,
        765999745,
        467400210,
        1564015151,
      ]
    `);
  });

  it('spread evenly, and exponentially with the mean that is asked for', () => {
    const stream = new RandomStream(3, 'spread');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const at = stream.below(10);
      counts[at] = (counts[at] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    let sum = 0;
    let long = 0;
    for (let i = 0; i < 20_000; i++) {
      const value = stream.exponential(1_000_000);
      sum += value;
      if (value > 2_000_000) long++;
    }
    expect(sum / 20_000 / 1_000_000).toBeCloseTo(1, 1);
    // e^-2 = 0.135
    expect(long / 20_000).toBeCloseTo(0.135, 1);
  });
});

describe('a fingerprint', () => {
  it('changes with any value, with the order, and with high bits', () => {
    const of = (...values: number[]) => {
      const hash = new Fingerprint();
      for (const value of values) hash.add(value);
      return hash.digest();
    };
    const all = [of(), of(0), of(1), of(1, 2), of(2, 1), of(2 ** 40), of(2 ** 41), of(2 ** 40 + 1)];
    expect(new Set(all).size).toBe(all.length);
    expect(of(1, 2, 3)).toMatch(/^[0-9a-f]{16}$/);
  });

  it('of a document does not depend on the order of its keys', () => {
    const a = hashText(canonicalJson({ x: 1, y: { b: 2, a: [1, 2] } }));
    const b = hashText(canonicalJson({ y: { a: [1, 2], b: 2 }, x: 1 }));
    expect(a).toBe(b);
    expect(hashText(canonicalJson({ x: 1, y: { b: 2, a: [2, 1] } }))).not.toBe(a);
  });
});

describe('a histogram', () => {
  it('answers with 0 when it is empty', () => {
    expect(new Histogram().percentile(0.5)).toBe(0);
  });

  it('is at most one bucket above the true percentile, and exact at the maximum', () => {
    const random = new RandomStream(5, 'histogram');
    for (const scale of [50, 5000, 1e7, 1e12]) {
      const histogram = new Histogram();
      const values: number[] = [];
      for (let i = 0; i < 3000; i++) {
        const value = Math.floor((random.u32() / 2 ** 32) * scale);
        values.push(value);
        histogram.add(value);
      }
      values.sort((a, b) => a - b);
      for (const fraction of [0.01, 0.5, 0.9, 0.99, 0.999]) {
        const truth = values[Math.ceil(fraction * values.length) - 1] as number;
        const found = histogram.percentile(fraction);
        expect(found).toBeGreaterThanOrEqual(truth);
        expect(found).toBeLessThanOrEqual(truth * 1.02 + 1);
      }
      expect(histogram.percentile(1)).toBe(values[values.length - 1]);
    }
  });
});
