import { describe, expect, it } from 'vitest';
import { CONTEXT_STRIDE, Iotlb, NestedCache, WalkCache } from './iotlb.ts';
import { PERMISSION } from './page-table.ts';

const { read, both } = PERMISSION;

describe('the IOTLB', () => {
  it('has no translation of a page that was never walked, nor of one that was invalidated', () => {
    const iotlb = new Iotlb(2, 2);
    expect(iotlb.lookup(7)).toBe(-1);
    iotlb.fill(7, 107, 0, both);
    iotlb.invalidate(7, 1);
    expect(iotlb.lookup(7)).toBe(-1);
    expect(iotlb.hitRate).toBe(0);
  });

  it('forgets the least recently used of a set, and says which page that was', () => {
    const iotlb = new Iotlb(2, 2);
    expect(iotlb.fill(0, 100, 0, both)).toBe(-1);
    expect(iotlb.fill(2, 102, 0, both)).toBe(-1);
    expect(iotlb.targetOf(iotlb.lookup(0), 0)).toBe(100);
    expect(iotlb.fill(4, 104, 0, both)).toBe(2);
    expect(iotlb.holds(2)).toBe(false);
    expect(iotlb.holds(0)).toBe(true);
  });

  it('serves all pages of a superpage by one entry, and loses them all at once', () => {
    const iotlb = new Iotlb(4, 4);
    iotlb.fill(513, 10_513, 9, both);
    expect(iotlb.targetOf(iotlb.lookup(1023), 1023)).toBe(11_023);
    expect(iotlb.lookup(1024)).toBe(-1);
    iotlb.invalidate(700, 1);
    expect(iotlb.holds(513)).toBe(false);
  });

  it('keeps the permission that the entry had when it was walked', () => {
    const iotlb = new Iotlb(4, 4);
    iotlb.fill(3, 103, 0, read);
    expect(iotlb.permissionOf(iotlb.lookup(3))).toBe(read);
  });

  it('drops one context and leaves the others alone', () => {
    const iotlb = new Iotlb(16, 4);
    iotlb.fill(5, 100, 0, both);
    iotlb.fill(CONTEXT_STRIDE + 5, 200, 0, both);
    iotlb.fill(CONTEXT_STRIDE + 1024, 300, 9, both);
    iotlb.invalidateContext(CONTEXT_STRIDE);
    expect(iotlb.holds(5)).toBe(true);
    expect(iotlb.holds(CONTEXT_STRIDE + 5)).toBe(false);
    expect(iotlb.holds(CONTEXT_STRIDE + 1024)).toBe(false);
  });

  it('drops a range larger than itself', () => {
    const iotlb = new Iotlb(2, 2);
    iotlb.fill(1000, 1, 0, both);
    iotlb.fill(9, 2, 0, both);
    iotlb.invalidate(512, 4096);
    expect(iotlb.holds(1000)).toBe(false);
    expect(iotlb.holds(9)).toBe(true);
  });
});

describe('the caches of table pointers', () => {
  it('leave a whole walk for a page far off, and fewer reads the nearer a known one is', () => {
    const cache = new WalkCache(8);
    expect(cache.levelsToRead(5, 4, 0)).toBe(4);
    expect(cache.levelsToRead(6, 4, 0)).toBe(1);
    // Another leaf table, of the same table of tables; then another one of these.
    expect(cache.levelsToRead(5 + 512, 4, 0)).toBe(2);
    expect(cache.levelsToRead(5 + 512 * 512, 4, 0)).toBe(3);
    expect(cache.levelsToRead(5 + 512 ** 3, 4, 0)).toBe(4);
  });

  it('hold so many pointers of each level, the latest', () => {
    const cache = new WalkCache(1);
    cache.levelsToRead(5, 4, 0);
    cache.levelsToRead(5 + 512, 4, 0);
    expect(cache.levelsToRead(5, 4, 0)).toBe(2);
  });

  it('lose the pointer to the leaf table with an invalidation of a page in it', () => {
    const cache = new WalkCache(8);
    cache.levelsToRead(5, 4, 0);
    cache.invalidate(600, 1);
    expect(cache.levelsToRead(5, 4, 0)).toBe(1);
    cache.invalidate(511, 1);
    expect(cache.levelsToRead(5, 4, 0)).toBe(2);
  });

  it('lose everything of a context that is invalidated whole, and nothing of another', () => {
    const cache = new WalkCache(8);
    cache.levelsToRead(5, 4, 0);
    cache.levelsToRead(CONTEXT_STRIDE + 5, 4, 0);
    cache.invalidateContext(0);
    expect(cache.levelsToRead(CONTEXT_STRIDE + 5, 4, 0)).toBe(1);
    expect(cache.levelsToRead(5, 4, 0)).toBe(4);
  });

  it('read one level less for a superpage', () => {
    const cache = new WalkCache(8);
    expect(cache.levelsToRead(0, 4, 9)).toBe(3);
    expect(cache.levelsToRead(512, 4, 9)).toBe(1);
  });
});

describe('the host’s part of a nested walk', () => {
  it('is walked for each guest table and for the page when nothing is known', () => {
    const cache = new NestedCache(64, 4);
    // Four guest tables and the page, three reads each for a superpage of the host.
    expect(cache.reads(5, 1000, 4, 4)).toBe(15);
    expect(cache.reads(6, 1001, 1, 4)).toBe(0);
    expect(cache.reads(6, 1001 + 512, 1, 4)).toBe(3);
  });

  it('ends at the guest’s table where the page is not mapped', () => {
    expect(new NestedCache(64, 4).reads(5, -1, 1, 4)).toBe(0);
  });
});
