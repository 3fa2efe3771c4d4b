/** Bars of what a run counted by size or by place: batches, and waits at locks and queues. */
import {
  grouped,
  varyingAxes,
  withResult,
  type ResultRow,
  type Series,
} from '../chart/grouping.ts';
import type { BarsModel } from '../chart/model.ts';
import type { ChartRow } from '../chart/rows.ts';
import { badChart, type ChartSpec } from '../chart/spec.ts';
import { estimate, type Estimate } from '../chart/statistics.ts';
import { NBSP, significant } from '../numbers.ts';
import { leftOut, list, RECORDED, type Made } from './common.ts';

type Sizes = Readonly<Record<string, number>>;

const runsOf = (series: Series) => [...series.cells.values()].flat() as ResultRow[];

function barsOver(
  series: readonly Series[],
  categories: readonly { readonly name: string; readonly value: string | number }[],
  number: (runs: readonly ResultRow[], index: number) => Estimate | null,
): Pick<
  BarsModel,
  'shape' | 'categories' | 'series' | 'stacked' | 'totals' | 'byCategory' | 'ratio'
> {
  return {
    shape: 'bars',
    categories: categories.map((each, index) => ({
      ...each,
      look: { kind: 'ordinal', index },
      hypothetical: false,
    })),
    series: series.map((each) => ({
      name: each.name,
      look: each.look,
      hypothetical: each.hypothetical,
      values: categories.map((_, index) => number(runsOf(each), index)),
    })),
    stacked: false,
    totals: null,
    ratio: null,
    byCategory: false,
  };
}

/** Kinds of batches that there are, the most frequent first. */
export function batchKinds(rows: readonly ChartRow[]): string[] {
  const total = new Map<string, number>();
  for (const { result } of rows) {
    for (const [kind, sizes] of Object.entries(result?.batch ?? {})) {
      total.set(kind, (total.get(kind) ?? 0) + countIn(sizes, 0, Infinity));
    }
  }
  return [...total]
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([kind]) => kind);
}

/** The share of batches of each size; sizes in powers of two where there are many. */
export function batchBars(rows: readonly ChartRow[], spec: ChartSpec): Made {
  const kinds = batchKinds(rows);
  const kind = spec.metric ?? kinds[0];
  if (kind === undefined) {
    throw badChart('no run has batches', 'source', 'take runs of a network or block workload');
  }
  if (!kinds.includes(kind)) {
    const known = kinds.length === 0 ? 'take other runs' : `use one of ${kinds.join('; ')}`;
    throw badChart(`no run has batches called ${JSON.stringify(kind)}`, 'metric', known);
  }
  const sizesOf = (row: ResultRow): Sizes => row.result.batch[kind] ?? {};
  const having = withResult(rows).rows.filter((row) => countIn(sizesOf(row), 0, Infinity) > 0);
  const { series } = grouped(having, null, spec.split ?? varyingAxes(having)[0] ?? null);
  const bins = binsOf(having.flatMap((row) => Object.keys(sizesOf(row)).map(Number)));
  const shares = (runs: readonly ResultRow[], { low, high }: Bin) =>
    runs.map((row) => {
      const sizes = sizesOf(row);
      return (countIn(sizes, low, high) / countIn(sizes, 0, Infinity)) * 100;
    });
  const means = series.map(
    (each) => `${significant(meanSize(runsOf(each).map(sizesOf)))} for ${each.name}`,
  );
  return {
    drawn: {
      ...barsOver(
        series,
        bins.map(({ low, high }) => ({
          name: low === high ? String(low) : `${low} to ${high}`,
          value: low,
        })),
        (runs, index) => estimate(shares(runs, bins[index] as Bin)),
      ),
      horizontal: false,
      x: { name: kind, unit: '' },
      y: { name: 'Share of batches', unit: '%' },
      scale: 'linear',
    },
    sentence: `Mean of ${kind}: ${list(means)}.`,
    notes: leftOut(rows.length - having.length, 'they have no such batches'),
  };
}

const MOST_BINS = 16;
interface Bin {
  readonly low: number;
  readonly high: number;
}

/** Every size while there are few, otherwise 1, 2, 3 to 4, 5 to 8 and so on. */
function binsOf(all: readonly number[]): readonly Bin[] {
  const sizes = [...new Set(all)].sort((a, b) => a - b);
  if (sizes.length <= MOST_BINS) return sizes.map((size) => ({ low: size, high: size }));
  const bins: Bin[] = sizes[0] === 0 ? [{ low: 0, high: 0 }] : [];
  bins.push({ low: 1, high: 1 });
  for (let high = 2; high / 2 < (sizes.at(-1) ?? 1); high *= 2) {
    bins.push({ low: high / 2 + 1, high });
  }
  return bins;
}

function countIn(sizes: Sizes, low: number, high: number): number {
  return Object.entries(sizes)
    .filter(([size]) => Number(size) >= low && Number(size) <= high)
    .reduce((sum, [, count]) => sum + count, 0);
}

function meanSize(all: readonly Sizes[]): number {
  const entries = all.flatMap((sizes) => Object.entries(sizes));
  const count = entries.reduce((sum, [, each]) => sum + each, 0);
  return entries.reduce((sum, [size, each]) => sum + Number(size) * each, 0) / count;
}

/** Mean wait at each lock and queue, those that cost most first. */
export function waitBars(rows: readonly ChartRow[], spec: ChartSpec): Made {
  const found = withResult(rows);
  const total = new Map<string, number>();
  for (const { result } of found.rows) {
    for (const [name, ns] of Object.entries(result.waitNs)) {
      total.set(name, (total.get(name) ?? 0) + ns);
    }
  }
  const names = [...total]
    .filter(([, ns]) => ns > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([name]) => name);
  if (names.length === 0) {
    const remedy = 'take runs with more load or more queues';
    throw badChart('no run waits at a lock or a queue', 'source', remedy);
  }
  const split = spec.split ?? varyingAxes(found.rows)[0] ?? null;
  const { series } = grouped(found.rows, null, split);
  const drawn: BarsModel = {
    ...barsOver(
      series,
      names.map((name) => ({ name, value: name })),
      (runs, index) =>
        estimate(runs.flatMap((row) => row.result.waitNs[names[index] as string] ?? []).map(inUs)),
    ),
    horizontal: true,
    x: { name: 'lock or queue', unit: '' },
    y: { name: 'Mean wait', unit: 'µs' },
    scale: spec.scale === 'log' ? 'log10' : 'linear',
  };
  const [worst] = drawn.series
    .flatMap(({ name, values }) =>
      values.flatMap((each, index) =>
        each === null ? [] : [{ name, place: names[index] ?? '', value: each.value }],
      ),
    )
    .sort((a, b) => b.value - a.value);
  return {
    drawn,
    sentence:
      worst === undefined
        ? 'Nobody waits.'
        : `The longest mean wait is at ${worst.place} with ${worst.name}: ${significant(worst.value)}${NBSP}µs.`,
    notes: leftOut(found.without, RECORDED),
  };
}

const inUs = (ns: number) => ns / 1000;
