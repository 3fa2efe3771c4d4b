/**
 * The frontend's receive side of one queue: buffers posted for the backend, and a NAPI poll that
 * takes packets up to their socket.
 */
import { PAGE_SIZE } from '../../base/brand.ts';
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { BLOCK, Signal, type Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Channel } from '../../primitives/channels.ts';
import type { Extent } from '../../primitives/copies.ts';
import type { World } from '../../primitives/world.ts';
import type { Carrier, ReceiveWay } from '../../strategies/types.ts';
import type { BufferArena } from '../buffers.ts';
import type { SharedRing } from '../shared-ring.ts';
import { POLL_BUDGET } from './backend-tx.ts';
import type { Received } from './backend-rx.ts';
import type { FrontendTx } from './frontend-tx.ts';
import { RxBuffer, type Ledger, type NetPacket } from './packet.ts';
import { ReceiveSocket } from './receive-socket.ts';
import { giveFragments } from './segment.ts';
import type { NetStats } from './stats.ts';

/** virtio-net refills once so many of its ring's places are free: half of a poll. */
const VIRTIO_REFILL = POLL_BUDGET / 2;
/** Delay before a driver without any buffer tries to get some again (netfront: a tenth of a second). */
const REFILL_RETRY_PS = 100_000_000_000;

export interface FrontendRxParts {
  readonly carrier: Carrier;
  readonly ringKind: 'xen' | 'virtio' | 'argo';
  readonly way: ReceiveWay;
  readonly ring: SharedRing<Received>;
  readonly guest: number;
  readonly queue: number;
  readonly cpu: Cpu;
  readonly arena: BufferArena;
  /** Bytes of a buffer that is posted. */
  readonly bufferBytes: number;
  readonly ledger: Ledger;
  readonly stats: NetStats;
  readonly toBackend: Channel;
  /** The transmit side of the same queue pair, if there is one. */
  readonly tx: FrontendTx | null;
  /** Does the backend wait for room, where nothing is posted? */
  readonly backendStarves: () => boolean;
}

export class FrontendRx {
  readonly #world: World;
  readonly #parts: FrontendRxParts;
  readonly #event: Signal;
  readonly socket: ReceiveSocket;
  #retrying = false;

  constructor(world: World, parts: FrontendRxParts) {
    this.#world = world;
    this.#parts = parts;
    this.#event = new Signal(world.engine);
    const { cpu, arena } = parts;
    this.socket = new ReceiveSocket(world, cpu, arena, ({ arrived }) =>
      giveFragments(arena, arrived),
    );
  }

  /** @param ready called when packets can come */
  start(ready: () => void): void {
    this.#world.engine.spawn(this.#napi(ready));
  }

  /** The backend has notified. */
  notified(): void {
    this.#event.raise();
  }

  /** The driver starts: a ring full of buffers. Then NAPI, whenever there is an event. */
  *#napi(ready: () => void): Steps {
    const { cpu } = this.#parts;
    yield* cpu.acquire();
    yield* this.#refill();
    yield* cpu.release();
    ready();
    for (;;) {
      if (this.#event.waits()) yield BLOCK;
      yield* cpu.acquire();
      yield* this.#poll();
      yield* cpu.release();
    }
  }

