/**
 * What there is to send: request numbers, sizes and times. Numbers are dense and given out as requests
 * begin, to whichever queue is ready first, so that a slow queue does not hold back the others.
 */
import { PS_PER_S } from '../../base/brand.ts';
import type { RandomStream } from '../../engine/random.ts';
import type { World } from '../../primitives/world.ts';

/** Sizes of the Internet mix and how often each occurs among twelve. */
const IMIX = [
  { bytes: 64, share: 7 },
  { bytes: 570, share: 4 },
  { bytes: 1500, share: 1 },
] as const;
const IMIX_SHARES = 12;

/** The next request of a direction. */
export interface Offered {
  readonly id: number;
  readonly bytes: number;
}

export class Offer {
  readonly #world: World;
  readonly #sizes: RandomStream | null;
  readonly #left: { out: number; in: number };
  readonly #members = { out: 0, in: 0 };
  #lastId = 0;

  /** @param out requests among all that go out; the rest comes in */
  constructor(world: World, out: number) {
    const { requests, net } = world.scenario;
    this.#world = world;
    this.#sizes = net.sizes === 'imix' ? world.random.stream('sizes') : null;
    this.#left = { out, in: requests - out };
  }

  /** A sender will take requests of a direction. */
  join(direction: 'out' | 'in'): void {
    this.#members[direction]++;
  }

  /** A sender has given up. When it was the last, what is left of its direction goes to `lose`. */
  resign(direction: 'out' | 'in', lose: (offered: Offered) => void): void {
    if (--this.#members[direction] > 0) return;
    for (let next = this.take(direction); next !== null; next = this.take(direction)) lose(next);
  }

  /** Takes the next request of a direction, or null when there is none left. */
  take(direction: 'out' | 'in'): Offered | null {
    if (this.#left[direction] === 0) return null;
    this.#left[direction]--;
    return { id: ++this.#lastId, bytes: this.#size() };
  }

  #size(): number {
    if (this.#sizes === null) return this.#world.scenario.payloadBytes;
    let draw = this.#sizes.below(IMIX_SHARES);
    for (const { bytes, share } of IMIX) {
      if (draw < share) return bytes;
      draw -= share;
    }
    return IMIX[0].bytes;
  }
}

/** When the requests of one queue are due, in an open loop: its share of the offered load. */
export class Arrivals {
  readonly #kind: 'saturate' | 'poisson' | 'fixed';
  readonly #meanPs: number;
  readonly #random: RandomStream;
  #dueAt = 0;

  /** @param queues that share the load, of all guests and directions */
  constructor(world: World, name: string, queues: number) {
    const { kind, perSecond } = world.scenario.arrival;
    this.#kind = kind;
    this.#meanPs = (PS_PER_S / perSecond) * queues;
    this.#random = world.random.stream(`arrivals ${name}`);
  }

  get isOpenLoop(): boolean {
    return this.#kind !== 'saturate';
  }

  /** Instant at which the next request is due. */
  next(): number {
    this.#dueAt +=
      this.#kind === 'fixed'
        ? Math.round(this.#meanPs)
        : this.#random.exponential(Math.round(this.#meanPs));
    return this.#dueAt;
  }
}
