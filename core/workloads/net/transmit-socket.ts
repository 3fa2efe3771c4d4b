/**
 * The way of sent payload that every driver shares: system call, socket, segmentation, skb, and TCP's
 * small queues. What the driver does with a packet is its own.
 */
import { Fifo } from '../../base/fifo.ts';
import { PAGE_SIZE } from '../../base/brand.ts';
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { BLOCK, Signal, type Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import { cpuCopy } from '../../primitives/copies.ts';
import type { World } from '../../primitives/world.ts';
import type { BufferArena } from '../buffers.ts';
import type { SendSocket } from './applications.ts';
import { NetPacket, type NetRequest } from './packet.ts';
import { ACK_BYTES, giveFragments, packetSizes, sentMax, takeFragments } from './segment.ts';
import type { NetStats } from './stats.ts';

export interface TransmitParts {
  readonly guest: number;
  readonly queue: number;
  readonly cpu: Cpu;
  readonly arena: BufferArena;
  readonly stats: NetStats;
}

export abstract class TransmitSocket implements SendSocket {
  protected readonly world: World;
  readonly #parts: TransmitParts;
  /** What the socket may have below IP before it waits for some to come back, and what it has. */
  readonly #limitBytes: number;
  #belowBytes = 0;
  readonly #unsent = new Fifo<NetPacket>();
  readonly #room: Signal;
  #sending = false;

  constructor(world: World, parts: TransmitParts) {
    const { smallQueueKiB } = world.scenario.net;
    this.world = world;
    this.#parts = parts;
    this.#limitBytes = smallQueueKiB === 0 ? Infinity : smallQueueKiB * 1024;
    this.#room = new Signal(world.engine);
    if (smallQueueKiB > 0) world.engine.spawn(this.#tasklet());
  }

  /** The driver's transmit function; waits while it has no room. */
  protected abstract startXmit(packet: NetPacket): Steps;

  /** Cuts a request into packets, in memory taken for them. */
  segment(request: NetRequest): NetPacket[] {
    const { scenario } = this.world;
    const { guest, queue, arena, stats } = this.#parts;
    const packets: NetPacket[] = [];
    for (const bytes of packetSizes(request.bytes, sentMax(scenario))) {
      const packet = new NetPacket(request, guest, queue, 'out', bytes);
      packet.fragments = takeFragments(arena, scenario.frontend.fragmentBytes, bytes);
      packets.push(packet);
    }
    request.unreached += packets.length;
    request.unreclaimed += packets.length;
    request.unfreed += packets.length;
    stats.lend(request.bytes);
    return packets;
  }

  /** `tcp_sendmsg`: system call, socket, segmentation, skb; then the driver for each packet. */
  *send(request: NetRequest, packets: readonly NetPacket[]): Steps {
    const { recorder } = this.world;
    const { cpu } = this.#parts;
    const span = recorder.begin(K.stackFrontend, cpu.track, request.id);
    const dur = this.#sendPs(request, packets);
    if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
    recorder.end(span, cpu.track, NONE, request.bytes);
    for (const packet of packets) {
      if (!this.world.scenario.net.sg) yield* this.#linearise(packet);
      this.#unsent.push(packet);
      yield* this.#write();
    }
  }

  /** What a request's way down to the driver takes, picoseconds. */
  #sendPs(request: NetRequest, packets: readonly NetPacket[]): number {
    const { costs, cache, scenario } = this.world;
    let fragments = 0;
    for (const packet of packets) {
      fragments += packet.fragments.length;
      for (const extent of packet.fragments) {
        // The socket has just copied the payload here, so that it is in the cache.
        for (let i = 0; i * PAGE_SIZE < extent.bytes; i++) cache.touch(extent.mfn + i, PAGE_SIZE);
      }
    }
    if (scenario.net.traffic === 'raw') return packets.length * costs.pktgenPacket;
    return (
      costs.syscall +
      packets.length * costs.stackFrontendPerPacket +
      fragments * costs.stackFrontendPerSegment +
      Math.round(request.bytes * costs.stackFrontendPerByte)
    );
  }

  /** An acknowledgement of what has come for a request; to be sent with `sendAck`. */
  acknowledgement(owner: NetRequest): NetPacket {
    const { guest, queue, arena, stats } = this.#parts;
    const packet = new NetPacket(owner, guest, queue, 'out', ACK_BYTES);
    packet.isAck = true;
    packet.fragments = takeFragments(arena, PAGE_SIZE, ACK_BYTES);
    owner.unreached++;
    owner.unreclaimed++;
    owner.unfreed++;
    stats.lend(ACK_BYTES);
    return packet;
  }

  /** `tcp_send_ack`: no system call and no payload, otherwise the way of any packet. */
  *sendAck(packet: NetPacket): Steps {
    const { recorder, costs } = this.world;
    const { cpu } = this.#parts;
    const span = recorder.begin(K.stackFrontend, cpu.track, packet.request);
    const dur = costs.stackFrontendPerPacket + costs.stackFrontendPerSegment;
    if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
    recorder.end(span, cpu.track, NONE, packet.bytes);
    this.#unsent.push(packet);
    yield* this.#write();
  }

  /** `tcp_write_xmit`: to the driver, as far as small queues let it. One at a time has the socket. */
  *#write(): Steps {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#belowBytes <= this.#limitBytes) {
      const packet = this.#unsent.shift();
      if (packet === undefined) break;
      this.#belowBytes += packet.bytes;
      yield* this.startXmit(packet);
    }
    this.#sending = false;
  }

  /** `tcp_tasklet_func`: some has come back, and more may follow. */
  *#tasklet(): Steps {
    const { cpu } = this.#parts;
    for (;;) {
      if (this.#room.waits()) yield BLOCK;
      yield* cpu.acquire();
      yield* this.#write();
      yield* cpu.release();
    }
  }

  /** `skb_linearize`: the payload into one page of the driver's own. */
  *#linearise(packet: NetPacket): Steps {
    const { cpu, arena } = this.#parts;
    const page = arena.take(1);
    const [extent] = packet.fragments;
    if (extent === undefined) return;
    yield* cpuCopy(this.world, cpu, ACTOR.frontend, extent, [page], packet.request);
    giveFragments(arena, packet.fragments);
    packet.fragments = [{ mfn: page, offset: 0, bytes: packet.bytes }];
  }

  /** The driver is done with a packet's memory. */
  protected giveBack(packet: NetPacket): void {
    const { arena, stats } = this.#parts;
    giveFragments(arena, packet.fragments);
    stats.lend(-packet.bytes);
    this.#belowBytes -= packet.bytes;
    if (this.#unsent.length > 0) this.#room.raise();
  }
}
