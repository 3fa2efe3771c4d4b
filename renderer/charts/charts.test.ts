import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../core/figures/strategies.ts';
import { CATEGORIES } from '../../core/contract/kinds.ts';
import { THEMES } from '../../core/figures/drawing/themes.ts';
import { SAMPLE_ROWS, spec } from '../../core/figures/testing.ts';
import { parseRoute, formatRoute } from '../app/route.ts';
import { chartInside } from './dropped.ts';
import { chartOf, chartRoute, compact } from './link.ts';
import { csvOf } from '../../core/figures/chart/csv.ts';
import { chartModel } from '../../core/figures/models/index.ts';
import { chartSvg } from '../../core/figures/svg/chart-svg.ts';
import { filtersOf, metricsFor, usualMetric, withValue } from './options.ts';

describe('a chart’s address', () => {
  it('brings back the whole chart, and says only what is not usual', () => {
    const asked = spec({
      chart: 'crossover',
      where: { strategy: ['grant-map', 'grant-copy'] },
      annotations: [{ axis: 'x', at: 1500, label: 'my MTU & “more”' }],
      heightMm: 90,
    });
    const { query } = parseRoute(formatRoute(chartRoute(asked)));
    expect(chartOf(query)).toEqual(asked);
    expect(Object.keys(compact(asked))).toEqual([
      'chart',
      'source',
      'where',
      'annotations',
      'heightMm',
    ]);
  });
  it('that was cut off or tampered with is an error, and none is none', () => {
    expect(chartOf({})).toBeNull();
    expect(() => chartOf({ spec: '{"chart":"ba' })).toThrow('a chart is a JSON object');
    expect(() => chartOf({ spec: '{"chart":"pie"}' })).toThrow('unknown chart');
  });
});

describe('a figure that is dropped', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const model = chartModel(spec({ chart: 'memory', title: '“Memory” & <guests>' }), SAMPLE_ROWS);
  it('brings its chart back', () => {
    const svg = chartSvg(model, { measure: (text) => text.length * 6 });
    expect(chartInside(bytes(svg), 'a.svg')).toEqual(model.spec);
    expect(chartInside(bytes(csvOf(model)), 'a.csv')).toEqual(model.spec);
    expect(chartInside(bytes(JSON.stringify(compact(model.spec))), 'a.json')).toEqual(model.spec);
  });
  it('is told apart from any other file', () => {
    for (const text of ['', '<svg></svg>', '{"chart": 1}', '\x89PNG\r\n\x1a\n\xff\xff', 'null']) {
      expect(() => chartInside(bytes(text), 'x')).toThrow();
    }
  });
});

describe('choices', () => {
  it('are those that the runs have', () => {
    expect(metricsFor('batches', SAMPLE_ROWS).map(({ id }) => id)).toEqual([
      'packets per NIC poll',
    ]);
    expect(metricsFor('cdf', SAMPLE_ROWS)).toEqual([]);
    expect(usualMetric('series', SAMPLE_ROWS)).toBe('Transmit ring');
    expect(metricsFor('stacked', SAMPLE_ROWS)[0]?.id).toBe(usualMetric('stacked', SAMPLE_ROWS));
  });
  it('take values away one by one, never the last', () => {
    const filter = (where: Parameters<typeof filtersOf>[1]) => {
      const [first] = filtersOf(SAMPLE_ROWS, where);
      if (first === undefined) throw new Error('strategies differ');
      return first;
    };
    const two = withValue({}, filter({}), 'grant-map', false);
    expect(two).toEqual({ strategy: ['grant-copy', 'grant-persistent'] });
    const one = withValue(two, filter(two), 'grant-copy', false);
    expect(withValue(one, filter(one), 'grant-persistent', false)).toBe(one);
    expect(withValue(two, filter(two), 'grant-map', true)).toEqual({});
  });
});

describe('colours of files', () => {
  const css = readFileSync(path.join(import.meta.dirname, '../tokens/tokens.css'), 'utf8');
  const [, dark = '', light = ''] = css.split(
    /:root\[data-theme='dark'\]|:root\[data-theme='light'\]/,
  );
  it.each([
    ['dark', dark],
    ['light', light],
  ] as const)('are those of the window in %s', (name, text) => {
    const token = (key: string) => new RegExp(`--${key}: (#[0-9a-f]{6});`).exec(text)?.[1];
    const { figure, heat, accent } = THEMES[name];
    expect([figure.surface, figure.ink, figure.ink2, figure.ink3]).toEqual(
      ['bg1', 'tx1', 'tx2', 'tx3'].map(token),
    );
    expect([figure.grid, figure.rule, figure.tooltip, accent]).toEqual(
      ['grid', 'line2', 'bg3', 'acc'].map(token),
    );
    for (const { id } of FAMILIES) {
      expect([figure.family[id], figure.familyInk[id]]).toEqual([
        token(`s-${id}`),
        token(`st-${id}`),
      ]);
    }
    for (const each of CATEGORIES) {
      const key = each === 'hazard' ? 'haz' : each === 'other' ? 'c-stack' : `c-${each}`;
      expect(figure.category[each]).toBe(token(key));
    }
    const heats = [heat.neutral, ...heat.better, ...heat.worse];
    const keys = ['neutral', 'better-0', 'better-1', 'worse-0', 'worse-1'];
    expect(heats).toEqual(keys.map((key) => token(`heat-${key}`)));
  });
});
