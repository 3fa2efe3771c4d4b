/**
 * The frontend's transmit side of one queue: socket and segmentation, then the driver (netfront's
 * start_xmit or virtio-net's) for each packet; and the interrupt that takes responses and gets memory
 * back.
 */
import { PAGE_SIZE } from '../../base/brand.ts';
import { K } from '../../contract/kinds.ts';
import { COUNTERS } from '../../engine/counters.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { Signal, type Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Channel } from '../../primitives/channels.ts';
import { cpuCopy } from '../../primitives/copies.ts';
import type { World } from '../../primitives/world.ts';
import type { Carrier } from '../../strategies/types.ts';
import type { BufferArena } from '../buffers.ts';
import type { SharedRing } from '../shared-ring.ts';
import { NetPacket, type Ledger, type NetRequest } from './packet.ts';
import { giveFragments, packetSizes, sentMax, takeFragments } from './segment.ts';
import type { NetStats } from './stats.ts';
import { sleepOn } from './threads.ts';

/** Fraction of what is outstanding that must be answered before the frontend wants to know. */
const NOTIFY_AFTER = { xen: 0.5, virtio: 0, argo: 0 } as const;

export interface FrontendTxParts {
  readonly carrier: Carrier;
  readonly ringKind: 'xen' | 'virtio' | 'argo';
  readonly ring: SharedRing<NetPacket>;
  readonly guest: number;
  readonly queue: number;
  readonly cpu: Cpu;
  readonly arena: BufferArena;
  readonly ledger: Ledger;
  readonly stats: NetStats;
  readonly toBackend: Channel;
}

export class FrontendTx {
  readonly #world: World;
  readonly #parts: FrontendTxParts;
  readonly #room: Signal;

  constructor(world: World, parts: FrontendTxParts) {
    this.#world = world;
    this.#parts = parts;
    this.#room = new Signal(world.engine);
  }

  /** Cuts a request into packets, in memory taken for them. */
  segment(request: NetRequest): NetPacket[] {
    const { scenario } = this.#world;
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
    const { recorder, costs, cache } = this.#world;
    const { cpu } = this.#parts;
    const span = recorder.begin(K.stackFrontend, cpu.track, request.id);
    let fragments = 0;
    for (const packet of packets) {
      fragments += packet.fragments.length;
      for (const extent of packet.fragments) {
        // The socket has just copied the payload here, so that it is in the cache.
        for (let i = 0; i * PAGE_SIZE < extent.bytes; i++) cache.touch(extent.mfn + i, PAGE_SIZE);
      }
    }
    yield cpu.charge(
      ACTOR.frontend,
      costs.syscall +
        packets.length * costs.stackFrontendPerPacket +
        fragments * costs.stackFrontendPerSegment +
        Math.round(request.bytes * costs.stackFrontendPerByte),
    );
    recorder.end(span, cpu.track, NONE, request.bytes);
    for (const packet of packets) {
      if (!this.#world.scenario.net.sg) yield* this.#linearise(packet);
      yield* this.#startXmit(packet);
    }
  }

  /** `skb_linearize`: the payload into one page of the driver's own. */
  *#linearise(packet: NetPacket): Steps {
    const { cpu, arena } = this.#parts;
    const page = arena.take(1);
    const [extent] = packet.fragments;
    if (extent === undefined) return;
    yield* cpuCopy(this.#world, cpu, ACTOR.frontend, extent, [page], packet.request);
    giveFragments(arena, packet.fragments);
    packet.fragments = [{ mfn: page, offset: 0, bytes: packet.bytes }];
  }

  /** The driver: share, publish, notify. Waits while ring, table or pool is full. */
  *#startXmit(packet: NetPacket): Steps {
    const { recorder, costs, engine, counters } = this.#world;
    const { cpu, carrier, ring, toBackend, stats } = this.#parts;
    const slots = carrier.slotsOf(packet);
    const since = engine.now;
    let waited = false;
    for (;;) {
      while (!ring.hasRoom(slots)) {
        waited = true;
        yield* sleepOn(this.#world, cpu, ACTOR.frontend, this.#room);
      }
      const span = recorder.begin(K.startXmit, cpu.track, packet.request);
      yield cpu.charge(ACTOR.frontend, costs.stackFrontendDriver);
      const shared = yield* carrier.share(cpu, packet);
      if (shared) {
        if (waited) stats.ringWaits.add(engine.now - since);
        const notify = yield* this.#publish(packet, slots);
        counters.add(COUNTERS.ringSlots, slots);
        if (carrier.signalling === 'own') toBackend.deliver();
        else if (notify) yield* toBackend.send(cpu, ACTOR.frontend);
      }
      recorder.end(span, cpu.track, NONE, packet.bytes, slots);
      if (shared) return;
      waited = true;
      yield* sleepOn(this.#world, cpu, ACTOR.frontend, this.#room);
    }
  }

  *#publish(packet: NetPacket, slots: number): Steps<boolean> {
    const { recorder, costs } = this.#world;
    const { cpu, ring, carrier } = this.#parts;
    // A message of the strategy's own has been published by `share`.
    if (carrier.signalling === 'ring') {
      const dur = slots * costs.ringEntry;
      const { request } = packet;
      recorder.leaf(K.ringPush, cpu.track, dur, request, NONE, NONE, slots, NONE, ring.produced);
      yield cpu.charge(ACTOR.frontend, dur);
    }
    return ring.push(packet, slots);
  }

  /** `free_old_xmit`, in the interrupt: takes responses and gets the frontend's memory back. */
  *clean(): Steps {
    const { recorder, costs, counters } = this.#world;
    const { cpu, ring, ringKind, carrier, arena, ledger, stats } = this.#parts;
    const span = recorder.begin(K.freeOldXmit, cpu.track, NONE);
    let freed = 0;
    do {
      const packets = ring.takeResponses();
      freed += packets.length;
      for (const packet of packets) {
        const slots = carrier.slotsOf(packet);
        yield cpu.charge(ACTOR.frontend, slots * costs.ringEntry + costs.stackCompletion);
        yield* carrier.reclaim(cpu, packet);
        ring.free(slots);
        counters.add(COUNTERS.ringSlots, -slots);
        giveFragments(arena, packet.fragments);
        stats.lend(-packet.bytes);
        ledger.reclaimed(packet.owner);
      }
    } while (ring.finalCheckResponses(NOTIFY_AFTER[ringKind]));
    recorder.end(span, cpu.track, NONE, NONE, freed);
    if (this.#room.waiting) this.#room.raise();
  }
}
