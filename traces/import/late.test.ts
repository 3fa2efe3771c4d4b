import { describe, expect, it } from 'vitest';
import { seededNumbers } from '../testing/imported.ts';
import { LateSpans, type LateSpan } from './late.ts';

describe('spans whose end is late', () => {
  it('that are unknown, or were taken before, are not there', () => {
    const late = new LateSpans();
    expect(late.take(1)).toBeUndefined();
    late.add(5, { track: 1, level: 0, kind: 2, ts: 3 });
    expect([late.take(4), late.take(6), late.size]).toEqual([undefined, undefined, 1]);
    expect(late.take(5)).toEqual({ track: 1, level: 0, kind: 2, ts: 3 });
    expect([late.take(5), late.size, [...late.ids()]]).toEqual([undefined, 0, []]);
  });

  it.each([1, 2, 3])('are what a map would hold, however many come and go (seed %i)', (seed) => {
    const random = seededNumbers(seed);
    const late = new LateSpans();
    const model = new Map<number, LateSpan>();
    // Mostly coming at first, mostly going later: the columns grow, and their gaps are closed.
    for (let id = 1; id <= 20_000; id++) {
      const span = { track: id % 70_000, level: id % 256, kind: id % 200, ts: id * 1e6 - 5 };
      late.add(id, span);
      model.set(id, span);
      for (let tries = id < 8000 ? 1 : 4; tries > 0 && random(2) === 0; tries--) {
        const taken = 1 + random(id);
        expect(late.take(taken)).toEqual(model.get(taken));
        model.delete(taken);
      }
    }
    expect(late.size).toBe(model.size);
    expect([...late.ids()]).toEqual([...model.keys()]);
  });
});
