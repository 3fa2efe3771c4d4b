/** What all charts have around them: title, key, axes, marks, and the line that says what they rest on. */
import type { ChartOptions } from 'chart.js';
import type { ChartModel, Quantity, Scale, Single } from '../chart/model.ts';
import type { Annotation } from '../chart/spec.ts';
import { NBSP, short, significant } from '../numbers.ts';
import type { FigureTheme } from '../theme.ts';
import type { Style } from './looks.ts';
import type { DrawingTheme } from './themes.ts';

export interface Canvas {
  readonly theme: DrawingTheme;
  /** Height of the text and width of the figure, CSS pixels. */
  readonly text: number;
  readonly width: number;
  /** A file says in itself what it rests on and cannot be pointed at; a window does it around the chart. */
  readonly file: boolean;
  /** Set for one chart of several in a figure, which has title, key and names of axes for all. */
  readonly inset: Inset | null;
}

export interface Inset {
  /** Above this chart. */
  readonly title: string;
  /** What all charts of the figure have to show, so that they are on the same scales. */
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  /** Room for the labels of the axis that a strip beside the chart has in common with it. */
  readonly room: number | null;
  /** The strip below has the names of the bars. */
  readonly named: boolean;
}

export interface KeyEntry {
  readonly name: string;
  readonly style: Style;
  readonly hypothetical: boolean;
  /** A line with its marker, a filled box, or a marker alone. */
  readonly as: 'line' | 'box' | 'marker';
}

/** Mean width of a letter of Inter over the height of the text, on the safe side. */
const LETTER = 0.54;
export const widthOf = (text: string, size: number): number => text.length * LETTER * size;

export const named = ({ name, hypothetical }: { name: string; hypothetical: boolean }): string =>
  hypothetical ? `${name} (hypothetical)` : name;

export const quantityText = ({ name, unit }: Quantity): string =>
  unit === '' || unit === name ? name : `${name}, ${unit}`;

export function font({ theme, text }: Canvas, scale = 1, weight: 400 | 500 | 600 = 400) {
  return { family: theme.figure.fontFamily, size: text * scale, weight };
}

/** The same as Chart.js draws on a context. */
export const fontText = (
  canvas: { readonly theme: { readonly figure: FigureTheme }; readonly text: number },
  scale = 1,
  weight = 400,
  italic = false,
): string =>
  `${italic ? 'italic ' : ''}${weight} ${canvas.text * scale}px ${canvas.theme.figure.fontFamily}`;

/** Lines of at most so many pixels. */
export function wrap(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer, size) * 0.93 > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}

/** A name left of a chart gets so much of its width, and goes over several lines where it is longer. */
export const nameLines = (
  name: string,
  { width, text }: { readonly width: number; readonly text: number },
): string[] => wrap(name, width * 0.36, text);

/** Places of the entries of a key, in rows from the left. */
export function keyPlaces(entries: readonly KeyEntry[], { text, width }: Canvas) {
  const row = text * 1.7;
  let x = 0;
  let y = 0;
  const places = entries.map((entry) => {
    const needs = text * 2.9 + widthOf(named(entry), text) + text * 1.2;
    if (x > 0 && x + needs > width) {
      x = 0;
      y += row;
    }
    const place = { entry, x, y };
    x += needs;
    return place;
  });
  return { places, height: entries.length === 0 ? 0 : y + row };
}

/** How many ticks fit: labels of an axis below the chart stand side by side. */
export const ticksAcross = ({ width, text }: Canvas): number =>
  Math.max(3, Math.floor(width / (text * 5)));
export const TICKS_UP = 8;

/** Options that do not depend on what is drawn. */
export function frameOptions(
  model: ChartModel,
  drawn: Single,
  canvas: Canvas,
  padding: { readonly top: number; readonly right: number },
): ChartOptions {
  const { theme, text, width, file, inset } = canvas;
  const small = text * 0.82;
  const whole = file && inset === null;
  const title = inset === null ? model.spec.title : inset.title;
  return {
    animation: false,
    responsive: !file,
    maintainAspectRatio: false,
    events: file ? [] : ['mousemove', 'mouseout', 'touchstart', 'touchmove'],
    layout: {
      padding: whole
        ? {
            // Below a title its own padding makes the room.
            top: text * 0.6 + (title === '' ? padding.top : 0),
            right: text * 0.9 + padding.right,
            bottom: text * 0.5,
            left: text * 0.5,
          }
        : {
            top: inset === null ? padding.top + 4 : 0,
            right: padding.right + 8,
            bottom: 0,
            left: 0,
          },
    },
    plugins: {
      legend: { display: false },
      title: {
        display: inset !== null || (file && title !== ''),
        text: inset === null ? wrap(title, width - 2 * text - padding.right, text * 1.15) : title,
        align: 'start',
        color: theme.figure.ink,
        font: font(canvas, inset === null ? 1.15 : 1, 600),
        padding: { top: 0, bottom: (inset === null ? text * 0.5 : 2) + padding.top },
      },
      subtitle: {
        display: whole,
        position: 'bottom',
        align: 'start',
        text: wrap(model.provenance.line, width - 2 * text - padding.right, small),
        color: theme.figure.ink3,
        font: font(canvas, 0.82),
        padding: { top: text * 0.5, bottom: 0 },
      },
      annotation: { annotations: marksOf(model, drawn, canvas) },
      tooltip: {
        enabled: !file,
        backgroundColor: theme.figure.tooltip,
        titleColor: theme.figure.ink,
        bodyColor: theme.figure.ink,
        borderColor: theme.figure.rule,
        borderWidth: 1,
        cornerRadius: 6,
        padding: { x: 12, y: 8 },
        titleFont: font(canvas, 1, 600),
        bodyFont: font(canvas),
        displayColors: false,
      },
    },
  };
}

