import type { ChartConfiguration, ChartDataset, Plugin } from 'chart.js';
import type { ChartModel, ScatterModel } from '../chart/model.ts';
import { NBSP, short, significant } from '../numbers.ts';
import {
  frameOptions,
  named,
  numberAxis,
  rangeOf,
  ticksAcross,
  TICKS_UP,
  type Canvas,
} from './frame.ts';
import { styleOf } from './looks.ts';
import { pointNames } from './overlays.ts';

const isDecade = (value: number) => {
  const rest = Math.abs(Math.log10(value) % 1);
  return value > 0 && (rest < 1e-6 || rest > 1 - 1e-6);
};

export function scatterConfig(model: ChartModel, drawn: ScatterModel, canvas: Canvas) {
  const { figure } = canvas.theme;
  const { points, zeroAt, x, y } = drawn;
  const at = (point: { x: number; y: number }) => ({
    x: Math.max(point.x, zeroAt ?? 0),
    y: point.y,
  });
  const r = canvas.text * 0.5;
  const datasets: ChartDataset<'scatter'>[] = points.map((point) => {
    const style = styleOf(point.look, figure);
    const hollow = style.hollow || point.hypothetical;
    const cross = style.marker === 'crossRot';
    return {
      label: named(point),
      data: [at(point)],
      // Points on the edge are drawn whole.
      clip: 12,
      pointStyle: style.marker as 'circle',
      pointRadius: style.marker === 'rectRot' ? r * 1.2 : r,
      pointHoverRadius: r * 1.3,
      pointBackgroundColor: hollow ? figure.surface : style.colour,
      pointBorderColor: hollow || cross ? style.colour : figure.surface,
      pointBorderWidth: cross ? 2 : hollow ? 1.5 : 1,
    };
  });
  const front = points.filter((point) => point.front).sort((a, b) => a.x - b.x || a.y - b.y);
  if (front.length > 1) {
    datasets.push({
      label: 'front',
      data: front.map(at),
      showLine: true,
      // Along the front the better value holds until more exposure buys a better one.
      stepped: 'before',
      borderColor: figure.ink3,
      borderWidth: 1,
      borderDash: [4, 3],
      pointRadius: 0,
      pointHitRadius: 0,
      ...(canvas.file ? { segment: { borderColor: () => undefined } } : {}),
    });
  }
  const frame = frameOptions(model, drawn, canvas, { top: canvas.text, right: canvas.text * 2 });
  const xs = canvas.inset?.xs ?? points.map((point) => point.x);
  const most = Math.max(...xs);
  const least = zeroAt ?? Math.min(...xs) / 2;
  const across = numberAxis(canvas, {
    quantity: x,
    scale: 'log10',
    range: [least, Math.max(least * 100, 4 * most)],
    grid: true,
    fromZero: false,
    most: ticksAcross(canvas),
  });
  const config = {
    type: 'scatter',
    data: { datasets },
    options: {
      ...frame,
      scales: {
        x: {
          ...across,
          afterBuildTicks: (axis: { min: number; max: number; ticks: { value: number }[] }) => {
            const decades = axis.ticks.map(({ value }) => value).filter(isDecade);
            const step = Math.ceil(decades.length / 8);
            const shown = decades.filter((_, i) => i % step === 0);
            axis.ticks = [...new Set(zeroAt === null ? shown : [zeroAt, ...shown])].map(
              (value) => ({ value }),
            );
          },
          ticks: {
            ...across.ticks,
            callback: (value: string | number) =>
              zeroAt !== null && Number(value) <= zeroAt * 1.001 ? '0' : short(Number(value)),
          },
        },
        y: numberAxis(canvas, {
          quantity: y,
          scale: y.scale,
          range: rangeOf(canvas.inset?.ys ?? points.map((point) => point.y), y.scale),
          grid: true,
          fromZero: true,
          most: TICKS_UP,
        }),
      },
      plugins: {
        ...frame.plugins,
        tooltip: {
          ...frame.plugins?.tooltip,
          filter: ({ datasetIndex }: { datasetIndex: number }) => datasetIndex < points.length,
          callbacks: {
            label: ({ datasetIndex }: { datasetIndex: number }) => {
              const point = points[datasetIndex];
              if (point === undefined) return '';
              return `${named(point)}: ${significant(point.y)}${NBSP}${y.unit}, ${significant(point.x)}${NBSP}KiB·s/GiB`;
            },
          },
        },
      },
    },
  } as unknown as ChartConfiguration;
  const plugins: Plugin[] = [
    pointNames(
      points.map((point) => ({
        // Among small charts there is room for the name alone; it is slanted, and its marker hollow.
        text: canvas.inset === null ? named(point) : point.name,
        colour: point.front ? figure.ink : figure.ink2,
        italic: point.hypothetical,
      })),
      canvas,
    ),
  ];
  return { config, plugins };
}
