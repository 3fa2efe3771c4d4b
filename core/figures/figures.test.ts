import { describe, expect, test } from 'vitest';
import type { RunResult } from '../contract/result.ts';
import { cpuBarsConfig, cpuBarsOf, cpuBarsSentence } from './cpu-bars.ts';
import { exposureScatterOf, exposureSentence } from './exposure-scatter.ts';
import {
  heatColours,
  heatOf,
  heatOfRank,
  luminance,
  mix,
  parseHex,
  shareColours,
  shareOf,
} from './heat.ts';
import { matrixOf } from './matrix.ts';
import { cellText, columnDigits, exposurePerGib, metricOf } from './metrics.ts';
import {
  MINUS,
  NBSP,
  THIN,
  bytes,
  clock,
  duration,
  fixed,
  short,
  signedPercent,
  significant,
} from './numbers.ts';
import { STRATEGY_STYLES, strategyStyle } from './strategies.ts';
import type { FigureTheme } from './theme.ts';

const result = (fields: Partial<RunResult>): RunResult =>
  ({
    strategy: 'grant-map',
    hypervisor: 'xen-pv-dom0',
    soc: 'xeon-2020',
    pair: 'native',
    requests: 1024,
    payloadBytes: 1024 * 1024,
    cpuNsPerRequest: { frontend: 1000, backend: 3000 },
    cpuNsPerByte: { frontend: 0.25, backend: 0.75 },
    exposure: {},
    hazards: {},
    latencyNs: { p50: 1, p90: 1, p99: 1, p999: 1, max: 1 },
    ...fields,
  }) as RunResult;
const reach = (held: number) => ({
  heldByteSeconds: held,
  obtainableByteSeconds: 0,
  standingBytes: 0,
  granuleByteSeconds: 0,
  staleByteSeconds: 0,
});

describe('numbers', () => {
  test('groups of three, a true minus, units after a space', () => {
    expect(fixed(1_482_306)).toBe(`1${THIN}482${THIN}306`);
    expect(fixed(-0.349, 2)).toBe(`${MINUS}0.35`);
    expect(fixed(-0.001, 2)).toBe('0.00');
    expect(bytes(45_056)).toBe(`44${NBSP}KiB`);
    expect(signedPercent(-0.39)).toBe(`${MINUS}39${NBSP}%`);
  });
  test('durations take the unit in which they are at least one', () => {
    expect(duration(2_706_000)).toBe(`2.71${NBSP}µs`);
    expect(duration(950_000)).toBe(`950${NBSP}ns`);
    expect(duration(0)).toBe(`0${NBSP}ns`);
    expect(duration(1.204e12, 4)).toBe(`1.204${NBSP}s`);
  });
  test('a time keeps every digit the trace has, in the unit of the run', () => {
    expect(clock(21_874_431_208, 48.21e9, 1)).toEqual({
      text: `21.874${THIN}431${THIN}208`,
      unit: 'ms',
    });
    expect(clock(402_123_456_000, 2.5e12, 1000)).toEqual({
      text: `0.402${THIN}123${THIN}456`,
      unit: 's',
    });
  });
  test('significant figures never use an exponent', () => {
    expect(significant(0.000012345)).toBe('0.0000123');
    expect(significant(1042)).toBe(`1${THIN}042`);
    expect([10, 1000, 1_250_000, 311].map(short)).toEqual([
      '10',
      `1${NBSP}k`,
      `1.3${NBSP}M`,
      '311',
    ]);
  });
});

test('every strategy has a look that no other one has', () => {
  const looks = Object.values(STRATEGY_STYLES).map((style) => JSON.stringify(style));
  expect(new Set(looks).size).toBe(22);
  expect(strategyStyle('toString')).toBeUndefined();
});

describe('heat', () => {
  test('short and long hex colours are the same', () => {
    expect(parseHex('#fff')).toEqual([255, 255, 255]);
    expect(mix('#fff', '#000000', 0.5)).toBe('#808080');
  });
  test('a third less is better, far more is worse, and both end at one', () => {
    expect(heatOf(1, 1, 'lower')).toBe(0);
    expect(heatOf(0.5, 1, 'lower')).toBe(-1);
    expect(heatOf(1.2, 1, 'lower')).toBeCloseTo(0.49, 2);
    expect(heatOf(2, 1, 'higher')).toBe(-1);
    expect(heatOf(0, 1, 'lower')).toBe(-1);
    expect(heatOf(1, 0, 'lower')).toBe(1);
  });
  test('the first and the last are at the ends, the baseline is in the middle', () => {
    const at = (rank: number, baseline = 3) => heatOfRank({ rank, of: 5, baseline });
    expect([1, 2, 3, 4, 5].map((rank) => at(rank))).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(at(1, 1)).toBe(0);
    expect(at(6, 5)).toBe(1);
  });
  test('a value lies between the best and the worst, by steps that are ratios', () => {
    expect(shareOf(2, 1, 4)).toBe(0.5);
    expect(shareOf(2, 4, 1)).toBe(0.5);
    expect(shareOf(5, 0, 10)).toBe(0.5);
    expect(shareOf(3, 3, 3)).toBe(0);
  });
  test.each([
    ['dark', '#2a313a', ['#1c6a62', '#5ccdb9'], ['#7a4a22', '#eba45c']],
    ['light', '#eef1f4', ['#bfe3dc', '#0b7a68'], ['#f0dcc2', '#9a5a12']],
  ] as const)('the ink can be read on every fill in %s', (_, neutral, better, worse) => {
    const colours = { neutral, better, worse, inkOnLight: '#000000', inkOnDark: '#ffffff' };
    for (let heat = -1; heat <= 1; heat += 0.05) {
      for (const { fill, ink } of [
        heatColours(heat, colours),
        shareColours(Math.abs(heat), colours),
      ]) {
        const [a, b] = [luminance(fill), luminance(ink)].sort((x, y) => y - x);
        expect(((a ?? 0) + 0.05) / ((b ?? 0) + 0.05)).toBeGreaterThan(4.5);
      }
    }
  });
});

