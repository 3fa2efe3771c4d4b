/** The block workloads of a driver that owns its disk: a guest's own NVMe device, or the host's. */
import { K } from '../../contract/kinds.ts';
import { Disk, type DiskCommand } from '../../devices/disk.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { Extent } from '../../primitives/copies.ts';
import type { DmaMapping } from '../../primitives/dma-api.ts';
import { queueCpu, type Guest, type World } from '../../primitives/world.ts';
import { framesWithBytes, need, needless } from '../../strategies/support.ts';
import { BufferArena } from '../buffers.ts';
import { sleepUntil, Wakeup } from '../net/threads.ts';
import type { Workload, WorkloadParts } from '../request.ts';
import {
  BlkArrivals,
  BlkOffer,
  givePayload,
  merged,
  takePayload,
  type BlkRequest,
} from './requests.ts';

export class DirectBlk implements Workload {
  readonly #world: World;
  readonly #parts: WorkloadParts;
  readonly #disk: Disk;
  readonly #offer: BlkOffer;
  readonly #frames: number;
  #lent = 0;
  dropped = 0;
  frontendBytesMax = 0;

  /** @param frames of each guest that payloads may use */
  constructor(parts: WorkloadParts, frames: number) {
    this.#world = parts.world;
    this.#parts = parts;
    this.#frames = frames;
    this.#disk = new Disk(parts.world, parts.iommu, null);
    this.#offer = new BlkOffer(parts.world);
  }

  start(): void {
    const { guests, scenario, random, engine } = this.#world;
    for (const guest of guests) {
      const stream = random.stream(`placement ${guest.index}`);
      const arena = new BufferArena(this.#world, guest, this.#frames, stream);
      for (let queue = 0; queue < scenario.blk.queues; queue++) {
        engine.spawn(this.#queue(guest, queue, arena));
      }
    }
  }

  serverBusyPs(): Record<string, number> {
    return { disk: this.#disk.busyPs, 'storage link': this.#disk.linkBusyPs };
  }
  batches(): Record<string, ReadonlyMap<number, number>> {
    return {};
  }
  queueWaits(): Record<string, { readonly waitPs: number; readonly count: number }> {
    return {};
  }

  *#queue(guest: Guest, queue: number, arena: BufferArena): Steps {
    const { scenario, engine, guests } = this.#world;
    const cpu = queueCpu(guest, queue);
    const share = scenario.blk.queues * guests.length;
    const arrivals = new BlkArrivals(this.#world, `${guest.index}.${queue}`, share);
    const open = new Wakeup(engine);
    const flight = { requests: 0 };
    yield* cpu.acquire();
    for (;;) {
      while (!arrivals.isOpenLoop && flight.requests >= scenario.blk.depth) {
        yield* open.sleep(this.#world, cpu, ACTOR.frontend);
      }
      const next = this.#offer.take();
      if (next === null) break;
      const due = Math.max(next.duePs, arrivals.isOpenLoop ? arrivals.next() : 0);
      if (due > engine.now) yield* sleepUntil(this.#world, cpu, due);
      const request: BlkRequest = { ...next.request, submittedPs: engine.now };
      flight.requests++;
      yield* this.#submit(cpu, arena, request, () => {
        flight.requests--;
        open.ring();
      });
      if (cpu.isWanted) yield* cpu.relax();
    }
    yield* cpu.release();
  }

  /** From the system call to the doorbell: each run of memory mapped for the device. */
  *#submit(cpu: Cpu, arena: BufferArena, request: BlkRequest, done: () => void): Steps {
    const { recorder, costs, oracle, cache } = this.#world;
    const { events, dma } = this.#parts;
    const { id, bytes, write, sector } = request;
    events.submitted(request);
    recorder.openRequest(id);
    const span = recorder.begin(K.blkSubmit, cpu.track, id);
    const payload = takePayload(this.#world, arena, bytes);
    this.#lent += bytes;
    this.frontendBytesMax = Math.max(this.frontendBytesMax, this.#lent);
    if (write) for (const each of payload) cache.touch(each.mfn, each.bytes);
    const runs = merged(payload);
    yield cpu.charge(
      ACTOR.frontend,
      costs.syscall + costs.blkFrontendSubmit + runs.length * costs.bioSegment,
    );
    need(this.#world, payload);
    for (const { mfn } of framesWithBytes(payload)) oracle.authorise(mfn);
    const segments = yield* dma.mapAll(cpu, ACTOR.frontend, runs, write ? 'out' : 'in', id);
    yield cpu.charge(ACTOR.frontend, costs.descriptorPost + costs.doorbell);
    recorder.end(span, cpu.track, NONE, bytes, runs.length);
    const command: DiskCommand = {
      segments,
      bytes,
      write,
      sector,
      request: id,
      faulted: false,
      done: () => {
        if (command.faulted) this.dropped++;
        this.#world.engine.spawn(this.#interrupt(cpu, arena, request, payload, segments, done));
      },
    };
    this.#disk.submit(command);
  }

  /** The device's interrupt: injected into a guest, taken by a host. */
  *#interrupt(
    cpu: Cpu,
    arena: BufferArena,
    request: BlkRequest,
    payload: readonly Extent[],
    segments: readonly DmaMapping[],
    done: () => void,
  ): Steps {
    const { costs, scenario } = this.#world;
    if (scenario.topology === 'assigned' && cpu.idle) yield costs.notifyFrontend;
    cpu.interrupt(() => this.#complete(cpu, arena, request, payload, segments, done));
  }

  *#complete(
    cpu: Cpu,
    arena: BufferArena,
    request: BlkRequest,
    payload: readonly Extent[],
    segments: readonly DmaMapping[],
    done: () => void,
  ): Steps {
    const { recorder, costs, oracle, scenario } = this.#world;
    const { events, dma } = this.#parts;
    const assigned = scenario.topology === 'assigned';
    const irq = assigned ? costs.upcall : costs.hardirq;
    recorder.leaf(assigned ? K.upcall : K.hardirq, cpu.track, irq, request.id);
    if (!cpu.passes(ACTOR.frontend, irq)) yield irq;
    const span = recorder.begin(K.blkComplete, cpu.track, request.id);
    needless(this.#world, payload);
    yield* dma.unmapAll(cpu, ACTOR.frontend, segments, request.id);
    for (const { mfn } of framesWithBytes(payload)) oracle.reclaim(mfn, []);
    yield cpu.charge(ACTOR.frontend, costs.bioComplete + costs.blkFrontendComplete);
    recorder.end(span, cpu.track, NONE, request.bytes);
    givePayload(arena, payload);
    this.#lent -= request.bytes;
    events.completed(request);
    events.finished(request);
    events.retired(request);
    done();
  }
}
