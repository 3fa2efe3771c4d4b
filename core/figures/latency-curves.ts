/** Latencies of two traces over each other: as percentiles on a scale of nines, or as a distribution. */
import type { ChartConfiguration, ChartDataset } from 'chart.js';
import type { Change, LatencyDiff } from '../contract/diff.ts';
import { tooltipOf } from './cpu-bars.ts';
import { NBSP, durationNs, percent, short, significant } from './numbers.ts';
import type { Marker } from './strategies.ts';
import type { FigureTheme } from './theme.ts';

/** How one side of a diff is drawn. */
export interface SideLook {
  /** Letter and name. */
  readonly name: string;
  readonly colour: string;
  readonly dash: readonly number[];
  readonly marker: Marker;
  /** The second of two runs of one strategy. */
  readonly hollow: boolean;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Nines of a fraction: 0.9 is 1, 0.99 is 2. */
export const nines = (fraction: number): number => -Math.log10(1 - fraction);

const MARKS = [
  { key: 'p50', fraction: 0.5, name: 'p50' },
  { key: 'p90', fraction: 0.9, name: 'p90' },
  { key: 'p99', fraction: 0.99, name: 'p99' },
  { key: 'p999', fraction: 0.999, name: 'p99.9' },
] as const;

type SideId = 'a' | 'b';

export interface LatencyCurves {
  /** Latency in microseconds against the nines of the share of requests that were faster. */
  readonly curves: readonly [readonly Point[], readonly Point[]];
  /** Percentiles that the number of requests allows. */
  readonly marks: readonly [readonly Point[], readonly Point[]];
  /** Latency in microseconds against the share of requests in a bucket, as steps. */
  readonly steps: readonly [readonly Point[], readonly Point[]];
  /** Nines of the greatest share to be seen. */
  readonly top: number;
}

export function latencyCurvesOf(latency: LatencyDiff): LatencyCurves {
  const both = <T>(of: (side: SideId) => T): readonly [T, T] => [of('a'), of('b')];
  const requests = both((side) => latency.completed[side] ?? 0);
  return {
    curves: both((side) => curve(latency, side)),
    marks: both((side) => marks(latency, side)),
    steps: both((side) => steps(latency, side)),
    top: Math.max(1, ...requests.map((n) => (n < 2 ? 0 : nines(1 - 1 / n)))) * 1.04,
  };
}

const us = (ns: number) => ns / 1000;
const of = (change: Change, side: SideId) => change[side] ?? 0;

/** From the fastest request through the edges of the buckets to the slowest, which all others beat. */
function curve({ histogram, percentilesNs, completed }: LatencyDiff, side: SideId): Point[] {
  const n = of(completed, side);
  if (n < 2) return [];
  const last = 1 - 1 / n;
  const points: Point[] = [{ x: us(of(percentilesNs.min, side)), y: 0 }];
  const slowest = of(percentilesNs.max, side);
  let faster = 0;
  for (const bucket of histogram) {
    faster += bucket[side];
    // Half a request is the noise of adding fractions up.
    if (bucket[side] === 0 || faster > last + 0.5 / n || bucket.toNs >= slowest) continue;
    points.push({ x: us(bucket.toNs), y: nines(Math.min(faster, last)) });
  }
  points.push({ x: us(slowest), y: nines(last) });
  return points;
}

function marks({ percentilesNs, completed }: LatencyDiff, side: SideId): Point[] {
  const n = of(completed, side);
  return MARKS.filter(({ fraction }) => n * (1 - fraction) >= 1 - 1e-9).map(
    ({ key, fraction }) => ({ x: us(of(percentilesNs[key], side)), y: nines(fraction) }),
  );
}

function steps({ histogram }: LatencyDiff, side: SideId): Point[] {
  const points: Point[] = [];
  let end = -1;
  for (const bucket of histogram) {
    if (bucket.fromNs !== end) {
      if (end !== -1) points.push({ x: us(end), y: 0 });
      points.push({ x: us(bucket.fromNs), y: 0 });
    }
    points.push({ x: us(bucket.fromNs), y: bucket[side] }, { x: us(bucket.toNs), y: bucket[side] });
    end = bucket.toNs;
  }
  if (end !== -1) points.push({ x: us(end), y: 0 });
  return points;
}

const POINT_STYLES = {
  circle: 'circle',
  square: 'rect',
  triangle: 'triangle',
  diamond: 'rectRot',
  cross: 'crossRot',
} as const;

export type LatencyView = 'percentiles' | 'distribution';

export function latencyCurvesConfig(
  model: LatencyCurves,
  looks: readonly [SideLook, SideLook],
  view: LatencyView,
  theme: FigureTheme,
): ChartConfiguration<'scatter'> {
  const font = (size: number) => ({ family: theme.fontFamily, size });
  const line = (points: readonly Point[], look: SideLook): ChartDataset<'scatter'> => ({
    label: look.name,
    data: [...points],
    showLine: true,
    borderColor: look.colour,
    borderDash: [...look.dash],
    borderWidth: 2,
    pointRadius: 0,
    pointHitRadius: 0,
  });
  const dots = (points: readonly Point[], look: SideLook): ChartDataset<'scatter'> => ({
    label: look.name,
    data: [...points],
    clip: 12,
    pointStyle: POINT_STYLES[look.marker],
    pointRadius: 5,
    pointHoverRadius: 7,
    pointBackgroundColor: look.hollow ? theme.surface : look.colour,
    pointBorderColor: look.hollow || look.marker === 'cross' ? look.colour : theme.surface,
    pointBorderWidth: look.hollow || look.marker === 'cross' ? 2 : 1,
  });
  const percentiles = view === 'percentiles';
  const [inA, inB] = percentiles ? model.curves : model.steps;
  const [lookA, lookB] = looks;
  const datasets = [line(inA, lookA), line(inB, lookB)];
  if (percentiles) datasets.push(dots(model.marks[0], lookA), dots(model.marks[1], lookB));
  const values = [...inA, ...inB].map(({ x }) => x).filter((x) => x > 0);
  const named = [{ fraction: 0, name: '0' }, ...MARKS].filter(
    ({ fraction }) => nines(fraction) <= model.top,
  );
  return {
    type: 'scatter',
    data: { datasets },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      layout: { padding: { top: 8, right: 16 } },
      scales: {
        x: {
          type: 'logarithmic',
          ...(values.length === 0
            ? {}
            : { min: Math.min(...values) / 1.15, max: Math.max(...values) * 1.15 }),
          grid: { color: theme.grid },
          border: { color: theme.rule },
          title: {
            display: true,
            text: 'latency from submission to reuse, µs, log scale',
            color: theme.ink2,
            font: font(11),
          },
          ticks: {
            color: theme.ink3,
            font: font(10.5),
            maxRotation: 0,
            autoSkipPadding: 16,
            callback: (value) => (isRound(Number(value)) ? short(Number(value)) : ''),
          },
        },
        y: {
          beginAtZero: true,
          ...(percentiles ? { min: 0, max: model.top } : {}),
          grid: { color: theme.grid },
          border: { display: false },
          afterBuildTicks: (axis) => {
            if (percentiles) axis.ticks = named.map(({ fraction }) => ({ value: nines(fraction) }));
          },
          title: {
            display: !percentiles,
            text: 'share of its requests',
            color: theme.ink2,
            font: font(11),
          },
          ticks: {
            color: theme.ink3,
            font: font(10.5),
            autoSkip: !percentiles,
            callback: (value) =>
              percentiles
                ? (named.find(({ fraction }) => nines(fraction) === value)?.name ?? '')
                : percent(Number(value)),
          },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          ...tooltipOf(theme, (item: { datasetIndex: number; dataIndex: number }) => {
            const side = item.datasetIndex - 2;
            const point = model.marks[side === 0 ? 0 : 1][item.dataIndex];
            const mark = MARKS[item.dataIndex];
            if (point === undefined || mark === undefined) return '';
            return `${mark.name} ${significant(point.x)}${NBSP}µs, ${looks[side === 0 ? 0 : 1].name}`;
          }),
          filter: (item) => item.datasetIndex >= 2,
        },
      },
    },
  };
}

/** 1, 2 or 5 times a power of ten. */
function isRound(value: number): boolean {
  const digit = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
  return [1, 2, 5].some((each) => Math.abs(digit - each) < 1e-6);
}

/** The chart's answer in words. */
export function latencySentence({ percentilesNs, test, completed }: LatencyDiff): string {
  const { p50, p99 } = percentilesNs;
  if (p50.a === null || p50.b === null) return 'A trace has no completed request.';
  const pair = (change: Change) =>
    `${durationNs(change.a ?? 0)} in A and ${durationNs(change.b ?? 0)} in B`;
  const few = Math.min(completed.a ?? 0, completed.b ?? 0) < 100;
  const tail = few ? '' : `, p99 ${pair(p99)}`;
  const chance =
    test.test === null
      ? ''
      : ` A request of B is slower than one of A with a chance of ${percent(test.superiority)}.`;
  return `Median latency is ${pair(p50)}${tail}.${chance}`;
}
