import { expect, test } from 'vitest';
import { hitTest } from './hit.ts';
import { lowerBound, prepare, rangeOf, windowFor } from './window-data.ts';

const kinds = { category: { 10: 0 }, rowOfTrack: new Map([[7, 0]]), usualDepth: new Map() };
const window = (ts: number[], dur: number[], level: number[]) => ({
  mode: 'events' as const,
  id: ts.map((_, index) => index + 1),
  ts,
  dur,
  kind: ts.map(() => 10),
  track: ts.map(() => 7),
  level,
  request: ts.map(() => 0),
  n: ts.map(() => 1),
  busy: dur,
});

test('a long span that began before the range is found', () => {
  const data = prepare(window([0, 10, 20, 30], [100, 1, 1, 1], [0, 1, 1, 1]), 0, 100, 7, kinds);
  expect(rangeOf(data, 50, 60)).toEqual([0, 4]);
  expect(hitTest(data, 0, 0, 55, 1)).toBe(0);
  expect(hitTest(data, 0, 1, 20.5, 0)).toBe(2);
  expect(hitTest(data, 0, 1, 25, 1)).toBe(-1);
});

test('entries out of order are sorted by time', () => {
  const data = prepare(window([30, 10, 20], [1, 1, 1], [0, 0, 0]), 0, 100, 7, kinds);
  expect([...data.ts]).toEqual([10, 20, 30]);
  expect([...data.id]).toEqual([2, 3, 1]);
});

test('a window covers its range with a margin on both sides, on a grid', () => {
  for (const [from, to] of [
    [100, 200],
    [-30, 70],
    [1e9, 1e9 + 12_345],
  ] as const) {
    const found = windowFor(from, to);
    const size = 2 ** found.level;
    expect(found.from).toBeLessThanOrEqual(from - size * 0.999);
    expect(found.to).toBeGreaterThanOrEqual(to + size * 0.999);
    expect(found.from % size === 0).toBe(true);
  }
});

test('lower bound finds the first value that is not smaller', () => {
  const values = Float64Array.from([1, 2, 2, 5]);
  expect([0, 2, 3, 9].map((wanted) => lowerBound(values, wanted))).toEqual([0, 1, 3, 4]);
});
