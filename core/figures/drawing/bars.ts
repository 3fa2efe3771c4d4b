import type { ChartConfiguration, Plugin } from 'chart.js';
import type { BarsModel, ChartModel } from '../chart/model.ts';
import { columnDigits, cellText } from '../metrics.ts';
import { NBSP, significant } from '../numbers.ts';
import type { FigureTheme } from '../theme.ts';
import {
  font,
  frameOptions,
  keyPlaces,
  named,
  nameLines,
  numberAxis,
  quantityText,
  rangeOf,
  ticksAcross,
  TICKS_UP,
  widthOf,
  type Canvas,
  type KeyEntry,
} from './frame.ts';
import { styleOf, type Style } from './looks.ts';
import { barMarkers, barTexts, keyPlugin, stackWhiskers, type Whisker } from './overlays.ts';

/** More numbers than this hide the bars. */
const NUMBERS_MOST = 30;

export function barsConfig(model: ChartModel, drawn: BarsModel, canvas: Canvas) {
  const { figure } = canvas.theme;
  const { categories, series, stacked, horizontal, byCategory } = drawn;
  const intervals = model.spec.intervals && !stacked;
  const styleAt = (set: number, index: number): Style =>
    styleOf(
      (byCategory ? categories[index]?.look : series[set]?.look) ?? { kind: 'ordinal', index: 0 },
      figure,
    );
  const unreal = (set: number, index: number) =>
    (categories[index]?.hypothetical ?? false) || (series[set]?.hypothetical ?? false);
  const log = drawn.scale !== 'linear';
  const all = canvas.inset?.ys ?? barsExtent(drawn, model.spec.intervals);
  const entries = canvas.inset === null ? barsKey(drawn, figure) : [];
  const data = series.map((each, set) => ({
    label: named(each),
    data: each.values.map((value) => {
      const bounds = intervals && value?.low != null && value.low !== value.high ? value : null;
      return horizontal
        ? {
            x: value?.value ?? NaN,
            ...(bounds === null ? {} : { xMin: bounds.low, xMax: bounds.high }),
          }
        : {
            y: value?.value ?? NaN,
            ...(bounds === null ? {} : { yMin: bounds.low, yMax: bounds.high }),
          };
    }),
    backgroundColor: categories.map((_, i) =>
      unreal(set, i) ? `${styleAt(set, i).colour}40` : styleAt(set, i).colour,
    ),
    borderColor: categories.map((_, i) =>
      unreal(set, i) ? styleAt(set, i).colour : figure.surface,
    ),
    borderWidth: categories.map((_, i) => (unreal(set, i) ? 1.5 : stacked ? 0.75 : 0)),
    borderSkipped: false,
    maxBarThickness: canvas.text * 2.4,
    categoryPercentage: 0.82,
    barPercentage: stacked ? 0.8 : 0.92,
    errorBarColor: figure.ink,
    errorBarWhiskerColor: figure.ink,
    errorBarLineWidth: 1,
    errorBarWhiskerLineWidth: 1,
    errorBarWhiskerSize: canvas.text * 0.5,
  }));
  const texts = numbersAt(drawn, intervals);
  const longest = Math.max(0, ...texts.map(({ text }) => text.length));
  const key = keyPlaces(entries, canvas);
  const values = numberAxis(canvas, {
    quantity: drawn.y,
    scale: drawn.scale,
    range: barRange(all, drawn.scale),
    grid: true,
    fromZero: !log,
    most: horizontal ? ticksAcross(canvas) : TICKS_UP,
  });
  const names = {
    type: 'category' as const,
    labels: categories.map((each) => (horizontal ? nameLines(named(each), canvas) : named(each))),
    grid: { display: false },
    border: { color: figure.rule },
    title: {
      display: !horizontal && canvas.inset === null,
      text: quantityText(drawn.x),
      color: figure.ink2,
      font: font(canvas),
      padding: 2,
    },
    ticks: {
      display: canvas.inset?.named !== true,
      color: figure.ink,
      font: font(canvas),
      autoSkip: !horizontal,
      maxRotation: 0,
      padding: 4,
    },
  };
  const frame = frameOptions(model, drawn, canvas, {
    top: key.height + (horizontal ? 0 : canvas.text * 1.3),
    right: horizontal ? widthOf('0', canvas.text) * longest + 4 : 0,
  });
  const config = {
    type: 'barWithErrorBars',
    data: { labels: categories.map(named), datasets: data },
    options: {
      ...frame,
      indexAxis: horizontal ? 'y' : 'x',
      scales: horizontal
        ? { x: { ...values, ...fitted('height', canvas), stacked }, y: { ...names, stacked } }
        : { x: { ...names, stacked }, y: { ...values, ...fitted('width', canvas), stacked } },
      plugins: {
        ...frame.plugins,
        tooltip: {
          ...frame.plugins?.tooltip,
          callbacks: {
            title: ([item]: readonly { dataIndex: number }[]) => {
              const category = item === undefined ? undefined : categories[item.dataIndex];
              return category === undefined ? '' : named(category);
            },
            label: ({ datasetIndex, dataIndex }: { datasetIndex: number; dataIndex: number }) => {
              const value = series[datasetIndex]?.values[dataIndex];
              if (value == null) return '';
              const interval =
                value.low === null || value.high === null
                  ? ''
                  : ` (${significant(value.low)} to ${significant(value.high)})`;
              return `${series[datasetIndex]?.name ?? ''}: ${significant(value.value)}${NBSP}${drawn.y.unit}${interval}`;
            },
          },
        },
      },
    },
  } as unknown as ChartConfiguration;
  const marked = (set: number, index: number) =>
    stacked || byCategory || unreal(set, index) ? null : styleAt(set, index);
  const plugins: Plugin[] = [
    keyPlugin(entries, canvas),
    barMarkers(marked, canvas),
    ...(stacked && model.spec.intervals ? [stackWhiskers(whiskersOf(drawn), canvas)] : []),
    barTexts(texts, horizontal, canvas),
  ];
  return { config, plugins };
}

