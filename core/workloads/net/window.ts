/** How many requests of one sender may be on their way: a socket buffer, in requests. */
import { assert } from '../../base/assert.ts';
import { Signal, type Engine } from '../../engine/engine.ts';

export class Window {
  readonly limit: number;
  readonly opened: Signal;
  readonly #onLeave: (() => void) | null;
  #inFlight = 0;

  /** @param onLeave called when a request has left */
  constructor(engine: Engine, limit: number, onLeave: (() => void) | null = null) {
    this.limit = limit;
    this.opened = new Signal(engine);
    this.#onLeave = onLeave;
  }

  get inFlight(): number {
    return this.#inFlight;
  }
  get isFull(): boolean {
    return this.#inFlight >= this.limit;
  }

  enter(): void {
    assert(!this.isFull, 'a sender goes beyond its window');
    this.#inFlight++;
  }

  leave(): void {
    this.#inFlight--;
    if (this.opened.waiting) this.opened.raise();
    this.#onLeave?.();
  }
}
