import { expect, test } from 'vitest';
import { aroundAligned, axisMarks, axisOf, ticksOf, toAxis, toTick, type Side } from './axis.ts';

/** A simulated trace, ticks of 1 ps, and a recorded one, ticks of 1 ns. */
const simulated: Side = {
  tickPs: 1,
  firstTick: 0,
  lastTick: 1e6,
  origin: 400_000,
  length: 100_000,
};
const recorded: Side = {
  tickPs: 1000,
  firstTick: 5000,
  lastTick: 9000,
  origin: 5200,
  length: 400,
};

test('the same distance is the same time in both, whatever their ticks', () => {
  const { scales, bounds } = axisOf([simulated, recorded], false);
  expect(toTick(scales[0], 50_000)).toBe(450_000);
  expect(toTick(scales[1], 50_000)).toBe(5250);
  expect(toAxis(scales[1], 5250)).toBe(50_000);
  expect(bounds).toEqual({ first: -400_000, last: 3_800_000 });
});

test('normalised, what is aligned begins and ends at the same places', () => {
  const axis = axisOf([simulated, recorded], true);
  const view = { from: 0, to: 1e12 };
  expect(ticksOf(axis.scales[0], view)).toEqual({ from: 400_000, to: 500_000 });
  expect(ticksOf(axis.scales[1], view)).toEqual({ from: 5200, to: 5600 });
});

test('something without a length is not stretched', () => {
  const { scales } = axisOf([{ ...simulated, length: 0 }, recorded], true);
  expect(scales[0].unit).toBe(1);
});

test('all of what is aligned is shown, in both', () => {
  const sides = [simulated, recorded] as const;
  const { from, to } = aroundAligned(axisOf(sides, false), sides);
  expect(from).toBeLessThan(0);
  expect(to).toBeGreaterThan(400_000);
});

test('marks count from what is aligned, in both directions', () => {
  const axis = axisOf([simulated, recorded], false);
  const labels = axisMarks(axis, { from: -4000, to: 4000 }, 800, '#12 submitted').map(
    ({ label }) => label,
  );
  expect(labels).toContain('#12 submitted');
  expect(labels.some((label) => label.startsWith('+'))).toBe(true);
  expect(labels.some((label) => label.startsWith('\u2212'))).toBe(true);
  const shares = axisMarks(axisOf([simulated, recorded], true), { from: 0, to: 1e12 }, 800, null);
  expect(shares.at(-1)?.label).toBe('100\u00a0%');
});
