/**
 * net-tx: an application in the guest sends; the payload leaves through the backend's NIC.
 *
 * Closed loop: the socket has room for so many requests; one makes room when its bytes are on the wire
 * *and* the frontend has its memory back (acknowledgements themselves cost nothing here). Open loop:
 * requests arrive at their own times and queue for the vCPU.
 */
import { PAGE_SIZE, PS_PER_S } from '../base/brand.ts';
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR } from '../engine/cpu.ts';
import { Signal, type Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { Channel } from '../primitives/channels.ts';
import type { Extent } from '../primitives/copies.ts';
import { queueCpu, type Guest, type World } from '../primitives/world.ts';
import type { Cpu } from '../engine/cpu.ts';
import { exists } from '../base/assert.ts';
import type { Carrier } from '../strategies/types.ts';
import { BufferArena } from './buffers.ts';
import { NetBackend } from './net-backend.ts';
import type { NetPacket, Request, Workload, WorkloadEvents, WorkloadParts } from './request.ts';
import { SharedRing } from './shared-ring.ts';
import { WaitTally } from './tally.ts';

/** An IP packet ends at 65535 bytes; this is the largest whole number of pages below. */
const PACKET_MAX_BYTES = 15 * PAGE_SIZE;
const RING_SLOTS = 256;
/** Fraction of what is outstanding that must be answered before the frontend wants to know. */
const NOTIFY_AFTER = { xen: 0.5, virtio: 0, argo: 0 } as const;

export class NetTx implements Workload {
  readonly #world: World;
  readonly #strategy: Carrier;
  readonly #cpu: Cpu;
  readonly #ringKind: 'xen' | 'virtio' | 'argo';
  readonly #events: WorkloadEvents;
  readonly #ring = new SharedRing<NetPacket>(RING_SLOTS);
  readonly #arena: BufferArena;
  readonly #backend: NetBackend;
  readonly #toBackend: Channel;
  readonly #toFrontend: Channel;
  readonly #windowOpen: Signal;
  readonly #queueOpen: Signal;
  readonly #ringWaits = new WaitTally();
  #inFlight = 0;
  #lentBytes = 0;
  frontendBytesMax = 0;

  /** @param frames of the guest that payloads may use */
  constructor({ world, strategy, carrier, dma, iommu, events }: WorkloadParts, frames: number) {
    const guest = world.guests[0] as Guest;
    const run = exists(carrier, 'a mediated workload has a carrier');
    this.#world = world;
    this.#cpu = queueCpu(guest, 0);
    this.#strategy = run;
    this.#ringKind = strategy.ring;
    this.#events = events;
    this.#arena = new BufferArena(guest.memory, frames, world.random.stream('placement'));
    this.#windowOpen = new Signal(world.engine);
    this.#queueOpen = new Signal(world.engine);
    this.#backend = new NetBackend(world, {
      ring: this.#ring,
      ringKind: strategy.ring,
      strategy: run,
      dma,
      iommu,
      toFrontend: () => this.#toFrontend,
      onWire: (packet) => this.#onWire(packet),
      onFreed: (packet) => this.#onFreed(packet),
    });
    this.#toBackend = new Channel(world, 1, this.#backend.pollCpu, ACTOR.backend, () => {
      this.#backend.notified();
      return undefined;
    });
    this.#toFrontend = new Channel(world, 2, this.#cpu, ACTOR.frontend, () => this.#freeOldXmit());
  }

  start(): void {
    this.#backend.start();
    this.#world.engine.spawn(this.#application());
  }

  serverBusyPs(): Record<string, number> {
    return { 'NIC DMA engine': this.#backend.nic.dmaBusyPs, link: this.#backend.nic.wireBusyPs };
  }

  batches(): Record<string, ReadonlyMap<number, number>> {
    const { polls, deallocs, cleans } = this.#backend;
    return {
      'packets per backend poll': polls.sizes,
      'slots per unmap': deallocs.sizes,
      'packets per NIC poll': cleans.sizes,
    };
  }

  queueWaits(): Record<string, { readonly waitPs: number; readonly count: number }> {
    return {
      'shared ring or table full': this.#ringWaits,
      'backend qdisc': this.#backend.qdiscWaits,
    };
  }

  *#application(): Steps {
    const { scenario, engine } = this.#world;
    const cpu = this.#cpu;
    const { arrival } = scenario;
    const arrivals = this.#world.random.stream('arrivals');
    const meanPs = PS_PER_S / arrival.perSecond;
    let dueAt = 0;
    yield* cpu.acquire();
    for (let id = 1; id <= scenario.requests; id++) {
      if (arrival.kind !== 'saturate') {
        dueAt += arrival.kind === 'fixed' ? Math.round(meanPs) : arrivals.exponential(meanPs);
        if (dueAt > engine.now) yield* this.#sleepUntil(dueAt);
      }
      if (this.#inFlight >= arrival.inFlight) yield* this.#sleep(this.#windowOpen);
      yield* this.#submit(id, arrival.kind === 'saturate' ? engine.now : dueAt);
      yield* cpu.relax();
    }
    yield* cpu.release();
  }

  *#sleep(signal: Signal): Steps {
    const { costs, recorder } = this.#world;
    const cpu = this.#cpu;
    yield* cpu.release();
    yield* signal.wait();
    yield* cpu.acquire();
    recorder.leaf(K.sched, cpu.track, costs.contextSwitch);
    yield cpu.charge(ACTOR.frontend, costs.contextSwitch);
  }

  *#sleepUntil(ps: number): Steps {
    const { engine } = this.#world;
    const cpu = this.#cpu;
    yield* cpu.release();
    yield ps - engine.now;
    yield* cpu.acquire();
  }

  /** System call, socket, segmentation, skb; then the driver for each packet. */
  *#submit(id: number, submittedPs: number): Steps {
    const { scenario, recorder, costs, cache } = this.#world;
    const cpu = this.#cpu;
    const bytes = scenario.payloadBytes;
    const request: Request = {
      id,
      bytes,
      submittedPs,
      packets: [],
      unreclaimed: 0,
      unsent: 0,
      unfreed: 0,
    };
    this.#inFlight++;
    this.#events.submitted(request);
    recorder.openRequest(id);
    const span = recorder.begin(K.stackFrontend, cpu.track, id);
    request.packets = this.#segment(request);
    request.unreclaimed = request.packets.length;
    request.unsent = request.packets.length;
    request.unfreed = request.packets.length;
    let fragments = 0;
    for (const packet of request.packets) {
      for (const extent of packet.fragments) {
        fragments++;
        // The socket has just copied the payload here, so that it is in the cache.
        for (let i = 0; i * PAGE_SIZE < extent.bytes; i++) cache.touch(extent.mfn + i, PAGE_SIZE);
      }
    }
    yield cpu.charge(
      ACTOR.frontend,
      costs.syscall +
        request.packets.length * costs.stackFrontendPerPacket +
        fragments * costs.stackFrontendPerSegment +
        Math.round(bytes * costs.stackFrontendPerByte),
    );
    recorder.end(span, cpu.track, NONE, bytes);
    for (const packet of request.packets) yield* this.#startXmit(packet);
  }

  #segment(request: Request): NetPacket[] {
    const packets: NetPacket[] = [];
    const fragmentMax = this.#world.scenario.frontend.fragmentBytes;
    for (let left = request.bytes; left > 0;) {
      const bytes =
        left > 65_535 || (packets.length > 0 && left > PACKET_MAX_BYTES) ? PACKET_MAX_BYTES : left;
      const fragments: Extent[] = [];
      for (let rest = bytes; rest > 0;) {
        const size = Math.min(rest, fragmentMax);
        const mfn = this.#arena.take(Math.ceil(size / PAGE_SIZE));
        fragments.push({ mfn, offset: 0, bytes: size });
        rest -= size;
      }
      packets.push({
        request: request.id,
        guest: 0,
        queue: 0,
        protocol: 'net',
        direction: 'out',
        arrived: [],
        bytes,
        fragments,
        device: [],
        dropped: false,
        owner: request,
      });
      left -= bytes;
    }
    this.#lentBytes += request.bytes;
    this.frontendBytesMax = Math.max(this.frontendBytesMax, this.#lentBytes);
    return packets;
  }

  /** The frontend driver: share, publish, notify. Waits while ring, table or pool is full. */
  *#startXmit(packet: NetPacket): Steps {
    const { recorder, costs, engine, counters } = this.#world;
    const cpu = this.#cpu;
    const slots = this.#strategy.slotsOf(packet);
    const since = engine.now;
    let waited = false;
    for (;;) {
      while (!this.#ring.hasRoom(slots)) {
        waited = true;
        yield* this.#sleep(this.#queueOpen);
      }
      const span = recorder.begin(K.startXmit, cpu.track, packet.request);
      yield cpu.charge(ACTOR.frontend, costs.stackFrontendDriver);
      const shared = yield* this.#strategy.share(cpu, packet);
      if (shared) {
        if (waited) this.#ringWaits.add(engine.now - since);
        const dur = slots * costs.ringEntry;
        recorder.leaf(
          K.ringPush,
          cpu.track,
          dur,
          packet.request,
          NONE,
          NONE,
          slots,
          NONE,
          this.#ring.produced,
        );
        yield cpu.charge(ACTOR.frontend, dur);
        const notify = this.#ring.push(packet, slots);
        counters.set(COUNTERS.ringSlots, this.#ring.slotsUsed);
        if (notify) yield* this.#toBackend.send(cpu, ACTOR.frontend);
      }
      recorder.end(span, cpu.track, NONE, packet.bytes, slots);
      if (shared) return;
      waited = true;
      yield* this.#sleep(this.#queueOpen);
    }
  }

  /** Interrupt of the frontend: takes responses and gets its memory back. */
  *#freeOldXmit(): Steps {
    const { recorder, costs, counters } = this.#world;
    const cpu = this.#cpu;
    const span = recorder.begin(K.freeOldXmit, cpu.track, NONE);
    let freed = 0;
    do {
      const packets = this.#ring.takeResponses();
      freed += packets.length;
      for (const packet of packets) {
        const slots = this.#strategy.slotsOf(packet);
        yield cpu.charge(ACTOR.frontend, slots * costs.ringEntry + costs.stackCompletion);
        yield* this.#strategy.reclaim(cpu, packet);
        this.#ring.free(slots);
        this.#giveBack(packet);
      }
      counters.set(COUNTERS.ringSlots, this.#ring.slotsUsed);
    } while (this.#ring.finalCheckResponses(NOTIFY_AFTER[this.#ringKind]));
    recorder.end(span, cpu.track, NONE, NONE, freed);
    if (this.#queueOpen.waiting) this.#queueOpen.raise();
  }

  #giveBack(packet: NetPacket): void {
    for (const { mfn, bytes } of packet.fragments) {
      this.#arena.give(mfn, Math.ceil(bytes / PAGE_SIZE));
    }
    this.#lentBytes -= packet.bytes;
    const request = packet.owner;
    if (--request.unreclaimed > 0) return;
    this.#events.completed(request);
    this.#considerFinished(request);
  }

  #onWire(packet: NetPacket): void {
    packet.owner.unsent--;
    this.#considerFinished(packet.owner);
  }

  #onFreed(packet: NetPacket): void {
    packet.owner.unfreed--;
    this.#considerRetired(packet.owner);
  }

  #considerRetired(request: Request): void {
    if (request.unsent + request.unreclaimed + request.unfreed === 0) this.#events.retired(request);
  }

  #considerFinished(request: Request): void {
    if (request.unsent > 0 || request.unreclaimed > 0) return;
    this.#inFlight--;
    this.#events.finished(request);
    this.#considerRetired(request);
    const { arrival } = this.#world.scenario;
    if (this.#inFlight < arrival.inFlight && this.#windowOpen.waiting) this.#windowOpen.raise();
  }
}
