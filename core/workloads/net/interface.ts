/** One queue of a guest's network interface: both ends, their rings and channels, and who uses it. */
import { largestRequestOf } from '../../contract/scenario.ts';
import { exists } from '../../base/assert.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Nic } from '../../devices/nic.ts';
import { Channel } from '../../primitives/channels.ts';
import type { DmaApi } from '../../primitives/dma-api.ts';
import { queueBackendCpus, queueCpu, type Guest, type World } from '../../primitives/world.ts';
import type { Carrier, ReceiveWay } from '../../strategies/types.ts';
import type { BufferArena } from '../buffers.ts';
import { SharedRing } from '../shared-ring.ts';
import { acknowledgeWith, answerWith, receiver, sender } from './applications.ts';
import { BackendRx, type Received } from './backend-rx.ts';
import { BackendRxDirect } from './backend-rx-direct.ts';
import { BackendTx, type Destination } from './backend-tx.ts';
import { bufferBytesOf, FrontendRx } from './frontend-rx.ts';
import { FrontendTx } from './frontend-tx.ts';
import type { Gate } from './gate.ts';
import type { Arrivals, Offer } from './offer.ts';
import type { Ledger, NetPacket } from './packet.ts';
import type { Role } from './plan.ts';
import { receivedMax } from './segment.ts';
import type { NetStats } from './stats.ts';
import { Window } from './window.ts';

/** Slots of a netif ring, and descriptors of a virtqueue. */
export const RING_SLOTS = 256;
/** Four event channels or eventfds for each queue: one for each ring and end. */
const PORTS = 4;

export interface Surroundings {
  readonly carrier: Carrier;
  readonly ringKind: 'xen' | 'virtio' | 'argo';
  readonly way: ReceiveWay;
  readonly role: Role;
  readonly arena: BufferArena;
  readonly nic: Nic;
  readonly dma: DmaApi;
  readonly ledger: Ledger;
  readonly stats: NetStats;
  readonly offer: Offer;
  /** When the guest's own requests are due; null where it has none. */
  readonly arrivals: Arrivals | null;
  /** Where its packets go; `cpu` has the backend's NIC queue and second threads. */
  destination(cpu: Cpu): Destination;
}

export class Interface {
  readonly #world: World;
  readonly #in: Surroundings;
  readonly guest: number;
  readonly queue: number;
  readonly role: Role;
  /** The guest's CPU, the backend's for polling and delivering, and the backend's for the rest. */
  readonly #cpu: Cpu;
  readonly #pollCpu: Cpu;
  readonly otherCpu: Cpu;
  readonly tx: FrontendTx | null;
  readonly rx: FrontendRx | null;
  readonly direct: BackendRxDirect | null = null;
  readonly #vif: BackendRx | null = null;
  readonly #backendTx: BackendTx | null;

  constructor(world: World, guest: number, queue: number, surroundings: Surroundings) {
    const { role, way } = surroundings;
    const { queues } = world.scenario.net;
    const cpus = queueBackendCpus(world, guest, queue, queues);
    this.#world = world;
    this.#in = surroundings;
    this.guest = guest;
    this.queue = queue;
    this.role = role;
    this.#cpu = queueCpu(world.guests[guest] as Guest, queue);
    this.#pollCpu = cpus.cpu;
    this.otherCpu = cpus.other;
    const transmits = role.sends || role.answers || role.sendsAcks;
    const transmit = transmits ? this.#transmitSide() : null;
    this.tx = transmit?.tx ?? null;
    this.#backendTx = transmit?.backend ?? null;
    this.rx = null;
    if (!role.receives && !role.takesAcks) return;
    const ring = new SharedRing<Received>(RING_SLOTS);
    if (way === 'direct') this.direct = this.#directSide(ring);
    else this.#vif = this.#queueSide(ring, way);
    this.rx = this.#receiveSide(ring);
  }

