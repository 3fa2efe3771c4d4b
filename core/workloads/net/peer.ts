/**
 * Whoever sends to guests from the other end of the link. Closed loop: a sender like TCP for each
 * queue, with a window of `arrival.inFlight` requests that the receiver's applications open again. It
 * sends a lost packet again as soon as it learns of its loss from what comes after, or after a timeout,
 * and gives up after so many timeouts. Open loop: requests come at their own times,
 * and what is dropped is lost.
 */
import { Fifo } from '../../base/fifo.ts';
import { BLOCK, Signal, type Steps } from '../../engine/engine.ts';
import type { Nic } from '../../devices/nic.ts';
import type { NicRxQueue } from '../../devices/nic-queue.ts';
import type { World } from '../../primitives/world.ts';
import { type Arrivals, type Offer, type Offered } from './offer.ts';
import { NetPacket, NetRequest, type Ledger, type Sender } from './packet.ts';
import { packetSizes, receivedMax } from './segment.ts';
import type { NetStats } from './stats.ts';
import { Window } from './window.ts';

/**
 * TCP: tail loss probe (its least timeout in the draft that RFC 8985 grew
 * from), least timeout and retries of Linux (TCP_RTO_MIN, tcp_retries2).
 */
const PROBE_PS = 10_000_000_000;
const TIMEOUT_PS = 200_000_000_000;
const RETRIES = 15;

/** The link towards us: one packet after the other, whoever it is for. */
export class Link {
  readonly #nic: Nic;
  readonly #waiting = new Fifo<{ inlet: NicRxQueue; from: Sender; begin: () => NetPacket[] }>();
  readonly #work: Signal;

  constructor(world: World, nic: Nic) {
    this.#nic = nic;
    this.#work = new Signal(world.engine);
    world.engine.spawn(this.#carry());
  }

  /**
   * Something to send to a queue.
   *
   * @param begin makes its packets, when it is their turn
   */
  send(inlet: NicRxQueue, from: Sender, begin: () => NetPacket[]): void {
    this.#waiting.push({ inlet, from, begin });
    this.#work.raise();
  }

  *#carry(): Steps {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        if (this.#work.waits()) yield BLOCK;
        continue;
      }
      const { inlet, from, begin } = next;
      for (const packet of begin()) {
        packet.sends++;
        yield* this.#nic.receive(packet.bytes, packet.request);
        if (!this.#nic.arrive(inlet, packet.bytes, packet.request, packet)) from.dropped(packet);
      }
    }
  }
}

export interface FlowParts {
  readonly link: Link;
  readonly offer: Offer;
  readonly arrivals: Arrivals;
  readonly ledger: Ledger;
  readonly stats: NetStats;
  readonly guest: number;
  readonly queue: number;
  /** Queue of the NIC that its packets are sorted into. */
  readonly inlet: NicRxQueue;
  /** From the end of a request to the beginning of the next in its place, picoseconds. */
  readonly thinkPs: number;
  /** A request has lost a part for good: what is here of it may be all there will be. */
  readonly onLost: (request: NetRequest) => void;
}

/** What is sent to one queue of one guest. */
export class Flow implements Sender {
  readonly #world: World;
  readonly #parts: FlowParts;
  readonly #window: Window;
  readonly #lost = new Fifo<NetPacket>();
  readonly #thinking = new Fifo<number>();
  readonly #thought: Signal;
  #timerGeneration = 0;
  #resigned = false;

