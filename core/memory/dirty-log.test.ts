import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import { DirtyLog, MARK } from './dirty-log.ts';

const FIRST = 100;

/** A page that the device writes to while it is mapped, and unmapped at once or later. */
function receive(log: DirtyLog, page: number): void {
  log.writable(page);
  log.written(page);
  log.unmapped(page, true);
  log.flushed(page);
}

describe('a log of dirty pages', () => {
  it('refuses a flush of what was never writable, and knows nothing of pages of others', () => {
    const log = new DirtyLog('exact', FIRST, 8);
    expect(() => log.flushed(FIRST)).toThrow(InvariantError);
    log.writable(99);
    log.written(99);
    expect(log.flushed(99)).toBe(MARK.none);
    expect(log.stop()).toEqual([]);
  });

  it('exact: is dirty when nothing of the last writable entry is left, and not before', () => {
    const log = new DirtyLog('exact', FIRST, 8);
    log.writable(FIRST);
    log.writable(FIRST);
    log.written(FIRST);
    expect(log.unmapped(FIRST, true)).toBe(MARK.none);
    expect(log.flushed(FIRST)).toBe(MARK.none);
    expect(log.flushed(FIRST)).toBe(MARK.written);
  });

  it('naive: takes what the device only read as dirty too; exact does not', () => {
    for (const mode of ['naive', 'exact'] as const) {
      const log = new DirtyLog(mode, FIRST, 8);
      log.unmapped(FIRST + 1, false);
      receive(log, FIRST);
      const needless = mode === 'naive' ? 1 : 0;
      expect(log.summary()).toEqual({ dirty: 1 + needless, missed: 0, needless });
    }
  });

  it('naive: misses a write that a cached entry lets through after the page was sent', () => {
    for (const mode of ['naive', 'exact'] as const) {
      const log = new DirtyLog(mode, FIRST, 8);
      log.writable(FIRST);
      log.unmapped(FIRST, true);
      log.written(FIRST);
      log.flushed(FIRST);
      log.stop();
      expect(log.summary().missed).toBe(mode === 'naive' ? 1 : 0);
    }
  });

  it('sends what is still writable when the guest stops, and hears of nothing after that', () => {
    const log = new DirtyLog('exact', FIRST, 8);
    for (const page of [100, 101, 102, 105]) log.writable(page);
    log.written(101);
    expect(log.summary()).toEqual({ dirty: 0, missed: 0, needless: 0 });
    expect(log.stop()).toEqual([
      { first: 100, pages: 1, mark: MARK.needless },
      { first: 101, pages: 1, mark: MARK.written },
      { first: 102, pages: 1, mark: MARK.needless },
      { first: 105, pages: 1, mark: MARK.needless },
    ]);
    log.written(105);
    log.flushed(105);
    expect(log.summary()).toEqual({ dirty: 4, missed: 0, needless: 3 });
  });

  it('is all of memory where all stays writable', () => {
    const log = new DirtyLog('exact', FIRST, 8);
    log.alwaysWritable(0, 1000);
    log.written(103);
    log.stop();
    expect(log.summary()).toEqual({ dirty: 8, missed: 0, needless: 7 });
  });
});
