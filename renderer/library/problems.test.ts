import { expect, test } from 'vitest';
import type { ImportCounts } from '../../core/contract/index.ts';
import { differences, listed } from './differences.ts';
import { byReason, listText } from './problems.ts';

const counts: ImportCounts = {
  format: 'ftrace',
  lines: 9000,
  events: 3,
  typed: 1,
  generic: 1,
  raw: 1,
  skipped: 2,
  warnings: [
    { line: 4, reason: 'cut short' },
    { line: 9, reason: 'clock went back' },
    { line: 12, reason: 'clock went back' },
  ],
  warningsTotal: 5000,
};

test('the most frequent reason comes first', () => {
  expect(byReason(counts.warnings).map(({ count }) => count)).toEqual([2, 1]);
});

test('a saved list says that it is not whole', () => {
  const text = listText('x', counts);
  expect(text).toContain('5000 warnings');
  expect(text).toContain('The first 3 warnings:');
  expect(text.split('\n').filter((line) => line.startsWith('line '))).toHaveLength(3);
});

test('scenarios differ in fields, however deep, and in those that only one has', () => {
  const a = { strategy: 'x', net: { mtu: 1, gso: true }, list: [1, 2] };
  const b = { strategy: 'y', net: { mtu: 2, gso: true }, list: [1, 2], seed: 3 };
  expect(differences(a, a)).toEqual([]);
  expect(differences(a, b)).toEqual(['strategy', 'net.mtu', 'seed']);
  expect(differences(null, a, 'p')).toEqual(['p']);
});

test('a long list is cut and says so', () => {
  expect(listed([])).toBe('');
  expect(listed(['a', 'b'])).toBe('a and b');
  expect(listed(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
});
