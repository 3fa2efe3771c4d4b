/** How large a figure is, on paper and in pixels. */
import type { BarsModel, ChartModel, Drawn, Single } from '../chart/model.ts';
import type { SizeName } from '../chart/spec.ts';
import { gridOf } from './figure.ts';
import { named, nameLines } from './frame.ts';

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
  const text = (spec.textPt ?? POINTS[spec.size]) * PX_PER_PT;
  const heightMm = spec.heightMm ?? usualHeight(drawn, widthMm, text);
  return {
    widthMm,
    heightMm,
    width: Math.round(widthMm * PX_PER_MM),
    height: Math.round(heightMm * PX_PER_MM),
    text,
  };
}

/** Millimetres of title, key, axis and provenance around panels. */
const AROUND_MM = 24;
const HEIGHT_MAX = 260;

function usualHeight(drawn: Drawn, widthMm: number, text: number): number {
  if (drawn.shape !== 'panels') return singleHeight(drawn, widthMm, text);
  const { columns, rows } = gridOf(drawn.panels, widthMm * PX_PER_MM, text);
  const tallest = Math.max(
    ...drawn.panels.map((panel) => panelHeight(panel.drawn, widthMm / columns, text)),
  );
  return Math.min(HEIGHT_MAX, Math.round(AROUND_MM + rows * tallest));
}

/** One of several: what it needs, without what is around them all. */
function panelHeight(drawn: Single, widthMm: number, text: number): number {
  const usual = Math.max(38, Math.min(60, widthMm * 0.75));
  if (drawn.shape === 'heat') return 14 + 6.5 * drawn.rows.length;
  if (drawn.shape !== 'bars') return usual;
  if (drawn.horizontal) return 12 + barsHeight(drawn, widthMm, text);
  return usual + (drawn.ratio === null ? 0 : 18);
}

/** Bars of each category, and no less than its name takes. */
function barsHeight(
  { categories, series, stacked }: BarsModel,
  widthMm: number,
  text: number,
): number {
  const bars = 4.5 * (stacked ? 1 : series.length) + 2;
  const lineMm = (text * 1.25) / PX_PER_MM;
  return categories.reduce((sum, each) => {
    const lines = nameLines(named(each), { width: widthMm * PX_PER_MM, text });
    return sum + Math.max(bars, lines.length * lineMm + 1.5);
  }, 0);
}

function singleHeight(drawn: Single, widthMm: number, text: number): number {
  const usual = widthMm <= 84 ? 70 : widthMm <= 178 ? 98 : 140;
  if (drawn.shape === 'heat') return Math.min(HEIGHT_MAX, 30 + 6.5 * drawn.rows.length);
  if (drawn.shape !== 'bars') return usual;
  if (drawn.horizontal)
    return Math.min(HEIGHT_MAX, Math.max(45, 32 + barsHeight(drawn, widthMm, text)));
  return usual + (drawn.ratio === null ? 0 : 24);
}
