import { describe, expect, test } from 'vitest';
import { MAX_SCROLL_PX, isScaled, rowAt, scrollFor, scrollHeight, topToShow } from './virtual.ts';

describe('a list that fits the document', () => {
  const shape = { rows: 1000, rowHeight: 22, height: 220 };
  test('scrolls by pixels', () => {
    expect(isScaled(shape)).toBe(false);
    expect(scrollHeight(shape)).toBe(22_000);
    expect(rowAt(shape, 220)).toBe(10);
    expect(scrollFor(shape, 10)).toBe(220);
  });
});

describe('a list of a hundred million rows', () => {
  const shape = { rows: 100_000_000, rowHeight: 22, height: 220 };
  test('never exceeds the cap and reaches both ends', () => {
    expect(scrollHeight(shape)).toBe(MAX_SCROLL_PX);
    expect(rowAt(shape, 0)).toBe(0);
    expect(rowAt(shape, MAX_SCROLL_PX - 220)).toBe(100_000_000 - 10);
    expect(scrollFor(shape, 100_000_000)).toBe(MAX_SCROLL_PX - 220);
  });
  test('a row and its scroll position agree to the pixel', () => {
    for (const row of [0, 12_345, 50_000_000, 99_999_000]) {
      expect(Math.abs(rowAt(shape, scrollFor(shape, row)) - row)).toBeLessThan(1e-6 * shape.rows);
    }
  });
});

test('a row is shown by moving as little as possible', () => {
  const shape = { rows: 100, rowHeight: 20, height: 100 };
  expect(topToShow(shape, 10, 12)).toBe(10);
  expect(topToShow(shape, 10, 3)).toBe(3);
  expect(topToShow(shape, 10, 20)).toBe(16);
});