describe('matrix', () => {
  const results = [
    result({}),
    result({ strategy: 'grant-copy', cpuNsPerByte: { backend: 0.5 }, hazards: { H3: 4 } as never }),
    result({ strategy: 'swiotlb-bounce', cpuNsPerByte: { backend: 0.8 } }),
    result({ strategy: 'grant-light', cpuNsPerByte: { backend: 0.1 }, pair: 'hypothetical' }),
  ];
  const runs = results.map((each) => ({
    ...each,
    variant: '',
    status: each.pair,
    reason: '',
    result: each,
  }));
  const matrix = matrixOf(runs, metricOf('cpu-per-byte'), 'shipped', 'mediated');
  const cell = (strategy: string) => matrix.rows.find((row) => row.strategy === strategy)?.cells[0];
  test('the shipped default is the baseline of its column', () => {
    expect(cell('grant-map')).toMatchObject({ isBaseline: true, heat: 0 });
    expect(cell('grant-copy')?.heat).toBe(-1);
  });
  test('ranks are of the native, and a hypothetical one has the place that it would have', () => {
    expect(cell('grant-copy')).toMatchObject({ rank: 1, rankHeat: -1 });
    expect(cell('grant-map')).toMatchObject({ rank: 3, rankHeat: 0 });
    expect(cell('grant-light')).toMatchObject({ rank: 1, share: 0 });
    expect(matrix.range?.[0]).toBe(0.1);
  });
  test('the cheapest is native, and the cheapest without a leak is marked beside it', () => {
    expect(cell('grant-copy')).toMatchObject({ best: true, bestSafe: false });
    expect(cell('swiotlb-bounce')).toMatchObject({ best: false, bestSafe: true });
    expect(cell('grant-light')?.best).toBe(false);
  });
  test('workloads are columns of their own, variants rows of their own', () => {
    const [first] = runs;
    const more = [...runs, { ...first, workload: 'net-rx' }, { ...first, variant: 'seed 2' }];
    const wide = matrixOf(more as typeof runs, metricOf('cpu-per-byte'), 'shipped', 'mediated');
    expect(wide.columns.map(({ workload }) => workload)).toEqual([first?.workload, 'net-rx']);
    const row = wide.rows.find(({ key }) => key === 'grant-map, seed 2');
    expect(row?.cells.map((each) => each?.run.variant)).toEqual(['seed 2', undefined]);
  });
  test('a native result that another beats in cost and exposure is dominated by name', () => {
    expect(cell('grant-map')?.dominatedBy).toBe('grant-copy');
    expect(cell('grant-copy')?.dominatedBy).toBe('');
    expect(cell('grant-light')?.dominatedBy).toBeNull();
  });
});

describe('metrics', () => {
  test('exposure counts everyone but the owner and the hypervisor', () => {
    const exposure = { frontend: reach(9e9), hypervisor: reach(9e9), backend: reach(2048) };
    expect(exposurePerGib(result({ exposure }))).toBe(2);
  });
  test('decimals of a column suit its middle, and a small value does not become zero', () => {
    expect(columnDigits([0.53, 0.68, 2.06])).toBe(3);
    expect(columnDigits([1200, 900])).toBe(0);
    expect(cellText(0.0004, 2)).toBe('0.00040');
  });
});

describe('charts', () => {
  const theme = new Proxy(
    {},
    { get: () => new Proxy({}, { get: () => '#000000' }) },
  ) as FigureTheme;
  test('bars start with the cheapest and stack only actors that work', () => {
    const model = cpuBarsOf([
      result({}),
      result({ strategy: 'grant-copy', cpuNsPerRequest: { backend: 2000 } }),
    ]);
    expect(model.labels).toEqual(['grant-copy', 'grant-map']);
    expect(model.series.map((each) => each.actor)).toEqual(['frontend', 'backend']);
    expect(model.totals).toEqual([2, 4]);
    expect(cpuBarsConfig(model, theme).data.datasets).toHaveLength(2);
  });
  test('the answer names the cheapest and by how much', () => {
    const text = cpuBarsSentence(
      [result({}), result({ strategy: 'grant-copy', cpuNsPerRequest: { backend: 2000 } })],
      'xeon-2020',
    );
    expect(text).toContain('grant-copy is cheapest on xeon-2020');
    expect(text).toContain(`grant-map takes +100${NBSP}%`);
  });
  test('a point that is beaten on both axes is not on the front', () => {
    const model = exposureScatterOf([
      result({ exposure: { backend: reach(1e6) } }),
      result({ strategy: 'grant-copy', cpuNsPerByte: { backend: 2 } }),
      result({ strategy: 'argo', cpuNsPerByte: { backend: 3 }, exposure: { backend: reach(2e6) } }),
    ]);
    expect(model.points.map((point) => point.front)).toEqual([true, true, false]);
    expect(model.zeroAt).toBeGreaterThan(0);
    expect(exposureSentence(model, 'x')).toContain('grant-copy and grant-map');
  });
});
