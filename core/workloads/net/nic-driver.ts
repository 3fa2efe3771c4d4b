/**
 * The driver of the backend's NIC: a pair of NIC queues for each CPU of a backend that serves guests,
 * with an interrupt and a NAPI poll of its own there, as multi-queue drivers have one for each CPU.
 */
import { Fifo } from '../../base/fifo.ts';
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { BLOCK, Signal, type Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Nic } from '../../devices/nic.ts';
import type {
  Filled,
  NicBuffer,
  NicJob,
  NicQueue,
  NicRxQueue,
  WireListener,
} from '../../devices/nic-queue.ts';
import { NicVector } from '../../devices/nic-vector.ts';
import { mappingIn, type DmaApi, type DmaMapping } from '../../primitives/dma-api.ts';
import type { Extent } from '../../primitives/copies.ts';
import type { Backend, World } from '../../primitives/world.ts';
import { POLL_BUDGET, type BackendTx, type Destination } from './backend-tx.ts';
import type { BackendRx } from './backend-rx.ts';
import { cleanForDevice, invalidateArrived } from './non-coherent.ts';
import { PagePool } from './page-pool.ts';
import type { Holder, Ledger, NetPacket } from './packet.ts';
import type { NetStats } from './stats.ts';

/** A packet on the card, and the side of an interface that waits for it to be sent. */
interface TxJob extends NicJob {
  readonly packet: NetPacket;
  readonly from: BackendTx;
}

export interface NicDriverParts {
  readonly nic: Nic;
  readonly dma: DmaApi;
  readonly backend: Backend;
  readonly cpu: Cpu;
  /** Does it receive for guests? */
  readonly receives: boolean;
  /** The interface of a guest that a packet is for. */
  readonly vifOf: (packet: NetPacket) => BackendRx;
  /** A packet's last bit has left, for whom it may interest on the other end. */
  readonly onSent: (packet: NetPacket) => void;
  readonly ledger: Ledger;
  readonly stats: NetStats;
}

export class NicDriver implements Destination, Holder, WireListener<TxJob> {
  readonly #world: World;
  readonly #parts: NicDriverParts;
  readonly #vector: NicVector;
  readonly #txQueue: NicQueue<TxJob>;
  readonly rxQueue: NicRxQueue;
  readonly #pool: PagePool;
  readonly #signal: Signal;
  readonly #qdisc = new Fifo<{ packet: NetPacket; from: BackendTx; sincePs: number }>();

  constructor(world: World, parts: NicDriverParts) {
    this.#world = world;
    this.#parts = parts;
    this.#signal = new Signal(world.engine);
    this.#vector = new NicVector(world, () => parts.cpu.interrupt(() => this.#interrupt()));
    this.#txQueue = parts.nic.transmitQueue<TxJob>(this.#vector, this);
    this.rxQueue = parts.nic.receiveQueue(this.#vector, world.scenario.net.lro);
    this.#pool = new PagePool(world, parts.dma, parts.backend);
  }

  /** @param ready called when packets can come */
  start(ready: () => void): void {
    this.#world.engine.spawn(this.#napi(ready));
  }

  /** skb, bridge, qdisc: the way that every packet takes, however it came. */
  *forward(cpu: Cpu, packet: NetPacket, from: BackendTx): Steps {
    const { costs, recorder, engine } = this.#world;
    const span = recorder.begin(K.stackBackend, cpu.track, packet.request);
    const dur = costs.stackBackendPerPacket + packet.device.length * costs.stackBackendPerSegment;
    if (!cpu.passes(ACTOR.backend, dur)) yield dur;
    if (this.#qdisc.length > 0 || !this.#txQueue.reserve(packet.device.length)) {
      this.#qdisc.push({ packet, from, sincePs: engine.now });
    } else {
      yield* this.#transmit(cpu, packet, from);
    }
    recorder.end(span, cpu.track, NONE, packet.bytes);
  }

  onWire({ packet, loop, faulted }: TxJob): void {
    if (loop === null) {
      this.#parts.onSent(packet);
      this.#parts.ledger.reached(packet);
    } else if (faulted) {
      const twin = loop.tag as NetPacket;
      twin.sender?.dropped(twin);
    }
  }

  lost(): void {
    // Nobody on the wire waits for it.
  }

  *#transmit(cpu: Cpu, packet: NetPacket, from: BackendTx): Steps {
    const { costs, recorder } = this.#world;
    const { request } = packet;
    const { identity } = this.#parts.dma;
    const segments =
      identity === undefined
        ? yield* this.#map(cpu, packet)
        : packet.device.map((extent) => mappingIn(identity, extent.mfn, extent, 'out'));
    if (!this.#world.soc.dmaCoherent)
      yield* cleanForDevice(this.#world, cpu, ACTOR.backend, packet);
    const dur = segments.length * costs.descriptorPost;
    recorder.leaf(K.devPost, cpu.track, dur, request, NONE, NONE, segments.length);
    if (!cpu.passes(ACTOR.backend, dur)) yield dur;
    const { bytes, loop } = packet;
    this.#txQueue.post({ segments, bytes, request, faulted: false, loop, packet, from });
    recorder.leaf(K.devDoorbell, cpu.track, costs.doorbell, request);
    if (!cpu.passes(ACTOR.backend, costs.doorbell)) yield costs.doorbell;
    this.#txQueue.doorbell();
  }

  *#map(cpu: Cpu, { device, request }: NetPacket): Steps<DmaMapping[]> {
    const segments: DmaMapping[] = [];
    for (const extent of device) {
      segments.push(yield* this.#parts.dma.map(cpu, ACTOR.backend, extent, 'out', request));
    }
    return segments;
  }

  *#interrupt(): Steps {
    const { costs, recorder } = this.#world;
    const { cpu } = this.#parts;
    recorder.leaf(K.hardirq, cpu.track, costs.hardirq);
    if (!cpu.passes(ACTOR.backend, costs.hardirq)) yield costs.hardirq;
    this.#signal.raise();
  }

  /** Frees what has been sent, sends what waited for room, and takes in what has come. */
  *#napi(ready: () => void): Steps {
    const { recorder } = this.#world;
    const { cpu, stats, receives } = this.#parts;
    if (receives) {
      yield* cpu.acquire();
      yield* this.#refill(cpu);
      yield* cpu.release();
    }
    ready();
    for (;;) {
      if (this.#signal.waits()) yield BLOCK;
      yield* cpu.acquire();
      for (;;) {
        const sent = this.#txQueue.takeCompleted(POLL_BUDGET);
        const filled = this.rxQueue.takeFilled(POLL_BUDGET);
        const count = sent.length + filled.length;
        if (count === 0) break;
        const span = recorder.begin(K.napiPoll, cpu.track, NONE);
        stats.cleans.add(count);
        yield* this.#cleanSent(cpu, sent);
        yield* this.#restartQdisc(cpu);
        for (const each of filled) yield* this.#receive(cpu, each);
        recorder.end(span, cpu.track, NONE, NONE, count);
        if (receives) yield* this.#refill(cpu);
        // `napi_complete` when there was less to do than it may do at a time.
        if (count < POLL_BUDGET) break;
        if (cpu.isWanted) yield* cpu.relax();
      }
      if (receives) yield* this.#refill(cpu);
      this.#vector.enable();
      yield* cpu.release();
    }
  }

  /** New buffers on the receive ring, as many as it has room and the backend memory for. */
  *#refill(cpu: Cpu): Steps {
    const { recorder, costs } = this.#world;
    if (this.rxQueue.room === 0) return;
    const span = recorder.begin(K.rxRefill, cpu.track, NONE);
    let posted = 0;
    while (this.rxQueue.room > 0) {
      const page = yield* this.#pool.take(cpu);
      if (page === null) break;
      this.rxQueue.post(page);
      posted++;
    }
    const dur = posted * costs.descriptorPost + (posted > 0 ? costs.doorbell : 0);
    if (!cpu.passes(ACTOR.backend, dur)) yield dur;
    recorder.end(span, cpu.track, NONE, NONE, posted);
  }

