/**
 * Rows of a list that is too long for the document. Browsers stop at some 15 million pixels of
 * scroll height, so beyond a cap the scroll position stands for a share of the list instead of for
 * pixels.
 */

export const MAX_SCROLL_PX = 10_000_000;

export interface ListShape {
  readonly rows: number;
  readonly rowHeight: number;
  /** Height of the visible part. */
  readonly height: number;
}

/** Height of the element that gives the scroll bar its length. */
export function scrollHeight(shape: ListShape): number {
  return Math.min(shape.rows * shape.rowHeight, MAX_SCROLL_PX);
}

/** Does the scroll position stand for a share of the list? */
export function isScaled(shape: ListShape): boolean {
  return shape.rows * shape.rowHeight > MAX_SCROLL_PX;
}

export function visibleRows(shape: ListShape): number {
  return Math.ceil(shape.height / shape.rowHeight);
}

/** Index of the top row, with its fraction, at a scroll position. */
export function rowAt(shape: ListShape, scrollTop: number): number {
  if (!isScaled(shape)) return scrollTop / shape.rowHeight;
  const range = scrollHeight(shape) - shape.height;
  const lastTop = shape.rows - shape.height / shape.rowHeight;
  return range <= 0 ? 0 : (Math.max(0, Math.min(1, scrollTop / range)) || 0) * lastTop;
}

/** The scroll position that brings a row to the top. */
export function scrollFor(shape: ListShape, row: number): number {
  const lastTop = Math.max(0, shape.rows - shape.height / shape.rowHeight);
  const top = Math.max(0, Math.min(row, lastTop));
  if (!isScaled(shape)) return top * shape.rowHeight;
  return lastTop === 0 ? 0 : (top / lastTop) * (scrollHeight(shape) - shape.height);
}

/** The top row that makes `row` visible, moving as little as possible. */
export function topToShow(shape: ListShape, top: number, row: number): number {
  const whole = Math.max(1, Math.floor(shape.height / shape.rowHeight));
  if (row < top) return row;
  if (row > top + whole - 1) return row - whole + 1;
  return top;
}
