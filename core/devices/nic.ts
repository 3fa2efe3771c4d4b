/**
 * A network card: queues of descriptors, one DMA engine that moves segments in order, one link that
 * serialises packets in each direction, and interrupts that wait a while for company.
 *
 * Transmit: the engine fetches ahead of the link as far as the card's packet buffer allows, so that a
 * slow translation shows as lost throughput only when it is slower than the link. Receive: a packet
 * that arrives takes a posted buffer; where there is none, or where the packet buffer is full, it is
 * dropped.
 */
import { K } from '../contract/kinds.ts';
import { Signal, type Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import type { DmaMapping } from '../primitives/dma-api.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';
import { moveSegment } from './dma.ts';
import { NicQueue } from './nic-queue.ts';

/** Packet buffer between DMA engine and link, in each direction. */
const BUFFER_BYTES = 128 * 1024;
/** Bytes of preamble, header, check sequence and gap for each frame on the wire. */
const WIRE_OVERHEAD_BYTES = 24;
const MTU_BYTES = 1500;

/** What a driver posts: a packet to send, or a buffer to fill. */
export interface NicJob {
  readonly segments: readonly DmaMapping[];
  /** Bytes to send, or received bytes once the buffer is filled. */
  bytes: number;
  /** Request that a sent packet belongs to; of a filled buffer, that of the packet in it. */
  request: number;
  /** A segment could not be reached: the packet is dropped. */
  faulted: boolean;
}

/** What a queue tells its driver. */
export interface NicHandlers {
  /** An interrupt is due on the queue's CPU. */
  interrupt(): void;
  /** A sent packet's last bit has left. */
  onWire?(job: NicJob): void;
}

export class Nic {
  readonly #world: World;
  readonly #iommu: Iommu;
  readonly #queues: NicQueue[] = [];
  readonly #fetched: { readonly queue: NicQueue; readonly job: NicJob }[] = [];
  readonly #arrived: { readonly queue: NicQueue; readonly job: NicJob }[] = [];
  readonly #work: Signal;
  readonly #toSend: Signal;
  readonly #drained: Signal;
  readonly #toStore: Signal;
  #bufferedBytes = 0;
  #arrivedBytes = 0;
  /** Receive and transmit share the DMA engine: each direction has its own half of the link to memory. */
  dmaBusyPs = 0;
  dmaInBusyPs = 0;
  wireBusyPs = 0;
  wireInBusyPs = 0;
  /** Packets that found no buffer. */
  dropped = 0;
  #next = 0;

  constructor(world: World, iommu: Iommu) {
    this.#world = world;
    this.#iommu = iommu;
    this.#work = new Signal(world.engine);
    this.#toSend = new Signal(world.engine);
    this.#drained = new Signal(world.engine);
    this.#toStore = new Signal(world.engine);
    world.engine.spawn(this.#fetch());
    world.engine.spawn(this.#transmit());
    world.engine.spawn(this.#store());
  }

  /** A queue of its own: a transmit or a receive ring with an interrupt. */
  queue(handlers: NicHandlers): NicQueue {
    const made = new NicQueue(this.#world, handlers, () => this.#work.raise());
    this.#queues.push(made);
    return made;
  }

  /**
   * A packet's last bit has arrived, for a receive queue. Takes a posted buffer. False when it is
   * dropped.
   */
  arrive(queue: NicQueue, bytes: number, request: number): boolean {
    const job = this.#arrivedBytes + bytes > BUFFER_BYTES ? undefined : queue.takePosted();
    if (job === undefined) {
      this.dropped++;
      return false;
    }
    job.bytes = bytes;
    job.request = request;
    this.#arrivedBytes += bytes;
    this.#arrived.push({ queue, job });
    this.#toStore.raise();
    return true;
  }

  /** Time that a packet takes on the link, preamble and gap of each frame included. */
  wirePs(bytes: number): number {
    const frames = Math.ceil(bytes / MTU_BYTES);
    return Math.round((bytes + frames * WIRE_OVERHEAD_BYTES) * this.#world.costs.wirePerByte);
  }

  /** A packet comes in on the link: takes as long as it takes there. */
  *receive(bytes: number, request: number): Steps {
    const { recorder, tracks } = this.#world;
    const dur = this.wirePs(bytes);
    const frames = Math.ceil(bytes / MTU_BYTES);
    recorder.leaf(K.wireIn, tracks.wireIn, dur, request, NONE, bytes, frames);
    this.wireInBusyPs += dur;
    yield dur;
  }

  #nextPosted(): { readonly queue: NicQueue; readonly job: NicJob } | undefined {
    for (let i = 0; i < this.#queues.length; i++) {
      const queue = this.#queues[(this.#next + i) % this.#queues.length] as NicQueue;
      if (queue.receives) continue;
      const job = queue.takePosted();
      if (job === undefined) continue;
      this.#next = (this.#next + i + 1) % this.#queues.length;
      return { queue, job };
    }
    return undefined;
  }

  *#fetch(): Steps {
    for (;;) {
      const next = this.#nextPosted();
      if (next === undefined) {
        yield* this.#work.wait();
        continue;
      }
      while (this.#bufferedBytes >= BUFFER_BYTES) yield* this.#drained.wait();
      const { job } = next;
      for (const segment of job.segments) {
        const moved = moveSegment(
          this.#world,
          this.#iommu,
          segment,
          job.request,
          segment.extent.bytes,
        );
        const { ps, faulted } = yield* moved;
        this.dmaBusyPs += ps;
        if (faulted) job.faulted = true;
      }
      this.#bufferedBytes += job.bytes;
      this.#fetched.push(next);
      this.#toSend.raise();
    }
  }

  *#transmit(): Steps {
    const { recorder, tracks } = this.#world;
    for (;;) {
      const next = this.#fetched.shift();
      if (next === undefined) {
        yield* this.#toSend.wait();
        continue;
      }
      const { queue, job } = next;
      if (!job.faulted) {
        const dur = this.wirePs(job.bytes);
        const frames = Math.ceil(job.bytes / MTU_BYTES);
        recorder.leaf(K.wire, tracks.wire, dur, job.request, NONE, job.bytes, frames);
        this.wireBusyPs += dur;
        yield dur;
      }
      this.#bufferedBytes -= job.bytes;
      if (this.#drained.waiting) this.#drained.raise();
      queue.complete(job);
    }
  }

  /** Received packets into their buffers. */
  *#store(): Steps {
    for (;;) {
      const next = this.#arrived.shift();
      if (next === undefined) {
        yield* this.#toStore.wait();
        continue;
      }
      const { queue, job } = next;
      let left = job.bytes;
      for (const segment of job.segments) {
        const bytes = Math.min(left, segment.extent.bytes);
        if (bytes === 0) break;
        const { ps, faulted } = yield* moveSegment(
          this.#world,
          this.#iommu,
          segment,
          job.request,
          bytes,
        );
        this.dmaInBusyPs += ps;
        if (faulted) job.faulted = true;
        left -= bytes;
      }
      this.#arrivedBytes -= job.bytes;
      queue.complete(job);
    }
  }
}
