import { expect, test } from 'vitest';
import type { Category, EventRow } from '../../core/contract/index.ts';
import { sharesOf, waterfallOf } from './shares.ts';

const event = (ts: number, dur: number, kind: number, track = 1, level = 0): EventRow => ({
  id: ts + 1,
  ts,
  dur,
  kind,
  name: '',
  track,
  level,
  request: 1,
  frame: null,
  bytes: null,
  n: null,
  status: null,
  arg: null,
});
const names: Record<number, Category> = { 1: 'stack', 2: 'map', 3: 'dma' };
const categoryOf = (kind: number): Category => names[kind] ?? 'other';

test('time goes to the innermost event, gaps are waiting, and the sum is the whole', () => {
  const events = [event(0, 100, 1), event(20, 30, 2, 1, 1), event(150, 50, 3, 2)];
  const shares = sharesOf(events, 0, 220, categoryOf);
  expect(Object.fromEntries(shares.map((each) => [each.category, each.ticks]))).toEqual({
    stack: 70,
    map: 30,
    dma: 50,
    wait: 70,
  });
  expect(shares.reduce((sum, each) => sum + each.ticks, 0)).toBe(220);
});

test('alike events in a row take one line, and the wait before a line is known', () => {
  const rows = waterfallOf([event(10, 5, 1), event(30, 2, 3, 2), event(33, 2, 3, 2)], 10);
  expect(rows.map((row) => [row.count, row.busy, row.waitBefore])).toEqual([
    [1, 5, 0],
    [2, 4, 15],
  ]);
});
