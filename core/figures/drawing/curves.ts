import type { ChartConfiguration, Plugin } from 'chart.js';
import type { ChartModel, CurvesModel, Tick } from '../chart/model.ts';
import { drawnPoints } from '../chart/readout.ts';
import { NBSP, ninesText, significant } from '../numbers.ts';
import type { FigureTheme } from '../theme.ts';
import { fitted } from './bars.ts';
import {
  binaryShort,
  frameOptions,
  keyPlaces,
  named,
  numberAxis,
  rangeOf,
  ticksAcross,
  TICKS_UP,
  widthOf,
  type Canvas,
  type KeyEntry,
} from './frame.ts';
import { styleOf } from './looks.ts';
import { bands, endLabels, keyPlugin } from './overlays.ts';

/** Names stand at the lines while there are few and the figure is wide. */
const DIRECT = { series: 8, share: 0.3 } as const;

export function curvesConfig(model: ChartModel, drawn: CurvesModel, canvas: Canvas) {
  const { figure } = canvas.theme;
  const { series, x, y, stepped, markers } = drawn;
  const styles = series.map(({ look }) => styleOf(look, figure));
  const intervals = model.spec.intervals;
  const names = series.map(named);
  const longest = Math.max(0, ...names.map((name) => name.length));
  const direct =
    canvas.inset === null &&
    series.length <= DIRECT.series &&
    widthOf('0'.repeat(longest), canvas.text) <= DIRECT.share * canvas.width &&
    !stepped;
  const entries = direct || canvas.inset !== null ? [] : curvesKey(drawn, figure);
  const { xs, ys } = canvas.inset ?? curvesExtent(drawn, intervals);
  const r = canvas.text * 0.36;
  const datasets = series.map((each, i) => {
    const style = styles[i] as (typeof styles)[number];
    const hollow = style.hollow || each.hypothetical;
    const radius = markers ? (style.marker === 'rectRot' ? r * 1.2 : r) : 0;
    const shown = drawnPoints(drawn, i);
    return {
      label: names[i] ?? '',
      data: shown.map((point) => ({ x: point.x, y: point.y })),
      borderColor: style.colour,
      borderWidth: canvas.text / 6.5,
      borderDash: [...style.dash],
      stepped: stepped ? ('after' as const) : false,
      // Points on the edge are drawn whole.
      clip: 3 * r,
      pointStyle: style.marker,
      pointRadius: shown.map(({ marked = true }) => (marked ? radius : 0)),
      pointHoverRadius: r * 1.4,
      pointHitRadius: shown.map(({ marked = true }) => (marked ? 8 : 0)),
      pointBackgroundColor: hollow ? figure.surface : style.colour,
      pointBorderColor: hollow || style.marker === 'crossRot' ? style.colour : figure.surface,
      pointBorderWidth: style.marker === 'crossRot' ? 2 : hollow ? 1.5 : 0.75,
      // Chart.js strokes a Path2D otherwise, which a file's context does not know.
      ...(canvas.file ? { segment: { borderColor: () => undefined } } : {}),
    };
  });
  const key = keyPlaces(entries, canvas);
  const frame = frameOptions(model, drawn, canvas, {
    top: key.height + (drawn.marks.length > 0 ? 4 : 0),
    right: direct ? widthOf('0'.repeat(longest), canvas.text) + canvas.text * 0.6 : 0,
  });
  const { ticks } = x;
  const across = withTicks(
    numberAxis(canvas, {
      quantity: x,
      scale: x.scale,
      range: x.scale === 'log2' ? tight(xs) : rangeOf(xs, x.scale),
      grid: false,
      fromZero: drawn.stepped && x.scale === 'linear',
      most: ticksAcross(canvas),
    }),
    ticks,
  );
  const upRange = rangeOf(ys, y.scale);
  const config = {
    type: 'line',
    data: { datasets },
    options: {
      ...frame,
      parsing: false,
      normalized: true,
      interaction: { mode: 'nearest', intersect: false },
      scales: {
        // The strip below has the names.
        x: {
          ...across,
          ticks: { ...across.ticks, display: canvas.inset?.named !== true },
          ...endsWith(canvas),
        },
        y: {
          ...withTicks(
            numberAxis(canvas, {
              quantity: y.ticks === undefined ? y : { ...y, unit: '' },
              scale: y.scale,
              range: upRange,
              grid: true,
              fromZero: true,
              most: TICKS_UP,
            }),
            y.ticks?.filter(({ at }) => at <= upRange[1]) ?? null,
            upRange[1] * 1.05,
          ),
          ...fitted('width', canvas),
        },
      },
      plugins: {
        ...frame.plugins,
        tooltip: {
          ...frame.plugins?.tooltip,
          callbacks: {
            title: () => '',
            label: ({
              dataset,
              parsed,
            }: {
              dataset: { label?: string };
              parsed: { x: number; y: number };
            }) => {
              const at =
                ticks?.find((tick) => tick.at === parsed.x)?.label ??
                (x.unit === 'bytes'
                  ? `${binaryShort(parsed.x)}B`
                  : `${significant(parsed.x)}${NBSP}${x.unit}`);
              const up =
                y.unit === 'nines'
                  ? ninesText(parsed.y)
                  : `${significant(parsed.y)}${NBSP}${y.unit}`;
              return `${dataset.label ?? ''}, ${at}: ${up}`;
            },
          },
        },
      },
    },
  } as unknown as ChartConfiguration;
  const plugins: Plugin[] = [
    keyPlugin(entries, canvas),
    endLabels(
      direct
        ? series.map((each, set) => ({
            set,
            text: names[set] ?? '',
            colour: styles[set]?.ink ?? figure.ink,
            italic: each.hypothetical,
          }))
        : [],
      canvas,
    ),
    bands(
      intervals
        ? series.map((each, set) => ({
            set,
            colour: styles[set]?.colour ?? figure.ink3,
            stepped,
            bounds: each.points.map((point) => ({
              x: point.x,
              low: point.low ?? point.y,
              high: point.high ?? point.y,
            })),
          }))
        : [],
    ),
  ];
  return { config, plugins };
}

