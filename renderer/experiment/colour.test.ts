import { describe, expect, test } from 'vitest';
import type { MatrixCell } from '../../core/figures/matrix.ts';
import { metricOf } from '../../core/figures/metrics.ts';
import type { RunResult } from '../../core/contract/index.ts';
import { colourOf, heatIn, legendOf } from './colour.ts';

const metric = metricOf('cpu-per-byte');
const column = (value: number | null) => ({
  key: '',
  hypervisor: '',
  soc: '',
  workload: '',
  baseline: value === null ? null : { row: 'grant-map', value },
});

test('what is no way to colour is the ratio', () => {
  expect(colourOf(undefined)).toBe('ratio');
  expect(colourOf('toString')).toBe('ratio');
  expect(colourOf('rank')).toBe('rank');
});

describe('the legend', () => {
  test('is none before there is a result, or where nothing has a baseline', () => {
    expect(legendOf('value', { columns: [column(1)], range: null }, metric)).toBeNull();
    expect(legendOf('ratio', { columns: [column(null)], range: [1, 2] }, metric)).toBeNull();
  });
  test('names both ends, the better first, and the columns that have no colour', () => {
    const table = { columns: [column(1), column(null)], range: [0.61, 2.36] } as const;
    const legend = legendOf('ratio', table, metric);
    expect(legend).toMatchObject({ low: '0.69×', missing: true });
    expect(legendOf('ratio', table, metricOf('throughput'))?.low).toBe('1.45×');
    expect(legendOf('value', table, metric)?.high).toMatch(/^2\.36.ns\/B, worst/);
    expect(legendOf('rank', table, metric)?.high).toMatch(/baseline/);
  });
});

test('the baseline is in the middle of both scales that are about it', () => {
  const cell = { heat: 0.4, rankHeat: -1, share: 0.2, isBaseline: true };
  const at = (colour: 'ratio' | 'rank' | 'value') =>
    heatIn(colour, cell as unknown as MatrixCell<RunResult>);
  expect([at('ratio'), at('rank'), at('value')]).toEqual([0, 0, 0.2]);
});
