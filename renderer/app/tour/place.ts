/** Where the words of a step stand: beside what they speak of, within the window, never over it. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const GAP = 12;
const EDGE = 12;

const clamp = (value: number, low: number, high: number) =>
  Math.max(low, Math.min(value, Math.max(low, high)));

/**
 * Upper left corner of the words. Below is tried first, then above, right and left; what fills the
 * window has them in its lower right corner.
 */
export function placeBeside(
  target: Box,
  words: { readonly width: number; readonly height: number },
  window: { readonly width: number; readonly height: number },
): { readonly x: number; readonly y: number } {
  const right = window.width - words.width - EDGE;
  const bottom = window.height - words.height - EDGE;
  const middleX = clamp(target.left + target.width / 2 - words.width / 2, EDGE, right);
  const middleY = clamp(target.top + target.height / 2 - words.height / 2, EDGE, bottom);
  const below = target.top + target.height + GAP;
  const above = target.top - GAP - words.height;
  const after = target.left + target.width + GAP;
  const before = target.left - GAP - words.width;
  if (below <= bottom) return { x: middleX, y: below };
  if (above >= EDGE) return { x: middleX, y: above };
  if (after <= right) return { x: after, y: middleY };
  if (before >= EDGE) return { x: before, y: middleY };
  return { x: right, y: bottom };
}
