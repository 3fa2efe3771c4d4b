/** A diff as charts: what is drawn of two traces, in the Diff room, in reports and in files. */
import type { Change, TraceDiff } from '../contract/diff.ts';
import type { RunResult } from '../contract/result.ts';
import type { ChartRow } from './chart/rows.ts';
import type { ChartSpecInput } from './chart/spec.ts';

export const DIFF_CHARTS = ['payers', 'tail', 'cdf', 'changes'] as const;
export type DiffChart = (typeof DIFF_CHARTS)[number];

/** @param names with their letters, so that they stand in order */
export function chartsOfDiff(
  refs: readonly [string, string],
  names: readonly [string, string],
): Readonly<Record<DiffChart, ChartSpecInput>> {
  const source = { kind: 'traces' as const, traces: [...refs], names: [...names] };
  return {
    payers: { chart: 'payers', source, group: 'run' },
    tail: { chart: 'tail', source, split: 'run' },
    cdf: { chart: 'cdf', source, split: 'run' },
    changes: { chart: 'changes', source, split: 'run' },
  };
}

/** Both traces as what the charts are drawn from, so that a diff is drawn without reading them again. */
export function rowsOfDiff(
  diff: TraceDiff,
  sides: readonly [DiffSide, DiffSide],
): readonly [ChartRow, ChartRow] {
  const row = (side: Side, { name, strategy, result }: DiffSide): ChartRow => ({
    name,
    origin: diff[side].kind === 'imported' ? 'recorded' : 'simulated',
    axes: strategy === null ? {} : { strategy },
    result,
    detail: {
      latency: latencyOf(diff, side),
      components: null,
      counters: [],
      payers: payersOf(diff, side),
      changes: side === 'a' ? null : diff.strip,
    },
  });
  return [row('a', sides[0]), row('b', sides[1])];
}

export interface DiffSide {
  readonly name: string;
  readonly strategy: string | null;
  /** Of a trace that is at hand: what the numbers rest on. */
  readonly result: RunResult | null;
}

type Side = 'a' | 'b';

function payersOf({ components }: TraceDiff, side: Side) {
  if (components === null) return null;
  const { actors, waitingNs, latencyNs, intervalsNs } = components;
  const figure = (payer: string, total: Change, shared: Change | null) =>
    [
      payer,
      {
        total: total[side] ?? 0,
        shared: shared?.[side] ?? 0,
        interval: intervalsNs?.[side]?.[payer] ?? null,
      },
    ] as const;
  return {
    // Intervals are there already, and nothing else asks for the number.
    requests: 0,
    ns: Object.fromEntries([
      ...Object.entries(actors).map(([actor, each]) => figure(actor, each.totalNs, each.sharedNs)),
      figure('waiting', waitingNs, null),
      figure('latency', latencyNs, null),
    ]),
  };
}

const PERCENTILES = [
  ['min', 0],
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['p999', 0.999],
  ['max', 1],
] as const;

/** Edges of the common histogram, and between them the percentiles, which are exact. */
function latencyOf({ latency }: TraceDiff, side: Side) {
  const requests = latency?.completed[side] ?? 0;
  if (latency === null || requests === 0) return null;
  const { histogram, percentilesNs } = latency;
  const slowest = percentilesNs.max[side] ?? 0;
  let share = 0;
  const edges = histogram.flatMap((bucket) => {
    share += bucket[side];
    return bucket[side] === 0 ? [] : [{ ns: Math.min(bucket.toNs, slowest), share }];
  });
  // The fastest is one request; below that, two percentiles of few requests may be the same.
  const exact = PERCENTILES.map(([key, fraction]) => ({
    ns: percentilesNs[key][side] ?? 0,
    share: Math.max(fraction, 1 / requests),
  }));
  const steps: { ns: number; share: number }[] = [];
  for (const each of [...edges, ...exact].sort((x, y) => x.ns - y.ns || x.share - y.share)) {
    if (each.share > (steps.at(-1)?.share ?? 0)) steps.push(each);
  }
  return {
    requests,
    ns: steps.map(({ ns }) => ns),
    share: steps.map((each) => Math.min(1, each.share)),
  };
}
