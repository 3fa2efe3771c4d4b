/** Requests and packets of the network workloads, and what becomes of each. */
import type { Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Loop, NicBuffer } from '../../devices/nic-queue.ts';
import type { Direction, Transfer } from '../../strategies/types.ts';
import type { Extent } from '../../primitives/copies.ts';
import type { Request, WorkloadEvents } from '../request.ts';
import type { BackendTx } from './backend-tx.ts';
import type { PageBuffer } from './direct/pages.ts';
import type { Window } from './window.ts';

/** For what stays empty in most packets. */
const NOTHING: readonly never[] = [];

/** A request: what an application sends with one system call, or what arrives for it. */
export class NetRequest implements Request {
  readonly id: number;
  readonly bytes: number;
  readonly submittedPs: number;
  /** Whose window it takes a place in. */
  readonly window: Window;
  /** Packets that have not reached whom they are for. */
  unreached = 0;
  /** Packets and receive buffers whose memory the frontend has not got back. */
  unreclaimed = 0;
  /** Packets of which a backend still holds something. */
  unfreed = 0;
  completed = false;
  finished = false;
  /** Packets that have come up to its socket, until all have. */
  arrived: NetPacket[] = [];
  /** Some of it was dropped and will not be sent again. */
  lost = false;

  constructor(id: number, bytes: number, submittedPs: number, window: Window) {
    this.id = id;
    this.bytes = bytes;
    this.submittedPs = submittedPs;
    this.window = window;
  }
}

/** Who sent a packet to a guest, and learns when it is dropped on its way. */
export interface Sender {
  dropped(packet: NetPacket): void;
}

/** Who has the memory that an arrived packet lies in, until it is the guest's. */
export interface Holder {
  /** The packet has been delivered: the memory is free. */
  delivered(cpu: Cpu, packet: NetPacket): Steps;
  /** The packet has waited too long for the guest, and is dropped. */
  expired(cpu: Cpu, packet: NetPacket): Steps;
  /** A batch has been delivered. */
  batchEnds(cpu: Cpu): Steps;
}

/** A packet on its way across, with its way back to its request. */
export class NetPacket implements Transfer {
  readonly protocol = 'net';
  readonly request: number;
  readonly guest: number;
  readonly queue: number;
  readonly direction: Direction;
  readonly bytes: number;
  readonly owner: NetRequest;
  fragments: Extent[] = [];
  device: Extent[] = [];
  arrived: readonly Extent[] = NOTHING;
  dropped = false;
  /** A bare acknowledgement. */
  isAck = false;
  /** When it joined the queue that it waits in. */
  sincePs = 0;
  /** Packets to a guest: whence it came, and where it lies while it waits. */
  sender: Sender | null = null;
  holder: Holder | null = null;
  /** Where the card's own switch is to send it; null for the wire. */
  loop: Loop | null = null;
  /** Pages of the backend's NIC that it has arrived in. */
  pages: readonly NicBuffer[] = NOTHING;
  /** The same where a driver owns its device. */
  driverPages: readonly PageBuffer[] = NOTHING;
  /** A packet of another guest: the one that was sent, and where from. */
  crossing: { readonly sent: NetPacket; readonly from: BackendTx } | null = null;
  /** Receive buffers that it was delivered into, and how many of them the frontend has not taken. */
  buffers: RxBuffer[] = [];
  untaken = 0;
  /** How often it has been sent. */
  sends = 0;

  constructor(
    owner: NetRequest,
    guest: number,
    queue: number,
    direction: Direction,
    bytes: number,
  ) {
    this.owner = owner;
    this.request = owner.id;
    this.guest = guest;
    this.queue = queue;
    this.direction = direction;
    this.bytes = bytes;
  }
}

/** A buffer that the frontend has posted for a packet, or for a page of one. */
export class RxBuffer implements Transfer {
  readonly protocol = 'net';
  readonly direction = 'in';
  readonly guest: number;
  readonly queue: number;
  readonly fragments: readonly Extent[];
  device: Extent[] = [];
  arrived: readonly Extent[] = [];
  dropped = false;
  /** Nothing but room until a packet is put into it. */
  request = NONE;
  bytes: number;
  packet: NetPacket | null = null;

  constructor(guest: number, queue: number, room: Extent) {
    this.guest = guest;
    this.queue = queue;
    this.fragments = [room];
    this.bytes = room.bytes;
  }

  /** A packet, or a part of `bytes` bytes of one, is to lie here. */
  fill(packet: NetPacket, bytes: number): void {
    this.packet = packet;
    this.request = packet.request;
    this.bytes = bytes;
    packet.buffers.push(this);
    packet.untaken++;
    packet.owner.unreclaimed++;
  }
}

/**
 * Keeps account of requests. A request is completed when its sender's memory is free again (sent to
 * the wire) or when its payload has reached an application; it is finished when both is so, as far as
 * there is both; it is retired when no backend holds anything of it either.
 */
export class Ledger {
  readonly #events: WorkloadEvents;
  readonly #completesAt: 'reclaimed' | 'reached';

  constructor(events: WorkloadEvents, completesAt: 'reclaimed' | 'reached') {
    this.#events = events;
    this.#completesAt = completesAt;
  }

  /** A request begins. It has its place in its window already. */
  begin(request: NetRequest): void {
    this.#events.submitted(request);
  }

  /** A packet is with whom it is for. */
  reached({ owner }: NetPacket): void {
    owner.unreached--;
    this.#advance(owner);
  }

  /** The frontend has back the memory of a packet, or of a buffer that was filled. */
  reclaimed(owner: NetRequest): void {
    owner.unreclaimed--;
    this.#advance(owner);
  }

  /** The backend has nothing of a packet any more. */
  freed({ owner }: NetPacket): void {
    owner.unfreed--;
    this.#advance(owner);
  }

  /** A request that its sender has given up before it began. */
  forgo(request: NetRequest): void {
    request.lost = true;
    this.#events.submitted(request);
    this.#events.completed(request);
    this.#events.finished(request);
    this.#events.retired(request);
  }

  /** A packet is dropped for good. */
  lost({ owner }: NetPacket): void {
    owner.lost = true;
    owner.unreached--;
    this.#advance(owner);
  }

  #advance(request: NetRequest): void {
    const { unreached, unreclaimed, unfreed } = request;
    const completes = this.#completesAt === 'reclaimed' ? unreclaimed : unreached;
    if (!request.completed && completes === 0) {
      request.completed = true;
      this.#events.completed(request);
    }
    if (unreached > 0 || unreclaimed > 0) return;
    if (!request.finished) {
      request.finished = true;
      this.#events.finished(request);
      request.window.leave(request.lost);
    }
    if (unfreed === 0) this.#events.retired(request);
  }
}
