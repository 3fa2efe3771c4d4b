/** Which cell of an answer is the current one, and where keys lead from it. */

export interface Cell {
  /** -1: the head. */
  readonly row: number;
  readonly column: number;
}

export interface Shape {
  readonly rows: number;
  readonly columns: number;
  /** Rows that a page has. */
  readonly page: number;
}

const between = (least: number, value: number, most: number) =>
  Math.max(least, Math.min(value, most));

/** The cell that a key leads to; null for a key that leads nowhere. */
export function moved(
  { row, column }: Cell,
  key: string,
  ctrl: boolean,
  { rows, columns, page }: Shape,
): Cell | null {
  const [lastRow, lastColumn] = [rows - 1, columns - 1];
  const targets: Record<string, Cell> = {
    ArrowDown: { row: row + 1, column },
    ArrowUp: { row: row - 1, column },
    ArrowRight: { row, column: column + 1 },
    ArrowLeft: { row, column: column - 1 },
    PageDown: { row: row + page, column },
    PageUp: { row: Math.max(0, row - page), column },
    Home: ctrl ? { row: 0, column: 0 } : { row, column: 0 },
    End: ctrl ? { row: lastRow, column: lastColumn } : { row, column: lastColumn },
  };
  const to = targets[key];
  if (to === undefined) return null;
  return { row: between(-1, to.row, lastRow), column: between(0, to.column, lastColumn) };
}
