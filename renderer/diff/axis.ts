/**
 * One axis for two traces. Its unit is a picosecond; normalised, a millionth of a millionth of what is
 * aligned, so that both are as long. Zero is what is aligned.
 */
import { NBSP, fixed, timeUnit } from '../../core/figures/numbers.ts';
import { marksOf, roundStep, type Mark } from '../replay/ruler.ts';
import type { Bounds, Viewport } from '../replay/viewport.ts';

/** Units of a normalised axis between the start and the end of what is aligned. */
export const WHOLE = 1e12;

/** How one trace lies on the axis. */
export interface Scale {
  /** Tick at zero. */
  readonly origin: number;
  /** Ticks in a unit of the axis. */
  readonly unit: number;
}

export interface Axis {
  readonly scales: readonly [Scale, Scale];
  readonly normalised: boolean;
  /** From the start of the earlier trace to the end of the later one. */
  readonly bounds: Bounds;
}

/** One trace, and what of it is aligned. */
export interface Side {
  readonly tickPs: number;
  readonly firstTick: number;
  readonly lastTick: number;
  /** Tick at zero of the axis, and how long what is aligned lasts, in ticks. */
  readonly origin: number;
  readonly length: number;
}

export function axisOf(sides: readonly [Side, Side], normalised: boolean): Axis {
  const scales = sides.map(({ tickPs, origin, length }): Scale => {
    const unit = normalised && length > 0 ? length / WHOLE : 1 / tickPs;
    return { origin, unit };
  }) as [Scale, Scale];
  const ends = sides.flatMap((side, i) => {
    const scale = scales[i] as Scale;
    return [toAxis(scale, side.firstTick), toAxis(scale, side.lastTick)];
  });
  return { scales, normalised, bounds: { first: Math.min(...ends), last: Math.max(...ends) } };
}

export const toTick = ({ origin, unit }: Scale, at: number): number => origin + at * unit;
export const toAxis = ({ origin, unit }: Scale, tick: number): number => (tick - origin) / unit;

/** The visible ticks of one trace. */
export function ticksOf(scale: Scale, view: Viewport): Viewport {
  return { from: toTick(scale, view.from), to: toTick(scale, view.to) };
}

/** The part of the axis that shows what is aligned in both, with a margin. */
export function aroundAligned(axis: Axis, sides: readonly [Side, Side]): Viewport {
  const end = Math.max(...sides.map(({ length }, i) => length / (axis.scales[i] as Scale).unit));
  const margin = Math.max(end * 0.08, 200);
  return { from: -margin, to: end + margin };
}

/** Ten microseconds: what an event belongs to is seen around it. */
const AROUND_EVENT_PS = 1e7;

/** The part of the axis around an aligned event. */
export function besideAligned(axis: Axis, sides: readonly [Side, Side]): Viewport {
  const { from, to } = aroundAligned(axis, sides);
  const span = axis.normalised ? WHOLE * 3 : Math.max(AROUND_EVENT_PS, (to - from) * 3);
  return { from: -span, to: span * 2 };
}

/**
 * Marks of the axis. From the start of the traces they are times; otherwise distances from what is
 * aligned, and normalised shares of it.
 */
export function axisMarks(
  axis: Axis,
  view: Viewport,
  width: number,
  zero: string | null,
): readonly Mark[] {
  if (zero === null && !axis.normalised) return marksOf(view.from, view.to, width, 1);
  if (width <= 0 || view.to <= view.from) return [];
  const step = Math.max(1, roundStep(((view.to - view.from) * 88) / width));
  const { unit, ps } = axis.normalised ? { unit: '%', ps: WHOLE / 100 } : timeUnit(step * 4);
  const digits = Math.max(0, Math.ceil(-Math.log10(step / ps) - 1e-9));
  const marks: Mark[] = [];
  for (let index = Math.ceil(view.from / step); index * step <= view.to; index += 1) {
    const sign = index > 0 && zero !== null ? '+' : '';
    marks.push({
      tick: index * step,
      label:
        index === 0 && zero !== null
          ? zero
          : `${sign}${fixed((index * step) / ps, digits)}${NBSP}${unit}`,
      major: index === 0,
    });
  }
  return marks;
}
