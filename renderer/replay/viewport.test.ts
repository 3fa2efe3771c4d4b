import { describe, expect, test } from 'vitest';
import { MIN_SPAN_TICKS, around, clamp, pan, reveal, spanOf, wholeOf, zoomAt } from './viewport.ts';

const bounds = { first: 0, last: 1_000_000 };

describe('zoom', () => {
  test('keeps the tick under the pointer where it is', () => {
    const view = { from: 200_000, to: 400_000 };
    const anchor = 250_000;
    const zoomed = zoomAt(view, 0.5, anchor, bounds);
    expect(spanOf(zoomed)).toBeCloseTo(100_000);
    expect((anchor - zoomed.from) / spanOf(zoomed)).toBeCloseTo(0.25);
  });
  test('stops at the shortest span and at the whole trace', () => {
    const view = { from: 500, to: 700 };
    expect(spanOf(zoomAt(view, 1e-9, 600, bounds))).toBeCloseTo(MIN_SPAN_TICKS);
    expect(zoomAt(view, 1e9, 600, bounds)).toEqual(wholeOf(bounds));
  });
});

describe('pan', () => {
  test('stops at the ends and keeps its length', () => {
    const view = { from: 0, to: 1000 };
    expect(pan(view, -1e9, bounds).from).toBe(wholeOf(bounds).from);
    expect(spanOf(pan(view, 1e9, bounds))).toBeCloseTo(1000);
  });
});

test('an item that is seen does not move the view, one outside comes into it', () => {
  const view = { from: 0, to: 1000 };
  expect(reveal(view, 500, 10, bounds)).toBe(view);
  const moved = reveal(view, 5000, 10, bounds);
  expect(moved.from).toBeLessThan(5000);
  expect(moved.to).toBeGreaterThan(5010);
});

test('a range around an instant has a sensible length', () => {
  expect(spanOf(around(500_000, 0, bounds))).toBe(MIN_SPAN_TICKS * 10);
});

test('a trace of one instant can be shown', () => {
  const view = clamp({ from: 0, to: 0 }, { first: 0, last: 0 });
  expect(spanOf(view)).toBeGreaterThan(0);
});
