/**
 * The backend's receive side of one queue of a guest's interface: packets wait here for room in the
 * guest, and a thread delivers them in batches (netback's kthread, vhost's worker).
 *
 * posted  each packet takes buffers that the frontend has posted, one for each page
 * pushed  nothing is posted; the strategy says for how many packets its area has room
 */
import { Fifo } from '../../base/fifo.ts';
import { PAGE_SIZE } from '../../base/brand.ts';
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { BLOCK, Signal, type Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Channel } from '../../primitives/channels.ts';
import type { Extent } from '../../primitives/copies.ts';
import type { World } from '../../primitives/world.ts';
import type { Carrier } from '../../strategies/types.ts';
import type { BufferArena } from '../buffers.ts';
import type { SharedRing } from '../shared-ring.ts';
import { pushResponses, POLL_BUDGET } from './backend-tx.ts';
import { type NetPacket, type RxBuffer, type Holder } from './packet.ts';
import { takeFragments } from './segment.ts';
import type { NetStats } from './stats.ts';
import { wakeThread, Wakeup } from './threads.ts';

/** What waits for a guest at most: netback stops its queue at so many bytes, and 32 more packets wait. */
const NETBACK_QUEUE_BYTES = 128 * PAGE_SIZE;
const NETBACK_QUEUE_PACKETS = 32;
/** What waits in a tap device at most: its transmit queue length. */
const TAP_QUEUE_PACKETS = 500;

/**
 * After so long without room in the guest its packets are dropped (netback's `rx_drain_timeout_msecs`);
 * who sent them takes it for dead.
 */
const DRAIN_TIMEOUT_PS = 10_000_000_000_000;

/** What a frontend takes from its receive ring: a buffer that was filled, or a whole packet. */
export type Received = RxBuffer | NetPacket;

export interface BackendRxParts {
  readonly carrier: Carrier;
  readonly ringKind: 'xen' | 'virtio' | 'argo';
  readonly way: 'posted' | 'pushed';
  readonly ring: SharedRing<Received>;
  readonly cpu: Cpu;
  /** Memory of the frontend, where packets that are pushed will be taken out to. */
  readonly arena: BufferArena;
  readonly stats: NetStats;
  readonly toFrontend: () => Channel;
}

export class BackendRx {
  readonly #world: World;
  readonly #parts: BackendRxParts;
  readonly #signal: Signal;
  readonly #queue = new Fifo<NetPacket>();
  #queuedBytes = 0;
  #starved = false;
  #watching = false;
  /** There is room in the queue again; for a local sender. */
  readonly room: Wakeup;

  constructor(world: World, parts: BackendRxParts) {
    this.#world = world;
    this.#parts = parts;
    this.#signal = new Signal(world.engine);
    this.room = new Wakeup(world.engine);
  }

  start(): void {
    this.#world.engine.spawn(this.#thread());
  }

  /** The frontend has posted buffers, or has made room. */
  notified(): void {
    this.#signal.raise();
  }

