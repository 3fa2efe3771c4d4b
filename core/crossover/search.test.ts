import { describe, expect, it } from 'vitest';
import { RandomSource, type RandomStream } from '../engine/random.ts';
import { BREAKS, middleOf, pageEnds, sizesOf } from './grid.ts';
import { curveOf, search, type Change, type Curve } from './search.ts';

const FINE = { ratio: 1.01, leaps: true } as const;
const NET = { from: 64, to: 65_536, step: 1, perDecade: 4 } as const;

/** @returns the curve and how many sizes were looked at */
const found = async (gap: (size: number) => number, range = NET) => {
  let looks = 0;
  const gapAt = (size: number) => {
    looks++;
    return Promise.resolve(gap(size));
  };
  return { ...(await search(sizesOf(range), range.step, gapAt, FINE)), looks };
};

/** Grows evenly by ratio: 0 at `zero`, and `slope` more with each doubling. */
const line = (zero: number, slope: number) => (size: number) => slope * Math.log2(size / zero);

const places = ({ crossings }: Curve) => crossings.map(({ low, high, to }) => [low, high, to]);

describe('sizes', () => {
  it.each([
    { ...NET, from: 65_536 },
    { ...NET, from: 128, to: 64 },
    { from: 500, to: 1024, step: 512, perDecade: 4 },
  ])('refuses the range %j', (range) => {
    expect(() => sizesOf(range)).toThrow('a range of whole steps');
  });

  it('has both ends, and both sides of every break between them', () => {
    const sizes = sizesOf(NET);
    expect([sizes[0], sizes.at(-1)]).toEqual([64, 65_536]);
    for (const { bytes } of BREAKS.filter((each) => each.bytes < 65_536)) {
      expect(sizes).toEqual(expect.arrayContaining([bytes - 1, bytes, bytes + 1]));
    }
    expect([...sizes].sort((a, b) => a - b)).toEqual(sizes);
  });

  it('leaves no gap wider than its ratio', () => {
    const sizes = sizesOf({ ...NET, perDecade: 10 });
    const ratios = sizes.slice(1).map((size, i) => size / (sizes[i] as number));
    expect(Math.max(...ratios)).toBeLessThan(1.27);
  });

  it('are whole sectors for disks, without the breaks that no sector has', () => {
    const sizes = sizesOf({ from: 512, to: 1_048_576, step: 512, perDecade: 4 });
    expect(sizes.filter((size) => size % 512 !== 0)).toEqual([]);
    expect(sizes).toEqual(expect.arrayContaining([261_632, 262_144, 262_656]));
  });

  it('have a middle until they are next to each other', () => {
    expect(middleOf(100, 101, 1)).toBeNull();
    expect(middleOf(512, 1024, 512)).toBeNull();
    expect(middleOf(100, 102, 1)).toBe(101);
    expect(middleOf(64, 4096, 1)).toBe(512);
    expect(middleOf(512, 1536, 512)).toBe(1024);
  });

  it('have the ends of pages between them, on both sides', () => {
    expect(pageEnds(4000, 8192, 1)).toEqual([4096, 4097]);
  });
});

