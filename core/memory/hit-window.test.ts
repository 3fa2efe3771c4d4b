import { describe, expect, it } from 'vitest';
import { HitWindow } from './hit-window.ts';

describe('the hit rate of the newest lookups', () => {
  it('counts only those that there were, until the window is full', () => {
    const window = new HitWindow(4);
    expect([false, true, true].map((hit) => window.add(hit))).toEqual([0, 50, 67]);
  });

  it('forgets what left the window', () => {
    const window = new HitWindow(4);
    for (let i = 0; i < 4; i++) window.add(false);
    expect([true, true, true, true].map((hit) => window.add(hit))).toEqual([25, 50, 75, 100]);
    expect([false, true].map((hit) => window.add(hit))).toEqual([75, 75]);
  });
});
