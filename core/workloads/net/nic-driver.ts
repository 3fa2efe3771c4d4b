/**
 * The driver of the backend's NIC: a pair of NIC queues for each CPU of a backend that serves guests,
 * with an interrupt and a NAPI poll of its own there, as multi-queue drivers have one for each CPU.
 */
import { Fifo } from '../../base/fifo.ts';
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { Signal, type Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Nic } from '../../devices/nic.ts';
import type { NicJob, NicQueue, WireListener } from '../../devices/nic-queue.ts';
import { NicVector } from '../../devices/nic-vector.ts';
import { framesOf, cacheClean } from '../../primitives/copies.ts';
import { hypercall } from '../../primitives/hypercall.ts';
import type { DmaApi, DmaMapping } from '../../primitives/dma-api.ts';
import type { World } from '../../primitives/world.ts';
import { POLL_BUDGET, type BackendTx, type Destination } from './backend-tx.ts';
import type { Ledger, NetPacket } from './packet.ts';
import type { NetStats } from './stats.ts';

/** A packet on the card, and the side of an interface that waits for it to be sent. */
interface TxJob extends NicJob {
  readonly packet: NetPacket;
  readonly from: BackendTx;
}

export interface NicDriverParts {
  readonly nic: Nic;
  readonly dma: DmaApi;
  readonly cpu: Cpu;
  readonly ledger: Ledger;
  readonly stats: NetStats;
}

export class NicDriver implements Destination, WireListener<TxJob> {
  readonly #world: World;
  readonly #parts: NicDriverParts;
  readonly #vector: NicVector;
  readonly #txQueue: NicQueue<TxJob>;
  readonly #signal: Signal;
  readonly #qdisc = new Fifo<{ packet: NetPacket; from: BackendTx; sincePs: number }>();

  constructor(world: World, parts: NicDriverParts) {
    this.#world = world;
    this.#parts = parts;
    this.#signal = new Signal(world.engine);
    this.#vector = new NicVector(world, () => parts.cpu.interrupt(() => this.#interrupt()));
    this.#txQueue = parts.nic.transmitQueue<TxJob>(this.#vector, this);
  }

  start(): void {
    this.#world.engine.spawn(this.#napi());
  }

  /** skb, bridge, qdisc: the way that every packet takes, however it came. */
  *forward(cpu: Cpu, packet: NetPacket, from: BackendTx): Steps {
    const { costs, recorder, engine } = this.#world;
    const span = recorder.begin(K.stackBackend, cpu.track, packet.request);
    yield cpu.charge(
      ACTOR.backend,
      costs.stackBackendPerPacket + packet.device.length * costs.stackBackendPerSegment,
    );
    if (this.#qdisc.length > 0 || !this.#txQueue.reserve(packet.device.length)) {
      this.#qdisc.push({ packet, from, sincePs: engine.now });
    } else {
      yield* this.#transmit(cpu, packet, from);
    }
    recorder.end(span, cpu.track, NONE, packet.bytes);
  }

  onWire({ packet }: TxJob): void {
    this.#parts.ledger.reached(packet);
  }

  *#transmit(cpu: Cpu, packet: NetPacket, from: BackendTx): Steps {
    const { costs, recorder } = this.#world;
    const { dma } = this.#parts;
    const { request, bytes } = packet;
    const segments: DmaMapping[] = [];
    for (const extent of packet.device) {
      segments.push(yield* dma.map(cpu, ACTOR.backend, extent, 'out', request));
    }
    if (!this.#world.soc.dmaCoherent) yield* this.#clean(cpu, packet);
    const dur = segments.length * costs.descriptorPost;
    recorder.leaf(K.devPost, cpu.track, dur, request, NONE, NONE, segments.length);
    yield cpu.charge(ACTOR.backend, dur);
    this.#txQueue.post({ segments, bytes, request, faulted: false, packet, from });
    recorder.leaf(K.devDoorbell, cpu.track, costs.doorbell, request);
    yield cpu.charge(ACTOR.backend, costs.doorbell);
    this.#txQueue.doorbell();
  }

  /** The device does not see the caches; under Xen a foreign page takes a hypercall to clean. */
  *#clean(cpu: Cpu, packet: NetPacket): Steps {
    const world = this.#world;
    const xen = world.hypervisor.notification === 'event-channel';
    for (const { mfn, offset, bytes } of packet.device) {
      for (let i = 0; i < framesOf({ mfn, offset, bytes }); i++) {
        const part = Math.min(4096, bytes - i * 4096);
        const clean = (track: number, actor: number) =>
          cacheClean(world, cpu, actor, track, mfn + i, part, packet.request);
        if (xen && world.oracle.watches(mfn + i)) {
          const work = clean(cpu.hypervisorTrack, ACTOR.hypervisor);
          yield* hypercall(world, cpu, K.cacheFlush, 1, packet.request, returningNone(work));
        } else {
          yield* clean(cpu.track, ACTOR.backend);
        }
      }
    }
  }

  *#interrupt(): Steps {
    const { costs, recorder } = this.#world;
    const { cpu } = this.#parts;
    recorder.leaf(K.hardirq, cpu.track, costs.hardirq);
    yield cpu.charge(ACTOR.backend, costs.hardirq);
    this.#signal.raise();
  }

  /** Frees what has been sent, and sends what waited for room. */
  *#napi(): Steps {
    const { recorder } = this.#world;
    const { cpu, stats } = this.#parts;
    for (;;) {
      yield* this.#signal.wait();
      yield* cpu.acquire();
      for (;;) {
        const done = this.#txQueue.takeCompleted(POLL_BUDGET);
        if (done.length === 0) break;
        const span = recorder.begin(K.napiPoll, cpu.track, NONE);
        stats.cleans.add(done.length);
        yield* this.#cleanSent(cpu, done);
        yield* this.#restartQdisc(cpu);
        recorder.end(span, cpu.track, NONE, NONE, done.length);
        yield* cpu.relax();
      }
      this.#vector.enable();
      yield* cpu.release();
    }
  }

  *#cleanSent(cpu: Cpu, done: readonly TxJob[]): Steps {
    const { costs } = this.#world;
    const { dma } = this.#parts;
    for (const { segments, packet, from } of done) {
      for (const segment of segments) {
        yield* dma.unmap(cpu, ACTOR.backend, segment, packet.request);
      }
      yield cpu.charge(ACTOR.backend, costs.stackCompletion);
      yield* from.sent(cpu, packet);
    }
    for (const { from } of done) yield* from.answer(cpu);
  }

  *#restartQdisc(cpu: Cpu): Steps {
    for (;;) {
      const next = this.#qdisc.first;
      if (next === undefined || !this.#txQueue.reserve(next.packet.device.length)) return;
      this.#qdisc.shift();
      this.#parts.stats.qdiscWaits.add(this.#world.engine.now - next.sincePs);
      yield* this.#transmit(cpu, next.packet, next.from);
    }
  }
}

function* returningNone(work: Steps): Steps<number> {
  yield* work;
  return NONE;
}
