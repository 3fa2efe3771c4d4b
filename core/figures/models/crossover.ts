/** A metric over sizes, and where one series takes over from another. */
import { restAxes, withResult, valueText, type ResultRow, type Series } from '../chart/grouping.ts';
import type { Annotation, ChartSpec } from '../chart/spec.ts';
import type { ChartRow } from '../chart/rows.ts';
import { meanOf } from '../chart/statistics.ts';
import { TIE } from '../../ranking/rank.ts';
import { exposurePerGib, type Metric } from '../metrics.ts';
import { bytes, NBSP, short, significant } from '../numbers.ts';
import { inSentence, leftOut, RECORDED, requireRows, type Made } from './common.ts';
import { curvesOver } from './curves.ts';

/** Between which sizes the lead passes from one series to another. */
export interface Passing {
  readonly from: Series;
  readonly to: Series;
  /** Where straight lines between the measured sizes meet. */
  readonly at: number;
  /** Last size at which every seed has the one ahead, and first at which every seed has the other. */
  readonly low: number;
  readonly high: number;
}

export function crossoverCurves(rows: readonly ChartRow[], spec: ChartSpec, metric: Metric): Made {
  const found = withResult(rows);
  requireRows(found.rows, 'a result');
  const group = spec.group ?? 'payloadBytes';
  const withDefaults: ChartSpec = {
    ...spec,
    split: spec.split ?? restAxes(found.rows, [group])[0] ?? null,
    scale: spec.scale ?? 'log',
  };
  const { drawn, series } = curvesOver(found.rows, withDefaults, group, metric);
  const native = series.filter(({ hypothetical }) => !hypothetical);
  const passings = passingsOf(native, metric);
  const size = (value: number) =>
    /bytes$/i.test(group) && value % 1024 !== 0
      ? bytes(Math.round(value))
      : valueText(group, value);
  const marks = passings.flatMap(({ at, low, high }): Annotation[] => [
    { axis: 'x', at: low, to: high, label: '' },
    { axis: 'x', at, to: null, label: `about ${size(at)}` },
  ]);
  return {
    drawn: { ...drawn, marks },
    sentence: `${answer(native, passings, metric, size)} ${exposureAt(passings, size)}`.trim(),
    notes: [
      ...leftOut(found.without, RECORDED),
      ...(passings.length === 0
        ? []
        : ['A crossing lies between two measured sizes; its place between them is interpolated.']),
    ],
  };
}

const valueOf = (runs: readonly ChartRow[] | undefined, metric: Metric): number | null => {
  const values = (runs ?? []).flatMap((row) => metric.value((row as ResultRow).result) ?? []);
  return values.length === 0 ? null : meanOf(values);
};

/** How far `b` is ahead of `a`, as a share; negative where a is. */
function lead(a: number, b: number, metric: Metric): number {
  const [more, less] = metric.better === 'lower' ? [a, b] : [b, a];
  return (more - less) / Math.min(a, b);
}

/** Every change of the leader among series that were measured at the same sizes. */
export function passingsOf(series: readonly Series[], metric: Metric): Passing[] {
  const sizes = [...new Set(series.flatMap(({ cells }) => [...cells.keys()].map(Number)))]
    .filter((size) => series.filter(({ cells }) => cells.has(size)).length > 1)
    .sort((a, b) => a - b);
  const found: Passing[] = [];
  let leader: { readonly series: Series; readonly size: number } | null = null;
  for (const size of sizes) {
    const now = leaderAt(series, size, metric, leader?.series ?? null);
    if (now === null) continue;
    if (leader !== null && leader.series !== now) {
      found.push(passing(leader.series, now, leader.size, size, sizes, metric));
    }
    leader = { series: now, size };
  }
  return found;
}

/** Who is ahead by more than a tie; on a tie the one who was. */
function leaderAt(series: readonly Series[], size: number, metric: Metric, before: Series | null) {
  const ranked = series
    .flatMap((each) => {
      const value = valueOf(each.cells.get(size), metric);
      return value === null ? [] : [{ each, value }];
    })
    .sort((a, b) => (metric.better === 'lower' ? a.value - b.value : b.value - a.value));
  const [best] = ranked;
  if (best === undefined) return null;
  const tied = ranked.filter(({ value }) => lead(value, best.value, metric) <= TIE);
  if (tied.length === 1) return best.each;
  return tied.some(({ each }) => each === before) ? before : null;
}

