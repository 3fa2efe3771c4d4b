import { expect, it } from 'vitest';
import { firstWhere } from './first-where.ts';

it('is the end where nothing holds, or where nothing is', () => {
  expect(firstWhere(3, 9, () => false)).toBe(9);
  expect(firstWhere(5, 5, () => true)).toBe(5);
});

it('is the first of those that hold, also beyond 2^32', () => {
  for (const base of [0, 7, 2 ** 40]) {
    for (let first = base; first <= base + 9; first++) {
      expect(firstWhere(base, base + 9, (at) => at >= first)).toBe(first);
    }
  }
});
