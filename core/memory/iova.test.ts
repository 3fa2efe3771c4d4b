import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import { RandomStream } from '../engine/random.ts';
import { IovaSpace, IovaTree, TOP_32, type IovaPath } from './iova.ts';

const CPU = 0;

describe('the tree of IOVAs', () => {
  it('refuses what does not fit, and ranges freed twice or never taken', () => {
    const tree = new IovaTree(1, 9);
    expect(tree.take(16, 9)).toBe(-1);
    expect(tree.take(8, 9)).toBe(-1);
    const page = tree.take(4, 9);
    tree.give(page, 4);
    expect(() => tree.give(page, 4)).toThrow(InvariantError);
  });

  it('gives out the highest range first, aligned to its size, below a limit', () => {
    const tree = new IovaTree(1, 1024);
    expect(tree.take(1, 1024)).toBe(1023);
    expect(tree.take(4, 1024)).toBe(1016);
    expect(tree.take(2, 1024)).toBe(1020);
    expect(tree.take(1, 100)).toBe(99);
  });

  it('never gives out a page twice, and is whole again when all has come back', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new RandomStream(seed, 'iova tree');
      const tree = new IovaTree(1, 512);
      const used = new Int32Array(512).fill(-1);
      const live: { page: number; pages: number }[] = [];
      for (let step = 0; step < 500; step++) {
        if (live.length === 0 || random.below(2) === 0) {
          const pages = 1 + random.below(40);
          const page = tree.take(pages, 512);
          if (page === -1) continue;
          for (let at = page; at < page + pages; at++) {
            expect(used[at], `seed ${seed} step ${step}`).toBe(-1);
            used[at] = step;
          }
          live.push({ page, pages });
        } else {
          const [gone] = live.splice(random.below(live.length), 1);
          if (gone === undefined) continue;
          tree.give(gone.page, gone.pages);
          used.fill(-1, gone.page, gone.page + gone.pages);
        }
      }
      for (const { page, pages } of live) tree.give(page, pages);
      expect(tree.take(256, 512)).toBe(256);
    }
  });
});

describe('IOVA space', () => {
  it('refuses more pages back than it gave', () => {
    const space = new IovaSpace();
    expect(() => space.give(CPU, 5, 1)).toThrow(InvariantError);
  });

  it('is used up when nothing is left, and finds again what the caches of other CPUs hold', () => {
    const space = new IovaSpace(65, 1);
    const { page } = space.take(CPU, 32);
    expect(page).toBe(32);
    expect(space.take(CPU, 64).page).toBe(-1);
    space.give(CPU, page, 32);
    // In a magazine of CPU 0; CPU 1 has the caches emptied.
    expect(space.take(1, 33)).toEqual({ page: -1, path: 'tree' });
    expect(space.take(1, 32)).toEqual({ page: 32, path: 'tree' });
  });

  it('caches up to 32 pages by CPU; 33 come from the tree each time', () => {
    const space = new IovaSpace();
    const paths = (pages: number): IovaPath[] => {
      const first = space.take(CPU, pages);
      space.give(CPU, first.page, pages);
      const again = space.take(CPU, pages);
      const elsewhere = space.take(CPU + 1, pages);
      return [first.path, again.path, elsewhere.path];
    };
    expect(paths(32)).toEqual(['tree', 'magazine', 'tree']);
    expect(paths(3)).toEqual(['tree', 'magazine', 'tree']);
    expect(paths(33)).toEqual(['tree', 'tree', 'tree']);
  });

  it('takes every range from the tree where there are no caches, in sizes that come back whole', () => {
    const space = new IovaSpace(TOP_32, 1, false);
    for (let round = 0; round < 3; round++) {
      const { page, path } = space.take(CPU, 3);
      expect({ page, path }).toEqual({ page: TOP_32 - 4, path: 'tree' });
      expect(space.give(CPU, page, 3)).toBe(1);
    }
  });

  it('carries ranges from a CPU that frees to one that takes, by the depot, 127 at a time', () => {
    const space = new IovaSpace();
    const pages = Array.from({ length: 3 * 127 + 1 }, () => space.take(CPU, 1).page);
    for (const page of pages) expect(space.give(CPU + 1, page, 1)).toBe(0);
    // Two magazines stay with the CPU that frees, and one has gone to the depot... and a fourth begun.
    const paths = Array.from({ length: 128 }, () => space.take(CPU, 1).path);
    expect(paths[0]).toBe('depot');
    expect(paths.slice(1, 127)).toEqual(Array.from({ length: 126 }, () => 'magazine'));
  });

  it('gives a magazine back to the tree when the depot has 32', () => {
    const space = new IovaSpace();
    const room = (2 + 32) * 127;
    const pages = Array.from({ length: room + 1 }, () => space.take(CPU, 1).page);
    const returned = pages.map((page) => space.give(CPU, page, 1));
    expect(returned.slice(0, room).every((count) => count === 0)).toBe(true);
    expect(returned[room]).toBe(127);
  });

  it('prefers addresses below 4 GiB, and goes on above', () => {
    const space = new IovaSpace();
    expect(space.take(CPU, 1).page).toBe(TOP_32 - 1);
    const small = new IovaSpace(TOP_32 + 64, TOP_32 - 64);
    const pages = Array.from({ length: 4 }, () => small.take(CPU, 32).page);
    expect(pages).toEqual([TOP_32 - 32, TOP_32 - 64, TOP_32 + 32, TOP_32]);
  });

  it('has no range in two hands at once', () => {
    const random = new RandomStream(1, 'iova test');
    const space = new IovaSpace();
    const taken = new Map<number, number>();
    for (let step = 0; step < 3000; step++) {
      if (taken.size < 20 || random.below(2) === 0) {
        const pages = 1 + random.below(64);
        const { page } = space.take(random.below(4), pages);
        for (const [other, size] of taken) {
          const apart = page >= other + size || other >= page + pages;
          if (!apart) expect.fail(`step ${step}: ${page} and ${other} overlap`);
        }
        taken.set(page, pages);
      } else {
        const page = [...taken.keys()][random.below(taken.size)] as number;
        space.give(random.below(4), page, taken.get(page) as number);
        taken.delete(page);
      }
    }
    expect(space.inUse).toBe([...taken.values()].reduce((sum, pages) => sum + pages, 0));
  });
});
