/** Counters as filled steps; where samples are denser than pixels, from least to greatest. */
import { firstWhere } from '../../core/base/first-where.ts';
import type { Brushes, Context2d } from './brush.ts';
import { topOf, type CounterRow } from './layout.ts';
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
  return samples.last[lastUpTo(samples.ts, tick)];
}

/** A stretch of pixels over which a counter's line stays at one height, and how far it went there. */
interface Stretch {
  readonly from: number;
  to: number;
  /** Heights in pixels: of the value that is held, and the extremes within the first column. */
  readonly held: number;
  readonly top: number;
  readonly bottom: number;
}

/** Whole columns of pixels: a path through ten thousand samples takes a browser longer than a frame. */
function stretchesOf(
  samples: CounterSamples,
  view: Viewport,
  width: number,
  yOf: (value: number) => number,
): readonly Stretch[] {
  const scale = width / (view.to - view.from);
  const count = samples.ts.length;
  let i = Math.max(0, lastUpTo(samples.ts, view.from));
  const stretches: Stretch[] = [];
  // Where every pixel has its sample, two of them make a column.
  const dense = lastUpTo(samples.ts, view.to) - i > width;
  const columnAt = (tick: number) => {
    const x = Math.max(0, Math.round((tick - view.from) * scale));
    return dense ? x & ~1 : x;
  };
  while (i < count) {
    const column = columnAt(samples.ts[i] ?? 0);
    if (column > width) break;
    const before = stretches.at(-1);
    let top = before?.held ?? Infinity;
    let bottom = before?.held ?? -Infinity;
    let held = 0;
    for (; i < count; i += 1) {
      if (columnAt(samples.ts[i] ?? 0) !== column) break;
      top = Math.min(top, yOf(samples.max[i] ?? 0));
      bottom = Math.max(bottom, yOf(samples.min[i] ?? 0));
      held = yOf(samples.last[i] ?? 0);
    }
    if (before !== undefined) before.to = column;
    stretches.push({ from: column, to: width, held, top, bottom });
  }
  return stretches;
}

/** The last index whose time is not after a moment, or -1. */
function lastUpTo(times: Float64Array, tick: number): number {
  return firstWhere(0, times.length, (i) => (times[i] ?? 0) > tick) - 1;
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
  const base = top + row.height - 5;
  const tall = row.height - 13;
  const greatest = topOf(row.counter);
  const yOf = (value: number) => Math.round(base - (Math.max(0, value) / greatest) * tall);
  const stretches = stretchesOf(samples, view, width, yOf);
  context.fillStyle = colour;
  context.globalAlpha = 0.22;
  for (const { from, to, held } of stretches) context.fillRect(from, held, to - from, base - held);
  context.globalAlpha = 1;
  for (const { from, to, held, top: high, bottom } of stretches) {
    context.fillRect(from, held, to - from, 1);
    if (bottom > high) context.fillRect(from, high, Math.min(2, to - from), bottom - high);
  }
  const value = tick === null ? undefined : valueAt(samples, tick);
  if (tick === null || value === undefined) return;
  context.fillStyle = brushes.palette.tx1;
  context.beginPath();
  context.arc(((tick - view.from) * width) / (view.to - view.from), yOf(value), 2.5, 0, 7);
  context.fill();
}