  /** Where the backend queues packets for this guest. */
  get vif(): BackendRx {
    return exists(this.#vif, 'the guest receives from the backend');
  }

  /** Starts the drivers and threads. Applications follow when `gate` opens. */
  start(gate: Gate): void {
    this.#backendTx?.start();
    this.#vif?.start();
    this.direct?.start(gate.await());
    this.rx?.start(gate.await());
  }

  startApplications(): void {
    const { engine, scenario } = this.#world;
    const { offer, arrivals, ledger } = this.#in;
    const { tx, rx, role } = this;
    if (tx !== null && arrivals !== null) {
      const adapts = scenario.net.destination === 'vm' && !arrivals.isOpenLoop;
      const window = new Window(engine, scenario.arrival.inFlight, adapts);
      const parts = { cpu: this.#cpu, socket: tx, offer, arrivals, window, ledger };
      engine.spawn(sender(this.#world, parts));
    }
    if (rx === null || !role.receives) return;
    const { ackEvery } = scenario.net;
    const answers =
      tx === null
        ? null
        : role.answers
          ? answerWith(tx)
          : role.sendsAcks
            ? acknowledgeWith(tx, ackEvery)
            : null;
    engine.spawn(receiver(this.#cpu, rx.socket, answers, ledger));
  }

  /** Port of a channel: unique among all queues. */
  #port(which: number): number {
    const { queues } = this.#world.scenario.net;
    return (this.guest * queues + this.queue) * PORTS + which;
  }

  #transmitSide(): { readonly tx: FrontendTx; readonly backend: BackendTx } {
    const world = this.#world;
    const { guest, queue } = this;
    const { carrier, ringKind, arena, ledger, stats } = this.#in;
    const ring = new SharedRing<NetPacket>(RING_SLOTS);
    const shared = { carrier, ringKind, ring, ledger, stats };
    const backend: BackendTx = new BackendTx(world, {
      ...shared,
      cpu: this.#pollCpu,
      deallocCpu: this.otherCpu,
      destination: this.#in.destination(this.otherCpu),
      toFrontend: () => toFrontend,
    });
    const toBackend = this.#toBackend(1, () => backend.notified());
    const cpu = this.#cpu;
    const isPolled = this.role.receives || this.role.takesAcks;
    const tx = new FrontendTx(world, { ...shared, guest, queue, cpu, arena, toBackend, isPolled });
    const toFrontend = new Channel(world, this.#port(2), cpu, ACTOR.frontend, () => tx.clean());
    return { tx, backend };
  }

  #toBackend(which: number, reaction: () => void): Channel {
    return new Channel(this.#world, this.#port(which), this.#pollCpu, ACTOR.backend, () => {
      reaction();
      return undefined;
    });
  }

  #toReceiver(): Channel {
    return new Channel(this.#world, this.#port(4), this.#cpu, ACTOR.frontend, () => {
      this.rx?.notified();
      return undefined;
    });
  }

  #queueSide(ring: SharedRing<Received>, way: 'posted' | 'pushed'): BackendRx {
    const { carrier, ringKind, arena, stats } = this.#in;
    const toFrontend = this.#toReceiver();
    return new BackendRx(this.#world, {
      carrier,
      ringKind,
      way,
      ring,
      cpu: this.#pollCpu,
      arena,
      stats,
      toFrontend: () => toFrontend,
    });
  }

  #directSide(ring: SharedRing<Received>): BackendRxDirect {
    const { carrier, ringKind, nic, dma, ledger, stats } = this.#in;
    const toFrontend = this.#toReceiver();
    return new BackendRxDirect(this.#world, {
      carrier,
      ringKind,
      ring,
      nic,
      dma,
      cpu: this.#pollCpu,
      nicCpu: this.otherCpu,
      ledger,
      stats,
      toFrontend: () => toFrontend,
    });
  }

  #receiveSide(ring: SharedRing<Received>): FrontendRx {
    const { carrier, ringKind, way, arena, ledger, stats } = this.#in;
    const { scenario } = this.#world;
    const served = this.direct ?? this.#vif;
    const typical = Math.min(
      scenario.net.sizes === 'imix' ? 1 : largestRequestOf(scenario),
      receivedMax(scenario),
    );
    return new FrontendRx(this.#world, {
      carrier,
      ringKind,
      way,
      ring,
      guest: this.guest,
      queue: this.queue,
      cpu: this.#cpu,
      arena,
      bufferBytes: bufferBytesOf(ringKind, typical),
      ledger,
      stats,
      toBackend: this.#toBackend(3, () => served?.notified()),
      tx: this.tx,
      backendStarves: () => this.#vif?.takeStarved() ?? false,
    });
  }
}
