/** What a cell of the matrix says when it is pointed at. */
import type { MatrixCell } from '../../core/figures/matrix.ts';
import type { Metric } from '../../core/figures/metrics.ts';
import { beyondNeed, cellText, columnDigits } from '../../core/figures/metrics.ts';
import { NBSP, bytes, durationNs, ratio, significant } from '../../core/figures/numbers.ts';
import type { TipContent } from '../parts/tips.svelte.ts';
import type { Result } from './experiment.svelte.ts';

export function tipOf(cell: MatrixCell<Result>, metric: Metric): TipContent {
  const { run, column, value } = cell;
  const row = run.variant === '' ? run.strategy : `${run.strategy}, ${run.variant}`;
  const side = `${row} on ${run.hypervisor}, ${run.soc}, ${run.workload}`;
  const reason = run.reason === '' ? (run.result?.pairReason ?? '') : run.reason;
  if (run.status === 'refused') return { title: 'Refused', side, lines: [reason] };
  const { result } = run;
  if (result === null || value === null) {
    const hypothetical = run.status === 'hypothetical';
    return {
      title: hypothetical ? 'Hypothetical, not run yet' : 'Not run yet',
      side,
      lines: reason === '' ? [] : [reason],
    };
  }
  const lines = [`${significant(value)}${NBSP}${metric.unit}, ${metric.name.toLowerCase()}`];
  if (column.baseline !== null && !cell.isBaseline && column.baseline.value > 0) {
    const times = ratio(value / column.baseline.value);
    lines.push(`${times} of ${column.baseline.row}`);
  }
  if (cell.rank !== null) lines.push(`Place ${cell.rank} in its column, ties within 2${NBSP}%`);
  lines.push(`p99 ${durationNs(result.latencyNs.p99)}, bottleneck ${result.bottleneck}`);
  if (!result.steady) lines.push('No steady state: too few requests for its rates');
  lines.push(`${bytes(beyondNeed(result).total)}·s beyond need`);
  if (cell.dominatedBy === '') lines.push('Nothing native is both better and less exposed');
  else if (cell.dominatedBy !== null) {
    lines.push(`Dominated: ${cell.dominatedBy} is no worse and exposes no more`);
  }
  if (result.pair === 'hypothetical') lines.push(`Hypothetical: ${reason}`);
  return { title: result.pair === 'hypothetical' ? 'Hypothetical' : row, side, lines };
}

/** What a screen reader says of a cell. */
export function labelOf(cell: MatrixCell<Result>, metric: Metric): string {
  const tip = tipOf(cell, metric);
  return [tip.title, tip.side ?? '', ...(tip.lines ?? [])].filter((part) => part !== '').join(', ');
}

export function valueText(cell: MatrixCell<Result>, digits: number): string {
  return cell.value === null ? '' : cellText(cell.value, digits);
}

export { columnDigits };
