import { describe, expect, it } from 'vitest';
import { LabError } from '../../contract/errors.ts';
import { perByte, result, row, SAMPLE_ROWS, spec } from '../testing.ts';
import { figureOf, THEMES } from '../drawing/index.ts';
import { chartModel } from '../models/index.ts';
import { csvOf } from './csv.ts';
import { sizeText, varyingAxes } from './grouping.ts';
import type { BarsModel, CurvesModel, HeatModel, ScatterModel } from './model.ts';
import { readoutsOf } from './readout.ts';
import { chartJsonSchema, parseChartSpec } from './spec.ts';
import { estimate } from './statistics.ts';

function errorOf(work: () => unknown): LabError['data'] {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof LabError) return thrown.data;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}
const traces = { kind: 'traces', traces: ['a.mctrace'] };

describe('a description', () => {
  it.each([
    [[], 'c.json: (whole document)', 'write {...}'],
    [{ source: traces }, 'c.json: chart', 'chart'],
    [{ chart: 'pie', source: traces }, 'c.json: chart', 'bars, stacked'],
    [{ chart: 'bars' }, 'c.json: source', 'source'],
    [{ chart: 'bars', source: { kind: 'web' } }, 'c.json: source.kind', 'traces, sweep'],
    [{ chart: 'bars', source: { kind: 'traces', traces: [] } }, 'c.json: source.traces', 'schema'],
    [{ chart: 'bars', source: traces, grupo: 'soc' }, 'c.json: grupo', 'did you mean group?'],
    [{ chart: 'bars', source: traces, size: 'huge' }, 'c.json: size', 'single, double, screen'],
    [{ chart: 'bars', source: traces, textPt: 90 }, 'c.json: textPt', 'schema'],
    [
      { chart: 'bars', source: { kind: 'scenarios', scenarios: [{ strategy: 'grant-mop' }] } },
      'c.json: source.scenarios.0.strategy',
      'grant-map',
    ],
  ])('that is wrong is told so where: %j', (document, where, remedy) => {
    const found = errorOf(() => parseChartSpec(document, 'c.json'));
    expect(found.where).toBe(where);
    expect(`${found.what} ${found.remedy}`).toContain(remedy);
  });

  it('has a default for everything but what and whence', () => {
    const parsed = parseChartSpec({ chart: 'heat', source: traces });
    expect(parsed).toMatchObject({
      size: 'double',
      theme: 'light',
      baseline: 'shipped',
      where: {},
    });
  });

  it('has a published schema', () => {
    expect(JSON.stringify(chartJsonSchema())).toContain('"crossover"');
  });
});

describe('an estimate', () => {
  it('has no interval of one or two values', () => {
    expect(estimate([])).toBeNull();
    expect(estimate([1, 3])).toEqual({ value: 2, low: null, high: null, n: 2 });
  });
  it('is the mean, and its interval is the same each time and in any order', () => {
    const found = estimate([1, 2, 3, 4, 10]);
    expect(found?.value).toBe(4);
    expect(found?.low).toBeGreaterThan(1);
    expect(found?.high).toBeLessThan(10);
    expect(found?.low).toBeLessThan(4);
    expect(found?.high).toBeGreaterThan(4);
    expect(estimate([10, 4, 3, 2, 1])).toEqual(found);
  });
});

