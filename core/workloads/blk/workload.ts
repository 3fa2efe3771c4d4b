/** The block workloads where a backend stands between guests and storage. */
import { exists } from '../../base/assert.ts';
import { K } from '../../contract/kinds.ts';
import { Disk, type DiskCommand } from '../../devices/disk.ts';
import { moveSegment } from '../../devices/dma.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import { Channel } from '../../primitives/channels.ts';
import { framesOf } from '../../primitives/copies.ts';
import { sleepUntil } from '../../primitives/sleep.ts';
import {
  queueBackendCpus,
  queueCpu,
  type Backend,
  type Guest,
  type World,
} from '../../primitives/world.ts';
import type { Carrier } from '../../strategies/types.ts';
import { BufferArena } from '../buffers.ts';
import type { Workload, WorkloadParts } from '../request.ts';
import { SharedRing } from '../shared-ring.ts';
import { Tally } from '../tally.ts';
import { BlkBackend } from './backend.ts';
import { BlkFrontend, type BlkTransfer } from './frontend.ts';
import { BlkArrivals, BlkOffer, ringSlots } from './requests.ts';

export class MediatedBlk implements Workload {
  readonly #world: World;
  readonly #parts: WorkloadParts;
  readonly #carrier: Carrier;
  readonly #disk: Disk;
  readonly #offer: BlkOffer;
  readonly #frontends: BlkFrontend[] = [];
  readonly #backends: BlkBackend[] = [];
  readonly #polls = new Tally();
  #lent = 0;
  /** Clones in retransmission queues. */
  #clones = 0;
  frontendBytesMax = 0;

  /** @param frames of each guest that payloads may use */
  constructor(parts: WorkloadParts, frames: number) {
    const { world, iommu } = parts;
    this.#world = world;
    this.#parts = parts;
    this.#carrier = exists(parts.carrier, 'a mediated workload has a carrier');
    this.#disk = new Disk(world, iommu, (command) => this.#lose(command));
    this.#offer = new BlkOffer(world);
    for (const guest of world.guests) {
      const stream = world.random.stream(`placement ${guest.index}`);
      const arena = new BufferArena(world, guest, frames, stream);
      for (let queue = 0; queue < world.scenario.blk.queues; queue++) {
        this.#connect(guest, queue, arena);
      }
    }
  }

  start(): void {
    for (const each of this.#backends) each.start();
    for (const each of this.#frontends) each.start();
  }

  serverBusyPs(): Record<string, number> {
    return { disk: this.#disk.busyPs, 'storage link': this.#disk.linkBusyPs };
  }
  batches(): Record<string, ReadonlyMap<number, number>> {
    return { 'requests per backend poll': this.#polls.sizes };
  }
  queueWaits(): Record<string, { readonly waitPs: number; readonly count: number }> {
    const waitPs = this.#frontends.reduce((sum, each) => sum + each.waits.waitPs, 0);
    const count = this.#frontends.reduce((sum, each) => sum + each.waits.count, 0);
    return { 'shared ring or table full': { waitPs, count } };
  }
  get dropped(): number {
    return this.#backends.reduce((sum, each) => sum + each.dropped, 0);
  }

  get isSettled(): boolean {
    return this.#clones === 0;
  }

  #connect(guest: Guest, queue: number, arena: BufferArena): void {
    const world = this.#world;
    const { strategy, dma, events } = this.#parts;
    const { queues } = world.scenario.blk;
    const { cpu: backendCpu } = queueBackendCpus(world, guest.index, queue, queues);
    const cpu = queueCpu(guest, queue);
    const ring = new SharedRing<BlkTransfer>(ringSlots(world, strategy.ring));
    const port = (guest.index * queues + queue) * 2;
    const backend: BlkBackend = new BlkBackend(world, {
      cpu: backendCpu,
      carrier: this.#carrier,
      ring,
      dma,
      disk: this.#disk,
      toFrontend: () => toFrontend,
      letGo: ({ lent }) => {
        lent.unretired--;
        frontend.retire(lent);
      },
      polls: this.#polls,
    });
    const toBackend = new Channel(world, port, backendCpu, ACTOR.backend, () => {
      backend.notified();
      return undefined;
    });
    const frontend: BlkFrontend = new BlkFrontend(world, {
      guest: guest.index,
      queue,
      cpu,
      carrier: this.#carrier,
      ringKind: strategy.ring,
      ring,
      arena,
      offer: this.#offer,
      arrivals: new BlkArrivals(world, `${guest.index}.${queue}`, queues * world.guests.length),
      events,
      toBackend,
      lendBytes: (delta) => {
        this.#lent += delta;
        this.frontendBytesMax = Math.max(this.frontendBytesMax, this.#lent);
      },
    });
    const toFrontend = new Channel(world, port + 1, cpu, ACTOR.frontend, () =>
      frontend.answered(backend.waitsForRoom),
    );
    this.#frontends.push(frontend);
    this.#backends.push(backend);
  }

  /**
   * An acknowledgement of network storage is lost: a clone of the segment stays queued, holding its
   * pages, and is sent again after the retransmission timeout, whatever has become of the request.
   */
  #lose(command: DiskCommand): void {
    const { pageRefs, frames } = this.#world;
    const mfns: number[] = [];
    for (const { extent } of command.segments) {
      for (let i = 0; i < framesOf(extent); i++) mfns.push(extent.mfn + i);
    }
    for (const mfn of mfns) {
      pageRefs.get(mfn);
      frames.get(mfn);
    }
    this.#clones++;
    this.#world.engine.spawn(this.#sendAgain(command, mfns));
  }

  *#sendAgain(command: DiskCommand, mfns: readonly number[]): Steps {
    const world = this.#world;
    const { pageRefs, frames, recorder, costs, scenario } = world;
    yield scenario.blk.rtoUs * 1_000_000;
    const cpu = (world.backends[0] as Backend).cpus[0] as Cpu;
    yield* cpu.acquire();
    const span = recorder.begin(K.retransmit, cpu.track, command.request);
    if (!cpu.passes(ACTOR.backend, costs.stackBackendPerPacket)) yield costs.stackBackendPerPacket;
    const { dma, iommu } = this.#parts;
    for (const { extent } of command.segments) {
      const again = yield* dma.map(cpu, ACTOR.backend, extent, 'out', command.request);
      if (!cpu.passes(ACTOR.backend, costs.descriptorPost)) yield costs.descriptorPost;
      const moving = moveSegment(world, iommu, again, command.request, extent.bytes);
      yield* sleepUntil(world, cpu, finishing(moving));
      yield* dma.unmap(cpu, ACTOR.backend, again, command.request);
    }
    recorder.end(span, cpu.track, NONE, command.bytes);
    yield* cpu.release();
    this.#clones--;
    for (const mfn of mfns) {
      pageRefs.put(mfn);
      frames.put(mfn);
    }
  }
}

/** Waits for something whose outcome does not matter. */
function* finishing(work: Steps<unknown>): Steps {
  yield* work;
}
