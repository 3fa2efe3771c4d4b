/** A user's marks and the chosen range, over the timeline. */
import { font, measure, type Brushes, type Context2d } from './brush.ts';
import type { Box } from './draw-frame.ts';
import { LANE_HEIGHT, RULER_HEIGHT } from './layout.ts';
import type { Mark } from './find/marks.ts';
import type { Viewport } from './viewport.ts';

export interface MarkHit {
  readonly left: number;
  readonly right: number;
  readonly mark: Mark;
}

/** Marks as flags with their text, as far as there is room up to the next one. */
export function drawMarks(
  context: Context2d,
  brushes: Brushes,
  marks: readonly Mark[],
  view: Viewport,
  width: number,
  top: number,
): readonly MarkHit[] {
  const { palette } = brushes;
  const scale = width / (view.to - view.from);
  const y = top + LANE_HEIGHT / 2;
  context.font = font(11, 500);
  const placed = marks.map((mark) => ({ mark, x: (mark.tick - view.from) * scale }));
  return placed.flatMap(({ mark, x }, index): MarkHit[] => {
    if (x < -1 || x > width) return [];
    const next = placed.slice(index + 1).find((each) => each.x > x + 6)?.x ?? width;
    context.fillStyle = palette.acc;
    context.fillRect(x, top + 4, 1.5, LANE_HEIGHT - 8);
    context.beginPath();
    context.moveTo(x, top + 4);
    context.lineTo(x + 8, top + 8);
    context.lineTo(x, top + 12);
    context.fill();
    const room = next - x - 18;
    const text = fitting(context, mark.text, room);
    if (text === '') return [{ left: x - 4, right: Math.min(next, x + 12), mark }];
    context.fillStyle = palette.tx1;
    context.fillText(text, x + 12, y + 0.5);
    return [{ left: x - 4, right: x + 14 + measure(context, text), mark }];
  });
}

/** As many words of a text as fit; nothing where not even the first does. */
function fitting(context: Context2d, text: string, room: number): string {
  if (measure(context, text) <= room) return text;
  const words = text.split(' ');
  for (let count = words.length - 1; count > 0; count -= 1) {
    const part = `${words.slice(0, count).join(' ')} …`;
    if (measure(context, part) <= room) return part;
  }
  return '';
}

/** Where the length of a range stands in the ruler; null where it has no room. */
export function rangeBox(
  context: Context2d,
  range: Viewport,
  view: Viewport,
  width: number,
  label: string,
  playhead: Box | null,
): Box | null {
  const scale = width / (view.to - view.from);
  const left = Math.max(0, (range.from - view.from) * scale);
  const right = Math.min(width, (range.to - view.from) * scale);
  context.font = font(10.5, 600);
  const w = measure(context, label) + 12;
  const x = (left + right) / 2 - w / 2;
  const hidden = playhead !== null && x < playhead[1] + 4 && x + w > playhead[0] - 4;
  return w > right - left || hidden ? null : [x, x + w];
}

/** The chosen range: tinted, with edges, and its length in the ruler. */
export function drawRange(
  context: Context2d,
  brushes: Brushes,
  range: Viewport,
  view: Viewport,
  width: number,
  height: number,
  label: string,
  box: Box | null,
): void {
  const { palette } = brushes;
  const scale = width / (view.to - view.from);
  const left = Math.max(-2, (range.from - view.from) * scale);
  const right = Math.min(width + 2, (range.to - view.from) * scale);
  if (right < 0 || left > width) return;
  context.globalAlpha = 0.1;
  context.fillStyle = palette.acc;
  context.fillRect(left, RULER_HEIGHT, right - left, height - RULER_HEIGHT);
  context.globalAlpha = 0.3;
  context.fillRect(left, RULER_HEIGHT - 4, right - left, 4);
  context.globalAlpha = 1;
  context.strokeStyle = palette.acc;
  context.lineWidth = 1;
  for (const x of [left, right]) {
    context.beginPath();
    context.moveTo(Math.round(x) + 0.5, RULER_HEIGHT - 8);
    context.lineTo(Math.round(x) + 0.5, height);
    context.stroke();
  }
  if (box === null) return;
  context.font = font(10.5, 600);
  context.fillStyle = palette.accbg;
  context.beginPath();
  context.roundRect(box[0], 2, box[1] - box[0], 17, 3);
  context.fill();
  context.fillStyle = palette.acc;
  context.fillText(label, box[0] + 6, 11);
}
