/** What is drawn over a chart by hand: key, names at lines, numbers at bars and in cells, intervals. */
import type { Chart, Plugin } from 'chart.js';
import { fontText, keyPlaces, named, type Canvas, type KeyEntry } from './frame.ts';
import type { FigureTheme } from '../theme.ts';
import type { Style } from './looks.ts';

type Context = Chart['ctx'];

/** What names are written with. */
export interface Pen {
  readonly theme: { readonly figure: FigureTheme };
  /** Height of the text, CSS pixels. */
  readonly text: number;
}

/** A marker of radius `r`; an outline where it is hollow. */
export function drawMarker(
  ctx: Context,
  { marker, colour, hollow }: Pick<Style, 'marker' | 'colour' | 'hollow'>,
  place: { readonly x: number; readonly y: number; readonly r: number },
  surface: string,
): void {
  const { x, y, r } = place;
  ctx.save();
  ctx.setLineDash([]);
  ctx.beginPath();
  if (marker === 'rect') ctx.rect(x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6);
  else if (marker === 'triangle')
    polygon(ctx, [
      [x, y - r],
      [x + r, y + r * 0.8],
      [x - r, y + r * 0.8],
    ]);
  else if (marker === 'rectRot')
    polygon(ctx, [
      [x, y - r * 1.15],
      [x + r * 1.15, y],
      [x, y + r * 1.15],
      [x - r * 1.15, y],
    ]);
  else if (marker === 'crossRot') {
    for (const [dx, dy] of [
      [1, 1],
      [1, -1],
    ] as const) {
      ctx.moveTo(x - dx * r * 0.85, y - dy * r * 0.85);
      ctx.lineTo(x + dx * r * 0.85, y + dy * r * 0.85);
    }
    ctx.lineWidth = r * 0.55;
    ctx.strokeStyle = colour;
    ctx.stroke();
    ctx.restore();
    return;
  } else ctx.arc(x, y, r * 0.9, 0, Math.PI * 2);
  ctx.fillStyle = hollow ? surface : colour;
  ctx.fill();
  ctx.lineWidth = hollow ? 1.5 : 1;
  ctx.strokeStyle = hollow ? colour : surface;
  ctx.stroke();
  ctx.restore();
}

function polygon(ctx: Context, points: readonly (readonly [number, number])[]): void {
  points.forEach(([x, y], i) => (i === 0 ? ctx.moveTo(x, y) : ctx.lineTo(x, y)));
  ctx.closePath();
}

/** Names with line and marker above the chart. */
export function keyPlugin(entries: readonly KeyEntry[], canvas: Canvas): Plugin {
  const { height } = keyPlaces(entries, canvas);
  const left = canvas.file ? canvas.text * 0.5 : 0;
  return {
    id: 'key',
    afterDraw({ ctx, chartArea }) {
      drawKey(ctx, entries, canvas, { x: left, y: chartArea.top - height });
    },
  };
}

