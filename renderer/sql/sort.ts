/** The rows of an answer in another order, as SQLite would give them. */
import type { QueryValue } from '../../core/contract/index.ts';

export interface Sorting {
  readonly column: number;
  readonly descending: boolean;
}

/** A press on the head of a column: up, down, and as it was answered. */
export function pressed(sorting: Sorting | null, column: number): Sorting | null {
  if (sorting?.column !== column) return { column, descending: false };
  return sorting.descending ? null : { column, descending: true };
}

/** Integers that a number does not hold come as their digits. */
const WIDE = /^-?\d{16,20}$/;
const numberOf = (value: QueryValue): number | bigint | null =>
  typeof value === 'number' ? value : value !== null && WIDE.test(value) ? BigInt(value) : null;

/** NULL before numbers before text. */
function compare(a: QueryValue, b: QueryValue): number {
  const [x, y] = [numberOf(a), numberOf(b)];
  const rank = (value: QueryValue, number: typeof x) =>
    value === null ? 0 : number === null ? 2 : 1;
  const byType = rank(a, x) - rank(b, y);
  if (byType !== 0 || a === null || b === null) return byType;
  if (x !== null && y !== null) return x < y ? -1 : x > y ? 1 : 0;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Rows that are equal stay in the order of the answer. */
export function sorted<T extends readonly QueryValue[]>(
  rows: readonly T[],
  sorting: Sorting | null,
): readonly T[] {
  if (sorting === null) return rows;
  const { column, descending } = sorting;
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => sign * compare(a[column] ?? null, b[column] ?? null));
}
