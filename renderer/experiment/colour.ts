/** What the colour of a cell says: beside the baseline, by rank beside the baseline, or the value itself. */
import type { RunResult } from '../../core/contract/index.ts';
import { HEAT_LIMIT } from '../../core/figures/heat.ts';
import type { Matrix, MatrixCell } from '../../core/figures/matrix.ts';
import { cellText, columnDigits, type Metric } from '../../core/figures/metrics.ts';
import { NBSP, ratio } from '../../core/figures/numbers.ts';

export const COLOURS = [
  {
    id: 'ratio',
    name: 'ratio to baseline',
    title: 'how much better or worse than the baseline of its column',
  },
  {
    id: 'rank',
    name: 'rank',
    title: 'how many places before or behind the baseline of its column; within 2 % is a tie',
  },
  { id: 'value', name: 'value', title: 'the value itself, in the range of the whole table' },
] as const;
export type Colour = (typeof COLOURS)[number]['id'];

export const colourOf = (id: string | undefined): Colour =>
  COLOURS.find((each) => each.id === id)?.id ?? 'ratio';

/** Place of a cell on the scale; null for a cell without colour. */
export function heatIn(colour: Colour, cell: MatrixCell<RunResult>): number | null {
  if (colour === 'value') return cell.share;
  const heat = colour === 'rank' ? cell.rankHeat : cell.heat;
  return cell.isBaseline && heat !== null ? 0 : heat;
}

export interface Legend {
  /** What the two ends of the scale mean. */
  readonly low: string;
  readonly high: string;
  /** Some column has no baseline to compare with. */
  readonly missing: boolean;
}

export function legendOf(
  colour: Colour,
  { columns, range }: Pick<Matrix<RunResult>, 'columns' | 'range'>,
  metric: Metric,
): Legend | null {
  if (range === null) return null;
  if (colour === 'value') {
    const digits = columnDigits(range);
    const text = (value: number) => `${cellText(value, digits)}${NBSP}${metric.unit}`;
    return { low: `${text(range[0])}, best`, high: `${text(range[1])}, worst`, missing: false };
  }
  if (columns.every(({ baseline }) => baseline === null)) return null;
  const missing = columns.some(({ baseline }) => baseline === null);
  if (colour === 'rank') {
    return { low: 'first', high: 'last in its column; the middle is the baseline', missing };
  }
  const [low, high] =
    metric.better === 'lower' ? [1 / HEAT_LIMIT, HEAT_LIMIT] : [HEAT_LIMIT, 1 / HEAT_LIMIT];
  return { low: ratio(low), high: `${ratio(high)} of the baseline, the same beyond`, missing };
}
