/** The strip beside bars: each of them over that of the baseline, to either side of one. */
import type { ChartConfiguration, Plugin } from 'chart.js';
import type { BarRatio, BarsModel, ChartModel } from '../chart/model.ts';
import { ratio as ratioText } from '../numbers.ts';
import { fitted } from './bars.ts';
import { font, frameOptions, named, numberAxis, type Canvas } from './frame.ts';
import { barTexts } from './overlays.ts';

/** More numbers than this hide the bars. */
const NUMBERS_MOST = 30;

/** All ratios, and one. */
export const ratioExtent = ({ values }: BarRatio, intervals: boolean): readonly number[] => [
  1,
  ...values
    .flat()
    .flatMap((each) =>
      each === null
        ? []
        : [each.value, ...(intervals ? [each.low ?? each.value, each.high ?? each.value] : [])],
    ),
];

export function ratioConfig(
  model: ChartModel,
  drawn: BarsModel & { readonly ratio: BarRatio },
  canvas: Canvas,
) {
  const { figure, heat } = canvas.theme;
  const { categories, horizontal, ratio } = drawn;
  const { intervals } = model.spec;
  const colourOf = (value: number) =>
    (ratio.better === 'lower' ? value < 1 : value > 1) ? heat.better[1] : heat.worse[1];
  const datasets = ratio.values.map((values, set) => ({
    label: drawn.series[set]?.name ?? '',
    data: values.map((each) => {
      const bounds = intervals && each?.low != null && each.low !== each.high ? each : null;
      return horizontal
        ? {
            x: each?.value ?? NaN,
            ...(bounds === null ? {} : { xMin: bounds.low, xMax: bounds.high }),
          }
        : {
            y: each?.value ?? NaN,
            ...(bounds === null ? {} : { yMin: bounds.low, yMax: bounds.high }),
          };
    }),
    base: 1,
    backgroundColor: values.map((each) => colourOf(each?.value ?? 1)),
    maxBarThickness: canvas.text * 2.4,
    categoryPercentage: 0.82,
    barPercentage: 0.92,
    errorBarColor: figure.ink,
    errorBarWhiskerColor: figure.ink,
    errorBarLineWidth: 1,
    errorBarWhiskerLineWidth: 1,
    errorBarWhiskerSize: canvas.text * 0.5,
  }));
  const texts = ratio.values.flatMap((values, set) =>
    values.flatMap((each, index) =>
      each === null
        ? []
        : [
            {
              set,
              index,
              at: Math.max(1, intervals ? (each.high ?? each.value) : each.value),
              text: ratioText(each.value),
            },
          ],
    ),
  );
  const shown = texts.length > (horizontal ? NUMBERS_MOST : 16) ? [] : texts;
  const all = canvas.inset?.ys ?? ratioExtent(ratio, intervals);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const reach = Math.max(most - least, 0.02);
  const values = {
    ...numberAxis(canvas, {
      quantity: { name: '', unit: '' },
      scale: 'linear',
      range: [least - reach * 0.08, most + reach * (shown.length > 0 && !horizontal ? 0.3 : 0.12)],
      grid: true,
      fromZero: false,
      most: 6,
    }),
  };
  const names = {
    type: 'category' as const,
    labels: categories.map(named),
    grid: { display: false },
    border: { display: false },
    ticks: {
      color: figure.ink,
      font: font(canvas),
      maxRotation: 0,
      padding: 4,
      // The bars beside have the names; without any labels the strip would be out of line with them.
      ...(horizontal ? { callback: () => '' } : {}),
    },
  };
  const ticks = {
    ...values.ticks,
    includeBounds: false,
    callback: (value: string | number) => ratioText(Number(value)),
  };
  const frame = frameOptions(model, drawn, canvas, {
    top: 0,
    right: horizontal && shown.length > 0 ? canvas.text * 2.8 : 0,
  });
  const numbers = { ...values, ticks };
  const config = {
    type: 'barWithErrorBars',
    data: { labels: categories.map(named), datasets },
    options: {
      ...frame,
      indexAxis: horizontal ? 'y' : 'x',
      scales: horizontal
        ? { x: { ...numbers, ...fitted('height', canvas) }, y: names }
        : { x: names, y: { ...numbers, ...fitted('width', canvas) } },
      plugins: {
        ...frame.plugins,
        annotation: {
          annotations: {
            one: {
              type: 'line',
              scaleID: horizontal ? 'x' : 'y',
              value: 1,
              borderColor: figure.ink2,
              borderWidth: 1,
            },
          },
        },
        tooltip: {
          ...frame.plugins?.tooltip,
          callbacks: {
            label: ({ datasetIndex, dataIndex }: { datasetIndex: number; dataIndex: number }) => {
              const each = ratio.values[datasetIndex]?.[dataIndex];
              if (each == null) return '';
              const name = drawn.series[datasetIndex]?.name ?? '';
              return `${name}: ${ratioText(each.value)} of ${ratio.over}`;
            },
          },
        },
      },
    },
  } as unknown as ChartConfiguration;
  const plugins: Plugin[] = [barTexts(shown, horizontal, canvas)];
  return { config, plugins };
}
