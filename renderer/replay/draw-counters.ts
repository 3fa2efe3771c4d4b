/** Counters as filled steps; where samples are denser than pixels, from least to greatest. */
import { font, type Brushes, type Context2d } from './brush.ts';
import type { CounterRow } from './layout.ts';
import type { Viewport } from './viewport.ts';

/** Samples of one counter over a window, in time order. */
export interface CounterSamples {
  readonly ts: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly last: Float64Array;
}

export interface CounterWindow {
  readonly from: number;
  readonly to: number;
  readonly level: number;
  readonly exact: boolean;
  readonly byCounter: ReadonlyMap<number, CounterSamples>;
}

const HUES = ['stack', 'map', 'flush', 'hypercall', 'dma', 'copy'] as const;

/** Counters that tell of risk take the hazard colour, the others a quiet hue each. */
export function counterColour(brushes: Brushes, name: string, index: number): string {
  if (/expos|stale|hazard/i.test(name)) return brushes.palette.haz;
  return brushes.palette.category[HUES[index % HUES.length] ?? 'stack'];
}

/** Value at a time: a sample holds until the next one. Undefined before the first. */
export function valueAt(samples: CounterSamples, tick: number): number | undefined {
  let low = 0;
  let high = samples.ts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples.ts[middle] ?? 0) <= tick) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : samples.last[low - 1];
}

export function drawCounter(
  context: Context2d,
  brushes: Brushes,
  row: CounterRow,
  samples: CounterSamples,
  colour: string,
  view: Viewport,
  width: number,
  top: number,
  tick: number | null,
): void {
  const scale = width / (view.to - view.from);
  const base = top + row.height - 5;
  const tall = row.height - 13;
  const greatest = row.counter.max > 0 ? row.counter.max : 1;
  const yOf = (value: number) => base - (Math.max(0, value) / greatest) * tall;
  const xOf = (time: number) => (time - view.from) * scale;
  const count = samples.ts.length;
  if (count === 0) return;
  let first = 0;
  while (first + 1 < count && (samples.ts[first + 1] ?? 0) <= view.from) first += 1;

  const line = new Path2D();
  let x = Math.max(-2, xOf(samples.ts[first] ?? 0));
  const startX = x;
  let held = yOf(samples.last[first] ?? 0);
  line.moveTo(x, held);
  for (let i = first + 1; i < count && x <= width; i += 1) {
    x = Math.min(width + 2, xOf(samples.ts[i] ?? 0));
    line.lineTo(x, held);
    const low = yOf(samples.min[i] ?? 0);
    const high = yOf(samples.max[i] ?? 0);
    if (high !== low) {
      line.lineTo(x, high);
      line.lineTo(x, low);
    }
    held = yOf(samples.last[i] ?? 0);
    line.lineTo(x, held);
  }
  line.lineTo(width + 2, held);
  const area = new Path2D(line);
  area.lineTo(width + 2, base);
  area.lineTo(startX, base);
  area.closePath();
  context.globalAlpha = 0.22;
  context.fillStyle = colour;
  context.fill(area);
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = 1.25;
  context.stroke(line);

  const value = tick === null ? undefined : valueAt(samples, tick);
  if (tick === null || value === undefined) return;
  context.font = font(11, 600);
  context.fillStyle = brushes.palette.tx1;
  context.beginPath();
  context.arc(xOf(tick), yOf(value), 2.5, 0, 7);
  context.fill();
}
