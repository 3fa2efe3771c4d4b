/** The time stamp counter as time. Neither the records nor their texts say how fast it ran. */

/** What xenalyze takes unless it is told otherwise: `tools/xentrace/xenalyze.c`, DEFAULT_CPU_HZ. */
export const ASSUMED_HZ = 2_400_000_000;

const NS_PER_SEC = 1_000_000_000n;
/** A rate of which a million times is still a whole double. */
const MAX_PLAIN_HZ = 9_000_000_000;

export interface ClockTime {
  readonly sec: bigint;
  readonly ns: number;
}

export class TscClock {
  readonly #hz: bigint;
  readonly #rate: number;
  #second = 0;
  #wideSecond = 0n;
  /** To be said once in a warning; null when the user has given the rate. */
  readonly assumption: string | null;

  /** @param hz counts a second; undefined when nobody knows */
  constructor(hz: number | undefined) {
    this.#rate = hz ?? ASSUMED_HZ;
    this.#hz = BigInt(this.#rate);
    this.assumption =
      hz === undefined
        ? 'the recording does not say its clock rate: 2.4 GHz is assumed; import it again with yours (--clock-hz)'
        : null;
  }

  time(tsc: number | bigint): ClockTime {
    if (typeof tsc === 'number' && this.#rate <= MAX_PLAIN_HZ) return this.#plain(tsc);
    const count = BigInt(tsc);
    const sec = count / this.#hz;
    return { sec, ns: Number(((count % this.#hz) * NS_PER_SEC) / this.#hz) };
  }

  /** The same with doubles: every product and every quotient below is exact. */
  #plain(tsc: number): ClockTime {
    const rest = tsc % this.#rate;
    const sec = (tsc - rest) / this.#rate;
    if (sec !== this.#second) {
      this.#second = sec;
      this.#wideSecond = BigInt(sec);
    }
    const micros = rest * 1e6;
    const over = micros % this.#rate;
    const nanos = over * 1000;
    const ns = ((micros - over) / this.#rate) * 1000 + (nanos - (nanos % this.#rate)) / this.#rate;
    return { sec: this.#wideSecond, ns };
  }
}
