/**
 * The network workloads where a backend stands between guests and NIC: every guest has an interface of
 * `net.queues` queues; the queues are dealt to backends, and each has rings, channels and backend
 * threads of its own; all share one NIC.
 */
import { assert, exists } from '../../base/assert.ts';
import type { Cpu } from '../../engine/cpu.ts';
import type { NicRxQueue } from '../../devices/nic-queue.ts';
import { Nic } from '../../devices/nic.ts';
import { backendFor, type World } from '../../primitives/world.ts';
import type { Carrier, ReceiveWay } from '../../strategies/types.ts';
import { BufferArena } from '../buffers.ts';
import type { Workload, WorkloadParts } from '../request.ts';
import type { BackendRx } from './backend-rx.ts';
import type { Destination } from './backend-tx.ts';
import {
  GuestBridge,
  LocalSender,
  LocalSocket,
  NicSwitch,
  type LocalParts,
} from './destinations.ts';
import { Interface, type Surroundings } from './interface.ts';
import { Gate } from './gate.ts';
import { NicDriver } from './nic-driver.ts';
import { Acknowledger } from './acknowledger.ts';
import { Arrivals, Offer } from './offer.ts';
import { Ledger, type NetPacket } from './packet.ts';
import { Flow, Link } from './peer.ts';
import { planOf, type Plan } from './plan.ts';
import { NetStats } from './stats.ts';
import { Window } from './window.ts';

export class MediatedNet implements Workload {
  readonly #world: World;
  readonly #parts: WorkloadParts;
  readonly #plan: Plan;
  readonly #nic: Nic;
  readonly #link: Link;
  readonly #stats = new NetStats();
  readonly #ledger: Ledger;
  readonly #offer: Offer;
  readonly #arenas: readonly BufferArena[];
  readonly #drivers = new Map<Cpu, NicDriver>();
  readonly #userPages = new Map<Cpu, number>();
  /** By guest, then queue. */
  readonly #interfaces: Interface[][] = [];
  /** By interface: who acknowledges what it sends. */
  readonly #acknowledgers = new Map<Interface, Acknowledger>();
  /** Who sends to guests, and sockets of the backend's own. */
  readonly #starters: { start(): void }[] = [];

  /** @param frames of each guest that payloads may use */
  constructor(parts: WorkloadParts, frames: number) {
    const { world, iommu, events } = parts;
    const { net } = world.scenario;
    this.#world = world;
    this.#parts = parts;
    this.#plan = planOf(world.scenario);
    this.#nic = new Nic(world, iommu);
    this.#link = new Link(world, this.#nic);
    this.#ledger = new Ledger(events, this.#plan.completesAt);
    this.#offer = new Offer(world, this.#plan.outgoing);
    this.#arenas = world.guests.map(
      (guest) =>
        new BufferArena(world, guest, frames, world.random.stream(`placement ${guest.index}`)),
    );
    for (const guest of world.guests) {
      const own: Interface[] = [];
      this.#interfaces.push(own);
      for (let queue = 0; queue < net.queues; queue++) own.push(this.#connect(guest.index, queue));
    }
    for (const each of this.#interfaces.flat()) {
      if (each.role.served) this.#serve(each);
      if (each.role.takesAcks) this.#acknowledge(each);
    }
  }