describe('a curve', () => {
  it('that never reaches zero has no crossing', async () => {
    const curve = await found(line(32, 0.01));
    expect([places(curve), curve.withinTies, curve.leader]).toEqual([[], [], 'b']);
  });

  it('that is a step but does not change sides has none', async () => {
    const curve = await found((size) => (size <= 128 ? -0.03 : -0.4));
    expect([places(curve), curve.leader]).toEqual([[], 'a']);
  });

  it('that meets zero once is narrowed down to one part in a hundred', async () => {
    const [crossing, ...more] = (await found(line(3000, 0.05))).crossings;
    expect(more).toEqual([]);
    expect(crossing).toMatchObject({ to: 'b', leap: false });
    expect(crossing?.low).toBeLessThanOrEqual(3000);
    expect(crossing?.high).toBeGreaterThanOrEqual(3000);
    expect((crossing?.high ?? 0) / (crossing?.low ?? 1)).toBeLessThan(1.011);
  });

  it('that changes sides three times shows all three, in turn', async () => {
    const gap = (size: number) =>
      size < 500
        ? line(200, 0.1)(size)
        : size < 5000
          ? line(1500, -0.1)(size)
          : line(20_000, 0.1)(size);
    const curve = await found(gap);
    expect(curve.crossings.map(({ to }) => to)).toEqual(['b', 'a', 'b']);
  });

  it.each(BREAKS.slice(0, 3))(
    'that leaps over zero after $bytes bytes says so',
    async ({ bytes }) => {
      const curve = await found((size) => (size <= bytes ? 0.1 : -0.2));
      expect(curve.crossings).toMatchObject([{ low: bytes, high: bytes + 1, to: 'a', leap: true }]);
    },
  );

  it('that leaps over zero at a size that nobody knows is narrowed down to the byte', async () => {
    const curve = await found((size) => (size < 7777 ? 0.1 : -0.2));
    expect(curve.crossings).toMatchObject([{ low: 7776, high: 7777, to: 'a', leap: true }]);
  });

  it('that leaps back at the break has both changes', async () => {
    const curve = await found((size) => (size === 4096 ? 0.1 : -0.1));
    expect(places(curve)).toEqual([
      [4095, 4096, 'b'],
      [4096, 4097, 'a'],
    ]);
  });

  it('with noise about its crossing has one, and no other change of sign is lost', async () => {
    const noise = new RandomSource(7).stream('noise');
    const byLook = (size: number) => line(3000, 0.03)(size) + (noise.below(1001) - 500) / 50_000;
    const curve = await found(byLook);
    expect(curve.crossings.map(({ to }) => to)).toEqual(['b']);
    const [crossing] = curve.crossings;
    expect(crossing?.low).toBeGreaterThan(2000);
    expect(crossing?.high).toBeLessThan(4500);
    const signs = curve.points.map(({ gap }) => Math.sign(gap));
    const changes = signs.slice(1).filter((sign, i) => sign !== signs[i]).length;
    expect(curve.withinTies.length + 1).toBe(changes);
  });

  it.each([1, 2, 3])(
    'that changes its sign %i times and once more leads to the new side',
    (pairs) => {
      const noise = Array.from({ length: 2 * pairs }, (_, i) => (i % 2 === 0 ? 0.01 : -0.01));
      const gaps = [-0.1, ...noise, 0.1];
      const curve = curveOf(
        gaps.map((gap, i) => ({ size: 100 * (i + 1), gap })),
        1,
      );
      expect(curve.crossings.map(({ to }) => to)).toEqual(['b']);
      expect(curve.crossings[0]?.span).toEqual([100, 100 * gaps.length]);
      expect(curve.withinTies).toHaveLength(2 * pairs);
    },
  );

  it('with noise alone has no crossing and no leader', async () => {
    const noise = new RandomSource(7).stream('noise');
    const curve = await found(() => (noise.below(1001) - 500) / 50_000);
    expect([places(curve), curve.leader]).toEqual([[], null]);
    expect(curve.withinTies.length).toBeGreaterThan(0);
  });

  it('that is level for a while crosses from where one stops to lead to where the other starts', async () => {
    const curve = await found((size) => (size < 300 ? -0.1 : size < 9000 ? 0 : 0.1));
    expect(places(curve)).toEqual([[299, 9000, 'b']]);
  });

  it('that begins level and then has a leader has no crossing', async () => {
    const curve = await found((size) => (size <= 128 ? 0 : 0.1));
    expect([places(curve), curve.leader]).toEqual([[], 'b']);
  });

  it('that ends in a lead within a tie has a change there, and no crossing', async () => {
    const curve = await found((size) => Math.max(-0.015, line(20_000, -0.05)(size)));
    expect(places(curve)).toEqual([]);
    expect(curve.withinTies).toMatchObject([{ to: 'a' }]);
  });

  it('that dips below zero between two sizes of the grid is seen', async () => {
    const curve = await found((size) => 0.1 * Math.abs(Math.log2(size / 15_000)) - 0.03);
    expect(curve.crossings.map(({ to }) => to)).toEqual(['a', 'b']);
  });

  it('is not looked at twice at one size, nor everywhere', async () => {
    const curve = await found(line(3000, 0.05));
    expect(curve.looks).toBe(curve.points.length);
    expect(curve.looks).toBeLessThan(60);
  });
});

describe('a scan of every size', () => {
  /** Straight lines by ratio between random heights, and leaps at breaks. */
  const randomCurve = (random: RandomStream) => {
    const height = () => (random.below(2001) - 1000) / 5000;
    const knots = Array.from({ length: 6 }, height);
    const leaps = BREAKS.map(({ bytes }) => ({ bytes, by: random.below(2) === 0 ? 0 : height() }));
    return (size: number): number => {
      const place = (Math.log2(size / 64) / 10) * 5;
      const left = Math.min(Math.floor(place), 4);
      const [from, to] = [knots[left] as number, knots[left + 1] as number];
      const leap = leaps.reduce((sum, { bytes, by }) => sum + (size > bytes ? by : 0), 0);
      return from + (to - from) * (place - left) + leap;
    };
  };
  const everySize = Array.from({ length: 65_536 - 63 }, (_, i) => i + 64);

  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'has no crossing that is not found, and what is found is there (seed %i)',
    async (seed) => {
      const gap = randomCurve(new RandomSource(seed).stream('curve'));
      const dense = curveOf(
        everySize.map((size) => ({ size, gap: gap(size) })),
        1,
      );
      const sparse = await found(gap);
      const holds = (outer: Change, inner: Change) =>
        outer.low <= inner.low && outer.high >= inner.high && outer.to === inner.to;
      // A lead that barely exceeds a tie between two sizes may count as one; its changes are found.
      const changes = [...sparse.crossings, ...sparse.withinTies];
      for (const inner of dense.crossings) {
        expect(changes.filter((each) => holds(each, inner))).toHaveLength(1);
      }
      expect(sparse.crossings.filter(({ to }, i) => to === sparse.crossings[i - 1]?.to)).toEqual(
        [],
      );
      for (const outer of sparse.crossings) {
        expect(dense.crossings.filter((each) => holds(outer, each))).toHaveLength(1);
      }
    },
  );
});
