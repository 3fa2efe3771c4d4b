import { describe, expect, it } from 'vitest';
import { FrameTable } from '../memory/frames.ts';
import { PageRuns } from './page-runs.ts';

const DOMAIN = 3;
const lengths = (runs: readonly { readonly pages: number }[]) => runs.map((each) => each.pages);

describe('pages in runs', () => {
  it('that memory does not have are an error, and not a page of somebody else', () => {
    const runs = new PageRuns(new FrameTable(4), DOMAIN);
    expect(() => runs.take(8)).toThrow('as many pages as its backends may spend');
  });

  it('are as long as the rest fills, eight at most', () => {
    const runs = new PageRuns(new FrameTable(64), DOMAIN);
    expect(lengths(runs.take(15))).toEqual([8, 4, 2, 1]);
    expect(lengths(runs.take(16))).toEqual([8, 8]);
    expect(lengths(runs.take(1))).toEqual([1]);
  });

  it('stay whole, in whatever order they come back', () => {
    const frames = new FrameTable(64);
    const runs = new PageRuns(frames, DOMAIN);
    const taken = Array.from({ length: 6 }, () => runs.take(8)).flat();
    for (const i of [3, 0, 5, 1, 4, 2]) runs.give(taken[i] as (typeof taken)[number]);
    const again = Array.from({ length: 6 }, () => runs.take(8)).flat();
    expect(lengths(again)).toEqual([8, 8, 8, 8, 8, 8]);
    const firsts = (all: typeof taken) => all.map((each) => each.first).sort((a, b) => a - b);
    expect(firsts(again)).toEqual(firsts(taken));
  });

  it('are single where memory is in pieces', () => {
    const frames = new FrameTable(16);
    const held = Array.from({ length: 16 }, () => frames.allocate(DOMAIN));
    for (const mfn of held) if (mfn % 2 === 0) frames.release(mfn);
    const runs = new PageRuns(frames, DOMAIN);
    expect(lengths(runs.take(4))).toEqual([1, 1, 1, 1]);
  });

  it('go back to everybody when somebody needs what is kept', () => {
    const frames = new FrameTable(8);
    const runs = new PageRuns(frames, DOMAIN);
    for (const run of runs.take(8)) runs.give(run);
    expect(frames.freeFrames).toBe(0);
    expect(runs.take(4).reduce((sum, each) => sum + each.pages, 0)).toBe(4);
    expect(frames.freeFrames).toBe(4);
  });
});
