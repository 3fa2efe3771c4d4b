/** Exposure beyond need against CPU time: what a strategy costs and what it gives away. */
import type { ChartConfiguration, ChartDataset } from 'chart.js';
import type { RunResult } from '../contract/result.ts';
import { tooltipOf } from './cpu-bars.ts';
import type { PointName } from './drawing/overlays.ts';
import { cpuPerByte, exposurePerGib } from './metrics.ts';
import { NBSP, short, significant } from './numbers.ts';
import { strategyStyle } from './strategies.ts';
import type { FigureTheme } from './theme.ts';

export interface ScatterPoint {
  readonly strategy: string;
  readonly exposure: number;
  readonly cpu: number;
  readonly hypothetical: boolean;
  /** No native point is both cheaper and less exposed. */
  readonly front: boolean;
}

export interface ExposureScatter {
  readonly points: readonly ScatterPoint[];
  /** Where points without any exposure are drawn on the logarithmic axis. */
  readonly zeroAt: number;
}

export function exposureScatterOf(results: readonly RunResult[]): ExposureScatter {
  const raw = results.map((result) => ({
    strategy: result.strategy,
    exposure: exposurePerGib(result) ?? 0,
    cpu: cpuPerByte(result),
    hypothetical: result.pair === 'hypothetical',
  }));
  const points = raw.map((point) => ({
    ...point,
    front:
      !point.hypothetical &&
      !raw.some(
        (other) =>
          !other.hypothetical &&
          other.cpu <= point.cpu &&
          other.exposure <= point.exposure &&
          (other.cpu < point.cpu || other.exposure < point.exposure),
      ),
  }));
  const positive = points.map((point) => point.exposure).filter((value) => value > 0);
  const least = positive.length === 0 ? 1 : Math.min(...positive);
  return { points, zeroAt: 10 ** (Math.floor(Math.log10(least)) - 1) };
}

const isDecade = (value: number) => value > 0 && Math.abs(Math.log10(value) % 1) < 1e-6;

const POINT_STYLES = {
  circle: 'circle',
  square: 'rect',
  triangle: 'triangle',
  diamond: 'rectRot',
  cross: 'crossRot',
} as const;

/** Name beside a point, in an ink that can be read; drawn by whoever draws the chart. */
export function exposureLabels(model: ExposureScatter, theme: FigureTheme): readonly PointName[] {
  return model.points.map((point) => ({
    text: point.strategy,
    colour: point.front ? theme.ink : theme.ink2,
    italic: point.hypothetical,
  }));
}

export function exposureScatterConfig(
  model: ExposureScatter,
  theme: FigureTheme,
): ChartConfiguration<'scatter'> {
  const { points, zeroAt } = model;
  const at = (point: ScatterPoint) => ({ x: Math.max(point.exposure, zeroAt), y: point.cpu });
  const datasets: ChartDataset<'scatter'>[] = points.map((point) => {
    const style = strategyStyle(point.strategy);
    const colour = style === undefined ? theme.ink3 : theme.family[style.family];
    const cross = style?.marker === 'cross';
    return {
      label: point.strategy,
      data: [at(point)],
      // Points on the edge are drawn whole.
      clip: 12,
      pointStyle: POINT_STYLES[style?.marker ?? 'circle'],
      pointRadius: style?.marker === 'diamond' ? 6.5 : 5.5,
      pointHoverRadius: 7,
      pointBackgroundColor: point.hypothetical ? theme.surface : colour,
      pointBorderColor: point.hypothetical || cross ? colour : theme.surface,
      pointBorderWidth: cross ? 2 : point.hypothetical ? 1.5 : 1,
    };
  });
  const front = points.filter((point) => point.front).sort((a, b) => a.exposure - b.exposure);
  if (front.length > 1) {
    datasets.push({
      label: 'front',
      data: front.map(at),
      showLine: true,
      stepped: 'before',
      borderColor: theme.ink3,
      borderWidth: 1,
      pointRadius: 0,
      pointHitRadius: 0,
    });
  }
  const font = (size: number) => ({ family: theme.fontFamily, size });
  const title = (text: string) => ({ display: true, text, color: theme.ink2, font: font(11) });
  return {
    type: 'scatter',
    data: { datasets },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      layout: { padding: { top: 16, right: 88 } },
      scales: {
        x: {
          type: 'logarithmic',
          min: zeroAt,
          max: Math.max(zeroAt * 100, 2 * Math.max(...points.map((point) => point.exposure))),
          grid: {
            color: ({ tick }) =>
              isDecade(tick === undefined ? 0 : tick.value) ? theme.grid : 'transparent',
          },
          border: { color: theme.rule },
          title: title('exposure beyond need, KiB·s per GiB moved'),
          ticks: {
            color: theme.ink3,
            font: font(10.5),
            maxRotation: 0,
            callback: (value) => {
              const size = Number(value);
              if (size <= zeroAt * 1.001) return '0';
              return isDecade(size) ? short(size) : '';
            },
          },
        },
        y: {
          beginAtZero: true,
          grid: { color: theme.grid },
          border: { display: false },
          title: title('CPU, ns per byte'),
          ticks: { color: theme.ink3, font: font(10.5) },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          ...tooltipOf(theme, (item: { datasetIndex: number }) => {
            const point = points[item.datasetIndex];
            if (point === undefined) return '';
            return `${point.strategy}: ${significant(point.cpu)}${NBSP}ns/B, ${significant(point.exposure)}${NBSP}KiB·s/GiB`;
          }),
          filter: (item) => item.datasetIndex < points.length,
        },
      },
    },
  };
}

export function exposureSentence(model: ExposureScatter, machine: string): string {
  const front = model.points.filter((point) => point.front);
  if (front.length === 0) return 'No native result on this machine yet.';
  const native = model.points.filter((point) => !point.hypothetical);
  const names = front.map((point) => point.strategy).sort();
  if (native.length === 1) return `${names[0] ?? ''} is the only native result on ${machine}.`;
  const list =
    names.length === 1
      ? (names[0] ?? '')
      : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
  return names.length === 1
    ? `On ${machine} nothing native is cheaper or safer than ${list}.`
    : `On ${machine} nothing native is both cheaper and safer than ${list}.`;
}
