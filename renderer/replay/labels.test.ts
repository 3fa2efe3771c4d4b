import { expect, test } from 'vitest';
import { fit, formsOf } from './labels.ts';

const measure = (text: string) => text.length * 6;

test('a label loses its prefix, then its suffix, then vanishes', () => {
  const name = 'GNTTABOP_map_grant_ref';
  expect(formsOf(name)).toEqual([name, 'map_grant_ref', 'map']);
  expect(fit(name, 200, measure)).toBe(name);
  expect(fit(name, 90, measure)).toBe('map_grant_ref');
  expect(fit(name, 20, measure)).toBe('map');
  expect(fit(name, 10, measure)).toBe('');
});

test('a plain name stays whole or goes', () => {
  expect(formsOf('upcall')).toEqual(['upcall']);
  expect(fit('upcall', 30, measure)).toBe('');
});