/** A chart and its strip end at the same place, whichever of them has the names. */
const endsWith = ({ inset, text }: Canvas) =>
  inset === null || inset.room === null
    ? {}
    : {
        afterFit: (axis: { paddingRight: number }) => {
          axis.paddingRight = text * 1.6;
        },
      };

/** The axis with ticks of its own instead of round numbers, up to `max` instead of the next of those. */
const withTicks = (
  axis: ReturnType<typeof numberAxis>,
  ticks: readonly Tick[] | null,
  max: number | null = null,
) =>
  ticks === null
    ? axis
    : {
        ...axis,
        ...(max === null ? {} : { max }),
        afterBuildTicks: (built: { ticks: { value: number }[] }) => {
          built.ticks = ticks.map(({ at }) => ({ value: at }));
        },
        ticks: {
          ...axis.ticks,
          callback: (value: string | number) =>
            ticks.find(({ at }) => at === Number(value))?.label ?? '',
        },
      };

/** All that the axes have to show. */
export function curvesExtent({ series }: CurvesModel, intervals: boolean) {
  const points = series.flatMap((each) => each.points);
  return {
    xs: points.map(({ x }) => x),
    ys: points.flatMap(({ y, low, high }) => (intervals ? [y, low ?? y, high ?? y] : [y])),
  };
}

export const curvesKey = ({ series }: CurvesModel, theme: FigureTheme): KeyEntry[] =>
  series.map(({ name, look, hypothetical }) => ({
    name,
    style: styleOf(look, theme),
    hypothetical,
    as: 'line',
  }));

const tight = (values: readonly number[]): readonly [number, number] => [
  Math.min(...values),
  Math.max(...values),
];
