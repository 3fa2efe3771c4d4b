/** One trace of a diff on its canvas. */
import { diamond, font, type Brushes, type Context2d } from '../replay/brush.ts';
import { drawSpans } from '../replay/draw-spans.ts';
import { RULER_HEIGHT, type Layout } from '../replay/layout.ts';
import type { Mark } from '../replay/ruler.ts';
import type { Viewport } from '../replay/viewport.ts';
import { rangeOf, type WindowData } from '../replay/window-data.ts';

export interface SideScene {
  readonly view: Viewport;
  readonly width: number;
  readonly height: number;
  readonly scroll: number;
  readonly layout: Layout;
  readonly data: WindowData | undefined;
  readonly nameOf: (kind: number) => string;
  readonly request: number | null;
  readonly followed: ReadonlySet<number>;
  readonly selected: number | null;
  /** Events of this kind are bright, all others faded. */
  readonly kind: number | null;
  /** First and last tick of the trace: beyond it there is nothing. */
  readonly first: number;
  readonly last: number;
  /** Places of the first divergence and of hazards, in ticks. */
  readonly divergence: number | null;
  readonly hazards: readonly number[];
  /** Pixels of the axis' marks. */
  readonly marks: readonly number[];
  /** Pixel of what is aligned, or null. */
  readonly zero: number | null;
}

export function drawSide(context: Context2d, brushes: Brushes, scene: SideScene): void {
  const { view, width, height, layout, scroll, data, kind } = scene;
  const { palette } = brushes;
  const at = (tick: number) => ((tick - view.from) * width) / (view.to - view.from);
  line(context, palette.grid, scene.marks, height);
  drawOutside(context, brushes, at(scene.first), at(scene.last), width, height);
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  for (const row of layout.tracks) {
    const y = row.y + row.height - scroll - 0.5;
    if (y < 0 || y > height) continue;
    context.beginPath();
    context.moveTo(0, y);
    context.lineTo(width, y);
    context.stroke();
  }
  if (data !== undefined) {
    const marked = kind === null ? scene.followed : ofKind(data, view, kind);
    drawSpans(context, brushes, {
      ...scene,
      data,
      // No request has this number: only what is marked stays bright.
      request: kind === null ? scene.request : -1,
      followed: marked,
    });
  }
  context.fillStyle = palette.haz;
  let free = -Infinity;
  for (const tick of scene.hazards) {
    const x = at(tick);
    if (x < -6 || x > width + 6 || x < free) continue;
    free = x + 8;
    diamond(context, x, 6, 5);
    context.fill();
  }
  if (scene.zero !== null) line(context, palette.acc, [scene.zero], height);
  if (scene.divergence !== null) drawFlag(context, brushes, at(scene.divergence), width, height);
}

function line(context: Context2d, colour: string, places: readonly number[], height: number): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (const place of places) {
    const x = Math.round(place) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, height);
  }
  context.stroke();
}

/** Before the first event and after the last one there is no trace. */
function drawOutside(
  context: Context2d,
  { palette }: Brushes,
  first: number,
  last: number,
  width: number,
  height: number,
): void {
  context.fillStyle = palette.bg0;
  if (first > 0) context.fillRect(0, 0, Math.min(first, width), height);
  if (last < width) context.fillRect(Math.max(0, last), 0, width, height);
}

function drawFlag(
  context: Context2d,
  { palette }: Brushes,
  x: number,
  width: number,
  height: number,
): void {
  if (x < -1 || x > width + 1) return;
  const px = Math.round(x) + 0.5;
  context.strokeStyle = palette.warn;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(px, 0);
  context.lineTo(px, height);
  context.stroke();
  context.setLineDash([]);
  context.font = font(10.5, 600);
  const text = 'they part';
  const w = context.measureText(text).width + 10;
  const left = px + w > width ? px - w : px;
  context.fillStyle = palette.warn;
  context.fillRect(left, height - 15, w, 15);
  context.fillStyle = palette.bg0;
  context.fillText(text, left + 5, height - 7);
}

function ofKind(data: WindowData, view: Viewport, kind: number): ReadonlySet<number> {
  const [first, last] = rangeOf(data, view.from, view.to);
  const ids = new Set<number>();
  for (let i = first; i < last; i += 1) {
    if (data.kind[i] === kind) ids.add(data.id[i] ?? 0);
  }
  return ids;
}

/** The axis above the first timeline. */
export function drawAxis(
  context: Context2d,
  { palette }: Brushes,
  marks: readonly (Mark & { readonly x: number })[],
  width: number,
): void {
  context.fillStyle = palette.bg2;
  context.fillRect(0, 0, width, RULER_HEIGHT);
  context.font = font(10.5);
  for (const { x, label, major } of marks) {
    const px = Math.round(x) + 0.5;
    context.strokeStyle = palette.line2;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(px, RULER_HEIGHT - 5);
    context.lineTo(px, RULER_HEIGHT);
    context.stroke();
    context.fillStyle = major ? palette.tx1 : palette.tx3;
    context.fillText(label, px + 4, 11);
  }
}

/** Requests in a window: first start and last end of their events, in ticks. */
export function requestsIn(
  data: WindowData | undefined,
  view: Viewport,
  most = 400,
): ReadonlyMap<number, { readonly from: number; readonly to: number }> {
  const found = new Map<number, { from: number; to: number }>();
  if (data?.exact !== true) return found;
  const [first, last] = rangeOf(data, view.from, view.to);
  for (let i = first; i < last; i += 1) {
    const request = data.request[i] ?? 0;
    if (request === 0) continue;
    const from = data.ts[i] ?? 0;
    const to = from + (data.dur[i] ?? 0);
    const known = found.get(request);
    if (known === undefined) {
      if (found.size >= most) return found;
      found.set(request, { from, to });
    } else {
      known.to = Math.max(known.to, to);
    }
  }
  return found;
}
