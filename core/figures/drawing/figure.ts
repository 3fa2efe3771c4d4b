/**
 * A whole figure: one chart, or several side by side with title, key and names of axes for all of them.
 * Says what is where; a host draws it on whatever it has.
 */
import type { Chart } from 'chart.js';
import { panelsOf, type ChartModel, type Single } from '../chart/model.ts';
import { barsExtent, barsKey } from './bars.ts';
import { curvesExtent, curvesKey } from './curves.ts';
import {
  fontText,
  keyPlaces,
  named,
  quantityText,
  widthOf,
  wrap,
  type Canvas,
  type Inset,
  type KeyEntry,
} from './frame.ts';
import { heatTitle } from './heat.ts';
import { drawingOf, type Drawing } from './drawing.ts';
import { drawKey } from './overlays.ts';
import { hasRatio, ratioConfig, ratioExtent, type WithRatio } from './ratio.ts';

type Context = Chart['ctx'];

export interface FigurePart {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Which of the panels; null for a strip beside one, whose numbers are read with its bars. */
  readonly panel: number | null;
  readonly drawing: Drawing;
}

export interface Figure {
  readonly parts: readonly FigurePart[];
  /** Draws what belongs to all parts; nothing where there is one that has it in itself. */
  readonly paint: (ctx: Context) => void;
}

export interface FigureCanvas extends Omit<Canvas, 'inset'> {
  readonly height: number;
}

export function figureOf(model: ChartModel, canvas: FigureCanvas): Figure {
  const { drawn } = model;
  const { width, height } = canvas;
  if (drawn.shape !== 'panels' && !hasRatio(drawn)) {
    const drawing = drawingOf(model, drawn, { ...canvas, inset: null });
    return { parts: [{ x: 0, y: 0, width, height, panel: 0, drawing }], paint: () => undefined };
  }
  const panels = panelsOf(drawn);
  const frame = frameOf(model, panels, canvas);
  const { left, top, right, bottom } = frame.inner;
  const { columns, rows } = gridOf(panels, right - left, canvas.text);
  const gap = canvas.text;
  const cell = {
    width: Math.floor((right - left - gap * (columns - 1)) / columns),
    height: Math.floor((bottom - top - (gap / 2) * (rows - 1)) / rows),
  };
  const extent = extentOf(
    panels.map((panel) => panel.drawn),
    model.spec.intervals,
  );
  const parts = panels.flatMap((panel, index): FigurePart[] => {
    const box = {
      x: left + (index % columns) * (cell.width + gap),
      y: top + Math.floor(index / columns) * (cell.height + gap / 2),
      ...cell,
    };
    const single = panel.drawn;
    const of = (inset: Partial<Inset>, part: { readonly width: number }): Canvas => ({
      ...canvas,
      width: part.width,
      inset: { title: panel.name, ...extent, room: null, named: false, ...inset },
    });
    if (!hasRatio(single)) {
      return [{ ...box, panel: index, drawing: drawingOf(model, single, of({}, box)) }];
    }
    return withStrip(single, box, index);
  });

  /** A chart, and the strip of its ratios below; beside bars that lie. */
  function withStrip(
    single: WithRatio,
    box: Omit<FigurePart, 'panel' | 'drawing'>,
    index: number,
  ): FigurePart[] {
    const { text } = canvas;
    const horizontal = single.shape === 'bars' && single.horizontal;
    const share = Math.round((horizontal ? box.width : box.height) * (horizontal ? 0.3 : 0.34));
    const main = horizontal
      ? { ...box, width: box.width - share }
      : { ...box, height: box.height - share };
    const strip = horizontal
      ? { ...box, x: box.x + main.width, width: share }
      : { ...box, y: box.y + main.height, height: share };
    const room = text * (horizontal ? 2.2 : 4);
    const inset = (part: { readonly width: number }, own: Partial<Inset>): Canvas => ({
      ...canvas,
      width: part.width,
      inset: { title: panels[index]?.name ?? '', ...extent, room, named: false, ...own },
    });
    const over = `÷ ${single.ratio.over}`;
    return [
      {
        ...main,
        panel: index,
        drawing: drawingOf(model, single, inset(main, { named: !horizontal })),
      },
      {
        ...strip,
        panel: null,
        drawing: ratioConfig(model, single, inset(strip, { title: over, ys: extent.ratios })),
      },
    ];
  }

  return { parts, paint: frame.paint };
}

/** Columns and rows of the panels: as many side by side as can be read, and rows that are full. */
export function gridOf(
  panels: readonly { readonly drawn: Single }[],
  width: number,
  text: number,
): { readonly columns: number; readonly rows: number } {
  const least = Math.max(...panels.map(({ drawn }) => leastWidth(drawn, text)));
  const most = Math.max(1, Math.min(panels.length, Math.floor((width + text) / (least + text))));
  const rows = Math.ceil(panels.length / most);
  return { columns: Math.ceil(panels.length / rows), rows };
}

function leastWidth(drawn: Single, text: number): number {
  const longest = (names: readonly { name: string; hypothetical: boolean }[]) =>
    Math.max(0, ...names.map((each) => widthOf(named(each), text)));
  if (drawn.shape === 'heat') return longest(drawn.rows) + drawn.columns.length * text * 4;
  if (drawn.shape !== 'bars' || !drawn.horizontal) return text * 13;
  return longest(drawn.categories) + text * (drawn.ratio === null ? 10 : 18);
}

