/** Curves: latency by percentile, memory over guests, counters over time. */
import {
  axisOf,
  grouped,
  restAxes,
  varyingAxes,
  withResult,
  type ResultRow,
  type Series,
} from '../chart/grouping.ts';
import type { CurvePoint, CurveRatio, CurvesModel } from '../chart/model.ts';
import type { ChartRow } from '../chart/rows.ts';
import { badChart, type ChartSpec } from '../chart/spec.ts';
import { estimate } from '../chart/statistics.ts';
import type { Metric } from '../metrics.ts';
import { NBSP, significant } from '../numbers.ts';
import { axisName, axisUnit, leftOut, list, RECORDED, requireRows, type Made } from './common.ts';
import { ratioTo } from './ratio.ts';

export const runsOf = (series: Series) => [...series.cells.values()].flat();
export const splitOf = (rows: readonly ChartRow[], spec: ChartSpec) =>
  spec.split ?? varyingAxes(rows)[0] ?? null;

/** One request in so many is slower. */
const PERCENTILES = [
  { label: 'p50', key: 'p50', at: 2 },
  { label: 'p90', key: 'p90', at: 10 },
  { label: 'p99', key: 'p99', at: 100 },
  { label: 'p99.9', key: 'p999', at: 1000 },
] as const;

/** Latency at p50 to p99.9; with several seeds the mean of each percentile and its interval. */
export function percentileCurves(rows: readonly ChartRow[], spec: ChartSpec): Made {
  const found = withResult(rows);
  requireRows(found.rows, 'a result');
  const { series } = grouped(found.rows, null, splitOf(found.rows, spec));
  const drawn: CurvesModel = {
    shape: 'curves',
    series: series.map((each) => ({
      name: each.name,
      look: each.look,
      hypothetical: each.hypothetical,
      points: PERCENTILES.flatMap(({ key, at }) => {
        const values = (runsOf(each) as ResultRow[]).map((row) => row.result.latencyNs[key] / 1000);
        return pointAt(at, values);
      }),
    })),
    stepped: false,
    markers: true,
    x: {
      name: 'percentile of requests',
      unit: '',
      scale: 'log10',
      ticks: PERCENTILES.map(({ label, at }) => ({ at, label })),
    },
    y: { name: 'Latency', unit: 'µs', scale: spec.scale === 'linear' ? 'linear' : 'log10' },
    marks: [],
  };
  return {
    drawn,
    sentence: tailSentence(drawn),
    notes: leftOut(found.without, RECORDED),
  };
}

/** An estimate as a point. */
export function pointAt(x: number, values: readonly number[]): CurvePoint[] {
  const found = estimate(values);
  if (found === null) return [];
  return [{ x, y: found.value, low: found.low, high: found.high, n: found.n }];
}

function tailSentence({ series }: CurvesModel): string {
  const tails = series.map(({ name, points }) => {
    const at = (where: number) => significant(points.find(({ x }) => x === where)?.y ?? NaN);
    return `${name} ${at(2)}${NBSP}µs at p50 and ${at(1000)}${NBSP}µs at p99.9`;
  });
  const shown = tails.slice(0, 4);
  const more = tails.length - shown.length;
  return `Latency: ${shown.join('; ')}${more > 0 ? `; ${more} more` : ''}.`;
}

/** A metric over a number, as memory over guests. */
export function metricCurves(rows: readonly ChartRow[], spec: ChartSpec, metric: Metric): Made {
  const group = spec.group ?? 'guests';
  const found = withResult(rows);
  requireRows(found.rows, 'a result');
  const { drawn } = curvesOver(found.rows, spec, group, metric);
  const last = drawn.series.flatMap(({ name, points }) => {
    const end = points.at(-1);
    return end === undefined ? [] : [{ name, ...end }];
  });
  const at = Math.max(...last.map(({ x }) => x));
  const told = last
    .filter(({ x }) => x === at)
    .sort((a, b) => a.y - b.y)
    .map(({ name, y }) => `${significant(y)}${NBSP}${metric.unit} with ${name}`);
  return {
    drawn,
    sentence: `${metric.name} at ${at} ${axisUnit(group) || group}: ${list(told)}.`,
    notes: leftOut(found.without, RECORDED),
  };
}

