import { expect, it } from 'vitest';
import {
  draftOf,
  EMPTY,
  inserted,
  item,
  lineOf,
  moved,
  removed,
  replaced,
  specOf,
  type Draft,
} from './draft.ts';

const text = (markdown: string) => item({ kind: 'text', markdown });
const [a, b, c] = [text('a'), text('b'), text('c')];
const draft: Draft = { ...EMPTY, items: [a, b, c] };
const letters = ({ items }: Draft) =>
  items.map(({ section }) => (section.kind === 'text' ? section.markdown : '?')).join('');

it('moves sections one place and not beyond the ends', () => {
  expect(letters(moved(draft, b.key, -1))).toBe('bac');
  expect(letters(moved(draft, b.key, 1))).toBe('acb');
  expect(moved(draft, a.key, -1)).toBe(draft);
  expect(moved(draft, c.key, 1)).toBe(draft);
  expect(moved(draft, 1e9, 1)).toBe(draft);
});

it('puts, replaces and removes by key', () => {
  expect(letters(inserted(draft, a.key, text('x')))).toBe('axbc');
  expect(letters(inserted(draft, null, text('x')))).toBe('abcx');
  expect(letters(replaced(draft, b.key, { kind: 'text', markdown: 'y' }))).toBe('ayc');
  expect(letters(removed(draft, b.key))).toBe('ac');
});

it('is saved without its keys and read again with others', () => {
  const spec = specOf(draft);
  expect(JSON.stringify(spec)).not.toContain('key');
  expect(specOf(draftOf(spec))).toEqual(spec);
});

it('says in a line what a section is', () => {
  expect(lineOf({ kind: 'text', markdown: '\n## Why\nx' })).toBe('Why');
  expect(lineOf({ kind: 'diff', a: 'sample/map.mctrace', b: 'user/c.mctrace' })).toBe('map → c');
  expect(lineOf({ kind: 'hazards', title: 'Stale', trace: 'x' })).toBe('Stale');
});
