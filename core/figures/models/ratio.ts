/** Values over those of a baseline strategy: what is cheaper, and by how much, whatever the scale. */
import { axisOf, restAxes, type ResultRow } from '../chart/grouping.ts';
import type { BarRatio } from '../chart/model.ts';
import type { ChartRow } from '../chart/rows.ts';
import { badChart } from '../chart/spec.ts';
import { estimate, meanOf, type Estimate } from '../chart/statistics.ts';
import type { Metric } from '../metrics.ts';
import { baselineOf } from './heat.ts';

interface Values {
  readonly rows: readonly ResultRow[];
  /** Axes that tell the values apart. */
  readonly keys: readonly string[];
  /** Runs of each value, by series and category. */
  readonly cells: readonly (readonly (readonly ChartRow[])[])[];
  readonly metric: Metric;
}

/**
 * @param baseline a strategy, or `shipped` for what the machine of each value ships with
 * @throws LabError BAD_CHART when no value has a baseline
 */
export function ratioTo(baseline: string, { rows, keys, cells, metric }: Values): BarRatio {
  const axes = [...keys, ...restAxes(rows, keys)].filter((axis) => axis !== 'strategy');
  const keyOf = (row: ChartRow) => JSON.stringify(axes.map((axis) => axisOf(row, axis)));
  const peers = Map.groupBy(rows, keyOf);
  const values = cells.map((bars) =>
    bars.map((runs) => {
      const [first] = runs;
      if (first === undefined) return null;
      const among = peers.get(keyOf(first)) ?? [];
      const strategy = baselineOf(among, baseline);
      const base = among.filter((row) => axisOf(row, 'strategy') === strategy);
      return ratioOf(runs as readonly ResultRow[], base, metric);
    }),
  );
  if (values.flat().every((each) => each === null)) {
    const there = [...new Set(rows.map((row) => String(axisOf(row, 'strategy'))))];
    throw badChart(
      `no run of ${baseline === 'shipped' ? 'what the machines ship with' : baseline} stands beside another`,
      'baseline',
      `use one of ${there.join(', ')}, or leave "ratio" out`,
    );
  }
  const over = baseline === 'shipped' ? 'what ships' : baseline;
  return { over, better: metric.better, values };
}

/** Seed by seed where both have the same seeds, since their runs are alike in all else. */
function ratioOf(
  runs: readonly ResultRow[],
  base: readonly ResultRow[],
  metric: Metric,
): Estimate | null {
  const valueOf = (row: ResultRow) => metric.value(row.result);
  const bySeed = new Map(base.map((row) => [row.result.seed, valueOf(row)]));
  const ratios = runs.flatMap((row) => {
    const [own, under] = [valueOf(row), bySeed.get(row.result.seed) ?? null];
    return own === null || under === null || under === 0 ? [] : [own / under];
  });
  if (ratios.length > 0) return estimate(ratios);
  const numbers = (rows: readonly ResultRow[]) => rows.flatMap((row) => valueOf(row) ?? []);
  const [own, under] = [numbers(runs), numbers(base)];
  if (own.length === 0 || under.length === 0 || meanOf(under) === 0) return null;
  return { value: meanOf(own) / meanOf(under), low: null, high: null, n: own.length };
}
