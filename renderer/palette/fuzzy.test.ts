import { expect, test } from 'vitest';
import { match, pieces } from './fuzzy.ts';

const best = (typed: string, texts: readonly string[]) =>
  texts
    .map((text) => ({ text, score: match(typed, text)?.score ?? -1 }))
    .filter(({ score }) => score >= 0)
    .sort((a, b) => b.score - a.score)
    .map(({ text }) => text);

test('every word must be answered, in any order', () => {
  expect(match('copy arm', 'grant-copy on xen-arm-dom0')).not.toBeNull();
  expect(match('arm copy', 'grant-copy on xen-arm-dom0')).not.toBeNull();
  expect(match('copy kvm', 'grant-copy on xen-arm-dom0')).toBeNull();
});

test('a whole word comes before a beginning, and that before an inside', () => {
  expect(best('map', ['bitmap', 'mapped pages', 'grant-map'])).toEqual([
    'grant-map',
    'mapped pages',
    'bitmap',
  ]);
});

test('first letters find a name', () => {
  expect(best('gmr', ['grant-map', 'gfn-map-refcount', 'zoom in'])).toEqual(['gfn-map-refcount']);
});

test('letters strewn over a text find nothing', () => {
  expect(match('oga', 'zoom along a distance')).toBeNull();
});

test('nothing typed is answered by everything', () => {
  expect(match('  ', 'anything')).toEqual({ score: 0, letters: [] });
});

test('the letters that answered are marked', () => {
  expect(pieces('grant-map', match('map', 'grant-map')?.letters ?? [])).toEqual([
    { text: 'grant-', marked: false },
    { text: 'map', marked: true },
  ]);
});