function passing(
  from: Series,
  to: Series,
  before: number,
  after: number,
  sizes: readonly number[],
  metric: Metric,
): Passing {
  const gap = (size: number) => {
    const a = valueOf(from.cells.get(size), metric);
    const b = valueOf(to.cells.get(size), metric);
    return a === null || b === null ? 0 : lead(a, b, metric);
  };
  const between = sizes.filter((size) => size >= before && size <= after);
  // The step in which the sign changes; ties may lie between the two leaders.
  const index = Math.max(
    1,
    between.findIndex((size) => gap(size) > 0),
  );
  const [left, right] = [between[index - 1] ?? before, between[index] ?? after];
  const [below, above] = [gap(left), gap(right)];
  const share = above === below ? 0.5 : Math.max(0, Math.min(1, -below / (above - below)));
  const at = 2 ** (Math.log2(left) + share * (Math.log2(right) - Math.log2(left)));
  const agree = (size: number, ahead: 1 | -1) =>
    seedsOf(from, size).every((seed) => {
      const a = valueOf(ofSeed(from, size, seed), metric);
      const b = valueOf(ofSeed(to, size, seed), metric);
      return a === null || b === null || lead(a, b, metric) * ahead > 0;
    });
  const lows = sizes.filter((size) => size <= left);
  const highs = sizes.filter((size) => size >= right);
  return {
    from,
    to,
    at,
    low: lows.findLast((size) => agree(size, -1)) ?? (sizes[0] as number),
    high: highs.find((size) => agree(size, 1)) ?? (sizes.at(-1) as number),
  };
}

const seedsOf = (series: Series, size: number) => [
  ...new Set((series.cells.get(size) ?? []).map((row) => row.axes['seed'])),
];
const ofSeed = (series: Series, size: number, seed: unknown) =>
  series.cells.get(size)?.filter((row) => row.axes['seed'] === seed);

function answer(
  native: readonly Series[],
  passings: readonly Passing[],
  metric: Metric,
  size: (value: number) => string,
): string {
  const what = `${metric.better === 'lower' ? 'lowest' : 'highest'} ${inSentence(metric.name)}`;
  if (native.length < 2) return `${metric.name} of ${native[0]?.name ?? 'no native run'}.`;
  if (passings.length > 0) {
    const told = passings.map(
      ({ from, to, at, low, high }) =>
        `${to.name} takes over from ${from.name} at about ${size(at)} (${size(low)} to ${size(high)})`,
    );
    return `${told.join('; ')}.`;
  }
  const sizes = native.flatMap(({ cells }) => [...cells.keys()].map(Number));
  const leaders = new Set(sizes.map((each) => leaderAt(native, each, metric, null)));
  leaders.delete(null);
  const [only] = leaders;
  return only === undefined || only === null
    ? `Undecided: at every size the best are within ${TIE * 100}${NBSP}% of each other.`
    : `Never: ${only.name} has the ${what} at every size where there is a difference of more than ${TIE * 100}${NBSP}%.`;
}

/** What both give away where they meet. */
function exposureAt(passings: readonly Passing[], size: (value: number) => string): string {
  const [first] = passings;
  if (first === undefined) return '';
  const told = [first.to, first.from].map(({ name, cells }) => {
    const runs = (cells.get(first.high) ?? []) as readonly ResultRow[];
    const values = runs.flatMap((row) => exposurePerGib(row.result) ?? []);
    if (values.length === 0) return null;
    const mean = meanOf(values);
    const hazards = Object.keys(runs[0]?.result.hazards ?? {}).filter((id) =>
      runs.some((row) => (row.result.hazards[id as 'H1'] ?? 0) > 0),
    );
    const exposed = mean >= 10_000 ? short(mean) : significant(mean);
    const because = hazards.length === 0 ? 'without a hazard' : `with ${hazards.join(' ')}`;
    return `${name} exposes ${exposed}${NBSP}KiB·s per GiB moved ${because}`;
  });
  if (told.includes(null)) return '';
  return `At ${size(first.high)} ${told.join('; ')}.`;
}