  constructor(world: World, parts: FlowParts) {
    const { inFlight } = world.scenario.arrival;
    this.#world = world;
    this.#parts = parts;
    this.#window = new Window(world.engine, inFlight, !parts.arrivals.isOpenLoop, () =>
      this.#onArrived(),
    );
    this.#thought = new Signal(world.engine);
    parts.offer.join('in');
  }

  start(): void {
    const { engine } = this.#world;
    const { arrivals, thinkPs } = this.#parts;
    if (arrivals.isOpenLoop) engine.spawn(this.#openLoop());
    else if (thinkPs > 0) engine.spawn(this.#pace());
    if (!arrivals.isOpenLoop) this.#pump();
  }

  /** A request begins: its first bit is about to leave. */
  #begin({ id, bytes }: Offered, submittedPs: number): NetPacket[] {
    const { guest, queue, ledger } = this.#parts;
    const { scenario, recorder } = this.#world;
    const request = new NetRequest(id, bytes, submittedPs, this.#window);
    const packets = packetSizes(bytes, receivedMax(scenario)).map((size) => {
      const packet = new NetPacket(request, guest, queue, 'in', size);
      packet.sender = this;
      return packet;
    });
    request.unreached = packets.length;
    request.unfreed = packets.length;
    ledger.begin(request);
    recorder.openRequest(id);
    return packets;
  }

  dropped(packet: NetPacket): void {
    const { arrivals, stats, ledger, onLost } = this.#parts;
    stats.dropped++;
    if (packet.sends > RETRIES) this.#window.kill();
    if (arrivals.isOpenLoop || this.#window.isDead) {
      this.#resign();
      stats.lost++;
      ledger.lost(packet);
      ledger.freed(packet);
      onLost(packet.owner);
      return;
    }
    this.#window.shrink(packet.request);
    this.#lost.push(packet);
    if (this.#lost.length > 1) return;
    const delay = packet.sends === 1 ? PROBE_PS : TIMEOUT_PS;
    this.#world.engine.spawn(this.#timer(delay, ++this.#timerGeneration));
  }

  /** A connection that has been given up takes all with it that it still had to send. */
  #resign(): void {
    if (this.#resigned || !this.#window.isDead) return;
    this.#resigned = true;
    const { offer, ledger } = this.#parts;
    for (let packet = this.#lost.shift(); packet !== undefined; packet = this.#lost.shift()) {
      this.dropped(packet);
    }
    offer.resign('in', ({ id, bytes }) =>
      ledger.forgo(new NetRequest(id, bytes, this.#world.engine.now, this.#window)),
    );
  }

  /** Sends as much as both windows let it. */
  #pump(): void {
    const { offer, link, inlet } = this.#parts;
    const { engine } = this.#world;
    if (this.#window.isDead) return;
    while (!this.#window.isFull) {
      const offered = offer.take('in');
      if (offered === null) return;
      this.#window.enter(offered.id);
      link.send(inlet, this, () => this.#begin(offered, engine.now));
    }
  }

  /** A request has been received, and its place is free. */
  #onArrived(): void {
    const { arrivals, thinkPs } = this.#parts;
    if (arrivals.isOpenLoop) return;
    if (this.#window.isDead) {
      this.#resign();
      return;
    }
    this.#resend();
    if (thinkPs === 0) {
      this.#pump();
    } else {
      this.#thinking.push(this.#world.engine.now + thinkPs);
      this.#thought.raise();
    }
  }

  #resend(): void {
    const { link, inlet, stats } = this.#parts;
    this.#timerGeneration++;
    for (let packet = this.#lost.shift(); packet !== undefined; packet = this.#lost.shift()) {
      stats.resent++;
      const again = packet;
      link.send(inlet, this, () => [again]);
    }
  }

  /** Nothing came after the loss that would have told of it. */
  *#timer(delay: number, generation: number): Steps {
    yield delay;
    if (generation !== this.#timerGeneration) return;
    if (delay === TIMEOUT_PS) this.#window.collapse();
    this.#resend();
  }

  /** Each place is used again some time after it has become free. */
  *#pace(): Steps {
    const { engine } = this.#world;
    for (;;) {
      const due = this.#thinking.shift();
      if (due === undefined) {
        if (this.#thought.waits()) yield BLOCK;
        continue;
      }
      if (due > engine.now) yield due - engine.now;
      this.#pump();
    }
  }

  *#openLoop(): Steps {
    const { engine } = this.#world;
    const { offer, arrivals, link, inlet } = this.#parts;
    for (;;) {
      const due = arrivals.next();
      if (due > engine.now) yield due - engine.now;
      while (this.#window.isFull && !this.#window.isDead) yield* this.#window.opened.wait();
      if (this.#window.isDead) {
        this.#resign();
        return;
      }
      const offered = offer.take('in');
      if (offered === null) return;
      this.#window.enter(offered.id);
      link.send(inlet, this, () => this.#begin(offered, due));
    }
  }
}
