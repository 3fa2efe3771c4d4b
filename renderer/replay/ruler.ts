/** Marks of a time axis: round distances, the first one absolute, the others counted from it. */
import { NBSP, fixed, timeUnit } from '../../core/figures/numbers.ts';

export interface Mark {
  readonly tick: number;
  readonly label: string;
  readonly major: boolean;
}

/** The round number (1, 2 or 5 times a power of ten) at or above `least`. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const share = least / power;
  const digit = share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10;
  return digit * power;
}

/**
 * @param tickPs length of a tick in picoseconds
 * @param spacing least distance of two marks in pixels
 */
export function marksOf(
  from: number,
  to: number,
  width: number,
  tickPs: number,
  spacing = 88,
): readonly Mark[] {
  if (width <= 0 || to <= from) return [];
  const step = Math.max(1 / tickPs, roundStep(((to - from) * spacing) / width));
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  // Every tenth step is a landmark with an absolute time; the steps between count from it.
  const marks: Mark[] = [];
  const stepPs = step * tickPs;
  const { unit, ps } = timeUnit(stepPs * 4);
  const digits = Math.max(0, Math.ceil(-Math.log10(stepPs / ps) - 1e-9));
  const landmark = timeUnit(stepPs * 10);
  const landmarkDigits = Math.max(0, Math.ceil(-Math.log10((stepPs * 10) / landmark.ps) - 1e-9));
  for (let index = first; index <= last; index += 1) {
    const rest = ((index % 10) + 10) % 10;
    const major = rest === 0 || index === first;
    const atPs = index * stepPs;
    const label =
      rest === 0
        ? `${fixed(atPs / landmark.ps, landmarkDigits)}${NBSP}${landmark.unit}`
        : index === first
          ? `${fixed(atPs / ps, digits)}${NBSP}${unit}`
          : `+${fixed((rest * stepPs) / ps, digits)}${NBSP}${unit}`;
    marks.push({ tick: index * step, label, major });
  }
  return marks;
}
