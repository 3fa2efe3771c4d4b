/** One interrupt vector of a NIC, for a pair of queues: when the driver is told that there is work. */
import { K } from '../contract/kinds.ts';
import type { Steps } from '../engine/engine.ts';
import type { World } from '../primitives/world.ts';

/** Completions that make the interrupt come at once. */
const COALESCE_PACKETS = 32;

export class NicVector {
  readonly #world: World;
  readonly #interrupt: () => void;
  readonly #sources: (() => number)[] = [];
  #enabled = true;
  #timerGeneration = 0;
  #timerRunning = false;

  /** @param interrupt due on the vector's CPU */
  constructor(world: World, interrupt: () => void) {
    this.#world = world;
    this.#interrupt = interrupt;
  }

  /** Something whose completions raise this vector; `waiting` says how many there are. */
  add(waiting: () => number): void {
    this.#sources.push(waiting);
  }

  /** The driver has finished polling and wants interrupts again. */
  enable(): void {
    this.#enabled = true;
    this.consider();
  }

  /** Interrupts at once when enough completions wait, else when the first has waited long enough. */
  consider(): void {
    if (!this.#enabled) return;
    const waiting = this.#waiting;
    if (waiting === 0) return;
    if (waiting >= COALESCE_PACKETS) {
      this.#raise();
    } else if (!this.#timerRunning) {
      this.#timerRunning = true;
      this.#world.engine.spawn(this.#timer(++this.#timerGeneration));
    }
  }

  get #waiting(): number {
    let sum = 0;
    for (const waiting of this.#sources) sum += waiting();
    return sum;
  }

  *#timer(generation: number): Steps {
    yield this.#world.scenario.device.coalesceNs * 1000;
    if (generation !== this.#timerGeneration) return;
    this.#timerRunning = false;
    if (this.#enabled && this.#waiting > 0) this.#raise();
  }

  #raise(): void {
    const { recorder, tracks } = this.#world;
    this.#enabled = false;
    this.#timerGeneration++;
    this.#timerRunning = false;
    recorder.leaf(K.devIrq, tracks.dmaEngine, 0);
    this.#interrupt();
  }
}
