/**
 * A network card: queues of descriptors, one DMA engine that moves segments in order, one link that
 * serialises packets in each direction, and interrupts that wait a while for company.
 *
 * Transmit: the engine fetches ahead of the link as far as the card's packet buffer allows, so that a
 * slow translation shows as lost throughput only when it is slower than the link. Receive: a packet
 * that arrives takes a posted buffer; where there is none, or where the packet buffer is full, it is
 * dropped.
 */
import { Fifo } from '../base/fifo.ts';
import { K } from '../contract/kinds.ts';
import { BLOCK, Signal, type Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';
import { moveSegment } from './dma.ts';
import {
  NicQueue,
  NicRxQueue,
  type Filled,
  type NicBuffer,
  type NicJob,
  type WireListener,
} from './nic-queue.ts';
import type { NicVector } from './nic-vector.ts';

interface Fetched {
  readonly queue: NicQueue;
  readonly job: NicJob;
}

interface Arrived {
  readonly queue: NicRxQueue;
  readonly filled: Filled;
}

/** Packet buffer between DMA engine and link, in each direction. */
const BUFFER_BYTES = 128 * 1024;
/** Bytes of preamble, header, check sequence and gap for each frame on the wire. */
const WIRE_OVERHEAD_BYTES = 24;
const MTU_BYTES = 1500;

export class Nic {
  readonly #world: World;
  readonly #iommu: Iommu;
  readonly #queues: NicQueue[] = [];
  readonly #fetched = new Fifo<Fetched>();
  readonly #arrived = new Fifo<Arrived>();
  readonly #work: Signal;
  readonly #toSend: Signal;
  readonly #drained: Signal;
  readonly #toStore: Signal;
  readonly #stored: Signal;
  #bufferedBytes = 0;
  #arrivedBytes = 0;
  /** Receive and transmit share the DMA engine: each direction has its own half of the link to memory. */
  dmaBusyPs = 0;
  dmaInBusyPs = 0;
  wireBusyPs = 0;
  wireInBusyPs = 0;
  #next = 0;

  constructor(world: World, iommu: Iommu) {
    this.#world = world;
    this.#iommu = iommu;
    this.#work = new Signal(world.engine);
    this.#toSend = new Signal(world.engine);
    this.#drained = new Signal(world.engine);
    this.#toStore = new Signal(world.engine);
    this.#stored = new Signal(world.engine);
    world.engine.spawn(this.#fetch());
    world.engine.spawn(this.#transmit());
    world.engine.spawn(this.#store());
  }

  /** A transmit ring. */
  transmitQueue<Job extends NicJob>(vector: NicVector, listener: WireListener<Job>): NicQueue<Job> {
    const made = new NicQueue(this.#world, vector, listener, () => this.#work.raise());
    this.#queues.push(made);
    return made;
  }

  /** A receive ring. @param lro does the card put frames together? Otherwise each has its buffer. */
  receiveQueue<Buffer extends NicBuffer>(vector: NicVector, lro = true): NicRxQueue<Buffer> {
    return new NicRxQueue<Buffer>(this.#world, vector, lro ? Infinity : MTU_BYTES);
  }

  /**
   * A packet's last bit has arrived, for a receive queue: takes posted buffers. False when it is
   * dropped, for want of buffers or because the packet buffer is full.
   *
   * Frames of one packet arrive as one: the card puts them together (large receive offload) into as
   * many buffers as the payload needs. On a queue without that each frame takes a buffer.
   */
  arrive(queue: NicRxQueue, bytes: number, request: number, tag: unknown): boolean {
    const buffers = this.#isFull(bytes) ? null : queue.takePosted(bytes);
    if (buffers === null) {
      queue.dropped++;
      return false;
    }
    this.#arrivedBytes += bytes;
    this.#arrived.push({ queue, filled: { buffers, bytes, request, tag, faulted: false } });
    this.#toStore.raise();
    return true;
  }

  /** Would a packet that arrives now overflow the packet buffer? One packet always fits. */
  #isFull(bytes: number): boolean {
    return this.#arrivedBytes > 0 && this.#arrivedBytes + bytes > BUFFER_BYTES;
  }

  /** Time that a packet takes on the link, preamble and gap of each frame included. */
  wirePs(bytes: number): number {
    const frames = Math.ceil(bytes / MTU_BYTES);
    return Math.round((bytes + frames * WIRE_OVERHEAD_BYTES) * this.#world.costs.wirePerByte);
  }

  /** Picoseconds for which each part of it has been busy. */
  busyPs(): Record<string, number> {
    return {
      'NIC DMA engine': this.dmaBusyPs,
      'NIC DMA engine, in': this.dmaInBusyPs,
      link: this.wireBusyPs,
      'link, in': this.wireInBusyPs,
    };
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

  /** The queues take turns. */
  #nextPosted(): Fetched | undefined {
    for (let i = 0; i < this.#queues.length; i++) {
      const at = (this.#next + i) % this.#queues.length;
      const queue = this.#queues[at] as NicQueue;
      const job = queue.takePosted();
      if (job === undefined) continue;
      this.#next = (at + 1) % this.#queues.length;
      return { queue, job };
    }
    return undefined;
  }

  *#fetch(): Steps {
    for (;;) {
      const next = this.#nextPosted();
      if (next === undefined) {
        if (this.#work.waits()) yield BLOCK;
        continue;
      }
      while (this.#bufferedBytes >= BUFFER_BYTES) {
        if (this.#drained.waits()) yield BLOCK;
      }
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
        if (this.#toSend.waits()) yield BLOCK;
        continue;
      }
      const { queue, job } = next;
      const { loop } = job;
      if (loop !== null && !job.faulted) {
        // The card's own switch has no link to lose packets on: it waits for room in the buffer.
        while (this.#isFull(job.bytes)) {
          if (this.#stored.waits()) yield BLOCK;
        }
        if (!this.arrive(loop.queue, job.bytes, job.request, loop.tag)) job.faulted = true;
      } else if (!job.faulted) {
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
        if (this.#toStore.waits()) yield BLOCK;
        continue;
      }
      const { queue, filled } = next;
      let left = filled.bytes;
      for (const { mapping } of filled.buffers) {
        const bytes = Math.min(left, queue.roomIn(mapping.extent.bytes));
        const moved = moveSegment(this.#world, this.#iommu, mapping, filled.request, bytes);
        const { ps, faulted } = yield* moved;
        this.dmaInBusyPs += ps;
        if (faulted) filled.faulted = true;
        left -= bytes;
      }
      this.#arrivedBytes -= filled.bytes;
      if (this.#stored.waiting) this.#stored.raise();
      queue.fill(filled);
    }
  }
}
