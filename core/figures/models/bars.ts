/** Bars: one number for each run, or CPU time in its parts. */
import { ACTOR_IDS } from '../../contract/ids.ts';
import { CATEGORIES } from '../../contract/kinds.ts';
import { ofActor } from '../../contract/result.ts';
import {
  axisOf,
  grouped,
  restAxes,
  valueText,
  varyingAxes,
  withResult,
  type ResultRow,
} from '../chart/grouping.ts';
import type { BarsModel, Look } from '../chart/model.ts';
import type { AxisValue, ChartRow } from '../chart/rows.ts';
import { badChart, type ChartSpec } from '../chart/spec.ts';
import { estimate, type Estimate } from '../chart/statistics.ts';
import type { Metric } from '../metrics.ts';
import { NBSP, significant } from '../numbers.ts';
import { ratioTo } from './ratio.ts';
import {
  axisName,
  isHypothetical,
  leftOut,
  lookOfValue,
  RECORDED,
  requireRows,
  type Made,
} from './common.ts';

/** More series than this are no legend any more. */
const SERIES_MAX = 12;

const categoryName = (group: string, value: AxisValue): string =>
  group === 'strategy' || group === 'run' ? String(value) : valueText(group, value);

/** One number for each run. */
export function metricBars(rows: readonly ChartRow[], spec: ChartSpec, metric: Metric): Made {
  const found = withResult(rows);
  requireRows(found.rows, 'a result');
  const group = spec.group ?? varyingAxes(found.rows)[0] ?? 'strategy';
  const split = spec.split ?? nextAxis(found.rows, group);
  const { values, series } = grouped(found.rows, group, split);
  const number = (runs: readonly ChartRow[]) =>
    estimate(runs.flatMap((row) => metric.value((row as ResultRow).result) ?? []));
  const drawn: BarsModel = {
    shape: 'bars',
    categories: values.map((value, index) => {
      const runs = series.flatMap((each) => each.cells.get(value) ?? []);
      return {
        name: categoryName(group, value),
        value,
        look: lookOfValue(group, value, runs, index),
        hypothetical: isHypothetical(runs),
      };
    }),
    series: series.map(({ name, look, hypothetical, cells }) => ({
      name,
      look,
      hypothetical,
      values: values.map((value) => number(cells.get(value) ?? [])),
    })),
    stacked: false,
    totals: null,
    horizontal: values.some((value) => typeof value !== 'number'),
    byCategory: series.length === 1,
    x: { name: axisName(group), unit: '' },
    y: { name: metric.name, unit: metric.unit },
    scale: spec.scale === 'log' ? 'log10' : 'linear',
    ratio: spec.ratio
      ? ratioTo(spec.baseline, {
          rows: found.rows,
          keys: split === null ? [group] : [group, split],
          cells: series.map(({ cells }) => values.map((value) => cells.get(value) ?? [])),
          metric,
        })
      : null,
  };
  return {
    drawn,
    sentence: bestSentence(drawn, metric),
    notes: leftOut(found.without, RECORDED),
  };
}

/** The axis that tells most of what the group does not; null when there is none. */
function nextAxis(rows: readonly ChartRow[], group: string): string | null {
  const few = (axis: string) => new Set(rows.map((row) => axisOf(row, axis))).size <= SERIES_MAX;
  return restAxes(rows, [group]).find(few) ?? null;
}

/** Least and greatest of native bars. */
function bestSentence({ categories, series }: BarsModel, metric: Metric): string {
  const bars = series.flatMap((each) =>
    each.values.flatMap((value, index) => {
      const category = categories[index];
      if (value === null || category === undefined) return [];
      if (category.hypothetical || each.hypothetical) return [];
      const name = series.length === 1 ? category.name : `${each.name} at ${category.name}`;
      return [{ ...value, name }];
    }),
  );
  const sign = metric.better === 'lower' ? 1 : -1;
  bars.sort((a, b) => sign * (a.value - b.value));
  const [best] = bars;
  const last = bars.at(-1);
  if (best === undefined || last === undefined) return 'No native run has this number.';
  if (bars.length === 1) return `${metric.name} with ${best.name} is ${said(best, metric.unit)}.`;
  const end = metric.better === 'lower' ? 'lowest' : 'highest';
  return `${metric.name} is ${end} with ${best.name}: ${said(best, metric.unit)}; ${last.name} has ${said(last, metric.unit)}.`;
}

/** A number with its interval, where it has one. */
function said({ value, low, high }: Estimate, unit: string): string {
  const interval =
    low === null || high === null || low === high
      ? ''
      : ` (${significant(low)} to ${significant(high)})`;
  return `${significant(value)}${NBSP}${unit}${interval}`;
}

export interface Part {
  readonly name: string;
  readonly look: Look;
  /** Of one request or of one byte, in the unit of the chart. */
  readonly of: (row: ChartRow) => number;
  /** How sure a single run is of it, where its requests tell. */
  readonly interval?: (row: ChartRow) => readonly [low: number, high: number] | null;
}

