/** How tall a chart of the Charts room gets: few bars do not have to fill it. */
import type { Drawn, Single } from '../../core/figures/chart/model.ts';

/** Small charts keep a height at which they can be read. */
export const PANEL_LEAST = 190;
const PANEL_MOST = 480;
/** Key and names of axes, which small charts share. */
export const SHARED = 72;

/**
 * The greatest height of a chart, in pixels.
 *
 * @param rows of small charts, one above another
 */
export function tallestOf(drawn: Drawn, rows: number): number {
  if (drawn.shape !== 'panels') return singleHeight(drawn);
  const tallest = Math.max(...drawn.panels.map((panel) => singleHeight(panel.drawn)));
  return SHARED + rows * Math.max(PANEL_LEAST, Math.min(tallest, PANEL_MOST));
}

function singleHeight(drawn: Single): number {
  if (drawn.shape === 'heat') return 96 + drawn.rows.length * 36;
  if (drawn.shape !== 'bars' || !drawn.horizontal) return 1100;
  const bars = drawn.categories.length * (drawn.stacked ? 1 : drawn.series.length);
  return 110 + bars * 28 + drawn.categories.length * 16;
}
