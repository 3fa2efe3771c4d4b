import { expect, it } from 'vitest';
import type { CsvGuess, CsvMapping } from '../../core/contract/index.ts';
import { samples, problemOf, RECORDED_KINDS, withField, withKind, withNames } from './mapping.ts';

const mapping: CsvMapping = {
  delimiter: ',',
  header: true,
  timeUnit: 'ns',
  columns: { a: 'time', b: 'detail', c: 'detail' },
  kinds: { x: 'generic' },
};

it('a mapping without time and name cannot be used', () => {
  expect(problemOf(mapping)).toBe('');
  expect(problemOf(withField(mapping, 'a', 'ignore'))).toContain('time');
  expect(problemOf(withField(mapping, 'a', 'name'))).toBe('');
});

it('only one column is the time; any number are details', () => {
  expect(withField(mapping, 'b', 'time').columns).toEqual({ a: 'detail', b: 'time', c: 'detail' });
  expect(withField(mapping, 'a', 'detail').columns).toEqual({
    a: 'detail',
    b: 'detail',
    c: 'detail',
  });
});

it('names get kinds of recorded events, and rows are shown without their titles', () => {
  expect(withKind(mapping, 'x', 'iommu.map').kinds).toEqual({ x: 'iommu.map' });
  expect(RECORDED_KINDS).toContain('request.issue');
  expect(RECORDED_KINDS).not.toContain('raw');
  expect(RECORDED_KINDS).not.toContain('GNTTABOP_copy');
  const rows = [
    ['a', 'b', 'c'],
    ['1', '2', '3'],
  ];
  const guess: CsvGuess = { mapping, titles: ['a', 'b', 'c'], rows };
  expect(samples(guess)[0]).toEqual(['1', '2', '3']);
  expect(withNames(withField(mapping, 'b', 'name'), guess).kinds).toEqual({ '2': 'generic' });
  expect(withNames(mapping, guess).kinds).toEqual({});
  expect(samples({ ...guess, mapping: { ...mapping, header: false } })[0]).toEqual(['a', 'b', 'c']);
});

it('titles that are numbers stay where they are', () => {
  const guess: CsvGuess = {
    mapping: { ...mapping, columns: { '7': 'time', '3': 'name' } },
    titles: ['7', '3'],
    rows: [
      ['7', '3'],
      ['1.5', 'read'],
    ],
  };
  expect(withNames(guess.mapping, guess).kinds).toEqual({ read: 'generic' });
});
