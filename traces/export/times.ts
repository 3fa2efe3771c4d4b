/** Times as decimal text, to the last digit: a picosecond of an hour does not fit in a double of µs. */
export class Times {
  readonly #tickPs: bigint;

  constructor(tickPs: number) {
    this.#tickPs = BigInt(tickPs);
  }

  /** Nanoseconds, as `1234.567`. */
  ns(ticks: number): string {
    return this.#decimal(ticks, 3);
  }

  /** Microseconds, as `1.234567`. */
  us(ticks: number): string {
    return this.#decimal(ticks, 6);
  }

  /** Whole nanoseconds, rounded down: order and nesting stay what they are. */
  wholeNs(ticks: number): number {
    return Number((BigInt(ticks) * this.#tickPs) / 1000n);
  }

  /** Picoseconds, where nanoseconds say less. */
  ps(ticks: number): bigint | null {
    return this.#tickPs % 1000n === 0n ? null : BigInt(ticks) * this.#tickPs;
  }

  /** Picoseconds divided by ten to the power of `places`. */
  #decimal(ticks: number, places: number): string {
    const ps = BigInt(ticks) * this.#tickPs;
    const digits = (ps < 0n ? -ps : ps).toString().padStart(places + 1, '0');
    const whole = digits.slice(0, -places);
    const rest = digits.slice(-places).replace(/0+$/, '');
    return `${ps < 0n ? '-' : ''}${whole}${rest === '' ? '' : `.${rest}`}`;
  }
}
