/** Results arranged as strategies against machines, each column with its baseline. */
import type { Pair } from '../contract/methods/index.ts';
import type { RunResult } from '../contract/result.ts';
import { heatOf } from './heat.ts';
import type { Metric } from './metrics.ts';
import { byFamily } from './strategies.ts';

export interface MatrixColumn {
  readonly key: string;
  readonly hypervisor: string;
  readonly soc: string;
  readonly baseline: { readonly strategy: string; readonly value: number } | null;
}

export interface MatrixCell<R> {
  readonly strategy: string;
  readonly column: MatrixColumn;
  readonly pair: Pair | null;
  readonly result: R | null;
  readonly value: number | null;
  /** From -1 (better) to 1 (worse); null without a baseline. */
  readonly heat: number | null;
  readonly isBaseline: boolean;
  /** Best of its column, and best among those without an inherent leak. */
  readonly best: boolean;
  readonly bestSafe: boolean;
}

export interface Matrix<R> {
  readonly columns: readonly MatrixColumn[];
  readonly rows: readonly { readonly strategy: string; readonly cells: readonly MatrixCell<R>[] }[];
}

export const columnKey = (hypervisor: string, soc: string): string => `${hypervisor} ${soc}`;

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
 * @param results at most one for each strategy and machine; the last one wins
 * @param baseline a strategy id, or `shipped` for the default of each hypervisor
 */
export function matrixOf<R extends RunResult>(
  results: readonly R[],
  pairs: readonly Pair[],
  metric: Metric,
  baseline: string,
): Matrix<R> {
  const topology = results.at(-1)?.topology ?? 'mediated';
  const byCell = new Map<string, R>();
  for (const each of results)
    byCell.set(`${each.strategy} ${columnKey(each.hypervisor, each.soc)}`, each);
  const pairOf = new Map(
    pairs.map((pair) => [`${pair.strategy} ${columnKey(pair.hypervisor, pair.soc)}`, pair]),
  );
  const present = [...byCell.values(), ...pairs];
  const strategies = [...new Set(present.map((each) => each.strategy))].sort(byFamily);
  const keys = new Map(
    present.map((each) => [columnKey(each.hypervisor, each.soc), [each.hypervisor, each.soc]]),
  );
  const columns = [...keys].map(([key, [hypervisor = '', soc = '']]): MatrixColumn => {
    const strategy = baseline === 'shipped' ? shippedDefault(hypervisor, topology, soc) : baseline;
    const result = byCell.get(`${strategy} ${key}`);
    const value = result === undefined ? null : metric.value(result);
    return { key, hypervisor, soc, baseline: value === null ? null : { strategy, value } };
  });
  columns.sort((a, b) => columnOrder(a, b));
  const winners = new Map(columns.map((column) => [column.key, winnersOf(column)]));

  function winnersOf(column: MatrixColumn): { best: R | undefined; bestSafe: R | undefined } {
    const ranked = strategies
      .map((strategy) => byCell.get(`${strategy} ${column.key}`))
      .filter((each): each is R => each !== undefined && metric.value(each) !== null)
      .filter((each) => each.pair === 'native')
      .sort((a, b) => {
        const difference = (metric.value(a) ?? 0) - (metric.value(b) ?? 0);
        return metric.better === 'lower' ? difference : -difference;
      });
    return { best: ranked[0], bestSafe: ranked.find((each) => !leaks(each)) };
  }

  const rows = strategies.map((strategy) => ({
    strategy,
    cells: columns.map((column): MatrixCell<R> => {
      const key = `${strategy} ${column.key}`;
      const result = byCell.get(key) ?? null;
      const value = result === null ? null : metric.value(result);
      const won = winners.get(column.key);
      return {
        strategy,
        column,
        pair: pairOf.get(key) ?? null,
        result,
        value,
        heat:
          value === null || column.baseline === null
            ? null
            : heatOf(value, column.baseline.value, metric.better),
        isBaseline: column.baseline?.strategy === strategy && result !== null,
        best: result !== null && won?.best === result,
        bestSafe: result !== null && won?.bestSafe === result,
      };
    }),
  }));
  return { columns, rows };
}

/** Xen on x86, Xen on Arm, KVM; then as given. */
function columnOrder(a: MatrixColumn, b: MatrixColumn): number {
  const rank = (column: MatrixColumn) =>
    column.hypervisor.startsWith('kvm') ? 2 : column.hypervisor.includes('-arm-') ? 1 : 0;
  return rank(a) - rank(b) || a.hypervisor.localeCompare(b.hypervisor);
}
