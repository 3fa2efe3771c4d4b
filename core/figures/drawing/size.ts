/** How large a figure is, on paper and in pixels. */
import type { ChartModel } from '../chart/model.ts';
import type { SizeName } from '../chart/spec.ts';

export interface FigureSize {
  readonly widthMm: number;
  readonly heightMm: number;
  /** CSS pixels, 96 to the inch. */
  readonly width: number;
  readonly height: number;
  /** Height of the text, CSS pixels. */
  readonly text: number;
}

export const WIDTH_MM: Readonly<Record<SizeName, number>> = {
  single: 84,
  double: 178,
  screen: 254,
};
const POINTS: Readonly<Record<SizeName, number>> = { single: 8, double: 8, screen: 9 };
const PX_PER_MM = 96 / 25.4;
const PX_PER_PT = 96 / 72;

/** Of an exported figure; a height that is not given suits what is drawn. */
export function figureSize({ spec, drawn }: ChartModel): FigureSize {
  const widthMm = WIDTH_MM[spec.size];
  const heightMm = spec.heightMm ?? usualHeight(drawn, widthMm);
  return {
    widthMm,
    heightMm,
    width: Math.round(widthMm * PX_PER_MM),
    height: Math.round(heightMm * PX_PER_MM),
    text: (spec.textPt ?? POINTS[spec.size]) * PX_PER_PT,
  };
}

function usualHeight(drawn: ChartModel['drawn'], widthMm: number): number {
  const usual = widthMm <= 84 ? 70 : widthMm <= 178 ? 98 : 140;
  if (drawn.shape === 'heat') return Math.min(260, 30 + 6.5 * drawn.rows.length);
  if (drawn.shape !== 'bars' || !drawn.horizontal) return usual;
  const bars = drawn.categories.length * (drawn.stacked ? 1 : drawn.series.length);
  return Math.min(260, Math.max(45, 32 + 4.5 * bars + 2 * drawn.categories.length));
}