describe('bars', () => {
  const bars = (fields: object, rows = SAMPLE_ROWS) =>
    chartModel(spec({ chart: 'bars', ...fields }), rows);
  const drawn = (fields: object, rows = SAMPLE_ROWS) => bars(fields, rows).drawn as BarsModel;

  it('average seeds and nothing else', () => {
    const { categories, series } = drawn({ group: 'payloadBytes', split: 'strategy' });
    expect(categories.map(({ name }) => name)).toEqual([
      '64\u00a0B',
      '1\u00a0KiB',
      '4\u00a0KiB',
      '64\u00a0KiB',
    ]);
    expect(series.map(({ name }) => name)).toEqual(['grant-map', 'grant-copy', 'grant-persistent']);
    expect(series[0]?.values[0]?.value).toBeCloseTo(8.02, 10);
    expect(series[0]?.values[0]?.n).toBe(3);
  });

  it('make a series of whatever else differs', () => {
    const { series } = drawn({ group: 'strategy', where: { payloadBytes: [64, 1024] } });
    expect(series.map(({ name }) => name)).toEqual(['64\u00a0B', '1\u00a0KiB']);
    const both = drawn({
      group: 'seed',
      where: { payloadBytes: [64, 1024], strategy: 'grant-map' },
    });
    expect(both.series.every(({ values }) => values.every((each) => each?.n === 1))).toBe(true);
  });

  it('count the same run once, even when it comes in two files', () => {
    const [first] = SAMPLE_ROWS;
    if (first === undefined) throw new Error('there are rows');
    expect(drawn({ group: 'strategy' }, [first, first]).series[0]?.values[0]?.n).toBe(1);
  });

  it('never let a hypothetical pair win', () => {
    const rows = [
      row({ strategy: 'grant-map', ...perByte(2) }),
      row({ strategy: 'grant-light', pair: 'hypothetical', ...perByte(1) }),
    ];
    expect(bars({}, rows).sentence).toBe('CPU time per byte with grant-map is 2.00\u00a0ns/B.');
    expect(bars({}, rows).table.rows.map((cells) => cells.at(-1))).toEqual([
      'native',
      'hypothetical',
    ]);
  });

  it.each([
    [{ metric: 'speed' }, 'metric', 'cpu-per-byte'],
    [{ group: 'colour' }, 'group', 'strategy'],
    [{ split: 'colour' }, 'split', 'strategy'],
    [{ where: { colour: 1 } }, 'where', 'payloadBytes'],
    [{ where: { strategy: 'argo' } }, 'where', 'values that the runs have'],
  ])('refuse %j', (fields, where, remedy) => {
    const found = errorOf(() => bars(fields));
    expect(found).toMatchObject({ code: 'BAD_CHART', where });
    expect(found.remedy).toContain(remedy);
  });

  it('do not rank across topologies', () => {
    const rows = [row(), row({ topology: 'native' })];
    expect(errorOf(() => bars({}, rows)).remedy).toContain('"topology": "mediated"');
  });

  it('leave out recorded traces, and say so', () => {
    const recorded = { ...row(), result: null, origin: 'recorded' as const };
    const model = bars({}, [row(), recorded]);
    expect(model.notes[0]).toContain('1 run is left out');
    expect(model.provenance.origin).toBe('simulated and recorded');
  });
});

describe('a stack', () => {
  it('is of actors, or of components where traces tell them', () => {
    const actors = chartModel(spec({ chart: 'stacked' }), [row()]).drawn as BarsModel;
    expect(actors.series.map(({ name, values }) => [name, values[0]?.value])).toEqual([
      ['frontend', 1.024],
      ['backend', 2.048],
    ]);
    const parts = chartModel(spec({ chart: 'stacked', by: 'component' }), SAMPLE_ROWS.slice(0, 1));
    expect((parts.drawn as BarsModel).series.map(({ name }) => name)).toEqual([
      'hypercall',
      'copy',
      'stack',
    ]);
    const found = errorOf(() => chartModel(spec({ chart: 'stacked', by: 'component' }), [row()]));
    expect(found.what).toContain('components');
  });
});

describe('latency', () => {
  it('is told by percentile to p99.9', () => {
    const { table } = chartModel(spec({ chart: 'percentiles' }), [row()]);
    expect(table.rows.map((cells) => cells.slice(1, 3))).toEqual([
      ['p50', 10],
      ['p90', 20],
      ['p99', 40],
      ['p99.9', 80],
    ]);
  });
  it('is a distribution of single requests, pooled over seeds', () => {
    const rows = SAMPLE_ROWS.slice(0, 2);
    const { drawn, sentence } = chartModel(spec({ chart: 'cdf' }), rows);
    const [series] = (drawn as CurvesModel).series;
    expect(series?.points.at(-1)).toMatchObject({ x: 8, y: 100 });
    expect(sentence).toContain('1.00\u00a0µs for grant-map');
    expect(errorOf(() => chartModel(spec({ chart: 'cdf' }), [row()])).what).toContain('requests');
  });
});

