/**
 * The ring between frontend and backend, with the rule by which each side asks to be notified: free
 * running indices, and a threshold that the consumer publishes (`req_event` and `rsp_event` of Xen's
 * `io/ring.h`, `avail_event` and `used_event` of virtio). How often anyone is notified follows from
 * this and from nothing else.
 */
import { assert } from '../base/assert.ts';
import { Fifo } from '../base/fifo.ts';

export class SharedRing<Item> {
  readonly slots: number;
  readonly #requests = new Fifo<Item>();
  readonly #responses = new Fifo<Item>();
  #produced = 0;
  #consumed = 0;
  #requestEvent = 1;
  #answered = 0;
  #taken = 0;
  #responseEvent = 1;
  #slotsUsed = 0;

  constructor(slots: number) {
    this.slots = slots;
  }

  get slotsUsed(): number {
    return this.#slotsUsed;
  }
  /** Requests whose responses the frontend has not taken. */
  get outstanding(): number {
    return this.#produced - this.#taken;
  }
  /** Producer index of requests. */
  get produced(): number {
    return this.#produced;
  }
  get consumed(): number {
    return this.#consumed;
  }
  hasRoom(slots: number): boolean {
    return this.#slotsUsed + slots <= this.slots;
  }

  /** Frontend publishes a request of `slots` slots. True when the backend asked to be notified. */
  push(item: Item, slots: number): boolean {
    assert(this.hasRoom(slots), 'a request was pushed into a full ring');
    this.#slotsUsed += slots;
    this.#requests.push(item);
    this.#produced++;
    return this.#produced === this.#requestEvent;
  }

  /** Backend takes up to `budget` requests. */
  pull(budget: number): Item[] {
    const items = this.#requests.take(budget);
    this.#consumed += items.length;
    return items;
  }

  /**
   * Backend has found the ring empty and asks for a notification with the next request. True when
   * one has come in between, so that it must look again.
   */
  finalCheckRequests(): boolean {
    this.#requestEvent = this.#consumed + 1;
    return this.#requests.length > 0;
  }

  /** Requests that the backend has not taken. */
  get pending(): number {
    return this.#requests.length;
  }

  /** The oldest of them. */
  get firstPending(): Item | undefined {
    return this.#requests.first;
  }

  /** Backend asks for a notification with the next request, whatever lies there already. */
  askForMore(): void {
    this.#requestEvent = this.#produced + 1;
  }

  /** Backend publishes responses. True when the frontend asked to be notified. */
  respond(items: readonly Item[]): boolean {
    const before = this.#answered;
    this.#answered += items.length;
    for (const item of items) this.#responses.push(item);
    return before < this.#responseEvent && this.#answered >= this.#responseEvent;
  }

  /** Frontend takes responses, up to `budget`; slots become free as it says with `free`. */
  takeResponses(budget = Infinity): Item[] {
    const items = this.#responses.take(budget);
    this.#taken += items.length;
    return items;
  }

  free(slots: number): void {
    this.#slotsUsed -= slots;
    assert(this.#slotsUsed >= 0, 'more slots were freed than used');
  }

  /**
   * Frontend asks to be notified when `fraction` of what is outstanding has been answered; 0 for the
   * next response. True when there is more to take already.
   */
  finalCheckResponses(fraction: number): boolean {
    const outstanding = this.#produced - this.#taken;
    this.#responseEvent = this.#taken + Math.floor(outstanding * fraction) + 1;
    return this.#answered >= this.#responseEvent;
  }
}