  start(): void {
    const gate = new Gate(() => {
      for (const each of this.#interfaces.flat()) each.startApplications();
      for (const each of this.#starters) each.start();
    });
    for (const driver of this.#drivers.values()) driver.start(gate.await());
    for (const each of this.#interfaces.flat()) each.start(gate);
    gate.close();
  }

  serverBusyPs(): Record<string, number> {
    return this.#nic.busyPs();
  }
  batches(): Record<string, ReadonlyMap<number, number>> {
    return this.#stats.batches();
  }
  queueWaits(): Record<string, { readonly waitPs: number; readonly count: number }> {
    return this.#stats.waits();
  }
  get dropped(): number {
    return this.#stats.dropped;
  }
  get frontendBytesMax(): number {
    return this.#stats.lentBytesMax;
  }

  /** Frontend and backend of one queue. */
  #connect(guest: number, queue: number): Interface {
    const world = this.#world;
    const { strategy, dma } = this.#parts;
    const role = this.#plan.roleOf(guest);
    const carrier: Carrier = exists(this.#parts.carrier, 'a mediated workload has a carrier');
    const surroundings: Surroundings = {
      carrier,
      ringKind: strategy.ring,
      way: strategy.receiveWay?.(world.scenario) ?? receiveWay(strategy.sequences.netIn),
      role,
      arena: this.#arenas[guest] as BufferArena,
      nic: this.#nic,
      dma,
      ledger: this.#ledger,
      stats: this.#stats,
      offer: this.#offer,
      arrivals: role.sends ? this.#arrivals(`${guest}.${queue}`, 'out') : null,
      destination: (deliveryCpu) => this.#destination(guest, queue, deliveryCpu),
    };
    return new Interface(world, guest, queue, surroundings);
  }

  #arrivals(name: string, direction: 'out' | 'in'): Arrivals {
    return new Arrivals(this.#world, this.#offer, name, direction, this.#plan.loadedQueues);
  }

  #destination(guest: number, queue: number, cpu: Cpu): Destination {
    const world = this.#world;
    const { destination } = this.#plan;
    const { netIn } = this.#parts.strategy.sequences;
    if (destination === 'wire') return this.#driverOn(cpu, queue);
    const to = this.#plan.partnerOf(guest);
    if (destination === 'vm') {
      const partner = () => this.#interface(to, queue);
      return netIn === 'direct'
        ? new NicSwitch(
            this.#local(to, queue),
            this.#driverOn(cpu, queue),
            to,
            () => exists(partner().direct, 'a receiver has a queue of the NIC').queue,
          )
        : new GuestBridge(world, this.#local(to, queue), to, () => partner().vif);
    }
    const socket = new LocalSocket(
      world,
      this.#local(guest, queue),
      cpu,
      this.#userPage(cpu, queue),
    );
    this.#starters.push(socket);
    return socket;
  }

  /** Buffer of the backend's applications on a CPU. */
  #userPage(cpu: Cpu, queue: number): number {
    const known = this.#userPages.get(cpu);
    if (known !== undefined) return known;
    const made = this.#world.frames.allocate(backendFor(this.#world, { queue }).domain);
    assert(made !== -1, 'a backend has a page for its applications');
    this.#userPages.set(cpu, made);
    return made;
  }

  #local(guest: number, queue: number): LocalParts {
    return {
      ledger: this.#ledger,
      stats: this.#stats,
      onLost: ({ owner }) => this.#interface(guest, queue).rx?.socket.settle(owner),
    };
  }

  /** Requests come to a guest: from the link, or from an application in the backend. */
  #serve(to: Interface): void {
    const world = this.#world;
    const { arrival, net } = world.scenario;
    const { guest, queue } = to;
    const arrivals = this.#arrivals(`${guest}.${queue}`, 'in');
    const shared = { offer: this.#offer, arrivals, guest, queue, ...this.#local(guest, queue) };
    if (this.#plan.destination === 'local') {
      const window = new Window(world.engine, arrival.inFlight, false);
      const cpu = to.otherCpu;
      this.#starters.push(new LocalSender(world, { ...shared, window, cpu, vif: to.vif }));
      return;
    }
    const flow = new Flow(world, {
      ...shared,
      link: this.#link,
      inlet: this.#inlet(to),
      thinkPs: this.#plan.workload === 'net-rr' ? net.thinkNs * 1000 : 0,
      onLost: (owner) => to.rx?.socket.settle(owner),
    });
    this.#starters.push(flow);
  }

  #acknowledge(from: Interface): void {
    const parts = { link: this.#link, ledger: this.#ledger, stats: this.#stats };
    this.#acknowledgers.set(
      from,
      new Acknowledger(this.#world, { ...parts, inlet: this.#inlet(from) }),
    );
  }

  #onSent(packet: NetPacket): void {
    if (packet.isAck) return;
    this.#acknowledgers.get(this.#interface(packet.guest, packet.queue))?.sent(packet);
  }

  #inlet(to: Interface): NicRxQueue {
    return to.direct?.queue ?? this.#driverOn(to.otherCpu, to.queue).rxQueue;
  }

  #interface(guest: number, queue: number): Interface {
    return (this.#interfaces[guest] as Interface[])[queue] as Interface;
  }

  /** The driver's pair of NIC queues on a CPU of the backend of a queue. */
  #driverOn(cpu: Cpu, queue: number): NicDriver {
    const known = this.#drivers.get(cpu);
    if (known !== undefined) return known;
    const { netIn } = this.#parts.strategy.sequences;
    const { receivesFromWire } = this.#plan;
    const made = new NicDriver(this.#world, {
      nic: this.#nic,
      dma: this.#parts.dma,
      backend: backendFor(this.#world, { queue }),
      cpu,
      receives: receivesFromWire && netIn !== 'direct',
      onSent: (packet) => this.#onSent(packet),
      vifOf: (packet): BackendRx => this.#interface(packet.guest, packet.queue).vif,
      ledger: this.#ledger,
      stats: this.#stats,
    });
    this.#drivers.set(cpu, made);
    return made;
  }
}

function receiveWay(way: ReceiveWay | { readonly refused: string }): ReceiveWay {
  // A strategy that cannot receive runs with net-tx alone, where nobody receives.
  return typeof way === 'string' ? way : 'posted';
}
