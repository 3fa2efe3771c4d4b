/** The whole picture of the timeline, from what Replay knows. */
import { duration } from '../../core/figures/numbers.ts';
import { begin, type Brushes, type Context2d } from './brush.ts';
import { counterColour, drawCounter } from './draw-counters.ts';
import {
  drawArrows,
  drawHazards,
  drawPlayhead,
  drawRuler,
  playheadBox,
  type HazardHit,
  type Visit,
} from './draw-frame.ts';
import { drawMarks, drawRange, rangeBox, type MarkHit } from './draw-marks.ts';
import { drawSpans } from './draw-spans.ts';
import { LANE_HEIGHT, RULER_HEIGHT } from './layout.ts';
import type { Replay } from './replay.svelte.ts';

/** What can be pressed in the lanes above the tracks. */
export interface Hits {
  readonly hazards: readonly HazardHit[];
  readonly marks: readonly MarkHit[];
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly scroll: number;
  readonly visits: readonly Visit[];
  readonly timeOf: (tick: number) => string;
}

/** Height of the ruler and the lanes under it. */
export function headerOf(replay: Replay): { marks: number; hazards: number; height: number } {
  const marks = replay.marks.list.length > 0 ? LANE_HEIGHT : 0;
  const hazards = replay.hazards.length > 0 ? LANE_HEIGHT : 0;
  return { marks, hazards, height: RULER_HEIGHT + marks + hazards };
}

export function drawTimeline(
  canvas: HTMLCanvasElement,
  brushesOf: (context: Context2d) => Brushes,
  replay: Replay,
  scene: Scene,
): Hits {
  const { width, height, scroll } = scene;
  const none: Hits = { hazards: [], marks: [] };
  if (replay.info === null) return none;
  const context = begin(canvas, width, height);
  if (context === null) return none;
  const brushes = brushesOf(context);
  const { view, layout, range } = replay;
  const { palette } = brushes;
  const header = headerOf(replay);
  const scale = width / (view.to - view.from);
  const playheadX = (replay.playhead - view.from) * scale;
  const label = scene.timeOf(Math.round(replay.playhead));
  const box = playheadBox(context, playheadX, width, label);
  const length = range === null ? '' : duration((range.to - range.from) * replay.tickPs, 4);
  const lengthBox = range === null ? null : rangeBox(context, range, view, width, length, box);
  const taken = [box, lengthBox].filter((each) => each !== null);
  drawRuler(context, brushes, view, width, height, replay.tickPs, taken);

  context.save();
  context.beginPath();
  context.rect(0, header.height, width, height - header.height);
  context.clip();
  context.translate(0, header.height);
  drawTracks(context, brushes, replay, scene, height - header.height);
  drawArrows(context, brushes, scene.visits, layout, view, width, scroll);
  context.restore();

  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  for (let y = RULER_HEIGHT + LANE_HEIGHT; y <= header.height; y += LANE_HEIGHT) {
    context.beginPath();
    context.moveTo(0, y - 0.5);
    context.lineTo(width, y - 0.5);
    context.stroke();
  }
  const marks =
    header.marks === 0
      ? []
      : drawMarks(context, brushes, replay.marks.list, view, width, RULER_HEIGHT);
  const hazards =
    header.hazards === 0
      ? []
      : drawHazards(
          context,
          brushes,
          view,
          width,
          RULER_HEIGHT + header.marks,
          replay.hazards,
          replay.bounds.last,
          replay.hazardsToList,
        );
  if (range !== null) {
    drawRange(context, brushes, range, view, width, height, length, lengthBox);
  }
  drawPlayhead(context, brushes, playheadX, width, height, label, box);
  return { hazards, marks };
}

function drawTracks(
  context: Context2d,
  brushes: Brushes,
  replay: Replay,
  { width, scroll }: Scene,
  body: number,
): void {
  const { view, layout } = replay;
  context.strokeStyle = brushes.palette.line;
  context.lineWidth = 1;
  for (const row of [...layout.tracks, ...layout.counters]) {
    const y = row.y + row.height - scroll - 0.5;
    if (y < 0 || y > body) continue;
    context.beginPath();
    context.moveTo(0, y);
    context.lineTo(width, y);
    context.stroke();
  }
  const data = replay.windows?.best(view.from, view.to);
  if (data !== undefined) {
    drawSpans(context, brushes, {
      data,
      view,
      width,
      layout,
      scroll,
      height: body,
      nameOf: replay.nameOf,
      request: replay.request?.request.id ?? null,
      followed: replay.followed,
      selected: replay.selectedId,
    });
  }
  if (layout.counters.length === 0) return;
  const window = replay.counters?.best(view.from, view.to);
  layout.counters.forEach((row, index) => {
    const top = row.y - scroll;
    const samples = window?.byCounter.get(row.counter.id);
    if (samples === undefined || top > body || top + row.height < 0) return;
    const colour = counterColour(brushes, row.counter.name, index);
    drawCounter(context, brushes, row, samples, colour, view, width, top, replay.playhead);
  });
}
