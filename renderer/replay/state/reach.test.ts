import { describe, expect, it } from 'vitest';
import { REACHES, type ReachHow, type ReachState } from '../../../core/contract/index.ts';
import { CELLS, countsOf, guestAt, reachedBy, reachedMap, wholeMap, worstOf } from './reach.ts';

function reachOf(ranges: readonly [string, number, number, ReachHow][]): ReachState {
  return {
    guests: [{ name: 'frontend', first: 0, frames: 1 << 18, firstGfn: 0 }],
    actors: ['backend', 'device'],
    actor: ranges.map(([actor]) => ['backend', 'device'].indexOf(actor)),
    frame: ranges.map(([, first]) => first),
    frames: ranges.map(([, , frames]) => frames),
    how: ranges.map(([, , , how]) => REACHES.indexOf(how)),
    write: ranges.map(() => 1),
    truncated: false,
  };
}
const cell = (name: (typeof CELLS)[number]) => CELLS.indexOf(name);

describe('the reach of several actors', () => {
  const reach = reachOf([
    ['backend', 100, 10, 'needed'],
    ['backend', 110, 5, 'needless'],
    ['device', 105, 10, 'stale'],
  ]);

  it('is nothing where nobody reaches anything', () => {
    expect(worstOf(reachOf([]), null)).toEqual([]);
    expect(worstOf(reach, 'hypervisor')).toEqual(worstOf(reach, null));
  });

  it('shows the worst state of each frame, once', () => {
    expect(worstOf(reach, null)).toEqual([
      { first: 100, frames: 5, cell: cell('needed') },
      { first: 105, frames: 10, cell: cell('stale') },
    ]);
  });

  it('is that of one actor where one is chosen', () => {
    expect(worstOf(reach, 'backend')).toEqual([
      { first: 100, frames: 10, cell: cell('needed') },
      { first: 110, frames: 5, cell: cell('needless') },
    ]);
  });

  it('counts frames that sum to all guest memory', () => {
    const counts = countsOf(worstOf(reach, null), 1000);
    expect(counts).toEqual({ none: 985, needed: 5, mapped: 0, needless: 0, stale: 10 });
    expect(countsOf([], null).none).toBeNull();
  });

  it('knows whose a frame is, of several guests', () => {
    const guests = [
      { name: 'guest 0', first: 1024, frames: 512, firstGfn: 0 },
      { name: 'guest 1', first: 1536, frames: 512, firstGfn: 0 },
    ];
    expect([1023, 1024, 1535, 1536, 2048].map((frame) => guestAt(guests, frame)?.name)).toEqual([
      ...[undefined, 'guest 0', 'guest 0', 'guest 1', undefined],
    ]);
  });

  it('says who reaches a frame, and how', () => {
    expect(reachedBy(reach, 106, 1)).toEqual([
      { actor: 'backend', cell: 'needed', write: true },
      { actor: 'device', cell: 'stale', write: true },
    ]);
    expect(reachedBy(reach, 99, 1)).toEqual([]);
  });
});

describe('the map', () => {
  it('of reached frames leaves out rows without any', () => {
    const map = reachedMap([
      { first: 3, frames: 2, cell: 1 },
      { first: 64_000, frames: 1, cell: 4 },
    ]);
    expect(map.framesPerCell).toBe(1);
    expect(map.rows.map((row) => row.first)).toEqual([0, 64_000]);
    expect([...(map.rows[0]?.cells.slice(2, 6) ?? [])]).toEqual([0, 1, 1, 0]);
  });

  it('of very many frames lets a cell stand for several', () => {
    const map = reachedMap([{ first: 0, frames: 1 << 20, cell: 1 }]);
    expect(map.framesPerCell).toBe(4);
    expect(map.rows).toHaveLength(4096);
  });

  it('of a whole guest has a cell for each of its frames, or for a power of two of them', () => {
    const map = wholeMap([{ first: 1000 + 4095, frames: 2, cell: 4 }], 1000, 1 << 18);
    expect(map.framesPerCell).toBe(64);
    expect(map.rows).toHaveLength(64);
    // The two frames lie on both sides of a cell's edge; each shows the worst it has.
    expect([...(map.rows[0]?.cells ?? [])].at(-1)).toBe(4);
    expect(map.rows[1]?.cells[0]).toBe(4);
    expect(map.rows[1]?.cells[1]).toBe(0);
  });
});
