/** The strip beside bars or below curves: each of them over that of the baseline, to either side of one. */
import type { ChartConfiguration, Plugin } from 'chart.js';
import type {
  BarRatio,
  BarsModel,
  ChartModel,
  CurveRatio,
  CurvesModel,
  Single,
} from '../chart/model.ts';
import { ratio as ratioText } from '../numbers.ts';
import { fitted } from './bars.ts';
import { curvesConfig, curvesExtent } from './curves.ts';
import type { Drawing } from './drawing.ts';
import { font, frameOptions, named, numberAxis, type Canvas } from './frame.ts';
import { barTexts } from './overlays.ts';

/** More numbers than this hide the bars. */
const NUMBERS_MOST = 30;

/** All ratios, and one. */
export function ratioExtent(drawn: WithRatio, intervals: boolean): readonly number[] {
  if (drawn.shape === 'curves') {
    return [1, ...curvesExtent(ratioCurves(drawn), intervals).ys];
  }
  const values = drawn.ratio.values.flat().flatMap((each) => {
    if (each === null) return [];
    const { value, low, high } = each;
    return intervals ? [value, low ?? value, high ?? value] : [value];
  });
  return [1, ...values];
}

type BarsWithRatio = BarsModel & { readonly ratio: BarRatio };
type CurvesWithRatio = CurvesModel & { readonly ratio: CurveRatio };
/** What has a strip of ratios. */
export type WithRatio = BarsWithRatio | CurvesWithRatio;

export const hasRatio = (drawn: Single): drawn is WithRatio =>
  (drawn.shape === 'bars' && drawn.ratio !== null) ||
  (drawn.shape === 'curves' && drawn.ratio !== undefined);

export function ratioConfig(model: ChartModel, drawn: WithRatio, canvas: Canvas): Drawing {
  return drawn.shape === 'bars'
    ? barsRatioConfig(model, drawn, canvas)
    : curvesRatioConfig(model, drawn, canvas);
}

/** Curves of the ratios; the lines that point to something go on through them. */
function ratioCurves({ ratio, series, marks, ...rest }: CurvesWithRatio): CurvesModel {
  return {
    shape: 'curves',
    stepped: rest.stepped,
    markers: rest.markers,
    x: rest.x,
    y: { name: '', unit: '', scale: 'linear' },
    // The baseline's own is the line at one.
    series: series.map((each, set) => {
      const points = ratio.points[set] ?? [];
      return { ...each, points: points.every(({ y }) => y === 1) ? [] : points };
    }),
    marks: marks.map((each) => ({ ...each, label: '' })),
  };
}

function curvesRatioConfig(model: ChartModel, drawn: CurvesWithRatio, canvas: Canvas): Drawing {
  const annotations = model.spec.annotations
    .filter(({ axis }) => axis === 'x')
    .map((each) => ({ ...each, label: '' }));
  const strip = ratioCurves(drawn);
  const { config, plugins } = curvesConfig(
    { ...model, spec: { ...model.spec, annotations } },
    strip,
    canvas,
  );
  const all = canvas.inset?.ys ?? ratioExtent(drawn, model.spec.intervals);
  const { options } = config;
  return {
    config: {
      ...config,
      options: {
        ...options,
        scales: {
          ...options?.scales,
          y: { ...ratioAxis(all, 0.12, canvas), ...fitted('width', canvas) },
        },
        plugins: {
          ...options?.plugins,
          annotation: {
            annotations: { ...options?.plugins?.annotation?.annotations, ...atOne('y', canvas) },
          },
        },
      },
    },
    plugins,
  };
}

/** @param above room above the greatest, as a share of all */
function ratioAxis(all: readonly number[], above: number, canvas: Canvas) {
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const reach = Math.max(most - least, 0.02);
  const axis = numberAxis(canvas, {
    quantity: { name: '', unit: '' },
    scale: 'linear',
    range: [least - reach * 0.08, most + reach * above],
    grid: true,
    fromZero: false,
    most: 6,
  });
  const ticks = {
    ...axis.ticks,
    includeBounds: false,
    callback: (value: string | number) => ratioText(Number(value)),
  };
  return { ...axis, ticks };
}

const atOne = (scaleID: 'x' | 'y', { theme }: Canvas) => ({
  one: {
    type: 'line' as const,
    scaleID,
    value: 1,
    borderColor: theme.figure.ink2,
    borderWidth: 1,
  },
});

function barsRatioConfig(model: ChartModel, drawn: BarsWithRatio, canvas: Canvas): Drawing {
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
  const all = canvas.inset?.ys ?? ratioExtent(drawn, intervals);
  const numbers = ratioAxis(all, shown.length > 0 && !horizontal ? 0.3 : 0.12, canvas);
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
  const frame = frameOptions(model, drawn, canvas, {
    top: 0,
    right: horizontal && shown.length > 0 ? canvas.text * 2.8 : 0,
  });
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
          annotations: atOne(horizontal ? 'x' : 'y', canvas),
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
