import { describe, expect, it } from 'vitest';
import { curveOf } from './search.ts';
import { judgeCurves } from './verdict.ts';

const WORDS = { a: 'grant-map', b: 'grant-copy', ahead: 'is faster' };
const judge = (curves: readonly ReturnType<typeof curve>[], step = 1) =>
  judgeCurves(curves, step, WORDS);

/** A curve through `size: gap` pairs. */
const curve = (points: Readonly<Record<number, number>>) =>
  curveOf(
    Object.entries(points).map(([size, gap]) => ({ size: Number(size), gap })),
    1,
  );
const crossingAt = (low: number, high: number) =>
  curve({ 64: -0.1, [low]: -0.01, [high]: 0.01, 65536: 0.1 });
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('a verdict', () => {
  it('needs a curve', () => {
    expect(() => judge([])).toThrow('at least one sample');
  });

  it('is "crosses" when nine samples of ten have the crossing; its interval covers them all', () => {
    const others = [...times(7, crossingAt(2000, 2010)), crossingAt(900, 910), curve({ 64: 0.1 })];
    const found = judge([crossingAt(1500, 1510), ...others]);
    expect(found.verdict).toBe('crosses');
    expect(found.crossings).toMatchObject([
      { at: 1505, low: 900, high: 2010, from: 'a', to: 'b', share: 0.9, given: true },
    ]);
    expect(found.reason).toContain('grant-copy takes over from grant-map at about 1505 bytes');
    expect(found.reason).toContain('9 of 10 samples');
  });

  it('is "undecided" when fewer have it', () => {
    const found = judge([...times(8, crossingAt(2000, 2010)), ...times(2, curve({ 64: 0.1 }))]);
    expect([found.verdict, found.crossings[0]?.share]).toEqual(['undecided', 0.8]);
    expect(found.reason).toContain('8 of 10 samples: no crossing is in 90 % of them');
  });

  it('is "undecided" when only other samples than the one given have a crossing, which is shown', () => {
    const others = [crossingAt(100, 101), crossingAt(300, 301), crossingAt(500, 501)];
    const found = judge([curve({ 64: 0.1, 65536: 0.2 }), ...others]);
    expect(found.verdict).toBe('undecided');
    expect(found.crossings).toMatchObject([{ at: 300, low: 100, high: 501, given: false }]);
  });

  it('is "never" when all samples have the same winner, ties here and there', () => {
    const found = judge([curve({ 64: 0.001, 4096: 0.1 }), curve({ 64: 0.3, 4096: 0.2 })]);
    expect([found.verdict, found.crossings]).toEqual(['never', []]);
    expect(found.reason).toBe(
      'grant-copy is faster at every size where they are not within 2 %, in all 2 samples',
    );
  });

  it('is "undecided" when no sample has a crossing but they differ in the winner', () => {
    const found = judge([curve({ 64: 0.1 }), curve({ 64: -0.1 }), curve({ 64: -0.1 })]);
    expect(found.verdict).toBe('undecided');
    expect(found.reason).toContain('grant-map is ahead in 2 of 3 samples and grant-copy in 1');
  });

  it('is "undecided" when all is a tie, or is one in some samples', () => {
    const tie = curve({ 64: 0.01, 4096: -0.01, 65536: 0.01 });
    expect(judge([tie, tie])).toMatchObject({ verdict: 'undecided', crossings: [] });
    expect(judge([tie, tie]).reason).toContain('within 2 % of each other at every size');
    const some = judge([curve({ 64: 0.1 }), tie]);
    expect([some.verdict, some.reason]).toEqual([
      'undecided',
      expect.stringContaining('grant-copy is ahead in 1 of 2 samples'),
    ]);
  });

  it('lists changes of sign within ties apart', () => {
    const found = judge([curve({ 64: 0.01, 100: -0.01, 200: 0.01, 4096: 0.1 })]);
    expect(found.crossings).toEqual([]);
    expect(found.withinTies.map(({ low, high, to }) => [low, high, to])).toEqual([
      [64, 100, 'a'],
      [100, 200, 'b'],
    ]);
  });
});

describe('a crossing', () => {
  it.each([
    [4096, 4097],
    [4095, 4096],
  ])('between %i and %i sits on the break at 4096', (low, high) => {
    const [crossing] = judge([curve({ [low]: -0.1, [high]: 0.1 })]).crossings;
    expect(crossing).toMatchObject({ at: 4096, break: 4096, leap: true });
    expect(crossing?.breakReason).toBe('a page ends');
  });

  it('near a break, but not on it, does not', () => {
    const crossings = [
      ...judge([curve({ 4097: -0.1, 4098: 0.1 })]).crossings,
      ...judge([curve({ 4000: -0.1, 4200: 0.1 })]).crossings,
    ];
    expect(crossings.map((each) => each.break)).toEqual([null, null]);
  });

  it('is matched by direction and by place: one that leads back is another one', () => {
    const twice = curve({ 64: -0.1, 128: 0.1, 4096: 0.1, 4097: -0.1 });
    const late = curve({ 64: 0.1, 5000: 0.1, 5001: -0.1 });
    const found = judge([twice, late]);
    expect(found.crossings.map(({ to, share, high }) => [to, share, high])).toEqual([
      ['b', 0.5, 128],
      ['a', 1, 5001],
    ]);
    expect(found.verdict).toBe('crosses');
  });
});