/** Lines and bands that point to something: the chart's own, then the user's. */
function marksOf({ spec }: ChartModel, drawn: Single, canvas: Canvas) {
  if (drawn.shape === 'heat') return {};
  const own = drawn.shape === 'curves' ? drawn.marks : [];
  const { figure, accent } = canvas.theme;
  const swapped = drawn.shape === 'bars' && drawn.horizontal;
  const mark = ({ axis, at, to, label }: Annotation, auto: boolean) => {
    const scale = swapped ? (axis === 'x' ? 'y' : 'x') : axis;
    const words = {
      display: label !== '',
      content: label,
      color: figure.ink,
      backgroundColor: figure.surface,
      font: font(canvas, 0.95, 500),
      padding: 3,
    };
    return to === null
      ? {
          type: 'line' as const,
          scaleID: scale,
          value: at,
          borderColor: auto ? figure.ink : accent,
          borderWidth: 1,
          borderDash: auto ? [] : [4, 3],
          label: { ...words, position: 'start' as const },
        }
      : {
          type: 'box' as const,
          ...(scale === 'x'
            ? { xScaleID: 'x', xMin: at, xMax: to }
            : { yScaleID: 'y', yMin: at, yMax: to }),
          backgroundColor: `${auto ? figure.ink3 : accent}26`,
          borderWidth: 0,
          label: {
            ...words,
            backgroundColor: 'transparent',
            position: { x: 'center' as const, y: 'start' as const },
          },
        };
  };
  // A category axis has no numbers to mark.
  const marks = [
    ...own.map((each) => mark(each, true)),
    ...spec.annotations
      .filter(({ axis }) => drawn.shape !== 'bars' || axis === 'y')
      .map((each) => mark(each, false)),
  ];
  return Object.fromEntries(marks.map((each, index) => [`mark${index}`, each]));
}

/** `64`, `4 Ki`: sizes on an axis whose title says bytes. */
export function binaryShort(value: number): string {
  if (value >= 2 ** 20) return `${trimmed(value / 2 ** 20)}${NBSP}Mi`;
  return value >= 1024 ? `${trimmed(value / 1024)}${NBSP}Ki` : trimmed(value);
}

const trimmed = (value: number): string =>
  significant(value, 3)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');

export const tickText = (value: number): string =>
  Math.abs(value) >= 10_000 ? short(value) : trimmed(value);

/**
 * Ticks of a logarithmic axis: powers of two; or decades, with 2 and 5 between while there are few.
 *
 * @param most as many as there is room for
 */
export function logTicks(scale: Scale, min: number, max: number, most: number): number[] {
  const log = scale === 'log2' ? Math.log2 : Math.log10;
  const base = scale === 'log2' ? 2 : 10;
  const first = Math.floor(log(min) + 1e-9);
  const last = Math.ceil(log(max) - 1e-9);
  const powers = Array.from({ length: last - first + 1 }, (_, i) => base ** (first + i));
  const within = (value: number) => value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9);
  const inside = powers.filter(within);
  const fine = powers.flatMap((power) => [power, 2 * power, 5 * power]).filter(within);
  if (base === 10 && inside.length <= 3 && fine.length <= most) return fine;
  const step = Math.ceil(inside.length / most);
  return inside.filter((_, i) => i % step === 0);
}

interface AxisWords {
  readonly quantity: Quantity;
  readonly scale: Scale;
  /** Least and greatest value that must be in sight. */
  readonly range: readonly [low: number, high: number];
  readonly grid: boolean;
  readonly fromZero: boolean;
  /** Ticks that there is room for. */
  readonly most: number;
}

/** An axis of numbers. */
export function numberAxis(
  canvas: Canvas,
  { quantity, scale, range, grid, fromZero, most }: AxisWords,
) {
  const { figure } = canvas.theme;
  const log = scale !== 'linear';
  const [low, high] = range;
  const bytes = quantity.unit === 'bytes';
  return {
    type: log ? ('logarithmic' as const) : ('linear' as const),
    ...(log
      ? { min: low, max: high }
      : fromZero
        ? { beginAtZero: true, suggestedMax: high }
        : { min: low, max: high }),
    grid: { color: grid ? figure.grid : 'transparent', drawTicks: false },
    border: { color: grid ? 'transparent' : figure.rule },
    title: {
      display: canvas.inset === null,
      text: quantityText(quantity),
      color: figure.ink2,
      font: font(canvas),
      padding: 2,
    },
    ticks: {
      color: figure.ink3,
      font: font(canvas, 0.95),
      maxRotation: 0,
      padding: 5,
      autoSkipPadding: 8,
      maxTicksLimit: most,
      ...(log ? { autoSkip: false, maxTicksLimit: 20 } : {}),
      callback: (value: string | number) =>
        bytes ? binaryShort(Number(value)) : tickText(Number(value)),
    },
    ...(log
      ? {
          afterBuildTicks: (axis: { min: number; max: number; ticks: { value: number }[] }) => {
            axis.ticks = logTicks(scale, axis.min, axis.max, most).map((value) => ({ value }));
          },
        }
      : {}),
  };
}

/** Least and greatest, with some room; on a logarithmic axis whole steps of 1, 2, 5 or powers of two. */
export function rangeOf(values: readonly number[], scale: Scale): readonly [number, number] {
  const usable = scale === 'linear' ? values : values.filter((value) => value > 0);
  if (usable.length === 0) return [1, 10];
  const low = usable.reduce((least, each) => Math.min(least, each));
  const high = usable.reduce((most, each) => Math.max(most, each));
  if (scale === 'linear') return [low, high];
  const room = low === high ? 2 : 1.12;
  return [low / room, high * room];
}
