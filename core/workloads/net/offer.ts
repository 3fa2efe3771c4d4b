/**
 * What there is to send: request numbers, sizes and times. Numbers are dense and given out as requests
 * begin, to whichever queue is ready first, so that a slow queue does not hold back the others.
 */
import { PS_PER_NS, PS_PER_S } from '../../base/brand.ts';
import { requestsOf, type Scenario } from '../../contract/scenario.ts';
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

type RecordedRequests = Scenario['recorded']['stream'];

/** What goes out and what comes in; all goes out where that many go out. */
function split(
  stream: RecordedRequests,
  out: number,
): { out: RecordedRequests; in: RecordedRequests } {
  if (out === stream.length) return { out: stream, in: [] };
  return {
    out: stream.filter(([, , direction]) => direction === 0),
    in: stream.filter(([, , direction]) => direction === 1),
  };
}

export class Offer {
  readonly #world: World;
  readonly #sizes: RandomStream | null;
  readonly #left: { out: number; in: number };
  /** Of a recorded stream: what goes out and what comes in, and how many times were handed out. */
  readonly #recorded: { readonly out: RecordedRequests; readonly in: RecordedRequests } | null;
  readonly #timed = { out: 0, in: 0 };
  #beginPs = -1;
  readonly #members = { out: 0, in: 0 };
  #lastId = 0;

  /** @param out requests among all that go out; the rest comes in */
  constructor(world: World, out: number) {
    const { net, workload, recorded } = world.scenario;
    const requests = requestsOf(world.scenario);
    this.#world = world;
    this.#recorded = workload === 'recorded' ? split(recorded.stream, out) : null;
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
    const left = this.#left[direction]--;
    const id = ++this.#lastId;
    if (this.#recorded === null) return { id, bytes: this.#size() };
    const [, bytes] = this.#recorded[direction].at(-left) as RecordedRequests[number];
    return { id, bytes };
  }

  /** Instant of the next recorded request of a direction whose time nobody waits for yet. */
  nextTime(direction: 'out' | 'in'): number {
    const [ns] = this.#recorded?.[direction][this.#timed[direction]++] ?? [0];
    if (this.#beginPs === -1) this.#beginPs = this.#world.engine.now;
    return this.#beginPs + Math.round(ns * PS_PER_NS);
  }

  get isRecorded(): boolean {
    return this.#recorded !== null;
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
  readonly #offer: Offer;
  readonly #direction: 'out' | 'in';
  readonly #world: World;
  readonly #kind: 'saturate' | 'poisson' | 'fixed';
  readonly #meanPs: number;
  readonly #random: RandomStream;
  #dueAt = -1;

  /**
   * @param offer what there is to send; a recorded one has its own times
   * @param name of the queue, for its random stream
   * @param queues that share the load, of all guests and directions
   */
  constructor(world: World, offer: Offer, name: string, direction: 'out' | 'in', queues: number) {
    const { kind, perSecond } = world.scenario.arrival;
    this.#world = world;
    this.#offer = offer;
    this.#direction = direction;
    this.#kind = kind;
    this.#meanPs = (PS_PER_S / perSecond) * queues;
    this.#random = world.random.stream(`arrivals ${name} ${direction}`);
  }

  get isOpenLoop(): boolean {
    return this.#offer.isRecorded || this.#kind !== 'saturate';
  }

  /** Instant at which the next request is due. Time begins when drivers are ready: with the first call. */
  next(): number {
    if (this.#offer.isRecorded) return this.#offer.nextTime(this.#direction);
    if (this.#dueAt === -1) this.#dueAt = this.#world.engine.now;
    this.#dueAt +=
      this.#kind === 'fixed'
        ? Math.round(this.#meanPs)
        : this.#random.exponential(Math.round(this.#meanPs));
    return this.#dueAt;
  }
}