/** The axis takes the room that it has been given, so that a strip beside it is in line. */
export const fitted = (side: 'width' | 'height', { inset }: Canvas) =>
  inset === null || inset.room === null
    ? {}
    : {
        afterFit: (axis: { width: number; height: number }) => {
          axis[side] = inset.room as number;
        },
      };

/** All that the axis of values has to show. */
export function barsExtent(
  { series, stacked, totals }: BarsModel,
  intervals: boolean,
): readonly number[] {
  const shown = stacked ? [totals ?? []] : series.map(({ values }) => values);
  return shown
    .flat()
    .flatMap((each) =>
      each === null
        ? []
        : intervals
          ? [each.value, each.low ?? each.value, each.high ?? each.value]
          : [each.value],
    );
}

export const barsKey = (
  { series, stacked, byCategory }: BarsModel,
  theme: FigureTheme,
): KeyEntry[] =>
  byCategory
    ? []
    : series.map(({ name, look, hypothetical }) => ({
        name,
        style: styleOf(look, theme),
        hypothetical,
        as: stacked ? 'box' : 'marker',
      }));

/** On a logarithmic axis bars begin at a whole decade, so that no bar looks like nothing. */
function barRange(values: readonly number[], scale: BarsModel['scale']): readonly [number, number] {
  const [low, high] = rangeOf(values, scale);
  return scale === 'linear' ? [low, high] : [10 ** Math.floor(Math.log10(low)), high];
}

/** The number of each bar, and of each whole stack, beside its end. */
function numbersAt(
  { categories, series, stacked, totals, horizontal, y }: BarsModel,
  intervals: boolean,
) {
  if (stacked) {
    const digits = columnDigits((totals ?? []).map((each) => each?.value ?? 0));
    const last = series.length - 1;
    return categories.map((_, index) => {
      const total = totals?.[index];
      const value = total?.value ?? 0;
      return { set: last, index, at: total?.high ?? value, text: cellText(value, digits) };
    });
  }
  const found = series.flatMap(({ values }, set) =>
    values.flatMap((value, index) => (value === null ? [] : [{ set, index, value }])),
  );
  if (found.length > (horizontal ? NUMBERS_MOST : 16)) return [];
  const digits = Math.min(
    y.unit === '%' ? 1 : 3,
    columnDigits(found.map(({ value }) => value.value)),
  );
  return found.map(({ set, index, value }) => ({
    set,
    index,
    at: intervals ? (value.high ?? value.value) : value.value,
    text: cellText(value.value, digits),
  }));
}

/** Intervals of a stack: of each part at its own end, and of the whole at the end of all. */
function whiskersOf({ categories, series, totals }: BarsModel): Whisker[] {
  return categories.flatMap((_, index) => {
    let end = 0;
    const parts = series.map(({ values }) => {
      const { value = 0, low = null, high = null } = values[index] ?? {};
      const start = end;
      end += value;
      return { index, start, low, high, whole: false };
    });
    const { low = null, high = null } = totals?.[index] ?? {};
    return [...parts, { index, start: 0, low, high, whole: true }].flatMap(
      ({ start, low, high, ...each }) =>
        low === null || high === null || low === high
          ? []
          : [{ ...each, low: start + low, high: start + high }],
    );
  });
}
