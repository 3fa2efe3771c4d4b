/** Where the places of the strip of all requests lie, along requests or along time. */
import type { ChangeStrip } from '../../core/contract/diff.ts';

export type StripAxis = 'request' | 'time';

/** Left edge of each place as a share of the width, and the right edge of the last. */
export function edgesOf(strip: ChangeStrip, axis: StripAxis, spanNs: number): readonly number[] {
  const places = strip.first.length;
  if (axis === 'request' || spanNs <= 0) {
    return Array.from({ length: places + 1 }, (_, i) => i / places);
  }
  return [...strip.atNs.map((ns) => Math.min(1, ns / spanNs)), 1];
}

/** The last place that begins at or before a share of the width. */
export function placeAt(edges: readonly number[], share: number): number {
  let place = 0;
  while (place + 2 < edges.length && (edges[place + 1] as number) <= share) place += 1;
  return place;
}

/** The place that stands for a request; -1 for one before all. */
export const placeOfRequest = ({ first }: ChangeStrip, request: number): number =>
  first.findLastIndex((each) => each <= request);

/** Greatest change up and down, nanoseconds, neither below 0: what the height has to show. */
export function reachOf({ leastNs, mostNs }: ChangeStrip): {
  readonly up: number;
  readonly down: number;
} {
  return {
    up: mostNs.reduce((most, each) => Math.max(most, each), 0),
    down: -leastNs.reduce((least, each) => Math.min(least, each), 0),
  };
}
