/** Spans of all tracks: only what is seen, and what is too narrow to see merged into strips. */
import { CATEGORIES } from '../../core/contract/index.ts';
import { measure, font, type Brushes, type Context2d } from './brush.ts';
import { fit } from './labels.ts';
import { MAX_LEVELS, SPAN_HEIGHT, spanTop, type Layout, type TrackRow } from './layout.ts';
import type { Viewport } from './viewport.ts';
import { rangeOf, type WindowData } from './window-data.ts';

/** Spans narrower than this merge into the strip of their level. */
export const MERGE_PX = 1.5;
const MIN_LABEL_PX = 18;

export interface SpanScene {
  readonly data: WindowData;
  readonly view: Viewport;
  readonly width: number;
  readonly layout: Layout;
  /** Scrolled distance and visible height of the tracks. */
  readonly scroll: number;
  readonly height: number;
  readonly nameOf: (kind: number) => string;
  /** Followed request: the rest is faded. */
  readonly request: number | null;
  readonly followed: ReadonlySet<number>;
  readonly selected: number | null;
}

interface Strip {
  column: number;
  end: number;
  category: number;
  weight: number;
  busy: number;
  bright: boolean;
}

/** Strips side by side that look alike: one rectangle for the canvas instead of hundreds. */
interface Run {
  from: number;
  to: number;
  top: number;
  height: number;
  fill: string | CanvasPattern;
}

/** Width of a column of buckets. */
const SUMMARY_PX = 2;
/** Steps in which the height of a bucket tells its load. */
const HEIGHT_STEP = 4;

interface PendingLabel {
  x: number;
  kind: number;
}

