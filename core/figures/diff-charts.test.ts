import { describe, expect, it } from 'vitest';
import { change } from '../diff/change.ts';
import type { TraceDiff } from '../contract/diff.ts';
import { parseChartSpec } from './chart/spec.ts';
import { chartsOfDiff, rowsOfDiff, type DiffChart } from './diff-charts.ts';
import { chartModel } from './models/index.ts';
import { nines } from './numbers.ts';
import { SAMPLE_ROWS, spec } from './testing.ts';

/** Only what is drawn: 40 requests in A, 1000 in B. */
const DIFF = {
  a: { kind: 'simulated' },
  b: { kind: 'imported' },
  latency: {
    completed: change(40, 1000),
    percentilesNs: {
      min: change(100, 100),
      p50: change(150, 150),
      p90: change(190, 190),
      p99: change(199, 198),
      p999: change(199, 199),
      max: change(199, 199),
    },
    histogram: [
      { fromNs: 100, toNs: 150, a: 0.5, b: 0.5 },
      { fromNs: 150, toNs: 200, a: 0.5, b: 0.5 },
    ],
  },
  components: {
    actors: {
      backend: {
        ownNs: change(1000, 2000),
        sharedNs: change(500, 0),
        totalNs: change(1500, 2000),
      },
      vmm: { ownNs: change(0, 0), sharedNs: change(0, 0), totalNs: change(0, 0) },
    },
    waitingNs: change(3000, 1000),
    latencyNs: change(4500, 3000),
    intervalsNs: { a: { latency: [4000, 5000], backend: [1400, 1600] }, b: null },
  },
  strip: {
    each: 1,
    first: [1, 2],
    atNs: [0, 10],
    meanNs: [-1000, 500],
    leastNs: [-1000, 500],
    mostNs: [-1000, 500],
    largest: [1, 2],
  },
} as unknown as TraceDiff;

const NAMES = ['A grant-map', 'B grant-copy'] as const;
function drawn(which: DiffChart, diff = DIFF, names: readonly [string, string] = NAMES) {
  const spec = parseChartSpec(chartsOfDiff(['a.mctrace', 'b.mctrace'], names)[which]);
  const sides = names.map((name, i) => ({
    name,
    strategy: i === 0 ? 'grant-map' : 'grant-copy',
    result: null,
  }));
  return chartModel(spec, rowsOfDiff(diff, sides as [(typeof sides)[0], (typeof sides)[0]]));
}
const curvesOf = (which: DiffChart) => {
  const model = drawn(which);
  if (model.drawn.shape !== 'curves') throw new Error('no curves');
  return model.drawn;
};

describe('the charts of a diff', () => {
  it('are refused where a trace has no requests', () => {
    const none = { ...DIFF, latency: null, components: null, strip: null };
    for (const which of ['tail', 'cdf', 'payers', 'changes'] as const) {
      expect(() => drawn(which, none)).toThrow('no run has');
    }
  });

  it('mark no percentile that the requests cannot carry', () => {
    const [a, b] = curvesOf('tail').series;
    const marks = [a, b].map((each) => each?.points.filter(({ marked }) => marked !== false));
    expect(marks.map((list) => list?.length)).toEqual([2, 4]);
    expect(marks[0]?.map(({ x }) => x)).toEqual([0.15, 0.19]);
    // From the fastest at nothing to the slowest, which all others beat.
    expect(a?.points[0]).toMatchObject({ x: 0.1, y: 0 });
    expect(a?.points.at(-1)).toMatchObject({ x: 0.199, y: nines(1 - 1 / 40) });
  });

  it('say shares, not nines, in their table', () => {
    const { table } = drawn('tail');
    expect(table.columns[2]).toEqual({ name: 'Requests that are no slower', unit: '%' });
    expect(
      table.rows.some((row) => row[0] === 'A grant-map' && Math.abs(Number(row[2]) - 90) < 1e-9),
    ).toBe(true);
  });

  it('divide the mean among those who pay, with intervals where there are', () => {
    const model = drawn('payers');
    if (model.drawn.shape !== 'bars') throw new Error('no bars');
    const { series, totals, categories } = model.drawn;
    expect(categories.map(({ name }) => name)).toEqual(NAMES);
    expect(series.map(({ name }) => name)).toEqual(['backend', 'waiting']);
    expect(totals?.map((each) => each?.value)).toEqual([4.5, 3]);
    expect(series[0]?.values[0]).toMatchObject({ low: 1.4, high: 1.6 });
    expect(totals?.[1]?.low).toBeNull();
    expect(model.sentence).toContain('waiting changes most, 2.00\u00a0µs shorter');
    expect(model.notes.join(' ')).toContain('batch means');
  });

  it('show each change in the order of the requests, A being what they are against', () => {
    const { series } = curvesOf('changes');
    expect(series.map(({ name }) => name)).toEqual(['B grant-copy']);
    expect(series[0]?.points.map(({ x, y }) => [x, y])).toEqual([
      [1, -1],
      [2, 0.5],
    ]);
    expect(drawn('changes').sentence).toContain('against A grant-map');
  });

  it('of many name the shortest and the longest, wherever they stand', () => {
    const rows = SAMPLE_ROWS.filter(
      ({ axes }) => axes['payloadBytes'] === 64 && axes['seed'] === 1,
    );
    const asked = spec({ chart: 'payers', group: 'strategy' });
    const { sentence } = chartModel(asked, rows.toReversed());
    expect(sentence).toContain('A request of grant-persistent takes 2.00\u00a0µs longer');
    expect(sentence).toContain('than one of grant-map; backend differs most');
  });
});
