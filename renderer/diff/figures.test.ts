import { expect, test } from 'vitest';
import type { LatencyDiff } from '../../core/contract/diff.ts';
import { latencyCurvesOf, nines } from '../../core/figures/latency-curves.ts';
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
    count: by === null ? null : changeOf(10, 10 + by),
    time: null,
    bytes: null,
    significance: null,
  });
  const rows = [row('none', null), row('same', 0), row('less', -5), row('more', 3)];
  expect(sortRows(rows, 'count').map(({ name }) => name)).toEqual(['less', 'more', 'same', 'none']);
});

test('a percentile that the requests cannot carry is not drawn', () => {
  const each = (a: number, b: number) => changeOf(a, b);
  const latency: LatencyDiff = {
    completed: each(40, 1000),
    meanNs: each(150, 150),
    percentilesNs: {
      min: each(100, 100),
      p50: each(150, 150),
      p90: each(190, 190),
      p99: each(199, 198),
      p999: each(199, 199),
      max: each(199, 199),
    },
    histogram: [
      { fromNs: 100, toNs: 150, a: 0.5, b: 0.5 },
      { fromNs: 150, toNs: 200, a: 0.5, b: 0.5 },
    ],
    test: { test: null, reason: 'all values are equal' },
    paired: null,
  };
  const { marks, curves, top } = latencyCurvesOf(latency);
  expect(marks.map((list) => list.length)).toEqual([2, 4]);
  // From the fastest at nothing to the slowest, which all others beat.
  expect(curves[0].at(0)).toEqual({ x: 0.1, y: 0 });
  expect(curves[0].at(-1)).toEqual({ x: 0.199, y: nines(1 - 1 / 40) });
  expect(curves[0].every(({ y }, i, all) => i === 0 || y >= (all[i - 1]?.y ?? 0))).toBe(true);
  expect(top).toBeGreaterThan(3);
});
