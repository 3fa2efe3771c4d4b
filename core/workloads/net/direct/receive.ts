/** Receive side of a driver that owns its NIC queue: a ring full of mapped pages, and packets in them. */
import { K } from '../../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../../engine/cpu.ts';
import type { Steps } from '../../../engine/engine.ts';
import { NONE } from '../../../engine/recording.ts';
import type { Filled, NicRxQueue } from '../../../devices/nic-queue.ts';
import type { DmaApi } from '../../../primitives/dma-api.ts';
import type { World } from '../../../primitives/world.ts';
import type { BufferArena } from '../../buffers.ts';
import { invalidateArrived } from '../non-coherent.ts';
import type { Ledger, NetPacket } from '../packet.ts';
import { ReceiveSocket } from '../receive-socket.ts';
import type { NetStats } from '../stats.ts';
import { ReceivePages, type PageBuffer } from './pages.ts';

export interface DirectRxParts {
  readonly cpu: Cpu;
  readonly arena: BufferArena;
  readonly dma: DmaApi;
  readonly nicQueue: NicRxQueue<PageBuffer>;
  readonly ledger: Ledger;
  readonly stats: NetStats;
}

export class DirectRx {
  readonly #world: World;
  readonly #parts: DirectRxParts;
  readonly #pages: ReceivePages;
  readonly socket: ReceiveSocket;

  constructor(world: World, parts: DirectRxParts) {
    const { cpu, arena, dma } = parts;
    this.#world = world;
    this.#parts = parts;
    this.#pages = new ReceivePages(world, dma, arena);
    this.socket = new ReceiveSocket(world, cpu, arena, (packet) => this.#free(packet));
  }

  /** Fills the ring with new pages. */
  *refill(): Steps {
    const { recorder, costs } = this.#world;
    const { cpu, nicQueue, stats } = this.#parts;
    if (nicQueue.room === 0) return;
    const span = recorder.begin(K.rxRefill, cpu.track, NONE);
    let posted = 0;
    while (nicQueue.room > 0) {
      nicQueue.post(yield* this.#pages.take(cpu));
      stats.lend(this.#pages.bufferBytes);
      posted++;
    }
    yield cpu.charge(ACTOR.frontend, posted * costs.descriptorPost + costs.doorbell);
    recorder.end(span, cpu.track, NONE, NONE, posted);
  }

  /** A poll: packets go up to their sockets, pages back on the ring where they can be used again. */
  *take(batch: readonly Filled<PageBuffer>[]): Steps {
    const { recorder, costs } = this.#world;
    const { cpu, stats } = this.#parts;
    const span = recorder.begin(K.frontendRx, cpu.track, NONE);
    stats.frontendPolls.add(batch.length);
    let reused = 0;
    for (const filled of batch) reused += yield* this.#takeOne(filled);
    if (reused > 0) {
      yield cpu.charge(ACTOR.frontend, reused * costs.descriptorPost + costs.doorbell);
    }
    yield* this.refill();
    recorder.end(span, cpu.track, NONE, NONE, batch.length);
  }

  /** Returns how many buffers went back on the ring at once. */
  *#takeOne({ buffers, tag, faulted, bytes, request }: Filled<PageBuffer>): Steps<number> {
    const { costs } = this.#world;
    const { cpu, nicQueue, ledger, stats } = this.#parts;
    const packet = tag as NetPacket;
    if (faulted) {
      for (const buffer of buffers) nicQueue.post(this.#pages.again(buffer));
      packet.sender?.dropped(packet);
      return buffers.length;
    }
    if (!this.#world.soc.dmaCoherent)
      yield* invalidateArrived(this.#world, cpu, ACTOR.frontend, buffers, packet);
    let reused = 0;
    let left = bytes;
    packet.arrived = buffers.map(({ mapping }) => {
      const part = Math.min(left, mapping.extent.bytes);
      left -= part;
      return { ...mapping.extent, bytes: part };
    });
    for (const buffer of buffers) {
      const again = yield* this.#pages.passUp(cpu, buffer, request);
      if (again === null) {
        stats.lend(-this.#pages.bufferBytes);
        continue;
      }
      nicQueue.post(again);
      reused++;
    }
    if (!cpu.passes(ACTOR.frontend, costs.stackFrontendReceive)) yield costs.stackFrontendReceive;
    packet.driverPages = buffers;
    this.socket.enqueue(packet);
    ledger.freed(packet);
    return reused;
  }

  #free(packet: NetPacket): void {
    for (const buffer of packet.driverPages) this.#pages.free(buffer);
  }
}
