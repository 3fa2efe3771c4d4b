/** The time stamp counter as time. Neither the records nor their texts say how fast it ran. */

/** What xenalyze takes unless it is told otherwise: `tools/xentrace/xenalyze.c`, DEFAULT_CPU_HZ. */
export const ASSUMED_HZ = 2_400_000_000;

const NS_PER_SEC = 1_000_000_000n;

export interface ClockTime {
  readonly sec: bigint;
  readonly ns: number;
}

export class TscClock {
  readonly #hz: bigint;
  /** To be said once in a warning; null when the user has given the rate. */
  readonly assumption: string | null;

  /** @param hz counts a second; undefined when nobody knows */
  constructor(hz: number | undefined) {
    this.#hz = BigInt(hz ?? ASSUMED_HZ);
    this.assumption =
      hz === undefined
        ? 'the recording does not say its clock rate: 2.4 GHz is assumed; give yours with --clock-hz'
        : null;
  }

  time(tsc: bigint): ClockTime {
    const sec = tsc / this.#hz;
    return { sec, ns: Number(((tsc % this.#hz) * NS_PER_SEC) / this.#hz) };
  }
}
