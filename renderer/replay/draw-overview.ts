/** The whole run in a strip: events by category, hazards, and the part that is on screen. */
import { CATEGORIES, type HazardRow } from '../../core/contract/index.ts';
import { diamond, type Brushes, type Context2d } from './brush.ts';
import type { Bounds, Viewport } from './viewport.ts';

/** Events per column and category; `heights` of one column follow each other. */
export interface OverviewColumns {
  readonly columns: number;
  readonly counts: Float64Array;
  readonly greatest: number;
  /** Columns in which a hazard began or ended. */
  readonly hazards: Uint8Array;
}

const ORDER = [
  'stack',
  'map',
  'hypercall',
  'flush',
  'copy',
  'dma',
  'notify',
  'wait',
  'other',
] as const;
const HAZARD = CATEGORIES.indexOf('hazard');
const SLOT = CATEGORIES.map((name) => ORDER.findIndex((each) => each === name));

export function overviewOf(
  window: {
    ts: readonly number[];
    dur: readonly number[];
    n: readonly number[];
    kind: readonly number[];
  },
  categoryOf: Readonly<Record<number, number>>,
  bounds: Bounds,
  columns: number,
): OverviewColumns {
  const counts = new Float64Array(columns * ORDER.length);
  const hazards = new Uint8Array(columns);
  const span = Math.max(1, bounds.last - bounds.first);
  for (let i = 0; i < window.ts.length; i += 1) {
    // A bucket wider than a column is spread over the columns that it covers.
    const at = (((window.ts[i] ?? 0) - bounds.first) / span) * columns;
    const wide = Math.max(1, Math.round(((window.dur[i] ?? 0) / span) * columns));
    const each = (window.n[i] ?? 1) / wide;
    const category = categoryOf[window.kind[i] ?? 0] ?? -1;
    if (category === HAZARD) {
      for (let k = 0; k < wide; k += 1) hazards[Math.min(columns - 1, Math.floor(at + k))] = 1;
    }
    const slot = SLOT[category] ?? -1;
    if (slot < 0) continue;
    for (let k = 0; k < wide; k += 1) {
      const column = Math.min(columns - 1, Math.max(0, Math.floor(at + k)));
      counts[column * ORDER.length + slot] = (counts[column * ORDER.length + slot] ?? 0) + each;
    }
  }
  let greatest = 0;
  for (let column = 0; column < columns; column += 1) {
    let total = 0;
    for (let slot = 0; slot < ORDER.length; slot += 1) {
      total += counts[column * ORDER.length + slot] ?? 0;
    }
    greatest = Math.max(greatest, total);
  }
  return { columns, counts, greatest, hazards };
}

export function drawOverview(
  context: Context2d,
  brushes: Brushes,
  data: OverviewColumns,
  hazards: readonly HazardRow[],
  hazardsTotal: number,
  bounds: Bounds,
  whole: Viewport,
  warmupTick: number,
  width: number,
  height: number,
): void {
  const { palette } = brushes;
  const scale = width / (whole.to - whole.from);
  const xOf = (tick: number) => (tick - whole.from) * scale;
  const lane = hazards.length > 0;
  const base = lane ? height - 18 : height - 6;
  const tall = base - 6;
  const step = (xOf(bounds.last) - xOf(bounds.first)) / data.columns;
  for (let column = 0; column < data.columns; column += 1) {
    let y = base;
    const x = xOf(bounds.first) + column * step;
    for (let slot = 0; slot < ORDER.length; slot += 1) {
      const count = data.counts[column * ORDER.length + slot] ?? 0;
      if (count === 0) continue;
      const h = (count / (data.greatest || 1)) * tall;
      const name = ORDER[slot] ?? 'other';
      context.fillStyle = name === 'wait' ? palette.line2 : palette.category[name];
      context.fillRect(x, y - h, Math.max(0.75, step - 0.5), h);
      y -= h;
    }
  }
  if (warmupTick > bounds.first) {
    const x = xOf(warmupTick);
    context.globalAlpha = 0.62;
    context.fillStyle = palette.bg1;
    context.fillRect(xOf(bounds.first), 2, x - xOf(bounds.first), base - 2);
    context.globalAlpha = 1;
    context.fillStyle = palette.line2;
    context.fillRect(Math.round(x), 4, 1, base - 4);
  }
  if (lane && hazardsTotal > hazards.length) {
    // Not all of them were sent: the strip comes from the summary of events.
    context.fillStyle = brushes.hazardHatch;
    for (let column = 0; column < data.columns; column += 1) {
      if (data.hazards[column] === 0) continue;
      context.fillRect(xOf(bounds.first) + column * step, height - 14, Math.max(1, step), 8);
    }
  } else if (lane) drawHazardLane(context, brushes, hazards, xOf, bounds, height - 10);
}

/** The part that is on screen. It moves with every frame, the rest does not: a canvas of its own. */
export function drawWindow(
  context: Context2d,
  { palette }: Brushes,
  whole: Viewport,
  view: Viewport,
  playhead: number,
  width: number,
  height: number,
): void {
  const scale = width / (whole.to - whole.from);
  const left = Math.round((view.from - whole.from) * scale);
  const right = Math.max(left + 4, Math.round((view.to - whole.from) * scale));
  context.globalAlpha = 0.14;
  context.fillStyle = palette.acc;
  context.fillRect(left, 2, right - left, height - 5);
  context.globalAlpha = 1;
  context.strokeStyle = palette.acc;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, 2.5, right - left - 1, height - 6);
  const x = Math.round((playhead - whole.from) * scale);
  context.fillStyle = palette.acc;
  context.fillRect(x, 0, 1, height);
}

function drawHazardLane(
  context: Context2d,
  brushes: Brushes,
  hazards: readonly HazardRow[],
  xOf: (tick: number) => number,
  bounds: Bounds,
  y: number,
): void {
  const { palette } = brushes;
  const dense = hazards.length > 60;
  if (dense) {
    let column = -Infinity;
    context.fillStyle = brushes.hazardHatch;
    for (const hazard of hazards) {
      const left = Math.max(column, xOf(hazard.opened));
      const right = Math.max(left, xOf(hazard.closed ?? bounds.last), xOf(hazard.opened) + 1);
      if (right > column) context.fillRect(left, y - 4, right - left, 8);
      column = Math.max(column, right);
    }
    return;
  }
  for (const hazard of hazards) {
    const x = Math.round(xOf(hazard.opened));
    diamond(context, x, y, 7);
    context.fillStyle = palette.bg1;
    context.fill();
    diamond(context, x, y, 5);
    context.fillStyle = palette.haz;
    context.fill();
  }
}
