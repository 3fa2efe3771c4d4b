import { expect, test } from 'vitest';
import { marksOf, roundStep } from './ruler.ts';

test('steps are 1, 2 or 5 times a power of ten', () => {
  expect([0.7, 1, 1.2, 3, 5.5, 12, 99].map(roundStep)).toEqual([1, 1, 2, 5, 10, 20, 100]);
});

test('the first mark is absolute and the next ones count from the last landmark', () => {
  const marks = marksOf(21_847e6, 21_893e6, 840, 1);
  expect(marks[0]?.label).toBe('21\u2009850\u00a0µs');
  expect(marks[1]?.label).toBe('+5\u00a0µs');
  expect(marks.map((mark) => mark.tick / 1e6)).toEqual(
    Array.from({ length: marks.length }, (_, index) => 21_850 + index * 5),
  );
});

test('marks keep their distance', () => {
  for (const span of [150, 1e4, 3.3e7, 8.8e11]) {
    const marks = marksOf(0, span, 1000, 1);
    const first = marks[0];
    const second = marks[1];
    if (first === undefined || second === undefined) continue;
    expect(((second.tick - first.tick) / span) * 1000).toBeGreaterThanOrEqual(88);
  }
});
