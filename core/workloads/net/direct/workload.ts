/**
 * The network workloads of a driver that owns its device: topologies `assigned` (a function of the card
 * in each guest) and `native` (the host's own). No ring, no backend; what is left of sharing is how the
 * driver maps its buffers for the device.
 */
import { LabError } from '../../../contract/errors.ts';
import { Nic } from '../../../devices/nic.ts';
import { queueCpu, type World } from '../../../primitives/world.ts';
import { BufferArena } from '../../buffers.ts';
import type { Workload, WorkloadParts } from '../../request.ts';
import { answerWith, receiver, sender } from '../applications.ts';
import { Gate } from '../gate.ts';
import { Arrivals, Offer } from '../offer.ts';
import { Ledger, NetPacket, type Sender } from '../packet.ts';
import { Flow, Link } from '../peer.ts';
import { planOf, type Plan } from '../plan.ts';
import { NetStats } from '../stats.ts';
import { Window } from '../window.ts';
import { Port } from './port.ts';

export class DirectNet implements Workload {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #nic: Nic;
  readonly #link: Link;
  readonly #stats = new NetStats();
  readonly #ledger: Ledger;
  readonly #offer: Offer;
  readonly #switch: Sender = { dropped: (packet) => this.#lose(packet) };
  /** By guest, then queue. */
  readonly #ports: Port[][] = [];

  /** @param frames of each guest that payloads may use */
  constructor({ world, iommu, dma, events }: WorkloadParts, frames: number) {
    const { net, topology } = world.scenario;
    this.#world = world;
    this.#plan = planOf(world.scenario);
    if (net.destination === 'local' || (topology === 'native' && net.destination === 'vm')) {
      throw new LabError(
        'BAD_SCENARIO',
        `packets cannot go to ${net.destination} in the topology ${topology}`,
        'net.destination, topology',
        'send them to the wire, or in the topology assigned to another vm',
      );
    }
    this.#nic = new Nic(world, iommu);
    this.#link = new Link(world, this.#nic);
    this.#ledger = new Ledger(events, this.#plan.completesAt);
    this.#offer = new Offer(world, this.#plan.outgoing);
    for (const guest of world.guests) {
      const placement = world.random.stream(`placement ${guest.index}`);
      const arena = new BufferArena(world, guest, frames, placement);
      const own: Port[] = [];
      this.#ports.push(own);
      for (let queue = 0; queue < net.queues; queue++) {
        own.push(
          new Port(world, {
            guest: guest.index,
            queue,
            role: this.#plan.roleOf(guest.index),
            cpu: queueCpu(guest, queue),
            arena,
            nic: this.#nic,
            dma,
            ledger: this.#ledger,
            stats: this.#stats,
            vector: guest.index * net.queues + queue,
            route: (packet) => this.#route(packet),
          }),
        );
      }
    }
  }

  start(): void {
    const ports = this.#ports.flat();
    const gate = new Gate(() => {
      for (const port of ports) {
        this.#applications(port);
        if (port.role.served) this.#flow(port).start();
      }
    });
    for (const port of ports) port.start(gate.await());
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

  #applications({ guest, queue, role, cpu, tx, rx }: Port): void {
    const world = this.#world;
    const { engine, scenario } = world;
    const ledger = this.#ledger;
    if (role.sends) {
      const arrivals = this.#arrivals(`${guest}.${queue}`, 'out');
      const adapts = scenario.net.destination === 'vm' && !arrivals.isOpenLoop;
      const window = new Window(engine, scenario.arrival.inFlight, adapts);
      const parts = { cpu, socket: tx, offer: this.#offer, arrivals, window, ledger };
      engine.spawn(sender(world, parts));
    }
    if (rx !== null) {
      engine.spawn(receiver(cpu, rx.socket, role.answers ? answerWith(tx) : null, ledger));
    }
  }

  #flow({ guest, queue, rx, rxQueue }: Port): Flow {
    const { net } = this.#world.scenario;
    return new Flow(this.#world, {
      link: this.#link,
      offer: this.#offer,
      arrivals: this.#arrivals(`${guest}.${queue}`, 'in'),
      ledger: this.#ledger,
      stats: this.#stats,
      guest,
      queue,
      inlet: rxQueue,
      thinkPs: this.#plan.workload === 'net-rr' ? net.thinkNs * 1000 : 0,
      onLost: (owner) => rx?.socket.settle(owner),
    });
  }

  #arrivals(name: string, direction: 'out' | 'in'): Arrivals {
    return new Arrivals(this.#world, this.#offer, name, direction, this.#plan.loadedQueues);
  }

  /** To another guest, the card's own switch takes it. */
  #route(packet: NetPacket): void {
    if (this.#plan.destination === 'wire') return;
    const to = this.#plan.partnerOf(packet.guest);
    const twin = new NetPacket(packet.owner, to, packet.queue, 'in', packet.bytes);
    twin.sender = this.#switch;
    packet.owner.unfreed++;
    packet.loop = { queue: this.#portOf(twin).rxQueue, tag: twin };
  }

  /** A packet between guests found no buffer: it counts as lost. */
  #lose(packet: NetPacket): void {
    this.#stats.dropped++;
    this.#stats.lost++;
    packet.owner.window.shrink(packet.request);
    this.#ledger.lost(packet);
    this.#ledger.freed(packet);
    this.#portOf(packet).rx?.socket.settle(packet.owner);
  }

  #portOf({ guest, queue }: NetPacket): Port {
    return (this.#ports[guest] as Port[])[queue] as Port;
  }
}
