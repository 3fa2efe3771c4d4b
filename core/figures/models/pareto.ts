/** What a strategy gives away against what it gets: exposure, and the front that nobody native beats. */
import { axisOf, grouped, varyingAxes, withResult, type ResultRow } from '../chart/grouping.ts';
import type { ScatterModel } from '../chart/model.ts';
import type { ChartRow } from '../chart/rows.ts';
import type { ChartSpec } from '../chart/spec.ts';
import { meanOf } from '../chart/statistics.ts';
import { exposurePerGib, type Metric } from '../metrics.ts';
import { inSentence, leftOut, list, requireRows, type Made } from './common.ts';

/** What must be equal for one run to beat another. */
const SAME = [
  'hypervisor',
  'soc',
  'workload',
  'topology',
  'payloadBytes',
  'guests',
  'arrival.kind',
  'arrival.perSecond',
];

export function paretoScatter(rows: readonly ChartRow[], spec: ChartSpec, metric: Metric): Made {
  const having = withResult(rows).rows.filter(
    ({ result }) => exposurePerGib(result) !== null && metric.value(result) !== null,
  );
  requireRows(having, 'exposure and throughput');
  const { series } = grouped(having, null, spec.split ?? varyingAxes(having)[0] ?? null);
  const raw = series.map(({ name, look, hypothetical, cells }) => {
    const runs = [...cells.values()].flat() as ResultRow[];
    return {
      name,
      look,
      hypothetical,
      x: meanOf(runs.map(({ result }) => exposurePerGib(result) ?? 0)),
      y: meanOf(runs.map(({ result }) => metric.value(result) ?? 0)),
      n: runs.length,
      among: JSON.stringify(SAME.map((axis) => axisOf(runs[0] as ChartRow, axis))),
    };
  });
  type Raw = (typeof raw)[number];
  const sign = metric.better === 'lower' ? 1 : -1;
  const beats = (a: Raw, b: Raw) =>
    a.among === b.among &&
    !a.hypothetical &&
    a.x <= b.x &&
    sign * a.y <= sign * b.y &&
    (a.x < b.x || a.y !== b.y);
  const points = raw.map((point) => ({
    ...point,
    front: !point.hypothetical && !raw.some((other) => beats(other, point)),
  }));
  const positive = points.map(({ x }) => x).filter((x) => x > 0);
  const least = positive.length === 0 ? 1 : Math.min(...positive);
  const drawn: ScatterModel = {
    shape: 'scatter',
    points: points.map(({ among: _, ...point }) => point),
    x: { name: 'exposure beyond need', unit: 'KiB·s per GiB moved' },
    y: {
      name: metric.name,
      unit: metric.unit,
      better: metric.better,
      scale: spec.scale === 'log' ? 'log10' : 'linear',
    },
    zeroAt: positive.length === points.length ? null : 10 ** (Math.floor(Math.log10(least)) - 1),
  };
  const front = points.filter((point) => point.front).map(({ name }) => name);
  const what =
    metric.better === 'lower'
      ? `lower ${inSentence(metric.name)}`
      : `higher ${inSentence(metric.name)}`;
  return {
    drawn,
    sentence:
      front.length === 0
        ? 'There is no native run among these.'
        : `Nothing native has both ${what} and less exposure than ${list(front)}.`,
    notes: leftOut(rows.length - having.length, 'recorded, or nothing was moved'),
  };
}