describe('a crossover', () => {
  const at = (sizes: readonly (readonly [number, number, number])[], more = {}) =>
    chartModel(
      spec({ chart: 'crossover', ...more }),
      sizes.flatMap(([payloadBytes, map, copy]) => [
        row({ strategy: 'grant-map', payloadBytes, ...perByte(map) }),
        row({ strategy: 'grant-copy', payloadBytes, ...perByte(copy) }),
      ]),
    );
  it('is found between the sizes where the leader changes, with both sides’ exposure', () => {
    const { sentence, drawn } = at([
      [1024, 4, 2],
      [4096, 2, 4],
    ]);
    expect(sentence).toContain(
      'grant-map takes over from grant-copy at about 2\u00a0KiB (1\u00a0KiB to 4\u00a0KiB)',
    );
    expect(sentence).toContain('KiB·s per GiB moved with H3');
    expect((drawn as CurvesModel).marks[0]).toMatchObject({ at: 1024, to: 4096 });
  });
  it('is never, or undecided, and says so', () => {
    const never = at([
      [1024, 4, 2],
      [4096, 4, 2],
    ]);
    expect(never.sentence).toContain('Never: grant-copy has the lowest CPU time per byte');
    const tie = at([
      [1024, 2, 2.01],
      [4096, 2, 1.99],
    ]);
    expect(tie.sentence).toContain('Undecided');
  });
  it('does not see a tie as a crossing', () => {
    const { sentence } = at([
      [64, 4, 2],
      [1024, 2, 1.99],
      [4096, 4, 2],
    ]);
    expect(sentence).toContain('Never');
  });
  it('widens to where all seeds agree', () => {
    const seeds = (seed: number, values: readonly number[]) =>
      [64, 256, 1024, 4096].flatMap((payloadBytes, i) => [
        row({ strategy: 'grant-map', payloadBytes, seed, ...perByte(values[i] as number) }),
        row({ strategy: 'grant-copy', payloadBytes, seed, ...perByte(3) }),
      ]);
    const rows = [...seeds(1, [6, 5, 2, 1]), ...seeds(2, [6, 2.9, 2, 1])];
    const { drawn } = chartModel(spec({ chart: 'crossover' }), rows);
    expect((drawn as CurvesModel).marks[0]).toMatchObject({ at: 64, to: 1024 });
  });
  it('needs sizes', () => {
    expect(errorOf(() => at([[1024, 4, 2]])).where).toBe('group');
  });
});

describe('a heat map', () => {
  it('compares each column with what its machine ships with', () => {
    const rows = (['xen-arm-dom0', 'kvm-vhost'] as const).flatMap((hypervisor, h) => [
      row({ strategy: 'grant-map', hypervisor, ...perByte(2 + h) }),
      row({ strategy: 'map-all-memory', hypervisor, ...perByte(4 + h) }),
    ]);
    const { cells, columns } = chartModel(spec({ chart: 'heat', group: 'hypervisor' }), rows)
      .drawn as HeatModel;
    expect(columns.map(({ name }) => name)).toEqual(['xen-arm-dom0', 'kvm-vhost']);
    expect(cells.map((each) => each.map(({ ratio }) => ratio))).toEqual([
      [1, 0.6],
      [2, 1],
    ]);
    expect(cells[0]?.every(({ best }) => best)).toBe(true);
  });

  it('tells no range where there is nothing but the baseline', () => {
    const alone = [row({ strategy: 'grant-map', ...perByte(2) })];
    const both = [...alone, row({ strategy: 'grant-copy', ...perByte(3) })];
    const heat = spec({ chart: 'heat', group: 'soc', baseline: 'grant-map' });
    expect(chartModel(heat, alone).sentence).not.toContain('range');
    expect(chartModel(heat, both).sentence).toMatch(/range from 1\.00× to 1\.50×\.$/);
  });
});

describe('a Pareto front', () => {
  it('holds what no native run beats in both, and compares within one machine', () => {
    const point = (strategy: string, gbps: number, held: number, more = {}) =>
      row({
        strategy,
        throughputGbps: gbps,
        exposure: { backend: { ...result().exposure.backend, heldByteSeconds: held } } as never,
        ...more,
      });
    const { drawn } = chartModel(spec({ chart: 'pareto' }), [
      point('grant-map', 4, 10),
      point('grant-copy', 3, 0),
      point('grant-persistent', 3, 20),
      point('map-all-memory', 9, 0, { pair: 'hypothetical' }),
      point('argo', 1, 50, { soc: 'cortex-a53' }),
    ]);
    const front = (drawn as ScatterModel).points.filter((each) => each.front);
    expect(front.map(({ name }) => name.split(',')[0])).toEqual([
      'grant-map',
      'grant-copy',
      'argo',
    ]);
  });
});

