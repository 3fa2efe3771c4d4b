/** What frames the spans: ruler, grid, hazards, playhead, arrows of the followed request. */
import {
  HAZARDS,
  type EventRow,
  type HazardId,
  type HazardRow,
} from '../../core/contract/index.ts';
import { fixed } from '../../core/figures/numbers.ts';
import { diamond, font, measure, type Brushes, type Context2d } from './brush.ts';
import { LANE_HEIGHT, RULER_HEIGHT, SPAN_HEIGHT, spanTop, type Layout } from './layout.ts';
import { marksOf } from './ruler.ts';
import type { Viewport } from './viewport.ts';

/** A part of the ruler that a label takes, from and to in pixels. */
export type Box = readonly [number, number];

export function drawRuler(
  context: Context2d,
  brushes: Brushes,
  view: Viewport,
  width: number,
  height: number,
  tickPs: number,
  taken: readonly Box[] = [],
): void {
  const { palette } = brushes;
  const scale = width / (view.to - view.from);
  context.fillStyle = palette.bg2;
  context.fillRect(0, 0, width, RULER_HEIGHT);
  context.font = font(10.5);
  for (const mark of marksOf(view.from, view.to, width, tickPs)) {
    const x = Math.round((mark.tick - view.from) * scale) + 0.5;
    context.strokeStyle = palette.grid;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, RULER_HEIGHT);
    context.lineTo(x, height);
    context.stroke();
    context.strokeStyle = palette.line2;
    context.beginPath();
    context.moveTo(x, RULER_HEIGHT - 5);
    context.lineTo(x, RULER_HEIGHT);
    context.stroke();
    const end = x + 4 + measure(context, mark.label);
    if (end > width || taken.some(([from, to]) => x + 2 < to && end > from - 2)) continue;
    context.fillStyle = mark.major ? palette.tx2 : palette.tx3;
    context.fillText(mark.label, x + 4, 11);
  }
}

export interface HazardHit {
  readonly x: number;
  readonly hazard: HazardRow;
}

/** Hazards as bars from cause to end. Returns where each diamond is. */
export function drawHazards(
  context: Context2d,
  brushes: Brushes,
  view: Viewport,
  width: number,
  top: number,
  hazards: readonly HazardRow[],
  lastTick: number,
  total: number,
): readonly HazardHit[] {
  const { palette } = brushes;
  const scale = width / (view.to - view.from);
  const hits: HazardHit[] = [];
  const y = top + 4;
  const height = LANE_HEIGHT - 8;
  // Bars that touch are one bar: a canvas takes its time over ten thousand hatched ones.
  let bar: { from: number; to: number } | undefined;
  const drawBar = () => {
    if (bar === undefined) return;
    context.fillRect(bar.from, y, Math.max(1, bar.to - bar.from), height);
  };
  const marks: { x: number; end: number; hazard: HazardRow }[] = [];
  context.fillStyle = brushes.hazardHatch;
  context.globalAlpha = 0.55;
  for (const hazard of hazards) {
    const x0 = (hazard.opened - view.from) * scale;
    const x1 = ((hazard.closed ?? lastTick) - view.from) * scale;
    if (x1 < 0 || x0 > width) continue;
    const [from, to] = [Math.max(-2, x0), Math.min(width + 2, Math.max(x1, x0 + 1))];
    if (bar !== undefined && from <= bar.to + 1) bar.to = Math.max(bar.to, to);
    else {
      drawBar();
      bar = { from, to };
    }
    if (x0 >= 0) marks.push({ x: x0, end: x1, hazard });
  }
  drawBar();
  context.globalAlpha = 1;
  let free = -Infinity;
  /** End of the last label. */
  let labelled = 0;
  context.font = font(11, 600);
  marks.forEach(({ x, end, hazard }, index) => {
    if (x < free) return;
    free = x + 9;
    hits.push({ x, hazard });
    let next = index + 1;
    while (next < marks.length && (marks[next]?.x ?? 0) <= x + 9) next += 1;
    const nextX = marks[next]?.x ?? width;
    const name = HAZARDS[hazard.code as HazardId]?.name ?? '';
    const room = Math.min(Math.max(end, x + 140), nextX) - x - 22;
    const text = [
      [hazard.code, name, hazard.note === '' ? '' : `· ${hazard.note}`].join(' ').trim(),
      `${hazard.code} ${name}`.trim(),
      hazard.code,
    ].find((each) => measure(context, each) <= room);
    if (text !== undefined) {
      context.fillStyle = palette.hazbg;
      context.fillRect(x + 6, y, measure(context, text) + 12, height);
      context.fillStyle = palette.haz;
      context.fillText(text, x + 12, y + height / 2 + 0.5);
      labelled = x + 18 + measure(context, text);
    }
    diamond(context, x, y + height / 2, 8);
    context.fillStyle = palette.bg1;
    context.fill();
    diamond(context, x, y + height / 2, 6);
    context.fillStyle = palette.haz;
    context.fill();
  });
  const last = hazards.at(-1);
  if (total > hazards.length && last !== undefined) {
    const x = Math.max(0, labelled, (last.opened - view.from) * scale);
    if (x < width) {
      context.clearRect(x, y, width - x, height);
      context.font = font(11);
      context.fillStyle = palette.tx3;
      context.fillText(
        `the first ${fixed(hazards.length)} of ${fixed(total)} are listed; later ones are on the track below`,
        x + 12,
        y + height / 2 + 0.5,
      );
    }
  }
  return hits;
}

