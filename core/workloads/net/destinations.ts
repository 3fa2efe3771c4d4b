/**
 * Where packets of a guest go that stay on this machine: to another guest through the bridge, or to a
 * socket of the backend's own. And whence packets come that were made here.
 */
import { exists } from '../../base/assert.ts';
import { Fifo } from '../../base/fifo.ts';
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { BLOCK, Signal, type Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { NicRxQueue } from '../../devices/nic-queue.ts';
import { copyDuration, cpuCopy, framesOf, bytesInFrame } from '../../primitives/copies.ts';
import type { World } from '../../primitives/world.ts';
import { LocalPages } from '../../strategies/support.ts';
import type { BackendRx } from './backend-rx.ts';
import type { BackendTx, Destination } from './backend-tx.ts';
import type { NicDriver } from './nic-driver.ts';
import type { Arrivals, Offer } from './offer.ts';
import { NetPacket, NetRequest, type Holder, type Ledger, type Sender } from './packet.ts';
import { packetSizes, receivedMax } from './segment.ts';
import type { NetStats } from './stats.ts';
import { sleepUntil, wakeThread } from './threads.ts';
import type { Window } from './window.ts';

/** What destinations on this machine need. */
export interface LocalParts {
  readonly ledger: Ledger;
  readonly stats: NetStats;
  /** A request has lost a part for good. */
  readonly onLost: (packet: NetPacket) => void;
}

/**
 * The bridge, to another guest. The packet stays where the strategy has made it ready (a local copy,
 * or the first guest's own page) until it has been delivered to the second.
 */
export class GuestBridge implements Destination, Holder, Sender {
  readonly #world: World;
  readonly #parts: LocalParts;
  readonly #to: number;
  readonly #vif: () => BackendRx;
  readonly #answering = new Set<BackendTx>();

  /** @param to the guest that packets go to, and its interface */
  constructor(world: World, parts: LocalParts, to: number, vif: () => BackendRx) {
    this.#world = world;
    this.#parts = parts;
    this.#to = to;
    this.#vif = vif;
  }

  lost(packet: NetPacket): void {
    this.#parts.onLost(packet);
  }

  *forward(cpu: Cpu, sent: NetPacket, from: BackendTx): Steps {
    const { costs, recorder } = this.#world;
    const span = recorder.begin(K.stackBackend, cpu.track, sent.request);
    yield cpu.charge(
      ACTOR.backend,
      costs.stackBackendPerPacket + sent.device.length * costs.stackBackendPerSegment,
    );
    recorder.end(span, cpu.track, NONE, sent.bytes);
    const packet = new NetPacket(sent.owner, this.#to, sent.queue, 'in', sent.bytes);
    packet.arrived = sent.device;
    packet.holder = this;
    packet.sender = this;
    packet.crossing = { sent, from };
    if (this.#vif().enqueue(packet)) return;
    this.dropped(packet);
    yield* this.delivered(cpu, packet);
    yield* this.batchEnds(cpu);
  }

  /** The sender's window shrinks as TCP's would; that it would send the packet again is left out. */
  dropped(packet: NetPacket): void {
    const { ledger, stats, onLost } = this.#parts;
    stats.dropped++;
    stats.lost++;
    packet.owner.window.shrink(packet.request);
    ledger.lost(packet);
    onLost(packet);
  }

  *delivered(cpu: Cpu, packet: NetPacket): Steps {
    const { sent, from } = exists(packet.crossing, 'a packet crosses the bridge once');
    packet.crossing = null;
    this.#answering.add(from);
    yield* from.sent(cpu, sent);
  }

  *expired(cpu: Cpu, packet: NetPacket): Steps {
    this.dropped(packet);
    yield* this.delivered(cpu, packet);
  }

  *batchEnds(cpu: Cpu): Steps {
    for (const from of this.#answering) {
      this.#answering.delete(from);
      yield* from.answer(cpu);
    }
  }
}

/** The NIC's own switch, to another guest that has a receive queue there. */
export class NicSwitch implements Destination, Sender {
  readonly #parts: LocalParts;
  readonly #driver: NicDriver;
  readonly #to: number;
  readonly #queue: () => NicRxQueue;

  constructor(parts: LocalParts, driver: NicDriver, to: number, queue: () => NicRxQueue) {
    this.#parts = parts;
    this.#driver = driver;
    this.#to = to;
    this.#queue = queue;
  }

  lost(packet: NetPacket): void {
    this.#parts.onLost(packet);
  }

  *forward(cpu: Cpu, packet: NetPacket, from: BackendTx): Steps {
    const twin = new NetPacket(packet.owner, this.#to, packet.queue, 'in', packet.bytes);
    twin.sender = this;
    packet.owner.unfreed++;
    packet.loop = { queue: this.#queue(), tag: twin };
    yield* this.#driver.forward(cpu, packet, from);
  }

  dropped(packet: NetPacket): void {
    const { ledger, stats, onLost } = this.#parts;
    stats.dropped++;
    stats.lost++;
    packet.owner.window.shrink(packet.request);
    ledger.lost(packet);
    ledger.freed(packet);
    onLost(packet);
  }
}

/**
 * A socket of the backend's own. Pages of the guest do not get that far: they are copied to local ones
 * first (`skb_orphan_frags`), and the guest has them back at once.
 */
export class LocalSocket implements Destination {
  readonly #world: World;
  readonly #parts: LocalParts;
  readonly #cpu: Cpu;
  readonly #local: LocalPages;
  readonly #received = new Fifo<{ packet: NetPacket; from: BackendTx; orphan: boolean }>();
  readonly #arrived: Signal;
  readonly #user: number;

  /**
   * @param cpu of the application that has the socket
   * @param user frame of its buffer
   */
  constructor(world: World, parts: LocalParts, cpu: Cpu, user: number) {
    this.#world = world;
    this.#parts = parts;
    this.#cpu = cpu;
    this.#user = user;
    this.#local = new LocalPages(world);
    this.#arrived = new Signal(world.engine);
  }

  start(): void {
    this.#world.engine.spawn(this.#application());
  }

  lost(packet: NetPacket): void {
    this.#parts.onLost(packet);
  }

  *forward(cpu: Cpu, packet: NetPacket, from: BackendTx): Steps {
    if (this.#world.scenario.net.traffic === 'raw') yield* this.#count(cpu, packet, from);
    else yield* this.#queue(cpu, packet, from);
  }

  /** Raw traffic ends at the first hook; the guest has its memory back at once. */
  *#count(cpu: Cpu, packet: NetPacket, from: BackendTx): Steps {
    const { costs, recorder } = this.#world;
    const span = recorder.begin(K.netifReceive, cpu.track, packet.request);
    if (!cpu.passes(ACTOR.backend, costs.frameReceive)) yield costs.frameReceive;
    recorder.end(span, cpu.track, NONE, packet.bytes);
    this.#parts.ledger.reached(packet);
    yield* from.sent(cpu, packet);
    yield* from.answer(cpu);
  }

  *#queue(cpu: Cpu, packet: NetPacket, from: BackendTx): Steps {
    const { costs, recorder, oracle } = this.#world;
    const { ledger, stats, onLost } = this.#parts;
    const span = recorder.begin(K.netifReceive, cpu.track, packet.request);
    if (!cpu.passes(ACTOR.backend, costs.stackBackendReceive)) yield costs.stackBackendReceive;
    const foreign = packet.device.filter(({ mfn }) => oracle.watches(mfn));
    let dropped = false;
    for (const extent of foreign) {
      const pages = yield* this.#local.take(cpu, packet, extent.bytes);
      if (pages === null) {
        dropped = true;
        break;
      }
      const targets = pages.map(({ mfn }) => mfn);
      yield* cpuCopy(this.#world, cpu, ACTOR.backend, extent, targets, packet.request);
    }
    recorder.end(span, cpu.track, NONE, packet.bytes);
    const orphan = foreign.length > 0;
    if (dropped) {
      stats.dropped++;
      stats.lost++;
      yield* this.#local.give(cpu, packet);
      packet.owner.window.shrink(packet.request);
      ledger.lost(packet);
      onLost(packet);
    } else {
      this.#received.push({ packet, from, orphan });
      this.#arrived.raise();
    }
    if (!orphan && !dropped) return;
    yield* from.sent(cpu, packet);
    yield* from.answer(cpu);
  }

  /** IP, TCP and socket, then the application's `recvmsg`. */
  *#application(): Steps {
    const world = this.#world;
    const { recorder, costs } = world;
    const cpu = this.#cpu;
    for (;;) {
      if (this.#arrived.waits()) yield BLOCK;
      if (this.#received.length === 0) continue;
      yield* wakeThread(world, cpu);
      for (;;) {
        const next = this.#received.shift();
        if (next === undefined) break;
        const { packet, from, orphan } = next;
        const span = recorder.begin(K.recvmsg, cpu.track, packet.request);
        let dur = costs.syscall + costs.stackFrontendReceive;
        for (const extent of packet.device) {
          for (let i = 0; i < framesOf(extent); i++) {
            const bytes = bytesInFrame(extent, i);
            dur += copyDuration(world, extent.mfn + i, this.#user, bytes, dur);
          }
        }
        if (!cpu.passes(ACTOR.backend, dur)) yield dur;
        recorder.end(span, cpu.track, NONE, packet.bytes);
        this.#parts.ledger.reached(packet);
        if (orphan) {
          yield* this.#give(cpu, packet);
        } else {
          const giving = recorder.begin(K.stackBackend, cpu.track, packet.request);
          yield* from.sent(cpu, packet);
          yield* from.answer(cpu);
          recorder.end(giving, cpu.track);
        }
        if (cpu.isWanted) yield* cpu.relax();
      }
      yield* cpu.release();
    }
  }

  *#give(cpu: Cpu, packet: NetPacket): Steps {
    const { recorder } = this.#world;
    const span = recorder.begin(K.stackBackend, cpu.track, packet.request);
    yield* this.#local.give(cpu, packet);
    recorder.end(span, cpu.track);
  }
}

export interface LocalSenderParts extends LocalParts {
  readonly offer: Offer;
  readonly arrivals: Arrivals;
  readonly window: Window;
  readonly guest: number;
  readonly queue: number;
  readonly cpu: Cpu;
  readonly vif: BackendRx;
}

/** An application in the backend that sends to a guest, and waits while the guest's interface is full. */
export class LocalSender implements Holder {
  readonly #world: World;
  readonly #parts: LocalSenderParts;
  readonly #local: LocalPages;

  constructor(world: World, parts: LocalSenderParts) {
    this.#world = world;
    this.#parts = parts;
    this.#local = new LocalPages(world);
    parts.offer.join('in');
  }

  start(): void {
    this.#world.engine.spawn(this.#application());
  }

  *#application(): Steps {
    const world = this.#world;
    const { engine } = world;
    const { cpu, arrivals, window, offer, ledger } = this.#parts;
    yield* cpu.acquire();
    for (;;) {
      let since = engine.now;
      if (arrivals.isOpenLoop) {
        since = arrivals.next();
        if (since > engine.now) yield* sleepUntil(world, cpu, since);
      }
      if (window.isFull) yield* window.opened.sleep(world, cpu, ACTOR.backend);
      if (window.isDead) {
        offer.resign('in', ({ id, bytes }) =>
          ledger.forgo(new NetRequest(id, bytes, engine.now, window)),
        );
        break;
      }
      const offered = offer.take('in');
      if (offered === null) break;
      window.enter(offered.id);
      const submitted = arrivals.isOpenLoop ? since : engine.now;
      yield* this.#send(new NetRequest(offered.id, offered.bytes, submitted, window));
      if (cpu.isWanted) yield* cpu.relax();
    }
    yield* cpu.release();
  }

  *#send(request: NetRequest): Steps {
    const { recorder, costs, scenario } = this.#world;
    const { cpu, guest, queue, ledger, vif } = this.#parts;
    const sizes = packetSizes(request.bytes, receivedMax(scenario));
    request.unreached = sizes.length;
    request.unfreed = sizes.length;
    ledger.begin(request);
    recorder.openRequest(request.id);
    const span = recorder.begin(K.stackFrontend, cpu.track, request.id);
    const sent =
      costs.syscall +
      sizes.length * costs.stackFrontendPerPacket +
      Math.round(request.bytes * costs.stackFrontendPerByte);
    const raw = scenario.net.traffic === 'raw';
    yield cpu.charge(ACTOR.backend, raw ? sizes.length * costs.pktgenPacket : sent);
    recorder.end(span, cpu.track, NONE, request.bytes);
    for (const bytes of sizes) {
      const packet = new NetPacket(request, guest, queue, 'in', bytes);
      packet.holder = this;
      while (vif.isFull) yield* vif.room.sleep(this.#world, cpu, ACTOR.backend);
      yield* this.#queue(packet);
    }
  }

  *#queue(packet: NetPacket): Steps {
    const { recorder, cache } = this.#world;
    const { cpu, ledger, vif } = this.#parts;
    const span = recorder.begin(K.stackBackend, cpu.track, packet.request);
    const pages = yield* this.#local.take(cpu, packet, packet.bytes);
    if (pages === null) {
      this.#lose(packet);
      ledger.freed(packet);
    } else {
      for (const { mfn, bytes } of pages) cache.touch(mfn, bytes);
      packet.arrived = pages;
      vif.enqueue(packet);
    }
    recorder.end(span, cpu.track);
  }

  *delivered(cpu: Cpu, packet: NetPacket): Steps {
    yield* this.#local.give(cpu, packet);
    this.#parts.ledger.freed(packet);
  }

  *expired(cpu: Cpu, packet: NetPacket): Steps {
    this.#lose(packet);
    yield* this.delivered(cpu, packet);
  }

  #lose(packet: NetPacket): void {
    const { ledger, stats, onLost } = this.#parts;
    stats.dropped++;
    stats.lost++;
    ledger.lost(packet);
    onLost(packet);
  }

  *batchEnds(): Steps {
    // Nobody waits for an answer.
  }
}
