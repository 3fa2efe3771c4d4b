import { expect, it } from 'vitest';
import { pressed, sorted } from './sort.ts';

it('puts NULL before numbers before text, and wide integers among the numbers', () => {
  const rows = [['b'], [10], ['18446744073709551615'], [null], ['10'], [9], ['a'], [-1.5]];
  const upwards = [[null], [-1.5], [9], [10], ['18446744073709551615'], ['10'], ['a'], ['b']];
  expect(sorted(rows, { column: 0, descending: false })).toEqual(upwards);
  expect(sorted(rows, { column: 0, descending: true })).toEqual(upwards.toReversed());
});

it('tells wide integers apart to the last digit', () => {
  const rows = [['9007199254740995'], ['9007199254740993'], [9007199254740991]];
  expect(sorted(rows, { column: 0, descending: false })).toEqual(rows.toReversed());
});

it('leaves equal rows as they were answered', () => {
  const rows = [
    [1, 'first'],
    [0, 'second'],
    [1, 'third'],
  ];
  const names = (descending: boolean) =>
    sorted(rows, { column: 0, descending }).map(([, name]) => name);
  expect(names(false)).toEqual(['second', 'first', 'third']);
  expect(names(true)).toEqual(['first', 'third', 'second']);
});

it('goes up, down, and back to the order of the answer', () => {
  const once = pressed(null, 2);
  const twice = pressed(once, 2);
  expect([once?.descending, twice?.descending]).toEqual([false, true]);
  expect(pressed(twice, 2)).toBeNull();
  expect(pressed(twice, 1)).toEqual({ column: 1, descending: false });
  expect(sorted([[2], [1]], null)).toEqual([[2], [1]]);
});