/** Curves of a metric along a numeric axis, and the series that they are of. */
export function curvesOver(
  rows: readonly ResultRow[],
  spec: ChartSpec,
  group: string,
  metric: Metric,
): { readonly drawn: CurvesModel; readonly series: readonly Series[] } {
  const numeric = rows.every((row) => typeof axisOf(row, group) === 'number');
  if (!numeric || new Set(rows.map((row) => axisOf(row, group))).size < 2) {
    throw badChart(
      `the runs do not differ in ${group} by numbers`,
      'group',
      'name an axis that the runs were varied over, as payloadBytes',
    );
  }
  const split = spec.split ?? restAxes(rows, [group])[0] ?? null;
  const { series } = grouped(rows, group, split);
  const bytes = /bytes$/i.test(group);
  return {
    series,
    drawn: {
      shape: 'curves',
      series: series.map((each) => ({
        name: each.name,
        look: each.look,
        hypothetical: each.hypothetical,
        points: [...each.cells]
          .map(([x, runs]) => ({ x: Number(x), runs: runs as readonly ResultRow[] }))
          .sort((a, b) => a.x - b.x)
          .flatMap(({ x, runs }) =>
            pointAt(
              x,
              runs.flatMap((row) => metric.value(row.result) ?? []),
            ),
          ),
      })),
      stepped: false,
      markers: true,
      x: {
        name: axisName(group),
        unit: axisUnit(group),
        scale: bytes ? 'log2' : 'linear',
        ticks: null,
      },
      y: { name: metric.name, unit: metric.unit, scale: spec.scale === 'log' ? 'log10' : 'linear' },
      marks: [],
      ...(spec.ratio
        ? {
            ratio: curveRatio(
              spec.baseline,
              rows,
              series,
              split === null ? [group] : [group, split],
              metric,
            ),
          }
        : {}),
    },
  };
}

function curveRatio(
  baseline: string,
  rows: readonly ResultRow[],
  series: readonly Series[],
  keys: readonly string[],
  metric: Metric,
): CurveRatio {
  const cells = series.map((each) => [...each.cells]);
  const runs = cells.map((each) => each.map(([, some]) => some));
  const { over, values } = ratioTo(baseline, { rows, keys, cells: runs, metric });
  const points = cells.map((each, set) =>
    each
      .flatMap(([x], index) => {
        const found = values[set]?.[index];
        if (found == null) return [];
        return [{ x: Number(x), y: found.value, low: found.low, high: found.high, n: found.n }];
      })
      .sort((a, b) => a.x - b.x),
  );
  return { over, points };
}

/** Names of the counters that there are. */
export const counterNames = (rows: readonly ChartRow[]): string[] => [
  ...new Set(rows.flatMap(({ detail }) => (detail?.counters ?? []).map(({ name }) => name))),
];

/** A counter over the time of the run; the band is between least and most where samples are dense. */
export function counterCurves(rows: readonly ChartRow[], spec: ChartSpec): Made {
  const names = counterNames(rows);
  requireRows(names, 'counters, which only traces and scenarios tell');
  const wanted = spec.metric ?? names[0];
  const found = rows.filter(({ detail }) => detail?.counters.some(({ name }) => name === wanted));
  if (found.length === 0) {
    throw badChart(
      `no run has a counter called ${JSON.stringify(wanted)}`,
      'metric',
      `use one of ${names.join('; ')}`,
    );
  }
  const { series } = grouped(found, null, splitOf(found, spec));
  const curves = series.flatMap((each) => runsOf(each).map((row, index) => ({ each, row, index })));
  const counterOf = (row: ChartRow) => row.detail?.counters.find(({ name }) => name === wanted);
  const most = Math.max(...found.map((row) => counterOf(row)?.ns.at(-1) ?? 0));
  const [unit, size] =
    most >= 1e9
      ? (['s', 1e9] as const)
      : most >= 1e6
        ? (['ms', 1e6] as const)
        : (['µs', 1e3] as const);
  const drawn: CurvesModel = {
    shape: 'curves',
    series: curves.map(({ each, row, index }) => {
      const counter = counterOf(row);
      return {
        name: index === 0 ? each.name : `${each.name}, ${row.name}`,
        look: each.look,
        hypothetical: each.hypothetical,
        points: (counter?.ns ?? []).map((ns, i) => {
          const low = counter?.min[i] ?? null;
          const high = counter?.max[i] ?? null;
          const wide = low !== high;
          return {
            x: ns / size,
            y: counter?.last[i] ?? 0,
            low: wide ? low : null,
            high: wide ? high : null,
            n: 1,
          };
        }),
      };
    }),
    stepped: true,
    markers: false,
    x: { name: 'time since the start', unit, scale: 'linear', ticks: null },
    y: {
      name: wanted ?? '',
      unit: counterOf(found[0] as ChartRow)?.unit ?? '',
      scale: spec.scale === 'log' ? 'log10' : 'linear',
    },
    marks: [],
  };
  const peaks = drawn.series.map(({ name, points }) => {
    const peak = Math.max(...points.map(({ y, high }) => high ?? y));
    return `${significant(peak)} with ${name}`;
  });
  return {
    drawn,
    sentence: `Most ${wanted ?? ''} at a time: ${list(peaks)}.`,
    notes: leftOut(rows.length - found.length, 'they have no such counter'),
  };
}
