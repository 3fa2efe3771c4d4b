/** Rows and a chart's document turned into a model of the chart. Pure: the same rows, the same chart. */
import { requireAxis, selected } from '../chart/grouping.ts';
import { panelsOf, type ChartModel, type Drawn } from '../chart/model.ts';
import { provenanceOf } from '../chart/provenance.ts';
import type { ChartRow } from '../chart/rows.ts';
import { badChart, RATIO_CHARTS, type ChartSpec } from '../chart/spec.ts';
import { SEEDS_FOR_INTERVAL } from '../chart/statistics.ts';
import { tableOf } from '../chart/table.ts';
import { findMetric, METRICS, type Metric } from '../metrics.ts';
import { metricBars, stackedBars } from './bars.ts';
import type { Made } from './common.ts';
import { crossoverCurves } from './crossover.ts';
import { counterCurves, metricCurves, percentileCurves } from './curves.ts';
import { heatMap } from './heat.ts';
import { batchBars, waitBars } from './histograms.ts';
import { changeCurves, latencyCurves, tailCurves } from './latency.ts';
import { paretoScatter } from './pareto.ts';
import { panelled } from './panels.ts';
import { payerBars } from './payers.ts';

/**
 * @throws LabError BAD_CHART when the rows do not have what the chart asks for
 */
export function chartModel(spec: ChartSpec, all: readonly ChartRow[]): ChartModel {
  const rows = selected(all, spec.where);
  if (rows.length === 0) {
    throw badChart('no run is left', 'where', 'ask for values that the runs have');
  }
  for (const part of ['group', 'split', 'panels'] as const) {
    const axis = spec[part];
    if (axis !== null) requireAxis(rows, axis, part);
  }
  if (spec.ratio && !RATIO_CHARTS.has(spec.chart)) {
    const remedy = 'leave it out, or draw bars, a crossover or memory';
    throw badChart(`${spec.chart} has no ratio`, 'ratio', remedy);
  }
  const made =
    spec.panels === null ? one(spec, rows) : panelled(spec.panels, rows, (some) => one(spec, some));
  return {
    spec,
    ...made,
    notes: spec.intervals ? [...made.notes, ...intervalNote(made.drawn)] : made.notes,
    table: tableOf(made.drawn),
    provenance: provenanceOf(rows),
  };
}

function one(spec: ChartSpec, rows: readonly ChartRow[]): Made {
  if (RANKING.has(spec.chart)) requireOneTopology(rows);
  return make(spec, rows);
}

/** Charts whose words say which is best. */
const RANKING: ReadonlySet<string> = new Set(['bars', 'stacked', 'crossover', 'heat', 'pareto']);

function requireOneTopology(rows: readonly ChartRow[]): void {
  const found = [...new Set(rows.flatMap(({ result }) => result?.topology ?? []))];
  if (found.length < 2) return;
  throw badChart(
    `the runs are of topologies ${found.join(' and ')}, which are not compared`,
    'where',
    `choose one, as {"topology": ${JSON.stringify(found[0])}}`,
  );
}

function make(spec: ChartSpec, rows: readonly ChartRow[]): Made {
  switch (spec.chart) {
    case 'bars':
      return metricBars(rows, spec, metricFor(spec, 'cpu-per-byte'));
    case 'stacked':
      return stackedBars(rows, spec);
    case 'percentiles':
      return percentileCurves(rows, spec);
    case 'cdf':
      return latencyCurves(rows, spec);
    case 'tail':
      return tailCurves(rows, spec);
    case 'payers':
      return payerBars(rows, spec);
    case 'changes':
      return changeCurves(rows, spec);
    case 'batches':
      return batchBars(rows, spec);
    case 'waits':
      return waitBars(rows, spec);
    case 'memory':
      return metricCurves(rows, spec, metricFor(spec, 'memory'));
    case 'crossover':
      return crossoverCurves(rows, spec, metricFor(spec, 'cpu-per-byte'));
    case 'heat':
      return heatMap(rows, spec, metricFor(spec, 'cpu-per-byte'));
    case 'pareto':
      return paretoScatter(rows, spec, metricFor(spec, 'throughput'));
    case 'series':
      return counterCurves(rows, spec);
  }
}

function metricFor({ metric }: ChartSpec, usual: string): Metric {
  const found = findMetric(metric ?? usual);
  if (found !== undefined) return found;
  const known = METRICS.map(({ id }) => id).join(', ');
  throw badChart(`there is no metric ${JSON.stringify(metric)}`, 'metric', `use one of ${known}`);
}

/** How to read an interval, where one is drawn. */
function intervalNote(drawn: Drawn): string[] {
  const counts = panelsOf(drawn).flatMap(({ drawn: each }) =>
    each.shape === 'bars'
      ? each.series.flatMap(({ values }) => values.flatMap((value) => value?.n ?? []))
      : each.shape === 'curves'
        ? each.series.flatMap(({ points }) => points.map(({ n }) => n))
        : [],
  );
  const most = Math.max(0, ...counts);
  const least = Math.min(most, ...counts);
  if (most < SEEDS_FOR_INTERVAL) return [];
  const seeds = least === most ? `${most}` : `${least} to ${most}`;
  return [`Intervals are 95 % of the mean over ${seeds} seeds (bootstrap, 1000 resamples).`];
}
