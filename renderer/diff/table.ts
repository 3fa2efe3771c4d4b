/** Several traces in one table: figures of each, and the change against one of them. */
import type { Change } from '../../core/contract/diff.ts';
import type { TraceInfo } from '../../core/contract/index.ts';
import { METRICS, beyondNeed, columnDigits } from '../../core/figures/metrics.ts';
import { changeOf } from './figures.ts';

export interface TableFigure {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher' | null;
  readonly doc: string;
  readonly value: (info: TraceInfo) => number | null;
}

const ofResult = METRICS.map((metric): TableFigure => ({
  ...metric,
  value: ({ result }) => (result === null ? null : metric.value(result)),
}));

const COST_AND_SAFETY = ['cpu-per-request', 'throughput', 'latency-p50', 'latency-p99', 'exposure'];

/** Cost and safety side by side, then all else that a run measured, then what every trace has. */
export const TABLE_FIGURES: readonly TableFigure[] = [
  ...COST_AND_SAFETY.flatMap((id) => ofResult.filter((figure) => figure.id === id)),
  {
    id: 'stale',
    name: 'Stale reach',
    unit: 'B·s',
    better: 'lower',
    doc: 'Reach through TLB or IOTLB entries that should be gone, of all but owner and hypervisor.',
    value: ({ result }) => (result === null ? null : beyondNeed(result).stale),
  },
  ...ofResult.filter(({ id }) => !COST_AND_SAFETY.includes(id)),
  {
    id: 'requests',
    name: 'Requests',
    unit: '',
    better: null,
    doc: 'Requests in the trace.',
    value: ({ requests }) => requests,
  },
  {
    id: 'length',
    name: 'Length',
    unit: 'ms',
    better: null,
    doc: 'From the first event to the end of the last.',
    value: ({ firstTick, lastTick, tickPs }) => ((lastTick - firstTick) * tickPs) / 1e9,
  },
];

/** Decimals of a figure's column; whole numbers have none. */
export function digitsOf({ value }: TableFigure, infos: readonly TraceInfo[]): number {
  const values = infos.map(value).filter((each) => each !== null);
  return values.every(Number.isInteger) ? 0 : columnDigits(values);
}

/** A cell: what the trace has, and how that differs from the baseline. */
export function cellOf(figure: TableFigure, info: TraceInfo, baseline: TraceInfo | null): Change {
  const own = figure.value(info);
  return changeOf(baseline === null ? null : figure.value(baseline), own);
}

/** Sorted by a figure; traces without it go last, and without a figure the order is the user's. */
export function sortTraces(
  infos: readonly TraceInfo[],
  sort: string | null,
  descending: boolean,
): readonly TraceInfo[] {
  const figure = TABLE_FIGURES.find(({ id }) => id === sort);
  if (figure === undefined) return infos;
  return infos.toSorted((x, y) => {
    const [a, b] = [figure.value(x), figure.value(y)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return descending ? b - a : a - b;
  });
}

/** The best value among traces; null where nothing is better or all are the same. */
export function bestOf(figure: TableFigure, infos: readonly TraceInfo[]): number | null {
  const values = infos.map(figure.value).filter((value) => value !== null);
  if (figure.better === null || values.length < 2) return null;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (least === most) return null;
  return figure.better === 'lower' ? least : most;
}
