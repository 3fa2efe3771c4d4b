/** One ring of a NIC: what the driver has posted, what is done, and when the driver is told. */
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import type { Steps } from '../engine/engine.ts';
import type { World } from '../primitives/world.ts';
import type { NicHandlers, NicJob } from './nic.ts';

/** Completions that make the interrupt come at once. */
const COALESCE_PACKETS = 32;

export class NicQueue {
  readonly #world: World;
  readonly #handlers: NicHandlers;
  readonly #ring: () => void;
  readonly #posted: NicJob[] = [];
  readonly #completed: NicJob[] = [];
  #descriptors = 0;
  #interruptsOn = true;
  #timerGeneration = 0;
  #timerRunning = false;
  /** Is this a receive ring? Its buffers wait for packets and are not fetched. */
  receives = false;

  /** @param ring what a doorbell sets going */
  constructor(world: World, handlers: NicHandlers, ring: () => void) {
    this.#world = world;
    this.#handlers = handlers;
    this.#ring = ring;
  }

  /** Descriptors in use. */
  get descriptors(): number {
    return this.#descriptors;
  }

  /** Is there room for a job of `segments` descriptors? */
  hasRoom(segments: number): boolean {
    return this.#descriptors + segments <= this.#world.scenario.device.ringEntries;
  }

  /** Puts a job on the ring; the doorbell makes the card look at it. */
  post(job: NicJob): void {
    this.#descriptors += job.segments.length;
    this.#posted.push(job);
    this.#count();
  }

  doorbell(): void {
    this.#ring();
  }

  /** The card takes the oldest job. */
  takePosted(): NicJob | undefined {
    return this.#posted.shift();
  }

  /** The card is done with a job. */
  complete(job: NicJob): void {
    this.#completed.push(job);
    this.#handlers.onWire?.(job);
    this.#consider();
  }

  /** The driver takes what is done, up to `budget` jobs. */
  takeCompleted(budget: number): NicJob[] {
    const taken = this.#completed.splice(0, budget);
    for (const job of taken) this.#descriptors -= job.segments.length;
    this.#count();
    return taken;
  }

  /** The driver has finished polling and wants interrupts again. */
  enableInterrupts(): void {
    this.#interruptsOn = true;
    this.#consider();
  }

  #count(): void {
    if (!this.receives) this.#world.counters.set(COUNTERS.nicDescriptors, this.#descriptors);
  }

  /** Interrupts at once when enough jobs wait, else when the first has waited long enough. */
  #consider(): void {
    if (!this.#interruptsOn || this.#completed.length === 0) return;
    if (this.#completed.length >= COALESCE_PACKETS) {
      this.#raise();
    } else if (!this.#timerRunning) {
      this.#timerRunning = true;
      this.#world.engine.spawn(this.#timer(++this.#timerGeneration));
    }
  }

  *#timer(generation: number): Steps {
    yield this.#world.scenario.device.coalesceNs * 1000;
    if (generation !== this.#timerGeneration) return;
    this.#timerRunning = false;
    if (this.#interruptsOn && this.#completed.length > 0) this.#raise();
  }

  #raise(): void {
    const { recorder, tracks } = this.#world;
    this.#interruptsOn = false;
    this.#timerGeneration++;
    this.#timerRunning = false;
    recorder.leaf(K.devIrq, tracks.dmaEngine, 0);
    this.#handlers.interrupt();
  }
}
