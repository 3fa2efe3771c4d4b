/** The rings of a NIC: what the driver has posted, and what is done. */
import { assert } from '../base/assert.ts';
import { Fifo } from '../base/fifo.ts';
import { COUNTERS } from '../engine/counters.ts';
import type { DmaMapping } from '../primitives/dma-api.ts';
import type { World } from '../primitives/world.ts';
import type { NicVector } from './nic-vector.ts';

/** A packet to send. */
export interface NicJob {
  readonly segments: readonly DmaMapping[];
  readonly bytes: number;
  readonly request: number;
  /** A segment could not be reached: the packet is not sent. */
  faulted: boolean;
  /** Where the card's own switch sends it, instead of to the wire. */
  readonly loop: Loop | null;
}

/** Another queue of the card, and what to give along. */
export interface Loop {
  readonly queue: NicRxQueue;
  readonly tag: unknown;
}

/** A buffer for a received packet or a part of one. */
export interface NicBuffer {
  readonly mapping: DmaMapping;
}

/** A packet that has arrived, in the buffers that it took. */
export interface Filled<Buffer extends NicBuffer = NicBuffer> {
  readonly buffers: readonly Buffer[];
  readonly bytes: number;
  readonly request: number;
  /** What the sender gave along. */
  readonly tag: unknown;
  faulted: boolean;
}

/** Who wants to know what becomes of packets. */
export interface WireListener<Job extends NicJob> {
  /** A packet's last bit has left, or it has been given up. */
  onWire(job: Job): void;
}

/** A transmit ring. */
export class NicQueue<Job extends NicJob = NicJob> {
  readonly #world: World;
  readonly #vector: NicVector;
  readonly #listener: WireListener<Job>;
  readonly #ring: () => void;
  readonly #posted = new Fifo<Job>();
  readonly #completed = new Fifo<Job>();
  #descriptors = 0;

  /** @param ring what a doorbell sets going */
  constructor(world: World, vector: NicVector, listener: WireListener<Job>, ring: () => void) {
    this.#world = world;
    this.#vector = vector;
    this.#listener = listener;
    this.#ring = ring;
    vector.add(() => this.#completed.length);
  }

  /** Descriptors in use. */
  get descriptors(): number {
    return this.#descriptors;
  }

  /** Sets descriptors aside for a job that is about to be posted. False when there are too few. */
  reserve(segments: number): boolean {
    if (this.#descriptors + segments > this.#world.scenario.device.ringEntries) return false;
    this.#add(segments);
    return true;
  }

  /** Puts a job on the ring, in descriptors set aside for it; a doorbell makes the card look at it. */
  post(job: Job): void {
    assert(job.segments.length <= this.#descriptors, 'a job has had descriptors set aside for it');
    this.#posted.push(job);
  }

  doorbell(): void {
    this.#ring();
  }

  /** The card takes the oldest job. */
  takePosted(): Job | undefined {
    return this.#posted.shift();
  }

  /** The card is done with a job. */
  complete(job: Job): void {
    this.#completed.push(job);
    this.#listener.onWire(job);
    this.#vector.consider();
  }

  /** The driver takes what is done, up to `budget` jobs. */
  takeCompleted(budget: number): Job[] {
    const taken = this.#completed.take(budget);
    for (const job of taken) this.#add(-job.segments.length);
    return taken;
  }

  #add(descriptors: number): void {
    this.#descriptors += descriptors;
    this.#world.counters.add(COUNTERS.nicDescriptors, descriptors);
  }
}

/** A receive ring: buffers wait for packets. */
export class NicRxQueue<Buffer extends NicBuffer = NicBuffer> {
  readonly #world: World;
  readonly #vector: NicVector;
  readonly #posted = new Fifo<Buffer>();
  readonly #filled = new Fifo<Filled<Buffer>>();
  readonly #frameBytes: number;
  #used = 0;
  /** Packets that found no buffer. */
  dropped = 0;

  /** @param frameBytes what the card puts into one buffer at most, however large */
  constructor(world: World, vector: NicVector, frameBytes: number) {
    this.#world = world;
    this.#vector = vector;
    this.#frameBytes = frameBytes;
    vector.add(() => this.#filled.length);
  }

  /** Descriptors that are free: neither waiting for a packet nor holding one. */
  get room(): number {
    return this.#world.scenario.device.ringEntries - this.#used;
  }
  /** Buffers that wait. */
  get posted(): number {
    return this.#posted.length;
  }

  post(buffer: Buffer): void {
    assert(this.room > 0, 'a receive ring has room for a buffer');
    this.#used++;
    this.#posted.push(buffer);
  }

  /** Bytes that the card puts into a buffer of `bytes` bytes. */
  roomIn(bytes: number): number {
    return Math.min(bytes, this.#frameBytes);
  }

  /** The card takes buffers for `bytes` bytes, oldest first; null when there are too few. */
  takePosted(bytes: number): Buffer[] | null {
    const each = this.#posted.first?.mapping.extent.bytes;
    if (each === undefined) return null;
    const count = Math.ceil(bytes / this.roomIn(each));
    return count > this.#posted.length ? null : this.#posted.take(count);
  }

  /** A packet lies in its buffers. */
  fill(filled: Filled): void {
    this.#filled.push(filled as Filled<Buffer>);
    this.#vector.consider();
  }

  /** The driver takes packets that have arrived, up to `budget`. */
  takeFilled(budget: number): Filled<Buffer>[] {
    const taken = this.#filled.take(budget);
    for (const { buffers } of taken) this.#used -= buffers.length;
    return taken;
  }
}
