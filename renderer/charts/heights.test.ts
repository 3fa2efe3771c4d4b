import { expect, it } from 'vitest';
import type { Drawn } from '../../core/figures/chart/model.ts';
import { tallestOf } from './heights.ts';

const bars = (categories: number): Drawn =>
  ({
    shape: 'bars',
    horizontal: true,
    stacked: true,
    categories: new Array(categories).fill({ name: 'a', hypothetical: false }),
    series: [],
  }) as unknown as Drawn;
const panels = (count: number, each: Drawn): Drawn =>
  ({ shape: 'panels', panels: new Array(count).fill({ drawn: each }) }) as unknown as Drawn;

it('gives bars the room that they need, and curves all there is', () => {
  expect(tallestOf(bars(8), 1)).toBeGreaterThan(tallestOf(bars(2), 1));
  expect(tallestOf({ shape: 'curves' } as Drawn, 1)).toBe(1100);
});

it('gives small charts the height of what is in them, within bounds', () => {
  expect(tallestOf(panels(4, bars(1)), 1)).toBe(72 + 190);
  expect(tallestOf(panels(4, bars(4)), 2)).toBe(72 + 2 * tallestOf(bars(4), 1));
  expect(tallestOf(panels(4, bars(40)), 2)).toBe(72 + 2 * 480);
});
