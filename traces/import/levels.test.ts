import { describe, expect, it } from 'vitest';
import { Levels } from './levels.ts';

describe('levels of a CPU', () => {
  it('are one deeper than the deepest span that is still open', () => {
    const levels = new Levels();
    expect(levels.next(1, 0, 100)).toBe(0);
    expect(levels.next(1, 10, 200)).toBe(1);
    // The first has ended; the second lasts.
    expect(levels.next(1, 150, 160)).toBe(2);
    expect(levels.next(1, 200, 210)).toBe(0);
    expect(levels.next(2, 5, 6)).toBe(0);
  });

  it('are free again when a span that was open-ended is closed', () => {
    const levels = new Levels();
    expect(levels.next(1, 0, Infinity)).toBe(0);
    expect(levels.next(1, 1, Infinity)).toBe(1);
    levels.close(1, 1, 50);
    expect(levels.next(1, 40, 41)).toBe(2);
    expect(levels.next(1, 50, 51)).toBe(1);
    levels.close(1, 0, 60);
    expect(levels.next(1, 61, 62)).toBe(0);
  });

  it('end at the deepest, where spans lie over each other until the last has ended', () => {
    const levels = new Levels();
    for (let level = 0; level < 255; level++) expect(levels.next(1, 0, 1000)).toBe(level);
    expect([levels.next(1, 1, Infinity), levels.next(1, 2, Infinity)]).toEqual([255, 255]);
    levels.close(1, 255, 300);
    expect(levels.next(1, 1000, 1001)).toBe(255);
    levels.close(1, 255, 2000);
    expect(levels.next(1, 1999, 2000)).toBe(255);
    expect(levels.next(1, 2000, 2001)).toBe(0);
  });

  it('are found at once however many spans never end', () => {
    const levels = new Levels();
    for (let ts = 0; ts < 300_000; ts++) levels.next(1, ts, Infinity);
    for (let ts = 300_000; ts < 600_000; ts++) levels.close(1, 255, ts);
    expect(levels.next(1, 600_000, 600_001)).toBe(255);
  });
});
