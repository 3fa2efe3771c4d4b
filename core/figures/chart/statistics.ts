/** One number for several seeds, with an interval. */
import { RandomStream } from '../../engine/random.ts';

export interface Estimate {
  /** Mean over the seeds. */
  readonly value: number;
  /** 95 % interval of the mean; null with fewer than three seeds. */
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

const RESAMPLES = 1000;
/** Fewer values say nothing about their spread. */
export const SEEDS_FOR_INTERVAL = 3;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

/**
 * Mean with a percentile bootstrap interval (Efron 1979): 1000 resamples, the 2.5 and the 97.5 % of
 * their means. The draws are seeded, so that a chart is the same each time it is drawn.
 */
export function estimate(values: readonly number[]): Estimate | null {
  const n = values.length;
  if (n === 0) return null;
  const value = meanOf(values);
  if (n < SEEDS_FOR_INTERVAL) return { value, low: null, high: null, n };
  if (values.every((each) => each === values[0])) return { value, low: value, high: value, n };
  const random = new RandomStream(n, 'bootstrap');
  const sorted = [...values].sort((a, b) => a - b);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += sorted[random.below(n)] as number;
    return sum / n;
  }).sort((a, b) => a - b);
  return {
    value,
    low: means[Math.round(RESAMPLES * 0.025)] as number,
    high: means[Math.round(RESAMPLES * 0.975) - 1] as number,
    n,
  };
}