  get isFull(): boolean {
    if (this.#parts.ringKind === 'virtio') return this.#queue.length >= TAP_QUEUE_PACKETS;
    return this.#queuedBytes >= NETBACK_QUEUE_BYTES && this.#queue.length >= NETBACK_QUEUE_PACKETS;
  }

  /** A packet for the guest, from the bridge. False when the queue is full, and it is dropped. */
  enqueue(packet: NetPacket): boolean {
    const { oracle, engine } = this.#world;
    if (this.isFull) {
      oracle.exhausted('backend', 'queue of the guest’s interface', packet.request);
      return false;
    }
    packet.sincePs = engine.now;
    this.#queue.push(packet);
    this.#queuedBytes += packet.bytes;
    this.#signal.raise();
    return true;
  }

  *#thread(): Steps {
    const { cpu } = this.#parts;
    for (;;) {
      if (this.#signal.waits()) yield BLOCK;
      if (this.#queue.length === 0) continue;
      yield* wakeThread(this.#world, cpu);
      yield* this.#drain();
      yield* cpu.release();
    }
  }

  *#drain(): Steps {
    const { recorder, oracle } = this.#world;
    const { cpu, ringKind, way } = this.#parts;
    const kind = ringKind === 'xen' ? K.backendRx : K.handleRx;
    while (this.#queue.length > 0) {
      yield* this.#dropExpired();
      const span = recorder.begin(kind, cpu.track, NONE);
      const batch = way === 'posted' ? yield* this.#fillPosted() : yield* this.#push();
      if (batch.length > 0) yield* this.#let(batch);
      recorder.end(span, cpu.track, NONE, NONE, batch.length);
      if (batch.length === 0) return;
      oracle.available('backend', 'queue of the guest’s interface');
      this.room.ring();
      if (cpu.isWanted) yield* cpu.relax();
    }
  }

  /** Takes posted buffers for as many packets as there are buffers for, and fills them. */
  *#fillPosted(): Steps<NetPacket[]> {
    const { recorder, costs } = this.#world;
    const { cpu, ring, carrier } = this.#parts;
    const batch: NetPacket[] = [];
    const filled: RxBuffer[] = [];
    while (batch.length < POLL_BUDGET && this.#queue.first !== undefined) {
      const buffers = this.#take(this.#queue.first);
      if (buffers === null) break;
      batch.push(this.#leave());
      filled.push(...buffers);
    }
    if (this.#queue.length > 0 && batch.length < POLL_BUDGET) this.#starve();
    if (filled.length === 0) return batch;
    const dur = filled.length * costs.ringEntry;
    recorder.leaf(K.ringPull, cpu.track, dur, NONE, NONE, NONE, filled.length, NONE, ring.consumed);
    if (!cpu.passes(ACTOR.backend, dur)) yield dur;
    yield* carrier.deliver(cpu, filled);
    // An error of the ring: the guest sees a buffer without its packet's bytes, and nothing comes again.
    for (const { dropped } of filled) if (dropped) this.#parts.stats.dropped++;
    yield* this.#respond(filled);
    return batch;
  }

  /** Buffers of the ring for a packet, filled with its parts; null when there are too few. */
  #take(packet: NetPacket): RxBuffer[] | null {
    const { ring } = this.#parts;
    const buffers: RxBuffer[] = [];
    const size = ring.firstPending?.bytes ?? 0;
    if (size === 0 || Math.ceil(packet.bytes / size) > ring.pending) return null;
    let done = 0;
    while (done < packet.bytes) {
      const buffer = ring.pull(1)[0] as RxBuffer;
      const bytes = Math.min(packet.bytes - done, buffer.bytes);
      buffer.fill(packet, bytes);
      buffer.arrived = slice(packet.arrived, done, bytes);
      buffers.push(buffer);
      done += bytes;
    }
    return buffers;
  }

  /** Packets into the strategy's area, as many as there is room for. */
  *#push(): Steps<NetPacket[]> {
    const { cpu, carrier, arena } = this.#parts;
    const tried = this.#queue.peek(POLL_BUDGET);
    for (const packet of tried) {
      if (packet.fragments.length > 0) continue;
      packet.fragments = takeFragments(arena, PAGE_SIZE, packet.bytes);
      packet.owner.unreclaimed++;
    }
    const room = yield* carrier.deliver(cpu, tried);
    const batch: NetPacket[] = [];
    for (let i = 0; i < room; i++) {
      const packet = this.#leave();
      packet.untaken = 1;
      batch.push(packet);
    }
    if (room < tried.length) this.#starve();
    if (batch.length > 0) yield* this.#respond(batch);
    return batch;
  }

  /** Has packets and no room for them: wants to know when there is some. */
  #starve(): void {
    this.#starved = true;
    this.#parts.ring.askForMore();
    if (this.#watching) return;
    this.#watching = true;
    this.#world.engine.spawn(this.#watch());
  }

  /** Looks after packets that wait, as long as there are any. */
  *#watch(): Steps {
    yield DRAIN_TIMEOUT_PS;
    this.#watching = false;
    if (this.#queue.length > 0) this.#signal.raise();
  }

  *#dropExpired(): Steps {
    const { engine, recorder } = this.#world;
    const { cpu, ringKind } = this.#parts;
    const since = engine.now - DRAIN_TIMEOUT_PS;
    if (this.#queue.first === undefined || this.#queue.first.sincePs > since) return;
    const span = recorder.begin(ringKind === 'xen' ? K.backendRx : K.handleRx, cpu.track, NONE);
    while (this.#queue.first !== undefined && this.#queue.first.sincePs <= since) {
      const packet = this.#leave();
      packet.owner.window.kill();
      const holder = packet.holder as Holder;
      yield* holder.expired(cpu, packet);
      yield* holder.batchEnds(cpu);
    }
    recorder.end(span, cpu.track);
    this.room.ring();
  }

  /** Does the backend wait for the frontend to make room? Once asked, it takes it as told. */
  takeStarved(): boolean {
    const starved = this.#starved;
    this.#starved = false;
    return starved;
  }

  #leave(): NetPacket {
    const packet = this.#queue.shift() as NetPacket;
    this.#queuedBytes -= packet.bytes;
    this.#parts.stats.vifWaits.add(this.#world.engine.now - packet.sincePs);
    return packet;
  }

  *#respond(items: readonly Received[]): Steps {
    const { cpu, carrier, ring, toFrontend } = this.#parts;
    yield* pushResponses(this.#world, cpu, carrier, items);
    const notify = ring.respond(items);
    if (carrier.signalling === 'own') toFrontend().deliver();
    else if (notify) yield* toFrontend().send(cpu, ACTOR.backend);
  }

  /** The packets are the guest's: whoever had their memory has it back. */
  *#let(batch: readonly NetPacket[]): Steps {
    const { cpu, stats } = this.#parts;
    stats.deliveries.add(batch.length);
    for (const packet of batch) yield* (packet.holder as Holder).delivered(cpu, packet);
    for (const packet of batch) yield* (packet.holder as Holder).batchEnds(cpu);
  }
}

/** Part of some extents: `bytes` bytes from the `from`-th on. */
function slice(extents: readonly Extent[], from: number, bytes: number): Extent[] {
  const parts: Extent[] = [];
  let skip = from;
  let left = bytes;
  for (const extent of extents) {
    if (left === 0) break;
    if (skip >= extent.bytes) {
      skip -= extent.bytes;
      continue;
    }
    const at = extent.offset + skip;
    const size = Math.min(left, extent.bytes - skip);
    parts.push({
      mfn: extent.mfn + Math.floor(at / PAGE_SIZE),
      offset: at % PAGE_SIZE,
      bytes: size,
    });
    left -= size;
    skip = 0;
  }
  return parts;
}