export function drawSpans(context: Context2d, brushes: Brushes, scene: SpanScene): void {
  const { data, view, width, layout, scroll, height } = scene;
  const scale = width / (view.to - view.from);
  const [first, last] = rangeOf(data, view.from, view.to);
  const slots = layout.tracks.length * MAX_LEVELS;
  const strips: (Strip | undefined)[] = new Array<Strip | undefined>(slots);
  const runs: (Run | undefined)[] = new Array<Run | undefined>(slots);
  const pending: (PendingLabel | undefined)[] = new Array<PendingLabel | undefined>(slots);
  const visible = layout.tracks.map(
    (row) => row.y + row.height > scroll && row.y < scroll + height,
  );
  context.font = font(10.5, 500);
  const measured = (text: string) => measure(context, text);
  let selected: { x: number; y: number; w: number } | undefined;

  const drawRun = (slot: number) => {
    const run = runs[slot];
    if (run === undefined) return;
    runs[slot] = undefined;
    context.fillStyle = run.fill;
    context.fillRect(run.from, run.top, run.to - run.from, run.height);
  };
  const flush = (slot: number, row: TrackRow, depth: number) => {
    const strip = strips[slot];
    if (strip === undefined) return;
    strips[slot] = undefined;
    const paint = brushes.paints[strip.category];
    if (paint === undefined) return;
    const end = strip.column + Math.max(1, strip.end - strip.column);
    // A bucket that is mostly idle is drawn lower, so that load can be seen at any zoom.
    const share = data.exact ? 1 : Math.min(1, strip.busy / ((end - strip.column) / scale));
    const h = Math.max(HEIGHT_STEP, Math.ceil((share * SPAN_HEIGHT) / HEIGHT_STEP) * HEIGHT_STEP);
    const fill = strip.bright ? paint.fill : paint.dim;
    const top = spanTop(row, depth) - scroll + SPAN_HEIGHT - h;
    const run = runs[slot];
    if (run !== undefined && run.to === strip.column && run.fill === fill && run.height === h) {
      run.to = end;
      return;
    }
    drawRun(slot);
    runs[slot] = { from: strip.column, to: end, top, height: h, fill };
  };
  const flushLabel = (slot: number, row: TrackRow, depth: number, until: number) => {
    const label = pending[slot];
    if (label === undefined) return;
    pending[slot] = undefined;
    const text = fit(scene.nameOf(label.kind), until - label.x - 10, measured);
    if (text === '') return;
    context.fillStyle = brushes.palette.tx2;
    context.fillText(text, label.x + 5, spanTop(row, depth) - scroll + SPAN_HEIGHT / 2 + 0.5);
  };

  for (let i = first; i < last; i += 1) {
    const r = data.row[i] ?? -1;
    const row = layout.tracks[r];
    if (row === undefined || visible[r] !== true) continue;
    const depth = Math.min(data.depth[i] ?? 0, row.levels - 1);
    const slot = r * MAX_LEVELS + depth;
    const start = data.ts[i] ?? 0;
    const length = data.dur[i] ?? 0;
    const x0 = (start - view.from) * scale;
    const x1 = (start + length - view.from) * scale;
    if (x1 < 0) continue;
    const category = data.category[i] ?? 0;
    const id = data.id[i] ?? 0;
    const request = data.request[i] ?? 0;
    // Buckets belong to no request: they are never faded.
    const bright =
      scene.request === null || !data.exact || request === scene.request || scene.followed.has(id);
    if (pending[slot] !== undefined) flushLabel(slot, row, depth, x0);

    if (data.exact && x1 - x0 >= MERGE_PX) {
      const paint = brushes.paints[category];
      if (paint === undefined) continue;
      const left = Math.max(-2, x0);
      const w = Math.min(width + 2, x1) - left;
      const y = spanTop(row, depth) - scroll;
      context.fillStyle = bright ? paint.fill : paint.dim;
      // Half a pixel of surface keeps neighbours apart without widening anything.
      context.fillRect(left, y, Math.max(1, w > 3 ? w - 0.75 : w), SPAN_HEIGHT);
      if (brushes.light && w > 4 && bright) {
        context.strokeStyle = paint.edge;
        context.lineWidth = 1;
        context.strokeRect(left + 0.5, y + 0.5, w - 1.75, SPAN_HEIGHT - 1);
      }
      if (w > MIN_LABEL_PX) {
        const at = Math.max(0, left);
        const text = fit(scene.nameOf(data.kind[i] ?? 0), w - (at - left) - 8, measured);
        if (text !== '') {
          if (CATEGORIES[category] === 'wait') {
            context.fillStyle = brushes.palette.bg2;
            context.fillRect(at + 2, y + 2, measured(text) + 4, SPAN_HEIGHT - 4);
          }
          context.fillStyle = bright ? paint.ink : brushes.palette.tx1;
          context.fillText(text, at + 4, y + SPAN_HEIGHT / 2 + 0.5);
        }
      }
      if (id === scene.selected) selected = { x: left, y, w };
      continue;
    }

    if (data.exact && id === scene.selected) {
      selected = { x: x0 - 1, y: spanTop(row, depth) - scroll, w: Math.max(2, x1 - x0) + 2 };
    }
    const instant = data.exact && length === 0;
    const column = data.exact ? Math.floor(x0) : Math.floor(x0 / SUMMARY_PX) * SUMMARY_PX;
    const end = instant
      ? column + 2
      : data.exact
        ? column + 1
        : Math.max(column + SUMMARY_PX, Math.floor(x1));
    const weight = data.busy[i] ?? 0;
    const strip = strips[slot];
    if (strip !== undefined && strip.column === column) {
      if (weight > strip.weight || (bright && !strip.bright)) {
        strip.category = category;
        strip.weight = weight;
      }
      strip.busy += weight;
      strip.end = Math.max(strip.end, end);
      strip.bright ||= bright;
    } else {
      flush(slot, row, depth);
      strips[slot] = { column, end, category, weight, busy: weight, bright };
    }
    if (instant && bright) pending[slot] = { x: column, kind: data.kind[i] ?? 0 };
  }
  layout.tracks.forEach((row, r) => {
    for (let depth = 0; depth < row.levels; depth += 1) {
      flush(r * MAX_LEVELS + depth, row, depth);
      drawRun(r * MAX_LEVELS + depth);
      flushLabel(r * MAX_LEVELS + depth, row, depth, width);
    }
  });
  if (selected !== undefined) {
    context.strokeStyle = brushes.palette.sel;
    context.lineWidth = 2;
    context.strokeRect(selected.x - 1, selected.y - 1, selected.w + 1, SPAN_HEIGHT + 2);
  }
}
