import { expect, test } from 'vitest';
import { HOME, formatRoute, numberIn, parseRoute } from './route.ts';

test('an unknown or empty fragment leads to the library', () => {
  expect(parseRoute('')).toEqual(HOME);
  expect(parseRoute('#/nowhere/x')).toEqual(HOME);
});

test('a broken escape does not throw, and is no part of the path', () => {
  expect(parseRoute('#/replay/%E0%A4%A')).toEqual({ room: 'replay', path: [], query: {} });
});

test('a number that is none is absent', () => {
  const route = parseRoute('#/replay/x?from=abc&to=');
  expect(route.path).toEqual(['x']);
  expect([numberIn(route, 'from'), numberIn(route, 'to')]).toEqual([null, null]);
});

test('a view survives the way through its link', () => {
  const view = {
    room: 'diff',
    path: ['user/a/b c?#.mctrace', 'sample/b&.mctrace'],
    query: { axis: 'request', at: '12', note: 'a=b&c' },
  } as const;
  expect(parseRoute(formatRoute(view))).toEqual(view);
});

test('what is not set does not stand in the link', () => {
  expect(formatRoute({ room: 'replay', path: ['x'], query: { from: 12, event: null } })).toBe(
    '#/replay/x?from=12',
  );
  expect(formatRoute({ room: 'charts' })).toBe('#/charts');
});
