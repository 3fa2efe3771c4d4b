import { expect, it } from 'vitest';
import { moved } from './cell.ts';

const shape = { rows: 100, columns: 3, page: 10 };
const from = { row: 5, column: 1 };

it.each([
  ['ArrowDown', false, 6, 1],
  ['ArrowUp', false, 4, 1],
  ['ArrowLeft', false, 5, 0],
  ['ArrowRight', false, 5, 2],
  ['PageDown', false, 15, 1],
  ['PageUp', false, 0, 1],
  ['Home', false, 5, 0],
  ['End', false, 5, 2],
  ['Home', true, 0, 0],
  ['End', true, 99, 2],
])('%s (with Ctrl: %s) leads to row %i, column %i', (key, ctrl, row, column) => {
  expect(moved(from, key, ctrl, shape)).toEqual({ row, column });
});

it('stops at the edges, and reaches the head from the first row only', () => {
  expect(moved({ row: 99, column: 2 }, 'ArrowDown', false, shape)).toEqual({ row: 99, column: 2 });
  expect(moved({ row: 0, column: 0 }, 'ArrowUp', false, shape)).toEqual({ row: -1, column: 0 });
  expect(moved({ row: -1, column: 0 }, 'ArrowUp', false, shape)).toEqual({ row: -1, column: 0 });
  expect(moved(from, 'x', false, shape)).toBeNull();
});
