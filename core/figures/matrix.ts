/** Runs arranged as strategies against machines and workloads, each column with its baseline. */
import type { PairStatus } from '../contract/ids.ts';
import type { RunResult } from '../contract/result.ts';
import { heatOf, heatOfRank, shareOf } from './heat.ts';
import { exposurePerGib, type Metric } from './metrics.ts';
import { byFamily } from './strategies.ts';
import { TIE } from '../ranking/rank.ts';

/** One run that is asked for, with what is known of it. All of one matrix are of one topology. */
export interface MatrixRun<R extends RunResult> {
  readonly strategy: string;
  /** What is varied besides, as `unmapPolicy sync`; empty where nothing is. */
  readonly variant: string;
  readonly hypervisor: string;
  readonly soc: string;
  readonly workload: string;
  readonly status: PairStatus;
  /** Why it is hypothetical or refused. */
  readonly reason: string;
  readonly result: R | null;
}

export interface MatrixColumn {
  readonly key: string;
  readonly hypervisor: string;
  readonly soc: string;
  readonly workload: string;
  readonly baseline: { readonly row: string; readonly value: number } | null;
}

export interface MatrixCell<R extends RunResult> {
  readonly key: string;
  readonly run: MatrixRun<R>;
  readonly column: MatrixColumn;
  readonly value: number | null;
  /** Ratio to the baseline from -1 (better) to 1 (worse); null without a baseline. */
  readonly heat: number | null;
  /** The same by rank in the column; a column without a baseline has none. */
  readonly rankHeat: number | null;
  /**
   * Place among the native results of its column, from 1; those within a tie share it. A hypothetical one
   * has the place that it would have.
   */
  readonly rank: number | null;
  /** Place in the range of the whole table, from 0 (best) to 1. */
  readonly share: number | null;
  readonly isBaseline: boolean;
  /** Best of its column, and best among those without an inherent leak. */
  readonly best: boolean;
  readonly bestSafe: boolean;
  /**
   * What is at least as good and exposes no more, and is better in one of the two; empty for a point
   * of the Pareto front; null without a native result.
   */
  readonly dominatedBy: string | null;
}

export interface MatrixRow<R extends RunResult> {
  readonly key: string;
  readonly strategy: string;
  readonly variant: string;
  /** One for each column; null where the plan has no such run. */
  readonly cells: readonly (MatrixCell<R> | null)[];
}

export interface Matrix<R extends RunResult> {
  readonly columns: readonly MatrixColumn[];
  readonly rows: readonly MatrixRow<R>[];
  /** Best and worst value of the table; null where it has none. */
  readonly range: readonly [best: number, worst: number] | null;
}

type Place = Pick<MatrixRun<RunResult>, 'strategy' | 'variant' | 'hypervisor' | 'soc' | 'workload'>;
export const rowKey = ({ strategy, variant }: Pick<Place, 'strategy' | 'variant'>): string =>
  variant === '' ? strategy : `${strategy}, ${variant}`;
export const columnKey = ({
  hypervisor,
  soc,
  workload,
}: Pick<Place, 'hypervisor' | 'soc' | 'workload'>): string =>
  `${hypervisor} · ${soc} · ${workload}`;
export const cellKey = (place: Place): string => `${rowKey(place)} on ${columnKey(place)}`;

/**
 * What users have today without choosing: on each kind of hypervisor where a backend stands between,
 * an assigned device without a virtual IOMMU, and Linux's default for its own devices (lazy on x86,
 * strict elsewhere).
 */
export function shippedDefault(hypervisor: string, topology: string, soc: string): string {
  if (topology === 'assigned') return 'iommu-passthrough';
  if (topology === 'native') return /^(xeon|epyc)/.test(soc) ? 'iommu-lazy' : 'iommu-strict';
  return hypervisor.startsWith('kvm') ? 'map-all-memory' : 'grant-map';
}

/** Hazards that make a mechanism unsafe rather than slow. */
const LEAKS = ['H1', 'H2', 'H3', 'H4', 'H5', 'H7', 'H10'] as const;

export function leaks(result: Pick<RunResult, 'hazards'>): boolean {
  return LEAKS.some((each) => (result.hazards[each] ?? 0) > 0);
}

/**
 * For each native result the name of one that is no worse in the metric and exposes no more, and is
 * better in one of the two; empty where there is none.
 */
export function dominance<R extends RunResult>(
  runs: readonly MatrixRun<R>[],
  metric: Metric,
): ReadonlyMap<MatrixRun<R>, string> {
  const points = runs.flatMap((run) => {
    const value = run.result === null ? null : metric.value(run.result);
    if (run.result?.pair !== 'native' || value === null) return [];
    const cost = metric.better === 'lower' ? value : -value;
    return [{ run, cost, exposure: exposurePerGib(run.result) ?? 0 }];
  });
  return new Map(
    points.map((point) => {
      const over = points.find(
        (other) =>
          other.cost <= point.cost &&
          other.exposure <= point.exposure &&
          (other.cost < point.cost || other.exposure < point.exposure),
      );
      return [point.run, over === undefined ? '' : rowKey(over.run)];
    }),
  );
}

