/** What a cell of the matrix says when it is pointed at. */
import type { MatrixCell } from '../../core/figures/matrix.ts';
import type { Metric } from '../../core/figures/metrics.ts';
import { beyondNeed, cellText, columnDigits } from '../../core/figures/metrics.ts';
import { NBSP, bytes, durationNs, ratio, significant } from '../../core/figures/numbers.ts';
import type { TipContent } from '../parts/tips.svelte.ts';
import type { Result } from './experiment.svelte.ts';

export function tipOf(cell: MatrixCell<Result>, metric: Metric): TipContent {
  const side = `${cell.strategy} on ${cell.column.hypervisor}, ${cell.column.soc}`;
  const reason = cell.pair?.reason ?? cell.result?.pairReason ?? '';
  if (cell.pair?.status === 'refused') return { title: 'Refused', side, lines: [reason] };
  if (cell.result === null || cell.value === null) {
    const hypothetical = cell.pair?.status === 'hypothetical';
    return {
      title: hypothetical ? 'Hypothetical, not run yet' : 'Not run yet',
      side,
      lines: reason === '' ? [] : [reason],
    };
  }
  const { result, column } = cell;
  const lines = [`${significant(cell.value)}${NBSP}${metric.unit}, ${metric.name.toLowerCase()}`];
  if (column.baseline !== null && !cell.isBaseline && column.baseline.value > 0) {
    const times = ratio(cell.value / column.baseline.value);
    lines.push(`${times} of ${column.baseline.strategy}`);
  }
  lines.push(`p99 ${durationNs(result.latencyNs.p99)}, bottleneck ${result.bottleneck}`);
  if (!result.steady) lines.push('No steady state: too few requests for its rates');
  lines.push(`${bytes(beyondNeed(result).total)}·s beyond need`);
  if (result.pair === 'hypothetical') lines.push(`Hypothetical: ${reason}`);
  return { title: result.pair === 'hypothetical' ? 'Hypothetical' : cell.strategy, side, lines };
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
