/** What can be chosen for a chart, from the runs that it is about. */
import { axisOf, sortValues, varyingAxes } from '../../core/figures/chart/grouping.ts';
import type { AxisValue, ChartRow } from '../../core/figures/chart/rows.ts';
import type { ChartSpec, ChartType } from '../../core/figures/chart/spec.ts';
import { METRICS } from '../../core/figures/metrics.ts';
import { counterNames } from '../../core/figures/models/curves.ts';
import { batchKinds } from '../../core/figures/models/histograms.ts';

export interface Option {
  readonly id: string;
  readonly name: string;
}

export const TYPES: readonly { readonly id: ChartType; readonly name: string }[] = [
  { id: 'bars', name: 'Bars' },
  { id: 'stacked', name: 'CPU time in parts' },
  { id: 'percentiles', name: 'Latency percentiles' },
  { id: 'cdf', name: 'Latency distribution' },
  { id: 'tail', name: 'Latency tail, in nines' },
  { id: 'payers', name: 'Who a request waits for' },
  { id: 'changes', name: 'Change of each request' },
  { id: 'crossover', name: 'Crossover' },
  { id: 'heat', name: 'Heat map' },
  { id: 'pareto', name: 'Exposure and Pareto front' },
  { id: 'memory', name: 'Memory and guests' },
  { id: 'batches', name: 'Batch sizes' },
  { id: 'waits', name: 'Waits at locks and queues' },
  { id: 'series', name: 'Counter over time' },
];

const CPU_METRICS = new Set(['cpu-per-request', 'cpu-per-byte']);
const named = (names: readonly string[]): Option[] => names.map((id) => ({ id, name: id }));

/** Metrics of a type of chart; none where the type says what is measured. */
export function metricsFor(chart: ChartType, rows: readonly ChartRow[]): readonly Option[] {
  switch (chart) {
    case 'percentiles':
    case 'cdf':
    case 'tail':
    case 'payers':
    case 'changes':
    case 'waits':
      return [];
    case 'batches':
      return named(batchKinds(rows));
    case 'series':
      return named(counterNames(rows));
    case 'stacked':
      return METRICS.filter(({ id }) => CPU_METRICS.has(id)).toReversed();
    default:
      return METRICS;
  }
}

/** The metric that a chart shows when its description names none. */
export const usualMetric = (chart: ChartType, rows: readonly ChartRow[]): string => {
  if (chart === 'memory') return 'memory';
  if (chart === 'pareto') return 'throughput';
  if (chart === 'stacked') return 'cpu-per-request';
  return chart === 'batches' || chart === 'series'
    ? (metricsFor(chart, rows)[0]?.id ?? '')
    : 'cpu-per-byte';
};

const GROUPED: ReadonlySet<ChartType> = new Set([
  'bars',
  'stacked',
  'payers',
  'crossover',
  'heat',
  'memory',
]);
const SCALED: ReadonlySet<ChartType> = new Set([
  'bars',
  'percentiles',
  'cdf',
  'tail',
  'crossover',
  'memory',
  'pareto',
  'waits',
  'series',
]);
export const hasGroup = (chart: ChartType): boolean => GROUPED.has(chart);
export const hasScale = (chart: ChartType): boolean => SCALED.has(chart);
/** Does the type draw a logarithmic axis unless told otherwise? */
export const usualScale = (chart: ChartType): 'linear' | 'log' =>
  ['percentiles', 'cdf', 'tail', 'crossover'].includes(chart) ? 'log' : 'linear';

export interface Filter {
  readonly axis: string;
  readonly values: readonly { readonly value: AxisValue; readonly on: boolean }[];
}

/** More values than this are not picked one by one. */
const VALUES_MAX = 40;

/** The axes on which the runs differ, with the values that the chart shows. */
export function filtersOf(rows: readonly ChartRow[], where: ChartSpec['where']): readonly Filter[] {
  return varyingAxes(rows)
    .map((axis) => {
      const wanted = where[axis];
      const list =
        wanted === undefined ? null : (Array.isArray(wanted) ? wanted : [wanted]).map(String);
      const values = sortValues(
        axis,
        rows.map((row) => axisOf(row, axis)),
      ).map((value) => ({ value, on: list === null || list.includes(String(value)) }));
      return { axis, values };
    })
    .filter(({ values }) => values.length <= VALUES_MAX);
}

/** `where` with one value of an axis shown or not; at least one stays. */
export function withValue(
  where: ChartSpec['where'],
  { axis, values }: Filter,
  value: AxisValue,
  on: boolean,
): ChartSpec['where'] {
  const shown = values.filter((each) => (each.value === value ? on : each.on));
  const { [axis]: _, ...rest } = where;
  if (shown.length === values.length) return rest;
  return shown.length === 0 ? where : { ...rest, [axis]: shown.map((each) => each.value) };
}