/** @param baseline a strategy id, or `shipped` for the default of each hypervisor */
export function matrixOf<R extends RunResult>(
  runs: readonly MatrixRun<R>[],
  metric: Metric,
  baseline: string,
  topology: string,
): Matrix<R> {
  const byColumn = Map.groupBy(runs, columnKey);
  const range = rangeOf(runs, metric);
  const made = [...byColumn].map(([key, list]) => {
    const { hypervisor, soc, workload } = list[0] as MatrixRun<R>;
    const strategy = baseline === 'shipped' ? shippedDefault(hypervisor, topology, soc) : baseline;
    const base = list.find((each) => each.strategy === strategy && each.result !== null);
    const value = base?.result == null ? null : metric.value(base.result);
    const column: MatrixColumn = {
      key,
      hypervisor,
      soc,
      workload,
      baseline: base === undefined || value === null ? null : { row: rowKey(base), value },
    };
    return { column, cells: cellsOf(list, column, metric, range) };
  });
  made.sort((a, b) => columnOrder(a.column, b.column));
  const rows = [...Map.groupBy(runs, rowKey)].map(([key, list]): MatrixRow<R> => {
    const { strategy, variant } = list[0] as MatrixRun<R>;
    return { key, strategy, variant, cells: made.map(({ cells }) => cells.get(key) ?? null) };
  });
  rows.sort((a, b) => byFamily(a.strategy, b.strategy));
  return { columns: made.map(({ column }) => column), rows, range };
}

function rangeOf<R extends RunResult>(
  runs: readonly MatrixRun<R>[],
  metric: Metric,
): readonly [best: number, worst: number] | null {
  const values = runs.flatMap(({ result }) => (result && metric.value(result)) ?? []);
  if (values.length === 0) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return metric.better === 'lower' ? [low, high] : [high, low];
}

/** Cells of one column by the keys of their rows. */
function cellsOf<R extends RunResult>(
  list: readonly MatrixRun<R>[],
  column: MatrixColumn,
  metric: Metric,
  range: readonly [best: number, worst: number] | null,
): ReadonlyMap<string, MatrixCell<R>> {
  const valueOf = ({ result }: MatrixRun<R>) => (result === null ? null : metric.value(result));
  const sign = metric.better === 'lower' ? 1 : -1;
  const ranked = list
    .filter((each) => each.result?.pair === 'native' && valueOf(each) !== null)
    .sort((a, b) => sign * ((valueOf(a) ?? 0) - (valueOf(b) ?? 0)));
  const bestSafe = ranked.find(({ result }) => result !== null && !leaks(result));
  const over = dominance(list, metric);
  const places = placesOf(ranked.map((run) => valueOf(run) ?? 0));
  /** The first place whose value is no better by more than a tie. */
  const rankOf = (value: number) =>
    places.find((place) => sign * (value - place.value) <= TIE * Math.abs(place.value))?.rank ??
    ranked.length + 1;
  return new Map(
    list.map((run) => {
      const value = valueOf(run);
      const key = rowKey(run);
      const { baseline } = column;
      const rank = value === null ? null : rankOf(value);
      return [
        key,
        {
          key: cellKey(run),
          run,
          column,
          value,
          heat:
            value === null || baseline === null
              ? null
              : heatOf(value, baseline.value, metric.better),
          rank,
          rankHeat:
            rank === null || baseline === null
              ? null
              : heatOfRank({ rank, of: ranked.length, baseline: rankOf(baseline.value) }),
          share: value === null || range === null ? null : shareOf(value, ...range),
          isBaseline: baseline?.row === key,
          best: run === ranked[0],
          bestSafe: run === bestSafe,
          dominatedBy: over.get(run) ?? null,
        },
      ];
    }),
  );
}

/** Each place that is taken, with the value of the first there; `values` are the best first. */
function placesOf(values: readonly number[]): { readonly rank: number; readonly value: number }[] {
  const places: { rank: number; value: number }[] = [];
  values.forEach((value, index) => {
    const last = places.at(-1);
    const tied = last !== undefined && Math.abs(value - last.value) <= TIE * Math.abs(last.value);
    if (!tied) places.push({ rank: index + 1, value });
  });
  return places;
}

/** Xen on x86, Xen on Arm, KVM; then as given. */
function columnOrder(a: MatrixColumn, b: MatrixColumn): number {
  const rank = (column: MatrixColumn) =>
    column.hypervisor.startsWith('kvm') ? 2 : column.hypervisor.includes('-arm-') ? 1 : 0;
  return rank(a) - rank(b) || a.hypervisor.localeCompare(b.hypervisor);
}
