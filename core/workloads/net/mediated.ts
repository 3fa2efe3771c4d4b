/**
 * The network workloads where a backend stands between guests and NIC: every guest has an interface of
 * `net.queues` queues; the queues are dealt to backends, and each has rings, channels and backend
 * threads of its own; all share one NIC.
 */
import { exists } from '../../base/assert.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { Nic } from '../../devices/nic.ts';
import { Channel } from '../../primitives/channels.ts';
import { queueBackendCpus, queueCpu, type Guest, type World } from '../../primitives/world.ts';
import { BufferArena } from '../buffers.ts';
import type { Workload, WorkloadParts } from '../request.ts';
import { SharedRing } from '../shared-ring.ts';
import { BackendTx } from './backend-tx.ts';
import { FrontendTx } from './frontend-tx.ts';
import { NicDriver } from './nic-driver.ts';
import { Arrivals, Offer } from './offer.ts';
import { Ledger, NetRequest, type NetPacket } from './packet.ts';
import { NetStats } from './stats.ts';
import { sleepOn, sleepUntil } from './threads.ts';
import { Window } from './window.ts';

const RING_SLOTS = 256;

export class MediatedNet implements Workload {
  readonly #world: World;
  readonly #parts: WorkloadParts;
  readonly #nic: Nic;
  readonly #stats = new NetStats();
  readonly #ledger: Ledger;
  readonly #offer: Offer;
  readonly #drivers = new Map<Cpu, NicDriver>();
  readonly #processes: Steps[] = [];
  #ports = 0;

  /** @param frames of each guest that payloads may use */
  constructor(parts: WorkloadParts, frames: number) {
    const { world, iommu, events } = parts;
    this.#world = world;
    this.#parts = parts;
    this.#nic = new Nic(world, iommu);
    this.#ledger = new Ledger(events, 'reclaimed');
    this.#offer = new Offer(world, world.scenario.requests);
    for (const guest of world.guests) {
      const placement = world.random.stream(`placement ${guest.index}`);
      const arena = new BufferArena(guest.memory, frames, placement);
      for (let queue = 0; queue < world.scenario.net.queues; queue++) {
        this.#connect(guest, queue, arena);
      }
    }
  }

  start(): void {
    for (const driver of this.#drivers.values()) driver.start();
    for (const process of this.#processes) this.#world.engine.spawn(process);
  }

  serverBusyPs(): Record<string, number> {
    return { 'NIC DMA engine': this.#nic.dmaBusyPs, link: this.#nic.wireBusyPs };
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

  /** Frontend and backend of one queue, with their ring and channels. */
  #connect(guest: Guest, queue: number, arena: BufferArena): void {
    const world = this.#world;
    const { strategy } = this.#parts;
    const carrier = exists(this.#parts.carrier, 'a mediated workload has a carrier');
    const { queues } = world.scenario.net;
    const cpu = queueCpu(guest, queue);
    const backend = queueBackendCpus(world, guest.index, queue, queues);
    const ring = new SharedRing<NetPacket>(RING_SLOTS);
    const shared = { carrier, ringKind: strategy.ring, ring, ledger: this.#ledger };
    const stats = this.#stats;
    const served: BackendTx = new BackendTx(world, {
      ...shared,
      cpu: backend.cpu,
      deallocCpu: backend.other,
      destination: this.#driverOn(backend.other),
      stats,
      toFrontend: () => toFrontend,
    });
    const toBackend = new Channel(world, ++this.#ports, backend.cpu, ACTOR.backend, () => {
      served.notified();
      return undefined;
    });
    const tx: FrontendTx = new FrontendTx(world, {
      ...shared,
      guest: guest.index,
      queue,
      cpu,
      arena,
      stats,
      toBackend,
    });
    const toFrontend: Channel = new Channel(world, ++this.#ports, cpu, ACTOR.frontend, () =>
      tx.clean(),
    );
    served.start();
    this.#processes.push(this.#sender(`${guest.index}.${queue}`, cpu, tx));
  }

  #driverOn(cpu: Cpu): NicDriver {
    const known = this.#drivers.get(cpu);
    if (known !== undefined) return known;
    const { dma } = this.#parts;
    const made = new NicDriver(this.#world, {
      nic: this.#nic,
      dma,
      cpu,
      ledger: this.#ledger,
      stats: this.#stats,
    });
    this.#drivers.set(cpu, made);
    return made;
  }

  /**
   * An application that sends. Closed loop: its socket has room for so many requests; one makes room
   * when its bytes are on the wire *and* the frontend has its memory back (acknowledgements themselves
   * cost nothing here). Open loop: requests arrive at their own times and queue for the vCPU.
   */
  *#sender(name: string, cpu: Cpu, tx: FrontendTx): Steps {
    const world = this.#world;
    const { scenario, engine } = world;
    const window = new Window(engine, scenario.arrival.inFlight);
    const arrivals = new Arrivals(world, name, world.guests.length * scenario.net.queues);
    yield* cpu.acquire();
    for (;;) {
      let due = engine.now;
      if (arrivals.isOpenLoop) {
        due = arrivals.next();
        if (due > engine.now) yield* sleepUntil(world, cpu, due);
      }
      if (window.isFull) yield* sleepOn(world, cpu, ACTOR.frontend, window.opened);
      const offered = this.#offer.take('out');
      if (offered === null) break;
      const since = arrivals.isOpenLoop ? due : engine.now;
      const request = new NetRequest(offered.id, offered.bytes, since, window);
      this.#ledger.begin(request);
      world.recorder.openRequest(request.id);
      yield* tx.send(request);
      yield* cpu.relax();
    }
    yield* cpu.release();
  }
}