  *#poll(): Steps {
    const { recorder } = this.#world;
    const { cpu, ring, stats, tx } = this.#parts;
    for (;;) {
      if (tx !== null) yield* tx.pass();
      const items = ring.takeResponses(POLL_BUDGET);
      if (items.length > 0) {
        const span = recorder.begin(K.frontendRx, cpu.track, NONE);
        stats.frontendPolls.add(items.length);
        for (const item of items) yield* this.#take(item);
        // A buffer that is refused says that the backend lacks handles or memory for more.
        if (items.some((each) => each instanceof RxBuffer && each.dropped && each.packet === null))
          this.#wait();
        else yield* this.#makeRoom();
        recorder.end(span, cpu.track, NONE, NONE, items.length);
        if (cpu.isWanted) yield* cpu.relax();
      }
      if (items.length < POLL_BUDGET && !ring.finalCheckResponses(0)) return;
    }
  }

  /** One filled buffer, or one packet: out of the strategy's hands; a whole packet up to its socket. */
  *#take(item: Received): Steps {
    const { costs } = this.#world;
    const { cpu, carrier, ring, ledger, stats, bufferBytes } = this.#parts;
    const slots = carrier.slotsOf(item);
    if (slots > 0) yield cpu.charge(ACTOR.frontend, slots * costs.ringEntry);
    yield* carrier.reclaim(cpu, item);
    const packet = item instanceof RxBuffer ? item.packet : item;
    if (item instanceof RxBuffer) {
      ring.free(slots);
      stats.lend(-bufferBytes);
    }
    if (packet === null) {
      // A buffer that the backend has given back as it was.
      giveFragments(this.#parts.arena, item.fragments);
      return;
    }
    if (--packet.untaken === 0) {
      const raw = this.#world.scenario.net.traffic === 'raw';
      yield cpu.charge(ACTOR.frontend, raw ? costs.frameReceive : costs.stackFrontendReceive);
      packet.arrived = placesOf(packet);
      if (raw || packet.isAck) this.#endsHere(packet);
      else this.socket.enqueue(packet);
    }
    ledger.reclaimed(packet.owner);
  }

  /** No socket takes it: raw traffic, or an acknowledgement, which tells of its packet's request. */
  #endsHere(packet: NetPacket): void {
    const { arena, ledger } = this.#parts;
    giveFragments(arena, packet.arrived);
    ledger.reached(packet);
  }

  /** New buffers for the backend; or, where nothing is posted, word that there is room. */
  *#makeRoom(): Steps {
    const { way, ringKind, ring, carrier, toBackend, cpu, backendStarves } = this.#parts;
    if (way !== 'pushed') {
      const free = ring.slots - ring.slotsUsed;
      if (ringKind !== 'virtio' || free > VIRTIO_REFILL) yield* this.#refill();
    } else if (backendStarves()) {
      if (carrier.signalling === 'own') toBackend.deliver();
      else yield* toBackend.send(cpu, ACTOR.frontend);
    }
  }

  /** Fills the ring with buffers. */
  *#refill(): Steps {
    const { recorder, costs } = this.#world;
    const { way, ring, carrier, arena, guest, queue, bufferBytes, cpu, toBackend, stats } =
      this.#parts;
    if (way === 'pushed' || !ring.hasRoom(1)) return;
    const span = recorder.begin(K.rxRefill, cpu.track, NONE);
    let posted = 0;
    let notify = false;
    while (ring.hasRoom(1)) {
      const room = { mfn: arena.take(1), offset: 0, bytes: bufferBytes };
      const buffer = new RxBuffer(guest, queue, room);
      if (!cpu.passes(ACTOR.frontend, costs.pageAllocate)) yield costs.pageAllocate;
      if (!(yield* carrier.share(cpu, buffer))) {
        arena.give(room.mfn, 1);
        this.#retryLater();
        break;
      }
      posted++;
      stats.lend(bufferBytes);
      if (ring.push(buffer, carrier.slotsOf(buffer))) notify = true;
    }
    const dur = posted * costs.ringEntry;
    recorder.leaf(K.ringPush, cpu.track, dur, NONE, NONE, NONE, posted, NONE, ring.produced);
    if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
    if (notify) yield* toBackend.send(cpu, ACTOR.frontend);
    recorder.end(span, cpu.track, NONE, NONE, posted);
  }

  #retryLater(): void {
    if (this.#parts.ring.slotsUsed === 0) this.#wait();
  }

  #wait(): void {
    if (this.#retrying) return;
    this.#retrying = true;
    this.#world.engine.spawn(this.#retry());
  }

  *#retry(): Steps {
    yield REFILL_RETRY_PS;
    const { cpu } = this.#parts;
    yield* cpu.acquire();
    this.#retrying = false;
    yield* this.#refill();
    yield* cpu.release();
  }
}

/** Where a packet lies in the frontend's memory. */
function placesOf({ buffers, fragments }: NetPacket): readonly Extent[] {
  if (buffers.length === 0) return fragments;
  return buffers.map(({ fragments: [room], bytes }) => ({ mfn: room?.mfn ?? 0, offset: 0, bytes }));
}

/**
 * Bytes of a posted buffer. netfront: a page. virtio-net: what packets have needed on average, at
 * least an Ethernet frame, rounded up to a cache line (mergeable buffers); a page at most.
 */
export function bufferBytesOf(ringKind: 'xen' | 'virtio' | 'argo', typicalBytes: number): number {
  if (ringKind !== 'virtio') return PAGE_SIZE;
  const LINE = 64;
  const FRAME = 1536;
  const wanted = Math.ceil(typicalBytes / LINE) * LINE;
  return Math.max(FRAME, Math.min(PAGE_SIZE, wanted));
}
