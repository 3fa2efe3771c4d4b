import { expect, it } from 'vitest';
import { filesOf, MAX_FILES } from './dropped.ts';

type Tree = { readonly [name: string]: Tree | null };

/** An entry of a browser's drop: a file, or a folder that gives its entries two at a time. */
function entryOf(name: string, tree: Tree | null): object {
  if (tree === null) {
    const file = (got: (file: object) => void) => got({ name });
    return { name, isDirectory: false, file };
  }
  const createReader = () => {
    const left = Object.entries(tree);
    const readEntries = (got: (entries: object[]) => void) =>
      got(left.splice(0, 2).map(([each, inside]) => entryOf(each, inside)));
    return { readEntries };
  };
  return { name, isDirectory: true, createReader };
}
const dropOf = (tree: Tree) =>
  ({
    items: Object.entries(tree).map(([name, inside]) => ({
      webkitGetAsEntry: () => entryOf(name, inside),
      getAsFile: () => (inside === null ? { name } : null),
    })),
  }) as unknown as DataTransfer;
const namesOf = async (tree: Tree) => {
  const { files, cut } = await filesOf(dropOf(tree));
  return { names: files.map(({ name }) => name), cut };
};

it('a folder stands for its files and those in its folders, but for hidden ones', async () => {
  const tree = {
    'one.txt': null,
    '.wanted': null,
    folder: { 'a.txt': null, '.git': { config: null }, b: { 'c.txt': null }, '.x': null },
  };
  expect(await namesOf(tree)).toEqual({
    names: ['one.txt', '.wanted', 'a.txt', 'c.txt'],
    cut: false,
  });
  expect(await namesOf({ empty: {} })).toEqual({ names: [], cut: false });
});

it('stops at more files than anybody means, and says so', async () => {
  const many = (count: number): Tree =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.txt`, null]));
  expect((await namesOf({ all: many(MAX_FILES) })).cut).toBe(false);
  const more = await namesOf({ all: many(MAX_FILES + 1) });
  expect([more.cut, more.names.length]).toEqual([true, MAX_FILES]);
});