function actorParts(perByte: boolean): Part[] {
  return ACTOR_IDS.map((actor) => ({
    name: actor,
    look: { kind: 'actor', actor },
    of: ({ result }) => {
      if (result === null) return 0;
      return perByte
        ? ofActor(result.cpuNsPerByte, actor)
        : ofActor(result.cpuNsPerRequest, actor) / 1000;
    },
  }));
}

function componentParts(perByte: boolean): Part[] {
  return CATEGORIES.map((category) => ({
    name: category,
    look: { kind: 'category', category },
    of: ({ detail, axes }) => {
      const ns = detail?.components?.[category] ?? 0;
      return perByte ? ns / Number(axes['payloadBytes']) : ns / 1000;
    },
  }));
}

/** CPU time of one request, by actor from results or by category of event from traces. */
export function stackedBars(rows: readonly ChartRow[], spec: ChartSpec): Made {
  const byActor = spec.by === 'actor';
  const found = rows.filter(({ result, detail }) =>
    byActor ? result !== null : detail?.components != null,
  );
  requireRows(found, byActor ? 'a result' : 'components, which only traces and scenarios tell');
  const perByte = spec.metric === 'cpu-per-byte';
  if (spec.metric !== null && !perByte && spec.metric !== 'cpu-per-request') {
    throw badChart(
      `a stack is of CPU time, not of ${spec.metric}`,
      'metric',
      'use cpu-per-request or cpu-per-byte',
    );
  }
  const parts = byActor ? actorParts(perByte) : componentParts(perByte);
  const y = perByte
    ? { name: 'CPU time per byte', unit: 'ns/B' }
    : { name: 'CPU time per request', unit: 'µs' };
  const total: Part['of'] = (row) => parts.reduce((sum, part) => sum + part.of(row), 0);
  const drawn = stackOf(found, spec, { parts, total: { of: total }, y });
  const without = byActor ? RECORDED : 'they have no trace that tells components';
  return {
    drawn,
    sentence: stackSentence(drawn),
    notes: [
      ...leftOut(rows.length - found.length, without),
      ...(byActor
        ? []
        : ['Components are time on a CPU without what is nested inside it, over the whole run.']),
    ],
  };
}

/** Runs as stacks of their parts, a bar each. */
export function stackOf(
  rows: readonly ChartRow[],
  spec: ChartSpec,
  {
    parts,
    total,
    y,
  }: {
    readonly parts: readonly Part[];
    readonly total: Pick<Part, 'of' | 'interval'>;
    readonly y: BarsModel['y'];
  },
): BarsModel {
  const group = spec.group ?? varyingAxes(rows)[0] ?? 'run';
  const { values, series } = grouped(rows, group, spec.split);
  // What the group does not tell apart are bars of their own, one below the other.
  const bars = values.flatMap((value) =>
    series.flatMap((each) => {
      const runs = each.cells.get(value) ?? [];
      const first = categoryName(group, value);
      const name = series.length === 1 || first === each.name ? first : `${first}, ${each.name}`;
      return runs.length === 0 ? [] : [{ value, name, runs }];
    }),
  );
  const used = parts.filter((part) =>
    bars.some(({ runs }) => runs.some((row) => part.of(row) > 0)),
  );
  const figure = ({ of, interval }: Pick<Part, 'of' | 'interval'>, runs: readonly ChartRow[]) => {
    const found = estimate(runs.map(of));
    const [only] = runs;
    const [low, high] = (runs.length === 1 && only !== undefined && interval?.(only)) || [];
    return found === null || low === undefined || high === undefined
      ? found
      : { ...found, low, high };
  };
  return {
    shape: 'bars',
    categories: bars.map(({ value, name, runs }, index) => ({
      name,
      value,
      look: lookOfValue(group, value, runs, index),
      hypothetical: isHypothetical(runs),
    })),
    series: used.map((part) => ({
      name: part.name,
      look: part.look,
      hypothetical: false,
      values: bars.map(({ runs }) => figure(part, runs)),
    })),
    stacked: true,
    totals: bars.map(({ runs }) => figure(total, runs)),
    horizontal: true,
    byCategory: false,
    x: { name: axisName(group), unit: '' },
    y,
    scale: 'linear',
    ratio: null,
  };
}

function stackSentence({ categories, series, y }: BarsModel): string {
  const at = (index: number) =>
    series
      .map(({ name, values }) => ({ name, value: values[index]?.value ?? 0 }))
      .sort((a, b) => b.value - a.value);
  const [best] = categories
    .map(({ name, hypothetical }, index) => ({ name, hypothetical, parts: at(index) }))
    .filter(({ hypothetical }) => !hypothetical)
    .map((each) => ({ ...each, total: each.parts.reduce((sum, part) => sum + part.value, 0) }))
    .sort((a, b) => a.total - b.total);
  if (best === undefined) return 'No native run has this number.';
  const [most] = best.parts;
  const share =
    most === undefined || best.total === 0
      ? ''
      : `, ${Math.round((most.value / best.total) * 100)}${NBSP}% of it ${most.name}`;
  return `${best.name} takes the least ${y.name}: ${significant(best.total)}${NBSP}${y.unit}${share}.`;
}