describe('memory, batches, waits and counters', () => {
  it('tell their numbers', () => {
    const memory = chartModel(spec({ chart: 'memory' }), SAMPLE_ROWS).drawn as CurvesModel;
    expect(memory.series[0]?.points.map(({ x, y }) => [x, y])).toEqual([
      [1, 4],
      [2, 8],
      [4, 12],
      [8, 16],
    ]);
    const batches = chartModel(spec({ chart: 'batches' }), [row()]);
    expect((batches.drawn as BarsModel).series[0]?.values.map((each) => each?.value)).toEqual([
      25, 75,
    ]);
    expect(batches.sentence).toContain('3.25 for grant-map');
    const waits = chartModel(spec({ chart: 'waits' }), [row()]);
    expect(waits.sentence).toContain('maptrack with grant-map: 0.250\u00a0µs');
    const series = chartModel(spec({ chart: 'series' }), SAMPLE_ROWS.slice(0, 1));
    expect(series.sentence).toContain('Transmit ring');
    expect(series.sentence).toContain('5.00 with grant-map');
  });
  it('name what there is when asked for something else', () => {
    const ask = (chart: string) =>
      errorOf(() => chartModel(spec({ chart, metric: 'nothing' }), SAMPLE_ROWS)).remedy;
    expect(ask('batches')).toContain('packets per NIC poll');
    expect(ask('series')).toContain('Transmit ring');
  });
});

describe('CSV', () => {
  it('holds every number of the table with every digit, and what it rests on', () => {
    const model = chartModel(
      spec({ chart: 'bars', group: 'payloadBytes', split: 'strategy' }),
      SAMPLE_ROWS,
    );
    const lines = csvOf(model).split('\r\n');
    const body = lines.filter((line) => !line.startsWith('#') && line !== '');
    expect(body).toHaveLength(model.table.rows.length + 1);
    expect(body[1]).toBe(
      model.table.rows[0]?.map((cell) => (cell === null ? '' : String(cell))).join(','),
    );
    expect(lines).toContain('# origin: simulated');
    expect(lines).toContain('# seeds: 1 2 3');
    const chart = lines.find((line) => line.startsWith('# chart: '))?.slice('# chart: '.length);
    expect(parseChartSpec(JSON.parse(chart ?? ''))).toEqual(model.spec);
  });
  it('does not let a name become a formula', () => {
    const model = chartModel(spec({ chart: 'bars', group: 'run' }), [
      { ...row(), name: '=HYPERLINK("x")' },
    ]);
    expect(csvOf(model)).toContain(`"'=HYPERLINK(""x"")"`);
  });
});

describe('axes', () => {
  it('are those that differ, seeds aside, strategy first', () => {
    expect(varyingAxes(SAMPLE_ROWS)).toEqual(['strategy', 'payloadBytes', 'guests']);
  });
});

describe('small multiples', () => {
  it.each([
    [{ panels: 'colour' }, 'no axis "colour"'],
    [{ panels: 'soc', where: { soc: 'none' } }, 'no run is left'],
  ])('that cannot be drawn are refused: %j', (fields, what) => {
    expect(
      errorOf(() => chartModel(spec({ chart: 'bars', ...fields }), SAMPLE_ROWS)).what,
    ).toContain(what);
  });

  it('are the same chart for each value, in the order of the values', () => {
    const rows = SAMPLE_ROWS;
    const made = chartModel(
      spec({ chart: 'bars', group: 'strategy', panels: 'payloadBytes' }),
      rows,
    );
    if (made.drawn.shape !== 'panels') throw new Error('no panels');
    const { panels } = made.drawn;
    expect(panels.map(({ name }) => name)).toEqual([64, 1024, 4096, 65_536].map(sizeText));
    const one = chartModel(
      spec({ chart: 'bars', group: 'strategy', where: { payloadBytes: 4096 } }),
      rows,
    );
    expect(panels[2]?.drawn).toEqual(one.drawn);
    expect(made.sentence).toContain(`${sizeText(64)}: CPU time per byte is lowest`);
    // Every number once, with the panel that it stands in.
    expect(made.table.columns[0]?.name).toBe('payload');
    expect(made.table.rows).toHaveLength(12);
  });

  it('leave out what has no such chart, and say so', () => {
    const recorded = {
      ...row(),
      axes: { soc: 'my-board' },
      result: null,
      origin: 'recorded' as const,
    };
    const made = chartModel(spec({ chart: 'bars', panels: 'soc' }), [row(), recorded]);
    if (made.drawn.shape !== 'panels') throw new Error('no panels');
    expect(made.drawn.panels.map(({ name }) => name)).toEqual(['cortex-a72']);
    expect(made.notes.join(' ')).toContain('Without my-board: no run has a result.');
  });

  it('keep the look of a series from one to the next', () => {
    const rows = ['b', 'a'].flatMap((guest, i) =>
      ['x', 'y', 'z']
        .slice(i)
        .flatMap((mode) => [
          row({ ...perByte(1), fingerprint: `${guest}${mode}` }, { guest, mode }),
        ]),
    );
    const made = chartModel(
      spec({ chart: 'bars', group: 'soc', split: 'mode', panels: 'guest' }),
      rows,
    );
    if (made.drawn.shape !== 'panels') throw new Error('no panels');
    const looks = made.drawn.panels.map(({ drawn }) =>
      drawn.shape === 'bars'
        ? drawn.series.map(({ name, look }) => `${name} ${JSON.stringify(look)}`)
        : [],
    );
    const shared = looks[0]?.filter((each) => looks[1]?.includes(each)) ?? [];
    expect(shared).toHaveLength(2);
  });
});

