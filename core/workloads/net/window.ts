/**
 * How many requests of one sender may be on their way: a socket buffer, in requests. Where packets can
 * be dropped on their way, also what the network is believed to carry, found as TCP finds it: slow
 * start, then one request more for each window that has arrived, and half after a loss.
 */
import { assert } from '../../base/assert.ts';
import type { Engine } from '../../engine/engine.ts';
import { Wakeup } from './threads.ts';

/** Initial window of TCP (RFC 6928), taken in requests. */
const INITIAL_WINDOW = 10;

export class Window {
  readonly limit: number;
  readonly opened: Wakeup;
  readonly #onLeave: (() => void) | null;
  #inFlight = 0;
  /** What the network is believed to carry, and up to where that is doubled in each round. */
  #congestion: number;
  #threshold: number;
  /** Requests that have arrived since the congestion window grew. */
  #arrived = 0;
  /** Losses of requests up to this one count as one. */
  #recoverUntil = 0;
  #lastId = 0;
  #dead = false;

  /**
   * @param adapts false where nothing can be dropped
   * @param onLeave called when a request has left
   */
  constructor(engine: Engine, limit: number, adapts: boolean, onLeave: (() => void) | null = null) {
    this.limit = limit;
    this.opened = new Wakeup(engine);
    this.#congestion = adapts ? Math.min(INITIAL_WINDOW, limit) : limit;
    this.#threshold = limit;
    this.#onLeave = onLeave;
  }

  get isFull(): boolean {
    return this.#inFlight >= this.#congestion;
  }

  /** Has the sender given up? It sends nothing more, and nothing again. */
  get isDead(): boolean {
    return this.#dead;
  }

  /** The other side has not taken anything for so long that the connection is given up. */
  kill(): void {
    this.#dead = true;
    this.opened.ring();
  }

  /** A request begins. */
  enter(id: number): void {
    assert(this.#inFlight < this.limit, 'a sender goes beyond its window');
    this.#inFlight++;
    this.#lastId = id;
  }

  /** A request is over. */
  leave(lost: boolean): void {
    this.#inFlight--;
    if (!lost) this.#grow();
    if (!this.isFull) this.opened.ring();
    this.#onLeave?.();
  }

  /** A packet of a request was dropped. */
  shrink(id: number): void {
    if (id <= this.#recoverUntil) return;
    this.#congestion = Math.max(1, Math.floor(this.#congestion / 2));
    this.#threshold = Math.max(2, this.#congestion);
    this.#recoverUntil = this.#lastId;
  }

  /** Nothing arrives any more: begin anew. */
  collapse(): void {
    this.#congestion = 1;
  }

  #grow(): void {
    this.#arrived++;
    if (this.#congestion >= this.#threshold && this.#arrived < this.#congestion) return;
    this.#arrived = 0;
    this.#congestion = Math.min(this.limit, this.#congestion + 1);
  }
}
