/** Colours of a heat map: how a value stands beside its baseline, among its rivals, or in its range. */

export interface HeatColours {
  readonly neutral: string;
  /** Weakest and strongest. */
  readonly better: readonly [string, string];
  readonly worse: readonly [string, string];
  /** Ink on light and on dark fills: black and white, so that one of them always reaches 4.5:1. */
  readonly inkOnLight: string;
  readonly inkOnDark: string;
}

/** Ratios beyond this look the same. */
export const HEAT_LIMIT = 1.45;

/**
 * How much better (below zero) or worse (above zero) a value is than its baseline, from -1 to 1.
 */
export function heatOf(value: number, baseline: number, better: 'lower' | 'higher'): number {
  if (value === baseline) return 0;
  if (value <= 0 || baseline <= 0) {
    const worse = better === 'lower' ? value > baseline : value < baseline;
    return worse ? 1 : -1;
  }
  const steps = Math.log2(value / baseline) / Math.log2(HEAT_LIMIT);
  const signed = better === 'lower' ? steps : -steps;
  return Math.max(-1, Math.min(1, signed));
}

/** Places of the best and the last, and of the baseline, among those ranked with it. */
export interface Standing {
  /** From 1; within a tie the same. */
  readonly rank: number;
  readonly of: number;
  readonly baseline: number;
}

/** The same by rank: as many steps as there are places between the baseline and the end of the list. */
export function heatOfRank({ rank, of, baseline }: Standing): number {
  if (rank === baseline) return 0;
  if (rank < baseline) return -(baseline - rank) / (baseline - 1);
  return Math.min(1, (rank - baseline) / Math.max(1, of - baseline));
}

/**
 * Where a value lies between the best and the worst of a table, from 0 (best) to 1, on a logarithmic
 * scale where all are above zero.
 */
export function shareOf(value: number, best: number, worst: number): number {
  if (best === worst) return 0;
  const by = Math.min(best, worst) > 0 ? Math.log2 : (each: number) => each;
  return Math.max(0, Math.min(1, (by(value) - by(best)) / (by(worst) - by(best))));
}

export type Rgb = readonly [number, number, number];

/** `#rrggbb`, or `#rgb` as style sheets are written once they are made small. */
export function parseHex(colour: string): Rgb {
  const given = colour.trim().replace('#', '');
  const text = given.length === 3 ? given.replace(/./g, '$&$&') : given;
  const at = (index: number) => Number.parseInt(text.slice(index, index + 2), 16) || 0;
  return [at(0), at(2), at(4)];
}

export function mix(from: string, to: string, share: number): string {
  const a = parseHex(from);
  const b = parseHex(to);
  const part = (index: 0 | 1 | 2) =>
    Math.round(a[index] + (b[index] - a[index]) * share)
      .toString(16)
      .padStart(2, '0');
  return `#${part(0)}${part(1)}${part(2)}`;
}

/** Relative luminance as WCAG defines it. */
export function luminance(colour: string): number {
  const linear = (channel: number) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const [r, g, b] = parseHex(colour);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** Fill and ink of a cell by its value alone: the best are strongest, in one hue. */
export function shareColours(share: number, colours: HeatColours): { fill: string; ink: string } {
  return heatColours(share - 1, colours);
}

/** Fill and ink of a cell. */
export function heatColours(heat: number, colours: HeatColours): { fill: string; ink: string } {
  const size = Math.abs(heat);
  const [weak, strong] = heat < 0 ? colours.better : colours.worse;
  // The first steps lead from neutral into the hue, the rest deepen it.
  const fill =
    size < 0.15 ? mix(colours.neutral, weak, size / 0.15) : mix(weak, strong, (size - 0.15) / 0.85);
  return { fill, ink: luminance(fill) > 0.179 ? colours.inkOnLight : colours.inkOnDark };
}