describe('a ratio to a baseline', () => {
  const bars = (fields: object, rows = SAMPLE_ROWS) => {
    const { drawn } = chartModel(spec({ chart: 'bars', ratio: true, ...fields }), rows);
    if (drawn.shape !== 'bars' || drawn.ratio === null) throw new Error('no ratio');
    return drawn.ratio;
  };

  it('is refused where there is none', () => {
    const wrong = (fields: object) =>
      errorOf(() => chartModel(spec({ chart: 'bars', ratio: true, ...fields }), SAMPLE_ROWS));
    expect(wrong({ baseline: 'argo' })).toMatchObject({ where: 'baseline' });
    expect(wrong({ baseline: 'argo' }).remedy).toContain('grant-copy');
    expect(wrong({ chart: 'heat' }).what).toBe('heat has no ratio');
  });

  it('is that of the same bar but for the strategy, seed by seed', () => {
    // CPU time of grant-map and grant-copy at 64 B: 8 and 5 ns and a hundredth for each seed.
    const { values } = bars({ group: 'payloadBytes', split: 'strategy', baseline: 'grant-copy' });
    const expected = [1, 2, 3].map((seed) => (8 + seed / 100) / (5 + seed / 100));
    const mean = expected.reduce((sum, each) => sum + each, 0) / 3;
    expect(values[0]?.[0]?.value).toBeCloseTo(mean, 12);
    expect(values[0]?.[0]?.low).toBeLessThan(mean);
    expect(values[1]?.map((each) => each?.value)).toEqual([1, 1, 1, 1]);
    // The other way round the groups are strategies, and each panel has its own baseline.
    const turned = bars({ group: 'strategy', split: 'payloadBytes', baseline: 'grant-copy' });
    expect(turned.values[0]?.[0]?.value).toBeCloseTo(mean, 12);
  });

  it('is that of each point of a curve, in table, words and figure as well', () => {
    const fields = { chart: 'crossover', group: 'payloadBytes', split: 'strategy', ratio: true };
    const model = chartModel(spec({ ...fields, baseline: 'grant-copy' }), SAMPLE_ROWS);
    const { drawn, table } = model;
    if (drawn.shape !== 'curves' || drawn.ratio === undefined) throw new Error('no ratio');
    const expected = [1, 2, 3].map((seed) => (8 + seed / 100) / (5 + seed / 100));
    const [first] = drawn.ratio.points[0] ?? [];
    expect(first?.y).toBeCloseTo(expected.reduce((sum, each) => sum + each, 0) / 3, 12);
    expect(drawn.ratio.points[1]?.map(({ y }) => y)).toEqual([1, 1, 1, 1]);
    const column = table.columns.findIndex(({ name }) => name === 'over grant-copy');
    expect(table.rows[0]?.[column]).toBe(first?.y);
    expect(readoutsOf(model)[0]?.text).toMatch(/× of grant-copy$/);
    const canvas = { theme: THEMES.light, width: 600, height: 400, text: 11, file: true };
    const { parts } = figureOf(model, canvas);
    expect(parts.map(({ panel }) => panel)).toEqual([0, null]);
    const scales = parts[1]?.drawing.config.options?.scales;
    expect(scales?.['y']).toMatchObject({ type: 'linear' });
    expect(scales?.['y']?.min).toBeGreaterThan(0);
    const plain = chartModel(spec({ ...fields, ratio: false }), SAMPLE_ROWS);
    expect(figureOf(plain, canvas).parts).toHaveLength(1);
  });

  it('is what the machine of each bar ships with unless told otherwise', () => {
    const rows = [
      row({ soc: 'cortex-a72', ...perByte(2) }),
      row({ soc: 'cortex-a72', strategy: 'grant-copy', ...perByte(3), fingerprint: 'c' }),
    ];
    const { over, values } = bars({ group: 'strategy' }, rows);
    expect(over).toBe('what ships');
    const ratios = values.flat().map((each) => each?.value);
    expect(ratios).toContain(1);
    expect(ratios).toHaveLength(2);
  });
});
