/** How often each batch size occurred. */
export class Tally {
  readonly #sizes = new Map<number, number>();

  add(size: number): void {
    this.#sizes.set(size, (this.#sizes.get(size) ?? 0) + 1);
  }

  get sizes(): ReadonlyMap<number, number> {
    return this.#sizes;
  }
}

/** Waits in one queue. */
export class WaitTally {
  waitPs = 0;
  count = 0;

  add(ps: number): void {
    this.waitPs += ps;
    this.count++;
  }
}
