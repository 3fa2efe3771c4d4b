import { expect, test } from 'vitest';
import { HOME, formatRoute, parseRoute } from './route.ts';

test('an unknown or empty fragment leads to the library', () => {
  expect(parseRoute('')).toEqual(HOME);
  expect(parseRoute('#/nowhere/x')).toEqual(HOME);
});

test('a view of a trace survives the way through its link', () => {
  const view = { room: 'replay', trace: 'a/b c?#.mctrace', from: 12, to: 99, event: 7 } as const;
  expect(parseRoute(formatRoute(view))).toEqual(view);
});

test('a range that is not a number is left out', () => {
  expect(parseRoute('#/replay/x?from=abc&to=')).toMatchObject({ trace: 'x', from: null, to: null });
});

test('a broken escape does not throw', () => {
  expect(parseRoute('#/replay/%E0%A4%A')).toMatchObject({ room: 'replay', trace: null });
});
