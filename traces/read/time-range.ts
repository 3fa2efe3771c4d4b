/** A part of a trace's time as it is asked for, and in the ticks of a file. */

/** Picoseconds: what touches `fromPs` <= t < `toPs`. */
export interface TimeRange {
  readonly fromPs?: bigint;
  readonly toPs?: bigint;
}

/** The end is rounded up, so that the last moment asked for is inside. */
export function ticksOf(
  { fromPs, toPs }: TimeRange,
  tickPs: number,
): { readonly from?: number; readonly to?: number } {
  const tick = BigInt(tickPs);
  return {
    ...(fromPs === undefined ? {} : { from: Number(fromPs / tick) }),
    ...(toPs === undefined ? {} : { to: Number((toPs + tick - 1n) / tick) }),
  };
}
