import { expect, test } from 'vitest';
import { NBSP } from '../../core/figures/numbers.ts';
import {
  certainty,
  changeOf,
  figure,
  isCertain,
  relativeText,
  senseOf,
  signedFigure,
  sortRows,
  sumOf,
  type ChangeRow,
} from './figures.ts';

test('what a trace cannot say is neither nothing nor a change', () => {
  const unknown = changeOf(null, 4);
  expect([figure(null, 'ns'), signedFigure(unknown.change, 'ns'), relativeText(unknown)]).toEqual([
    '–',
    '–',
    '',
  ]);
  expect(senseOf(unknown)).toBe('unknown');
  expect(sumOf([changeOf(1, 2), unknown])).toEqual({ a: null, b: 6, change: null, relative: null });
});

test('a change has a sign, and is judged by its direction', () => {
  const more = changeOf(1000, 1500);
  expect(signedFigure(more.change, 'ns')).toBe(`+500${NBSP}ns`);
  expect(relativeText(more)).toBe(`+50${NBSP}%`);
  expect([senseOf(more), senseOf(more, 'higher')]).toEqual(['worse', 'better']);
  expect(relativeText(changeOf(0, 3))).toBe('new');
  expect([signedFigure(0, 'ns'), senseOf(changeOf(3, 3))]).toEqual(['0', 'same']);
});

test('a test that was not made says why', () => {
  const none = { test: null, reason: 'one side has fewer than 8 values' } as const;
  expect(certainty(none).title).toContain('fewer than 8');
  expect(isCertain(none)).toBe(false);
});

test('rows are sorted by how much changed, those without the figure last', () => {
  const row = (name: string, by: number | null): ChangeRow => ({
    id: name,
    name,
    category: null,
    kind: null,
    goal: null,
    count: by === null ? null : changeOf(10, 10 + by),
    time: null,
    bytes: null,
    significance: null,
  });
  const rows = [row('none', null), row('same', 0), row('less', -5), row('more', 3)];
  expect(sortRows(rows, 'count').map(({ name }) => name)).toEqual(['less', 'more', 'same', 'none']);
});
