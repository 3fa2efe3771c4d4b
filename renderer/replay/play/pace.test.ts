import { describe, expect, it } from 'vitest';
import { advance, basePace, followed } from './pace.ts';

const bounds = { first: 0, last: 1000 };

describe('the pace of replay', () => {
  it('is a round number that takes some ten seconds for the first view', () => {
    expect(basePace(37.8e6)).toBe(5e6);
    expect(basePace(0)).toBe(1);
  });
});

describe('the playhead', () => {
  it('stops at the end of the trace', () => {
    expect(advance(995, 10, null, bounds)).toEqual({ at: 1000, ended: true });
  });

  it('goes on by the time that passed', () => {
    expect(advance(100, 10, null, bounds)).toEqual({ at: 110, ended: false });
  });

  it('goes round in a loop, and into it from outside', () => {
    const loop = { from: 100, to: 200 };
    expect(advance(195, 10, loop, bounds)).toEqual({ at: 105, ended: false });
    expect(advance(700, 10, loop, bounds)).toEqual({ at: 100, ended: false });
    expect(advance(150, 1000, loop, bounds).at).toBe(150);
  });
});

describe('the view of a running playhead', () => {
  const view = { from: 200, to: 400 };

  it('rests while the playhead is in its first part', () => {
    expect(followed(view, 300, bounds)).toBe(view);
  });

  it('moves along later, and never beyond the trace', () => {
    expect(followed(view, 380, bounds)).toEqual({ from: 240, to: 440 });
    expect(followed({ from: 820, to: 1020 }, 1000, bounds).to).toBeLessThanOrEqual(1020);
  });

  it('jumps to a playhead that is elsewhere', () => {
    const moved = followed(view, 700, bounds);
    expect(moved.from).toBeLessThan(700);
    expect(moved.to).toBeGreaterThan(700);
  });
});