/** Draws a key from a place down. */
export function drawKey(
  ctx: Context,
  entries: readonly KeyEntry[],
  canvas: Canvas,
  from: Place,
): void {
  const { theme, text } = canvas;
  ctx.save();
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  for (const { entry, x, y } of keyPlaces(entries, canvas).places) {
    const at = { x: from.x + x, y: from.y + y + text * 0.4 };
    const { style } = entry;
    const hollow = style.hollow || entry.hypothetical;
    if (entry.as === 'line') {
      ctx.beginPath();
      ctx.setLineDash([...style.dash]);
      ctx.moveTo(at.x, at.y);
      ctx.lineTo(at.x + text * 2.4, at.y);
      ctx.lineWidth = 2;
      ctx.strokeStyle = style.colour;
      ctx.stroke();
      ctx.setLineDash([]);
    }
    if (entry.as === 'box') {
      ctx.fillStyle = style.colour;
      ctx.fillRect(at.x + text * 0.9, at.y - text * 0.4, text * 1.4, text * 0.8);
    } else {
      const place = { x: at.x + text * 1.2, y: at.y, r: text * 0.36 };
      drawMarker(ctx, { ...style, hollow }, place, theme.figure.surface);
    }
    ctx.font = fontText(canvas, 1, 400, entry.hypothetical);
    ctx.fillStyle = theme.figure.ink;
    ctx.fillText(named(entry), at.x + text * 2.8, at.y);
  }
  ctx.restore();
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where an element is drawn; Chart.js types its properties loosely. */
export function placeOf(chart: Chart, set: number, index: number): Place | undefined {
  return chart.getDatasetMeta(set).data[index]?.getProps(['x', 'y'], true) as Place | undefined;
}

export interface EndLabel {
  readonly set: number;
  readonly text: string;
  readonly colour: string;
  readonly italic: boolean;
}

/** The name of each line at its right end, moved apart where they would meet. */
export function endLabels(labels: readonly EndLabel[], canvas: Canvas): Plugin {
  const step = canvas.text * 1.25;
  return {
    id: 'endLabels',
    afterDatasetsDraw(chart) {
      const { ctx, chartArea } = chart;
      const ends = labels
        .flatMap((label) => {
          const last = chart.getDatasetMeta(label.set).data.length - 1;
          const at = placeOf(chart, label.set, last);
          return at === undefined ? [] : [{ ...label, at, y: at.y }];
        })
        .sort((a, b) => a.at.y - b.at.y);
      spread(ends, step, chartArea.top + step / 2, chartArea.bottom - step / 2);
      ctx.save();
      ctx.textBaseline = 'middle';
      ctx.textAlign = 'left';
      for (const { at, y, text, colour, italic } of ends) {
        const x = chartArea.right + canvas.text * 1.1;
        if (Math.abs(y - at.y) > 2 || chartArea.right - at.x > 4) {
          ctx.beginPath();
          ctx.moveTo(at.x + 5, at.y);
          ctx.lineTo(x - 3, y);
          ctx.lineWidth = 0.75;
          ctx.strokeStyle = colour;
          ctx.stroke();
        }
        ctx.font = fontText(canvas, 1, 500, italic);
        ctx.fillStyle = colour;
        ctx.fillText(text, x, y);
      }
      ctx.restore();
    },
  };
}

/** Moves labels apart, keeping their order and staying between `top` and `bottom`. */
export function spread(labels: { y: number }[], step: number, top: number, bottom: number): void {
  let at = top - step;
  for (const label of labels) {
    label.y = Math.max(label.y, at + step);
    at = label.y;
  }
  at = bottom + step;
  for (const label of labels.toReversed()) {
    label.y = Math.min(label.y, at - step);
    at = label.y;
  }
}

export interface Band {
  readonly set: number;
  readonly colour: string;
  readonly stepped: boolean;
  /** Bounds at each point of the set, in the unit of the axis. */
  readonly bounds: readonly { readonly x: number; readonly low: number; readonly high: number }[];
}

/** Intervals around lines. */
export function bands(all: readonly Band[]): Plugin {
  return {
    id: 'bands',
    beforeDatasetsDraw({ ctx, chartArea, scales }) {
      const { x: across, y: up } = scales;
      if (across === undefined || up === undefined) return;
      ctx.save();
      ctx.beginPath();
      ctx.rect(
        chartArea.left,
        chartArea.top,
        chartArea.right - chartArea.left,
        chartArea.bottom - chartArea.top,
      );
      ctx.clip();
      for (const { colour, stepped, bounds } of all) {
        if (bounds.length < 2) continue;
        const pixel = (x: number, y: number): [number, number] => [
          across.getPixelForValue(x),
          up.getPixelForValue(Math.max(y, up.min)),
        ];
        const upper = bounds.flatMap(({ x, high }, i) => {
          const next = bounds[i + 1];
          return stepped && next !== undefined
            ? [pixel(x, high), pixel(next.x, high)]
            : [pixel(x, high)];
        });
        const lower = bounds.flatMap(({ x, low }, i) => {
          const next = bounds[i + 1];
          return stepped && next !== undefined
            ? [pixel(x, low), pixel(next.x, low)]
            : [pixel(x, low)];
        });
        ctx.beginPath();
        polygon(ctx, [...upper, ...lower.toReversed()]);
        ctx.fillStyle = `${colour}2e`;
        ctx.fill();
      }
      ctx.restore();
    },
  };
}

export interface PointName {
  readonly text: string;
  readonly colour: string;
  readonly italic: boolean;
}

/** One name for the first point of each of the first sets, moved up or down where names would meet. */
export function pointNames(labels: readonly PointName[], canvas: Pen): Plugin {
  const { theme, text } = canvas;
  const line = text * 1.25;
  return {
    id: 'pointNames',
    afterDatasetsDraw(chart) {
      const { ctx } = chart;
      // Names keep off the points as well as off each other.
      const taken = labels.flatMap((_, index) => {
        const point = placeOf(chart, index, 0);
        return point === undefined ? [] : [{ x: point.x - text / 2, y: point.y, w: text }];
      });
      ctx.save();
      ctx.textBaseline = 'middle';
      ctx.textAlign = 'left';
      labels.forEach((label, index) => {
        const point = placeOf(chart, index, 0);
        if (point === undefined) return;
        ctx.font = fontText(canvas, 1, 500, label.italic);
        const w = ctx.measureText(label.text).width;
        const sides = [point.x + text * 0.9, point.x - text * 0.9 - w].filter(
          (x) => x > chart.chartArea.left && x + w < chart.width,
        );
        const places = [0, -0.9, 0.9, -1.6, 1.6, -2.4, 2.4, -3.4, 3.4, -4.6, 4.6].flatMap((shift) =>
          sides.map((x) => ({ x, y: point.y + shift * line })),
        );
        const free = places.find(({ x, y }) =>
          taken.every(
            (box) => Math.abs(box.y - y) >= line * 0.85 || x > box.x + box.w || box.x > x + w,
          ),
        );
        const { x, y } = free ?? { x: point.x + text * 0.9, y: point.y };
        taken.push({ x, y, w });
        if (Math.abs(y - point.y) > line * 1.2) {
          ctx.beginPath();
          ctx.moveTo(point.x, point.y);
          ctx.lineTo(x > point.x ? x - 2 : x + w + 2, y);
          ctx.lineWidth = 0.75;
          ctx.strokeStyle = label.colour;
          ctx.stroke();
        }
        ctx.lineWidth = 3;
        ctx.strokeStyle = theme.figure.surface;
        ctx.strokeText(label.text, x, y);
        ctx.fillStyle = label.colour;
        ctx.fillText(label.text, x, y);
      });
      ctx.restore();
    },
  };
}

/** A text beside the end of each bar, behind its interval; `at` is where it starts on the axis of values. */
export function barTexts(
  texts: readonly {
    readonly set: number;
    readonly index: number;
    readonly at: number;
    readonly text: string;
  }[],
  horizontal: boolean,
  canvas: Pen,
): Plugin {
  return {
    id: 'barTexts',
    afterDatasetsDraw(chart) {
      const { ctx } = chart;
      ctx.save();
      ctx.font = fontText(canvas, 0.95, 500);
      ctx.textBaseline = 'middle';
      ctx.textAlign = horizontal ? 'left' : 'center';
      ctx.fillStyle = canvas.theme.figure.ink2;
      for (const { set, index, at, text } of texts) {
        const place = placeOf(chart, set, index);
        const end = (horizontal ? chart.scales['x'] : chart.scales['y'])?.getPixelForValue(at);
        if (place === undefined || end === undefined) continue;
        if (horizontal) ctx.fillText(text, end + canvas.text * 0.5, place.y);
        else ctx.fillText(text, place.x, end - canvas.text * 0.8);
      }
      ctx.restore();
    },
  };
}

/** The marker of its series at the foot of each bar, for those who cannot go by colour. */
export function barMarkers(
  styleAt: (set: number, index: number) => Style | null,
  canvas: Canvas,
): Plugin {
  return {
    id: 'barMarkers',
    afterDatasetsDraw(chart) {
      chart.data.datasets.forEach((_, set) => {
        chart.getDatasetMeta(set).data.forEach((element, index) => {
          const style = styleAt(set, index);
          if (style === null) return;
          const bar = element.getProps(['x', 'y', 'base', 'width', 'height'], true) as unknown as {
            x: number;
            y: number;
            base: number;
            width: number;
            height: number;
            horizontal?: boolean;
          };
          const across = chart.options.indexAxis === 'y';
          const thick = across ? bar.height : bar.width;
          const long = Math.abs((across ? bar.x : bar.y) - bar.base);
          const r = Math.min(thick * 0.34, canvas.text * 0.36);
          if (!Number.isFinite(r) || r < 1.5 || long < 3.5 * r) return;
          const place = across
            ? { x: bar.base + 2 * r, y: bar.y, r }
            : { x: bar.x, y: bar.base - 2 * r, r };
          const { surface } = canvas.theme.figure;
          drawMarker(chart.ctx, { ...style, colour: surface, hollow: false }, place, surface);
        });
      });
    },
  };
}

export interface Whisker {
  readonly index: number;
  /** On the axis of values. */
  readonly low: number;
  readonly high: number;
  /** Of the whole bar; those of its parts are smaller and stand aside. */
  readonly whole: boolean;
}

/** Intervals on horizontal stacks, which the error bars of single bars do not know. */
export function stackWhiskers(whiskers: readonly Whisker[], { theme, text }: Canvas): Plugin {
  return {
    id: 'stackWhiskers',
    afterDatasetsDraw(chart) {
      const { ctx, scales } = chart;
      const across = scales['x'];
      if (across === undefined) return;
      ctx.save();
      ctx.setLineDash([]);
      ctx.lineWidth = 1;
      ctx.strokeStyle = theme.figure.ink;
      for (const { index, low, high, whole } of whiskers) {
        const bar = chart.getDatasetMeta(0).data[index]?.getProps(['y', 'height'], true) as
          { y: number; height: number } | undefined;
        if (bar === undefined) continue;
        const y = whole ? bar.y : bar.y + bar.height * 0.3;
        const cap = whole ? text * 0.3 : text * 0.18;
        const [from, to] = [across.getPixelForValue(low), across.getPixelForValue(high)];
        // Narrower than its own caps it would be a speck.
        if (!whole && to - from < 3) continue;
        ctx.beginPath();
        ctx.moveTo(from, y);
        ctx.lineTo(to, y);
        for (const x of [from, to]) {
          ctx.moveTo(x, y - cap);
          ctx.lineTo(x, y + cap);
        }
        ctx.stroke();
      }
      ctx.restore();
    },
  };
}
