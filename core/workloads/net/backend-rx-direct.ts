/**
 * The backend's receive side of one queue where the device writes into the guest's own buffers: the
 * backend makes posted buffers ready and gives them to a receive queue of the NIC that serves this
 * guest alone (the card sorts packets by their destination address).
 */
import { assert } from '../../base/assert.ts';
import { Fifo } from '../../base/fifo.ts';
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { BLOCK, Signal, type Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Nic } from '../../devices/nic.ts';
import type { Filled, NicBuffer, NicRxQueue } from '../../devices/nic-queue.ts';
import { NicVector } from '../../devices/nic-vector.ts';
import type { Channel } from '../../primitives/channels.ts';
import type { DmaApi } from '../../primitives/dma-api.ts';
import type { World } from '../../primitives/world.ts';
import type { Carrier } from '../../strategies/types.ts';
import type { SharedRing } from '../shared-ring.ts';
import { POLL_BUDGET, pushResponses } from './backend-tx.ts';
import type { Received } from './backend-rx.ts';
import type { Ledger, NetPacket, RxBuffer } from './packet.ts';
import { invalidateArrived } from './non-coherent.ts';
import type { NetStats } from './stats.ts';
import { wakeThread } from './threads.ts';

/** How long an interface is waited for that gets no buffers: as long as its frontend takes to look again. */
const START_TIMEOUT_PS = 100_000_000_000;

interface PostedBuffer extends NicBuffer {
  readonly buffer: RxBuffer;
}

export interface BackendRxDirectParts {
  readonly carrier: Carrier;
  readonly ringKind: 'xen' | 'virtio' | 'argo';
  readonly ring: SharedRing<Received>;
  readonly nic: Nic;
  readonly dma: DmaApi;
  /** CPUs of the thread that posts, and of the NIC queue's interrupt. */
  readonly cpu: Cpu;
  readonly nicCpu: Cpu;
  readonly ledger: Ledger;
  readonly stats: NetStats;
  readonly toFrontend: () => Channel;
}

export class BackendRxDirect {
  readonly #world: World;
  readonly #parts: BackendRxDirectParts;
  readonly #posts: Signal;
  readonly #interrupt: Signal;
  readonly #releases: Signal;
  readonly #releasing = new Fifo<RxBuffer>();
  readonly #vector: NicVector;
  readonly queue: NicRxQueue<PostedBuffer>;
  #ready: (() => void) | null = null;

