/** A metric by two axes, each column against its baseline. */
import {
  axisOf,
  grouped,
  valueText,
  varyingAxes,
  withResult,
  type ResultRow,
} from '../chart/grouping.ts';
import type { HeatCell, HeatModel } from '../chart/model.ts';
import type { AxisValue, ChartRow } from '../chart/rows.ts';
import type { ChartSpec } from '../chart/spec.ts';
import { estimate } from '../chart/statistics.ts';
import { heatOf } from '../heat.ts';
import { shippedDefault } from '../matrix.ts';
import type { Metric } from '../metrics.ts';
import { ratio } from '../numbers.ts';
import {
  axisName,
  inSentence,
  isHypothetical,
  leftOut,
  RECORDED,
  requireRows,
  type Made,
} from './common.ts';

export function heatMap(rows: readonly ChartRow[], spec: ChartSpec, metric: Metric): Made {
  const found = withResult(rows);
  requireRows(found.rows, 'a result');
  const varying = varyingAxes(found.rows);
  const split = spec.split ?? (spec.group === 'strategy' ? null : 'strategy');
  const group = spec.group ?? varying.find((axis) => axis !== split) ?? 'soc';
  const { values, series } = grouped(
    found.rows,
    group,
    split ?? varying.find((axis) => axis !== group) ?? null,
  );
  const columns = values.map((value) => columnOf(value));

  function columnOf(value: AxisValue): { readonly value: AxisValue; readonly cells: HeatCell[] } {
    const runsOf = (index: number) =>
      (series[index]?.cells.get(value) ?? []) as readonly ResultRow[];
    const numbers = series.map((_, index) =>
      estimate(runsOf(index).flatMap((row) => metric.value(row.result) ?? [])),
    );
    const all = series.flatMap((_, index) => runsOf(index));
    const strategy = baselineOf(all, spec.baseline);
    const at = series.findIndex(
      ({ name }, index) =>
        name === strategy || runsOf(index).some((row) => axisOf(row, 'strategy') === strategy),
    );
    const base = at === -1 ? null : (numbers[at]?.value ?? null);
    const best = numbers
      .map((each, index) => ({ index, value: each?.value ?? null }))
      .filter(({ index, value }) => value !== null && !isHypothetical(runsOf(index)))
      .sort(
        (a, b) =>
          ((a.value as number) - (b.value as number)) * (metric.better === 'lower' ? 1 : -1),
      )[0];
    const cells = numbers.map((each, index): HeatCell => {
      const number = each?.value ?? null;
      return {
        value: number,
        ratio: number === null || base === null || base === 0 ? null : number / base,
        heat: number === null || base === null ? null : heatOf(number, base, metric.better),
        baseline: index === at && number !== null,
        hypothetical: isHypothetical(runsOf(index)),
        best: best?.index === index,
        n: each?.n ?? 0,
      };
    });
    return { value, cells };
  }

  const drawn: HeatModel = {
    shape: 'heat',
    rows: series.map(({ name, look, hypothetical }) => ({ name, look, hypothetical })),
    columns: columns.map(({ value }) => ({
      name: group === 'run' ? String(value) : valueText(group, value),
      value,
    })),
    cells: series.map((_, index) => columns.map(({ cells }) => cells[index] as HeatCell)),
    x: { name: axisName(group), unit: '' },
    y: { name: axisName(split ?? ''), unit: '' },
    value: { name: metric.name, unit: metric.unit },
    against: columns.some(({ cells }) => cells.some(({ baseline }) => baseline))
      ? spec.baseline === 'shipped'
        ? 'what each machine ships with'
        : spec.baseline
      : '',
  };
  return {
    drawn,
    sentence: heatSentence(drawn, metric),
    notes: leftOut(found.without, RECORDED),
  };
}

/** The strategy that a column is compared with; null when its runs have no one default. */
export function baselineOf(runs: readonly ResultRow[], baseline: string): string | null {
  if (baseline !== 'shipped') return baseline;
  const defaults = new Set(
    runs.map(({ result }) => shippedDefault(result.hypervisor, result.topology, result.soc)),
  );
  const [only] = defaults;
  return defaults.size === 1 && only !== undefined ? only : null;
}

function heatSentence({ rows, columns, cells, against }: HeatModel, metric: Metric): string {
  const wins = rows.map(({ name }, row) => ({
    name,
    won: columns.filter((_, column) => cells[row]?.[column]?.best === true).length,
  }));
  const [most] = wins.sort((a, b) => b.won - a.won);
  if (most === undefined || most.won === 0) return 'No native run has this number.';
  const end = metric.better === 'lower' ? 'lowest' : 'highest';
  const answer = `${most.name} has the ${end} ${inSentence(metric.name)} in ${most.won} of ${columns.length} columns`;
  const ratios = cells
    .flat()
    .flatMap((cell) => (cell.ratio === null || cell.hypothetical ? [] : [cell.ratio]));
  const [least, greatest] = [ratio(Math.min(...ratios)), ratio(Math.max(...ratios))];
  // A baseline against itself says nothing.
  if (against === '' || ratios.length === 0 || least === greatest) return `${answer}.`;
  return `${answer}; against ${against} the native runs range from ${least} to ${greatest}.`;
}
