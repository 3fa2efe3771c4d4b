/** The Mann-Whitney U test: do values of the one side tend to be larger than those of the other? */
import type { NoTest, RankTest } from '../contract/diff.ts';
import { tidy } from './change.ts';

/** The approximation by the normal distribution is poor for fewer values. */
const FEWEST = 8;

/** How many values of either side share each place of the common order, places ascending. */
export type Places = Iterable<readonly [number, number]>;

export function rankTest(of: string, places: Places): RankTest | NoTest {
  let valuesA = 0;
  let valuesB = 0;
  let u = 0;
  let ties = 0;
  for (const [a, b] of places) {
    u += b * (valuesA + a / 2);
    valuesA += a;
    valuesB += b;
    const t = a + b;
    ties += t * (t - 1) * (t + 1);
  }
  if (valuesA < FEWEST || valuesB < FEWEST) {
    return { test: null, reason: `one side has fewer than ${FEWEST} values` };
  }
  const n = valuesA + valuesB;
  const pairs = valuesA * valuesB;
  const variance = (pairs / 12) * (n + 1 - ties / (n * (n - 1)));
  if (!(variance > 1e-9 * pairs)) return { test: null, reason: 'all values are equal' };
  const z = (u - pairs / 2) / Math.sqrt(variance);
  return {
    test: 'Mann-Whitney U, two-sided, normal approximation with tie correction',
    of,
    valuesA,
    valuesB,
    u,
    z: Number(z.toPrecision(6)),
    p: Number(tails(Math.abs(z)).toPrecision(3)),
    superiority: tidy(u / pairs),
  };
}

/** Places of two sorted columns of values. */
export function* placesOfSorted(a: ArrayLike<number>, b: ArrayLike<number>): Places {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    const fromA = i;
    const fromB = j;
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    yield [i - fromA, j - fromB];
  }
}

/** Places of two histograms of the same division, empty ones for none; so many more values are 0. */
export function* placesOfBuckets(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  zerosA: number,
  zerosB: number,
): Places {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const inA = (a[i] ?? 0) + (i === 0 ? zerosA : 0);
    const inB = (b[i] ?? 0) + (i === 0 ? zerosB : 0);
    if (inA + inB > 0) yield [inA, inB];
  }
}

/**
 * Mass of the normal distribution beyond ±z. Chebyshev fit of erfc, relative error below 1.2e-7
 * everywhere (Press et al., Numerical Recipes, 2nd edition, section 6.2).
 */
function tails(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  let sum = 0;
  for (const coefficient of ERFC) sum = sum * t + coefficient;
  return Math.min(t * Math.exp(sum - x * x), 1);
}

const ERFC = [
  0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
  1.00002368, -1.26551223,
];
