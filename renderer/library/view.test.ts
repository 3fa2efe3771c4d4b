import { expect, test } from 'vitest';
import { formatRoute, parseRoute } from '../app/route.ts';
import { all, NOTHING, only, rangeTo, toggle } from './selection.ts';
import { isNarrowed, queryOf, resorted, toggled, viewOf, WHOLE } from './view.ts';

test('a link that makes no sense shows the whole library', () => {
  const query = { in: 'cellar', sort: 'colour', reversed: 'yes', strategy: ',', q: '' };
  expect(viewOf(query)).toEqual(WHOLE);
});

test('a narrowed view survives the way through its link', () => {
  let view = { ...WHOLE, words: 'a,b & c', collection: 'imported', reversed: true } as const;
  view = toggled(toggled(view, 'strategy', 'grant-map'), 'strategy', '100 %,') as typeof view;
  const { query } = parseRoute(formatRoute({ room: 'library', query: queryOf(view) }));
  expect(viewOf(query)).toEqual(view);
});

test('a value chosen twice is not chosen', () => {
  const once = toggled(WHOLE, 'hazard', 'H4');
  expect(isNarrowed(once)).toBe(true);
  expect(toggled(once, 'hazard', 'H4')).toEqual(WHOLE);
});

test('a column sorts down, up, and not at all', () => {
  const first = resorted(WHOLE, 'events');
  const second = resorted(first, 'events');
  expect([first.reversed, second.reversed]).toEqual([false, true]);
  expect(resorted(second, 'events')).toEqual(WHOLE);
});

const listed = ['a', 'b', 'c', 'd'];
const ids = (selection: { ids: ReadonlySet<string> }) => [...selection.ids].sort().join('');

test('a range from a row that is gone is the row itself', () => {
  expect(ids(rangeTo(only('gone'), 'c', listed))).toBe('c');
  expect(ids(rangeTo(NOTHING, 'c', listed))).toBe('c');
});

test('a range turns round its anchor, and a toggle moves the anchor', () => {
  const down = rangeTo(only('b'), 'd', listed);
  expect(ids(down)).toBe('bcd');
  expect(ids(rangeTo(down, 'a', listed))).toBe('ab');
  const two = toggle(only('a'), 'c');
  expect(ids(rangeTo(two, 'd', listed, true))).toBe('acd');
  expect(ids(toggle(all(listed), 'b'))).toBe('acd');
});
