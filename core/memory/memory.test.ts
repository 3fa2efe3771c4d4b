import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import { RandomStream } from '../engine/random.ts';
import { BouncePool, SLOT_BYTES } from './bounce-pool.ts';
import { FrameCache } from './cache.ts';
import { FrameTable, NOBODY } from './frames.ts';
import { PageTable } from './page-table.ts';

describe('frames', () => {
  it('refuse references to a free frame, and fewer than no references', () => {
    const frames = new FrameTable(4);
    expect(() => frames.get(0)).toThrow(InvariantError);
    expect(() => frames.put(0)).toThrow(InvariantError);
  });

  it('return to the heap with the last reference, not with the owner’s', () => {
    const frames = new FrameTable(1);
    const mfn = frames.allocate(1);
    frames.get(mfn);
    frames.release(mfn);
    expect(frames.allocate(2)).toBe(-1);
    expect(frames.ownerOf(mfn)).toBe(1);
    frames.put(mfn);
    expect(frames.ownerOf(mfn)).toBe(NOBODY);
    expect(frames.allocate(2)).toBe(mfn);
  });
});

describe('the bounce pool', () => {
  it('refuses what is larger than 256 KiB, and slots given back twice', () => {
    const pool = new BouncePool(1 << 20, 1);
    expect(() => pool.take(256 * 1024 + 1, 0)).toThrow(InvariantError);
    const { slot } = pool.take(4096, 0);
    pool.give(slot, 4096);
    expect(() => pool.give(slot, 4096)).toThrow(InvariantError);
  });

  it('never hands out a slot twice, never crosses a segment, and ends as it began', () => {
    for (let seed = 0; seed < 30; seed++) {
      const random = new RandomStream(seed, 'bounce test');
      const areas = 2 ** random.below(3);
      const pool = new BouncePool(1 << 20, areas);
      const owner = new Int32Array(pool.slots).fill(-1);
      const live: { slot: number; bytes: number }[] = [];
      for (let step = 0; step < 600; step++) {
        if (live.length === 0 || random.below(3) > 0) {
          const bytes = 1 + random.below(random.below(2) === 0 ? 3000 : 256 * 1024);
          const { slot } = pool.take(bytes, random.below(areas));
          if (slot === -1) continue;
          const count = BouncePool.slotsFor(bytes);
          expect(Math.floor(slot / 128)).toBe(Math.floor((slot + count - 1) / 128));
          if (bytes >= 4096) expect((slot * SLOT_BYTES) % 4096).toBe(0);
          for (let at = slot; at < slot + count; at++) {
            expect(owner[at], `seed ${seed} step ${step}`).toBe(-1);
            owner[at] = step;
          }
          live.push({ slot, bytes });
        } else {
          const [gone] = live.splice(random.below(live.length), 1);
          if (gone === undefined) continue;
          pool.give(gone.slot, gone.bytes);
          owner.fill(-1, gone.slot, gone.slot + BouncePool.slotsFor(gone.bytes));
        }
        expect(pool.used).toBe(owner.filter((each) => each !== -1).length);
      }
      for (const { slot, bytes } of live) pool.give(slot, bytes);
      // Whole again: every segment can be taken as one.
      for (let i = 0; i < pool.slots / 128; i++) {
        expect(pool.take(256 * 1024, 0).slot).not.toBe(-1);
      }
    }
  });
});

describe('translation', () => {
  it('tables refuse to map over an entry, and say when there was none', () => {
    const table = new PageTable(4);
    expect(table.map(10, 99)).toBe(true);
    expect(table.map(10, 98)).toBe(false);
    expect(table.unmap(11)).toBe(-1);
    expect(table.unmap(10)).toBe(99);
    expect(table.lookup(10)).toBe(-1);
    expect(table.entries).toBe(0);
  });

  it('ranges of superpages are found, with 4 KiB entries over them', () => {
    const table = new PageTable(4);
    table.mapRange(0, 1024, 5000, 9);
    expect(table.lookup(700)).toBe(5700);
    expect(table.orderOf(700)).toBe(9);
    table.map(700, 1);
    expect(table.lookup(700)).toBe(1);
    expect(table.lookup(1024)).toBe(-1);
  });
});

describe('the cache of frames', () => {
  it('starts cold, warms by touch, and forgets by distance', () => {
    const cache = new FrameCache(10, 3 * 4096);
    expect(cache.isWarm(0)).toBe(false);
    cache.touch(0, 4096);
    cache.touch(1, 4096);
    cache.touch(2, 4096);
    expect(cache.isWarm(0)).toBe(true);
    cache.touch(3, 4096);
    cache.touch(4, 64);
    expect(cache.isWarm(0)).toBe(false);
    expect(cache.isWarm(2)).toBe(true);
  });
});
