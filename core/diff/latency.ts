/** Latencies of two traces: percentiles, a common histogram, a test, and pairs where there are any. */
import type { LatencyDiff } from '../contract/diff.ts';
import { change, tidy } from './change.ts';
import { placesOfSorted, rankTest } from './rank-test.ts';
import type { RequestColumns } from './digest.ts';
import type { Pairs } from './pairs.ts';

/** Buckets for each power of two of the common histogram. */
const PER_OCTAVE = 32;

export function compareLatency(
  a: RequestColumns,
  b: RequestColumns,
  pairs: Pairs | null,
): LatencyDiff {
  const [inA, inB] = [latencies(a), latencies(b)];
  const percentile = (fraction: number) =>
    change(ns(atFraction(inA, fraction)), ns(atFraction(inB, fraction)));
  return {
    completed: change(inA.length, inB.length),
    meanNs: change(ns(meanOf(inA)), ns(meanOf(inB))),
    percentilesNs: {
      min: percentile(0),
      p50: percentile(0.5),
      p90: percentile(0.9),
      p99: percentile(0.99),
      p999: percentile(0.999),
      max: percentile(1),
    },
    histogram: commonHistogram(inA, inB),
    test: rankTest('latency of a request (ns)', placesOfSorted(inA, inB)),
    paired: pairs === null ? null : comparePairs(pairs),
  };
}

function comparePairs({ changePs }: Pairs) {
  const sorted = changePs.toSorted();
  const same = sorted.reduce((n, each) => n + (each === 0 ? 1 : 0), 0);
  const faster = sorted.reduce((n, each) => n + (each < 0 ? 1 : 0), 0);
  return {
    slower: sorted.length - same - faster,
    faster,
    same,
    medianChangeNs: ns(median(sorted)),
  };
}

/** Latencies of completed requests in picoseconds, ascending. */
function latencies({ submitted, completed }: RequestColumns): Float64Array {
  return completed
    .map((end, i) => end - (submitted[i] as number))
    .filter((each) => !Number.isNaN(each))
    .sort();
}

/** The value that `fraction` of all do not exceed. */
function atFraction(sorted: Float64Array, fraction: number): number | null {
  return sorted[Math.max(Math.ceil(fraction * sorted.length) - 1, 0)] ?? null;
}

/** Of an even number the mean of the middle two, so that a median mirrors. */
function median(sorted: Float64Array): number | null {
  if (sorted.length === 0) return null;
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] as number;
  return (low + (sorted[Math.floor(middle)] as number)) / 2;
}

function meanOf(values: Float64Array): number | null {
  return values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length;
}

function ns(ps: number | null): number | null {
  return ps === null ? null : ps / 1000;
}

function commonHistogram(a: Float64Array, b: Float64Array): LatencyDiff['histogram'] {
  const buckets = new Map<number, { from: number; to: number; a: number; b: number }>();
  const count = (values: Float64Array, side: 'a' | 'b') => {
    for (const value of values) {
      const { from, to } = bucketOf(value);
      let bucket = buckets.get(from);
      if (bucket === undefined) buckets.set(from, (bucket = { from, to, a: 0, b: 0 }));
      bucket[side] += 1;
    }
  };
  count(a, 'a');
  count(b, 'b');
  return [...buckets.values()]
    .sort((x, y) => x.from - y.from)
    .map((bucket) => ({
      fromNs: bucket.from / 1000,
      toNs: bucket.to / 1000,
      a: tidy(bucket.a / Math.max(a.length, 1)),
      b: tidy(bucket.b / Math.max(b.length, 1)),
    }));
}

/** A power of two divided into equal parts: whole numbers need no logarithm. */
function bucketOf(ps: number): { from: number; to: number } {
  let width = 1;
  while (ps >= width * 2 * PER_OCTAVE) width *= 2;
  const from = Math.floor(ps / width) * width;
  return { from, to: from + width };
}
