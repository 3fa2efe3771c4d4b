/** The order of strategies on one machine by one metric, ties marked. */
import { assert } from '../base/assert.ts';
import type { RunResult } from '../contract/result.ts';

/** What results are ordered by. */
export const METRICS = {
  /** CPU time of all actors for each byte, nanoseconds: less is better. */
  cpuPerByte: {
    better: 'lower',
    of: (result: RunResult) => Object.values(result.cpuNsPerByte).reduce((sum, ns) => sum + ns, 0),
  },
  /** Gb/s: more is better. */
  throughput: { better: 'higher', of: (result: RunResult) => result.throughputGbps },
} as const;
export type Metric = keyof typeof METRICS;

/** Values that differ by less than this from the best of their group share its rank. */
export const TIE = 0.02;

export interface Ranked {
  readonly strategy: string;
  /** From 1; those within 2 % of the first of their group have the same. */
  readonly rank: number;
  readonly value: number;
  readonly tied: boolean;
}

/** Orders results of one machine and workload. Each strategy occurs once. */
export function rank(results: readonly RunResult[], metric: Metric): readonly Ranked[] {
  const { better, of } = METRICS[metric];
  const sign = better === 'lower' ? 1 : -1;
  const sorted = results
    .map((result) => ({ strategy: result.strategy, value: of(result) }))
    .sort((a, b) => sign * (a.value - b.value) || (a.strategy < b.strategy ? -1 : 1));
  assert(new Set(sorted.map((each) => each.strategy)).size === sorted.length, 'one result each');
  const ranked: { strategy: string; rank: number; value: number }[] = [];
  let group = { rank: 1, value: sorted[0]?.value ?? 0 };
  sorted.forEach(({ strategy, value }, i) => {
    const tied = Math.abs(value - group.value) <= TIE * Math.abs(group.value);
    if (!tied) group = { rank: i + 1, value };
    ranked.push({ strategy, rank: group.rank, value });
  });
  return ranked.map((each) => ({
    ...each,
    tied: ranked.some((other) => other !== each && other.rank === each.rank),
  }));
}

/** Two strategies that come in one order on one machine and in the other on another. */
export interface Reversal {
  readonly first: string;
  readonly second: string;
  /** Machines where `first` is strictly ahead, and where `second` is. */
  readonly ahead: readonly string[];
  readonly behind: readonly string[];
}

/** Every pair of strategies whose order is not the same everywhere, ties left aside. */
export function reversals(
  orders: Readonly<Record<string, readonly Ranked[]>>,
): readonly Reversal[] {
  const names = [...new Set(Object.values(orders).flatMap((each) => each.map((r) => r.strategy)))];
  names.sort();
  const found: Reversal[] = [];
  names.forEach((first, i) => {
    for (const second of names.slice(i + 1)) {
      const ahead: string[] = [];
      const behind: string[] = [];
      for (const [machine, order] of Object.entries(orders)) {
        const a = order.find((each) => each.strategy === first);
        const b = order.find((each) => each.strategy === second);
        if (a === undefined || b === undefined || a.rank === b.rank) continue;
        (a.rank < b.rank ? ahead : behind).push(machine);
      }
      if (ahead.length > 0 && behind.length > 0) found.push({ first, second, ahead, behind });
    }
  });
  return found;
}