interface Extent {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly ratios: readonly number[];
}

/** What all panels together have to show. */
function extentOf(all: readonly Single[], intervals: boolean): Extent {
  const each = all.map((drawn): Extent => {
    switch (drawn.shape) {
      case 'bars':
        return {
          xs: [],
          ys: barsExtent(drawn, intervals),
          ratios: hasRatio(drawn) ? ratioExtent(drawn, intervals) : [],
        };
      case 'curves':
        return {
          ...curvesExtent(drawn, intervals),
          ratios: hasRatio(drawn) ? ratioExtent(drawn, intervals) : [],
        };
      case 'scatter':
        return {
          xs: drawn.points.map(({ x }) => x),
          ys: drawn.points.map(({ y }) => y),
          ratios: [],
        };
      case 'heat':
        return { xs: [], ys: [], ratios: [] };
    }
  });
  const ends = (values: readonly number[]) =>
    values.length === 0
      ? []
      : [
          values.reduce((least, value) => Math.min(least, value)),
          values.reduce((most, value) => Math.max(most, value)),
          // A logarithmic axis has no place for what is not above nothing.
          ...leastAbove(values),
        ];
  return {
    xs: ends(each.flatMap(({ xs }) => xs)),
    ys: ends(each.flatMap(({ ys }) => ys)),
    ratios: ends(each.flatMap(({ ratios }) => ratios)),
  };
}

function leastAbove(values: readonly number[]): number[] {
  const least = values.reduce(
    (best, value) => (value > 0 && value < best ? value : best),
    Infinity,
  );
  return least === Infinity ? [] : [least];
}

/** Title, key, names of axes and provenance, and the room that they leave. */
function frameOf(
  model: ChartModel,
  panels: ReturnType<typeof panelsOf>,
  canvas: FigureCanvas,
): {
  readonly inner: { left: number; top: number; right: number; bottom: number };
  readonly paint: (ctx: Context) => void;
} {
  const { theme, text, width, height, file } = canvas;
  const { figure } = theme;
  const margin = file ? text * 0.5 : 0;
  const wide = width - 2 * margin;
  const own: Canvas = { ...canvas, width: wide, inset: null };
  const big = text * 1.15;
  const small = text * 0.82;
  const { title } = model.spec;
  const titles = file && title !== '' ? wrap(title, wide, big) : [];
  const words = file ? wrap(model.provenance.line, wide, small) : [];
  const entries = keyOf(panels, canvas);
  const key = keyPlaces(entries, own);
  const names = axisNames(panels[0]?.drawn);
  const keyTop = margin + titles.length * big * 1.3 + (titles.length > 0 ? text * 0.4 : 0);
  const inner = {
    left: margin + (names.up === '' ? 0 : text * 1.5),
    top: keyTop + key.height + (entries.length > 0 ? text * 0.2 : 0),
    right: width - margin,
    bottom:
      height -
      margin -
      words.length * small * 1.3 -
      (words.length > 0 ? text * 0.4 : 0) -
      (names.across === '' ? 0 : text * 1.5),
  };
  const paint = (ctx: Context) => {
    ctx.save();
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    ctx.font = fontText(own, 1.15, 600);
    ctx.fillStyle = figure.ink;
    titles.forEach((line, i) => ctx.fillText(line, margin, margin + (i + 0.6) * big * 1.3));
    ctx.font = fontText(own, 0.82);
    ctx.fillStyle = figure.ink3;
    const foot = height - margin - words.length * small * 1.3;
    words.forEach((line, i) => ctx.fillText(line, margin, foot + (i + 0.5) * small * 1.3));
    ctx.font = fontText(own);
    ctx.fillStyle = figure.ink2;
    ctx.textAlign = 'center';
    ctx.fillText(names.across, (inner.left + inner.right) / 2, inner.bottom + text * 0.8);
    if (names.up !== '') {
      ctx.translate(margin + text * 0.6, (inner.top + inner.bottom) / 2);
      ctx.rotate(-Math.PI / 2);
      ctx.fillText(names.up, 0, 0);
    }
    ctx.restore();
    drawKey(ctx, entries, own, { x: margin, y: keyTop });
  };
  return { inner, paint };
}

/** Names of the axes, which all panels have in common. */
function axisNames(drawn: Single | undefined): { readonly across: string; readonly up: string } {
  switch (drawn?.shape) {
    case 'bars':
      return drawn.horizontal
        ? { across: quantityText(drawn.y), up: '' }
        : { across: quantityText(drawn.x), up: quantityText(drawn.y) };
    case 'curves': {
      const { y } = drawn;
      return {
        across: quantityText(drawn.x),
        up: quantityText(y.ticks === undefined ? y : { ...y, unit: '' }),
      };
    }
    case 'scatter':
      return { across: quantityText(drawn.x), up: quantityText(drawn.y) };
    case 'heat':
      return { across: heatTitle(drawn), up: '' };
    case undefined:
      return { across: '', up: '' };
  }
}

/** Each series once, as it stands in the first panel that has it. */
function keyOf(panels: ReturnType<typeof panelsOf>, { theme }: FigureCanvas): KeyEntry[] {
  const all = panels.flatMap(({ drawn }) =>
    drawn.shape === 'bars'
      ? barsKey(drawn, theme.figure)
      : drawn.shape === 'curves'
        ? curvesKey(drawn, theme.figure)
        : [],
  );
  return [...new Map(all.toReversed().map((entry) => [entry.name, entry])).values()].toReversed();
}