/** Where the playhead's label is: from and to in pixels; null when it is out of sight. */
export function playheadBox(
  context: Context2d,
  x: number,
  width: number,
  label: string,
): Box | null {
  if (x < -1 || x > width + 1) return null;
  context.font = font(10.5, 600);
  const w = measure(context, label) + 12;
  const left = Math.max(2, Math.min(width - w - 2, Math.round(x) + 0.5 - w / 2));
  return [left, left + w];
}

export function drawPlayhead(
  context: Context2d,
  brushes: Brushes,
  x: number,
  width: number,
  height: number,
  label: string,
  box = playheadBox(context, x, width, label),
): void {
  if (box === null) return;
  const { palette } = brushes;
  const px = Math.round(x) + 0.5;
  context.strokeStyle = palette.acc;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(px, RULER_HEIGHT);
  context.lineTo(px, height);
  context.stroke();
  const [left, right] = box;
  context.font = font(10.5, 600);
  context.fillStyle = palette.accfill;
  context.beginPath();
  context.roundRect(left, 2, right - left, 17, 3);
  context.fill();
  context.beginPath();
  context.moveTo(px - 4, 19);
  context.lineTo(px + 4, 19);
  context.lineTo(px, RULER_HEIGHT);
  context.fill();
  context.fillStyle = '#ffffff';
  context.fillText(label, left + 6, 11);
}

/** A stay of the followed request on one track. */
export interface Visit {
  readonly track: number;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
}

/** Joins a request's events into its stays on tracks; short visits inside a longer one are left out. */
export function visitsOf(
  events: readonly EventRow[],
  passive: ReadonlySet<number> = new Set(),
): readonly Visit[] {
  const visits: Visit[] = [];
  for (const event of events) {
    // Tracks that only serve another one (translation, the hypervisor on a caller's CPU).
    if (passive.has(event.track)) continue;
    const end = event.ts + event.dur;
    const last = visits.at(-1);
    if (last !== undefined && last.track === event.track) {
      visits[visits.length - 1] = {
        ...last,
        depth: Math.min(last.depth, event.level),
        end: Math.max(last.end, end),
      };
    } else if (last === undefined || end > last.end) {
      visits.push({ track: event.track, depth: event.level, start: event.ts, end });
    }
  }
  return visits;
}

export function drawArrows(
  context: Context2d,
  brushes: Brushes,
  visits: readonly Visit[],
  layout: Layout,
  view: Viewport,
  width: number,
  scroll: number,
): void {
  const { palette } = brushes;
  const scale = width / (view.to - view.from);
  const first = visits[0];
  const last = visits.at(-1);
  // Too small to be followed with the eye.
  if (first === undefined || last === undefined || (last.end - first.start) * scale < 48) return;
  const rowOf = new Map(layout.tracks.map((row) => [row.track.id, row]));
  for (let i = 1; i < visits.length && i < 64; i += 1) {
    const from = visits[i - 1];
    const to = visits[i];
    if (from === undefined || to === undefined) continue;
    const fromRow = rowOf.get(from.track);
    const toRow = rowOf.get(to.track);
    if (fromRow === undefined || toRow === undefined) continue;
    const x0 = (Math.min(from.end, to.start) - view.from) * scale;
    const x1 = (to.start - view.from) * scale;
    if (Math.max(x0, x1) < -40 || Math.min(x0, x1) > width + 40) continue;
    const down = toRow.y > fromRow.y;
    const y0 = spanTop(fromRow, from.depth) - scroll + (down ? SPAN_HEIGHT : 0);
    const y1 = spanTop(toRow, to.depth) - scroll + (down ? -1 : SPAN_HEIGHT + 1);
    const middle = (y0 + y1) / 2;
    for (const [colour, size] of [
      [palette.bg1, 4],
      [palette.sel, 1.5],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = size;
      context.beginPath();
      context.moveTo(x0, y0);
      context.bezierCurveTo(x0, middle, x1, middle, x1, y1 + (down ? -4 : 4));
      context.stroke();
    }
    const tip = down ? -6 : 6;
    context.fillStyle = palette.sel;
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x1 - 4, y1 + tip);
    context.lineTo(x1 + 4, y1 + tip);
    context.fill();
    context.beginPath();
    context.arc(x0, y0, 2.5, 0, 7);
    context.fill();
  }
}