  /** `netif_receive_skb`: a packet from the card, through the bridge, to its guest's interface. */
  *#receive(cpu: Cpu, { buffers, tag, faulted, request }: Filled): Steps {
    const { recorder, costs } = this.#world;
    const packet = tag as NetPacket;
    const span = recorder.begin(K.netifReceive, cpu.track, request);
    if (!this.#world.soc.dmaCoherent)
      yield* invalidateArrived(this.#world, cpu, ACTOR.backend, buffers, packet);
    // Each frame but the first, where the driver puts them together.
    const frames = this.#world.scenario.net.lro ? 1 : buffers.length;
    yield cpu.charge(ACTOR.backend, costs.stackBackendReceive + (frames - 1) * costs.frameReceive);
    recorder.end(span, cpu.track, NONE, packet.bytes);
    packet.pages = buffers;
    packet.arrived = extentsOf(buffers, packet.bytes, this.rxQueue);
    packet.holder = this;
    if (!faulted && this.#parts.vifOf(packet).enqueue(packet)) return;
    this.#recycle(packet);
    packet.sender?.dropped(packet);
  }

  // A packet that has been delivered leaves its pages to the next.
  // eslint-disable-next-line require-yield
  *delivered(_cpu: Cpu, packet: NetPacket): Steps {
    this.#recycle(packet);
    this.#parts.ledger.freed(packet);
  }

  // eslint-disable-next-line require-yield
  *expired(_cpu: Cpu, packet: NetPacket): Steps {
    this.#recycle(packet);
    packet.sender?.dropped(packet);
  }

  *batchEnds(): Steps {
    // Nobody waits for an answer.
  }

  #recycle(packet: NetPacket): void {
    for (const page of packet.pages) this.#pool.give(page);
    packet.pages = [];
    // A ring that has run low would not be filled again by packets that find no buffer in it.
    if (this.rxQueue.posted < this.#world.scenario.device.ringEntries / 2) this.#signal.raise();
  }

  *#cleanSent(cpu: Cpu, done: readonly TxJob[]): Steps {
    const { costs } = this.#world;
    const { dma } = this.#parts;
    for (const { segments, packet, from } of done) {
      if (dma.identity === undefined) {
        for (const segment of segments) {
          yield* dma.unmap(cpu, ACTOR.backend, segment, packet.request);
        }
      }
      if (!cpu.passes(ACTOR.backend, costs.stackCompletion)) yield costs.stackCompletion;
      yield* from.sent(cpu, packet);
    }
    for (const { from } of done) if (from.owesAnswers) yield* from.answer(cpu);
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

/** Where `bytes` bytes lie in the buffers that they have arrived in. */
function extentsOf(buffers: readonly NicBuffer[], bytes: number, ring: NicRxQueue): Extent[] {
  const extents: Extent[] = [];
  let left = bytes;
  for (const { mapping } of buffers) {
    const { mfn } = mapping.extent;
    const room = ring.roomIn(mapping.extent.bytes);
    extents.push({ mfn, offset: 0, bytes: Math.min(left, room) });
    left -= room;
  }
  return extents;
}