  constructor(world: World, parts: BackendRxDirectParts) {
    this.#world = world;
    this.#parts = parts;
    this.#posts = new Signal(world.engine);
    this.#interrupt = new Signal(world.engine);
    this.#releases = new Signal(world.engine);
    this.#vector = new NicVector(world, () => parts.nicCpu.interrupt(() => this.#hardirq()));
    this.queue = parts.nic.receiveQueue(this.#vector);
  }

  /** @param ready called when packets can come */
  start(ready: () => void): void {
    const { engine } = this.#world;
    this.#ready = ready;
    engine.spawn(this.#postThread());
    engine.spawn(this.#startTimeout());
    engine.spawn(this.#napi());
    engine.spawn(this.#releaseThread());
  }

  /** The frontend has posted buffers. */
  notified(): void {
    this.#posts.raise();
  }

  /** Makes posted buffers ready for the device and hands them to the NIC. */
  *#postThread(): Steps {
    const { recorder } = this.#world;
    const { cpu, ring, ringKind } = this.#parts;
    for (;;) {
      if (this.#posts.waits()) yield BLOCK;
      yield* wakeThread(this.#world, cpu);
      do {
        const room = Math.min(POLL_BUDGET, this.queue.room);
        if (room === 0) {
          ring.askForMore();
          break;
        }
        const span = recorder.begin(
          ringKind === 'xen' ? K.backendPoll : K.handleRx,
          cpu.track,
          NONE,
        );
        const batch = ring.pull(room) as RxBuffer[];
        if (batch.length > 0) yield* this.#post(batch);
        recorder.end(span, cpu.track, NONE, NONE, batch.length);
        if (cpu.isWanted) yield* cpu.relax();
      } while (ring.pending > 0 || ring.finalCheckRequests());
      yield* cpu.release();
      this.#started();
    }
  }

  /** A frontend that has nothing to post leaves its queue without buffers, and others do not wait for it. */
  *#startTimeout(): Steps {
    yield START_TIMEOUT_PS;
    this.#started();
  }

  #started(): void {
    this.#ready?.();
    this.#ready = null;
  }

  *#post(batch: readonly RxBuffer[]): Steps {
    const { recorder, costs } = this.#world;
    const { cpu, carrier, dma } = this.#parts;
    const dur = batch.length * costs.ringEntry;
    recorder.leaf(K.ringPull, cpu.track, dur, NONE, NONE, NONE, batch.length);
    if (!cpu.passes(ACTOR.backend, dur)) yield dur;
    yield* carrier.accept(cpu, batch);
    const useless: RxBuffer[] = [];
    let posted = 0;
    for (const buffer of batch) {
      const [extent] = buffer.device;
      if (buffer.dropped || extent === undefined) {
        useless.push(buffer);
        continue;
      }
      assert(buffer.device.length === 1, 'a buffer of one page is one extent for the device');
      const mapping = yield* dma.map(cpu, ACTOR.backend, extent, 'in', NONE);
      this.queue.post({ mapping, buffer });
      posted++;
    }
    if (posted > 0) {
      const posting = posted * costs.descriptorPost;
      recorder.leaf(K.devPost, cpu.track, posting, NONE, NONE, NONE, posted);
      if (!cpu.passes(ACTOR.backend, posting)) yield posting;
      recorder.leaf(K.devDoorbell, cpu.track, costs.doorbell);
      if (!cpu.passes(ACTOR.backend, costs.doorbell)) yield costs.doorbell;
    }
    for (const buffer of useless) yield* carrier.transmitted(cpu, buffer);
    yield* this.#answer(cpu, useless);
  }

  *#hardirq(): Steps {
    const { costs, recorder } = this.#world;
    const { nicCpu } = this.#parts;
    recorder.leaf(K.hardirq, nicCpu.track, costs.hardirq);
    if (!nicCpu.passes(ACTOR.backend, costs.hardirq)) yield costs.hardirq;
    this.#interrupt.raise();
  }

  *#napi(): Steps {
    const { recorder } = this.#world;
    const { nicCpu: cpu, stats, ring } = this.#parts;
    for (;;) {
      if (this.#interrupt.waits()) yield BLOCK;
      yield* cpu.acquire();
      for (;;) {
        const filled = this.queue.takeFilled(POLL_BUDGET);
        if (filled.length === 0) break;
        const span = recorder.begin(K.napiPoll, cpu.track, NONE);
        stats.deliveries.add(filled.length);
        yield* this.#deliver(cpu, filled);
        recorder.end(span, cpu.track, NONE, NONE, filled.length);
        if (filled.length < POLL_BUDGET) break;
        if (cpu.isWanted) yield* cpu.relax();
      }
      this.#vector.enable();
      yield* cpu.release();
      // Buffers that had no room on the card have some now.
      if (ring.pending > 0) this.#posts.raise();
    }
  }

  /** The payload is where the frontend finds it: no more than to take the mapping away and to tell. */
  *#deliver(cpu: Cpu, batch: readonly Filled<PostedBuffer>[]): Steps {
    const { recorder, costs } = this.#world;
    const { carrier, dma, ledger, stats } = this.#parts;
    const buffers: RxBuffer[] = [];
    for (const { buffers: taken, tag, faulted, request } of batch) {
      const packet = tag as NetPacket;
      const span = recorder.begin(K.netifReceive, cpu.track, request);
      if (!cpu.passes(ACTOR.backend, costs.stackBackendReceive)) yield costs.stackBackendReceive;
      if (!this.#world.soc.dmaCoherent)
        yield* invalidateArrived(this.#world, cpu, ACTOR.backend, taken, packet);
      let left = packet.bytes;
      for (const { buffer, mapping } of taken) {
        yield* dma.unmap(cpu, ACTOR.backend, mapping, request);
        const bytes = Math.min(left, buffer.bytes);
        // What could not be written into a buffer leaves it as it was.
        if (!faulted) buffer.fill(packet, bytes);
        left -= bytes;
        buffers.push(buffer);
      }
      recorder.end(span, cpu.track, NONE, packet.bytes);
      if (faulted) {
        stats.dropped++;
        packet.sender?.dropped(packet);
      }
    }
    yield* carrier.deliver(cpu, buffers);
    for (const buffer of buffers) yield* carrier.transmitted(cpu, buffer);
    yield* this.#answer(cpu, buffers);
    for (const { tag, faulted } of batch) if (!faulted) ledger.freed(tag as NetPacket);
  }

  /** Answers now, or leaves that to the thread that releases. */
  *#answer(cpu: Cpu, buffers: readonly RxBuffer[]): Steps {
    const { carrier } = this.#parts;
    const now = buffers.filter((each) => carrier.respondAt(each) !== 'released');
    if (now.length > 0) yield* this.#respond(cpu, now);
    if (now.length === buffers.length) return;
    for (const each of buffers) {
      if (carrier.respondAt(each) === 'released') this.#releasing.push(each);
    }
    this.#releases.raise();
  }

  *#releaseThread(): Steps {
    const { recorder } = this.#world;
    const { cpu, carrier } = this.#parts;
    for (;;) {
      if (this.#releases.waits()) yield BLOCK;
      if (this.#releasing.length === 0) continue;
      yield* wakeThread(this.#world, cpu);
      while (this.#releasing.length > 0) {
        const span = recorder.begin(K.backendDealloc, cpu.track, NONE);
        const batch = this.#releasing.take(256);
        yield* carrier.release(cpu, batch);
        yield* this.#respond(cpu, batch);
        recorder.end(span, cpu.track, NONE, NONE, batch.length);
        if (cpu.isWanted) yield* cpu.relax();
      }
      yield* cpu.release();
    }
  }

  *#respond(cpu: Cpu, buffers: readonly RxBuffer[]): Steps {
    const { carrier, ring, toFrontend } = this.#parts;
    yield* pushResponses(this.#world, cpu, carrier, buffers);
    const notify = ring.respond(buffers);
    if (carrier.signalling === 'own') toFrontend().deliver();
    else if (notify) yield* toFrontend().send(cpu, ACTOR.backend);
  }
}
