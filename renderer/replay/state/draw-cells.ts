/** Draws the rows of a reach map that are in sight. Shape carries the state, colour repeats it. */
import type { ReachState } from '../../../core/contract/index.ts';
import { MONO, type Palette } from '../../tokens/canvas.ts';
import type { Context2d } from '../brush.ts';
import { CELLS, CELLS_PER_ROW, guestAt, type CellMap } from './reach.ts';

/** Room for the frame number before each row. */
export const ROW_LABEL = 46;
const LABEL_EVERY_PX = 18;

/** Distance of two cells: as wide as the panel allows, gap included. */
export function pitchOf(width: number): number {
  return Math.max(3, Math.min(8, Math.floor((width - ROW_LABEL) / CELLS_PER_ROW)));
}

export interface CellView {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly at: { readonly row: number; readonly column: number } | null;
}

export function drawCells(
  context: Context2d,
  palette: Palette,
  map: CellMap,
  guests: ReachState['guests'],
  { width, height, top, at }: CellView,
): void {
  const pitch = pitchOf(width);
  const size = pitch - 1;
  const first = Math.max(0, Math.floor(top / pitch));
  const last = Math.min(map.rows.length, Math.ceil((top + height) / pitch));
  const fills = { needed: palette['r-right'], mapped: palette.tx3, stale: palette['r-stale'] };
  context.font = `400 10px ${MONO}`;
  let labelled = -Infinity;
  for (let index = first; index < last; index += 1) {
    const row = map.rows[index];
    if (row === undefined) continue;
    const y = index * pitch - top;
    if (y - labelled >= LABEL_EVERY_PX || index === first) {
      labelled = y;
      context.fillStyle = palette.tx3;
      context.textAlign = 'right';
      const guest = guestAt(guests, row.first);
      const number = guest === null ? row.first : row.first - guest.first + guest.firstGfn;
      context.fillText(number.toString(16), ROW_LABEL - 6, Math.max(5, y + size / 2));
      context.textAlign = 'left';
    }
    for (let column = 0; column < CELLS_PER_ROW; column += 1) {
      const cell = CELLS[row.cells[column] ?? 0] ?? 'none';
      const x = ROW_LABEL + column * pitch;
      if (cell === 'needless') {
        context.strokeStyle = palette['r-need'];
        context.lineWidth = Math.max(1, size * 0.3);
        const inset = context.lineWidth / 2;
        context.strokeRect(x + inset, y + inset, size - 2 * inset, size - 2 * inset);
        continue;
      }
      context.fillStyle = cell === 'none' ? palette['r-none'] : fills[cell];
      context.fillRect(x, y, size, size);
      if (cell !== 'stale') continue;
      context.strokeStyle = palette.bg1;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(x, y + size);
      context.lineTo(x + size, y);
      context.stroke();
    }
  }
  if (at === null) return;
  context.strokeStyle = palette.sel;
  context.lineWidth = 1.5;
  const x = ROW_LABEL + at.column * pitch;
  context.strokeRect(x - 1.25, at.row * pitch - top - 1.25, size + 2.5, size + 2.5);
}
