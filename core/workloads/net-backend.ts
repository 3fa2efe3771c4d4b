/**
 * The backend of a network: takes packets from the ring, has the strategy make them ready, sends them
 * through bridge and NIC, and answers when the strategy says so. netback (a NAPI poll and a dealloc
 * thread) or vhost-net (a worker thread), by the strategy's ring.
 */
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import { Signal, type Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { Nic, type NicJob } from '../devices/nic.ts';
import type { NicQueue } from '../devices/nic-queue.ts';
import type { Channel } from '../primitives/channels.ts';
import { cacheClean, framesOf } from '../primitives/copies.ts';
import { hypercall } from '../primitives/hypercall.ts';
import type { DmaApi, DmaMapping } from '../primitives/dma-api.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { Backend, World } from '../primitives/world.ts';
import type { Carrier } from '../strategies/types.ts';
import type { NetPacket } from './request.ts';
import type { SharedRing } from './shared-ring.ts';
import { Tally, WaitTally } from './tally.ts';

/** NAPI weight, and vhost-net's batch. */
const POLL_BUDGET = 64;
/** Slots that one run of the dealloc thread takes. */
const DEALLOC_BUDGET = 256;

export interface NetBackendParts {
  readonly ring: SharedRing<NetPacket>;
  readonly ringKind: 'xen' | 'virtio' | 'argo';
  readonly strategy: Carrier;
  readonly dma: DmaApi;
  readonly iommu: Iommu;
  /** Channel to the frontend; set once both ends exist. */
  readonly toFrontend: () => Channel;
  readonly onWire: (packet: NetPacket) => void;
  /** The backend has nothing of the packet any more. */
  readonly onFreed: (packet: NetPacket) => void;
}

export class NetBackend {
  readonly #world: World;
  readonly #parts: NetBackendParts;
  readonly nic: Nic;
  readonly #txQueue: NicQueue;
  readonly #pollCpu: Cpu;
  readonly #deallocCpu: Cpu;
  readonly #nicCpu: Cpu;
  readonly #pollSignal: Signal;
  readonly #deallocSignal: Signal;
  readonly #nicSignal: Signal;
  readonly #deallocQueue: NetPacket[] = [];
  readonly #qdisc: { packet: NetPacket; sincePs: number }[] = [];
  readonly #jobs = new Map<NicJob, NetPacket>();
  readonly polls = new Tally();
  readonly deallocs = new Tally();
  readonly cleans = new Tally();
  readonly qdiscWaits = new WaitTally();

  constructor(world: World, parts: NetBackendParts) {
    const { cpus } = world.backends[0] as Backend;
    this.#world = world;
    this.#parts = parts;
    this.#pollCpu = cpus[0] as Cpu;
    this.#deallocCpu = cpus[1 % cpus.length] as Cpu;
    this.#nicCpu = cpus[cpus.length - 1] as Cpu;
    this.#pollSignal = new Signal(world.engine);
    this.#deallocSignal = new Signal(world.engine);
    this.#nicSignal = new Signal(world.engine);
    this.nic = new Nic(world, parts.iommu);
    this.#txQueue = this.nic.queue({
      interrupt: () => this.#nicCpu.interrupt(() => this.#nicInterrupt()),
      onWire: (job) => parts.onWire(this.#jobs.get(job) as NetPacket),
    });
  }

  start(): void {
    const { engine } = this.#world;
    engine.spawn(this.#parts.ringKind === 'xen' ? this.#napi() : this.#worker());
    engine.spawn(this.#nicNapi());
    engine.spawn(this.#deallocThread());
  }

  get pollCpu(): Cpu {
    return this.#pollCpu;
  }

  /** The frontend has notified: schedules the poll or wakes the worker. */
  notified(): void {
    this.#pollSignal.raise();
  }

  /** netback: NAPI in interrupt context, no thread to wake. */
  *#napi(): Steps {
    for (;;) {
      yield* this.#pollSignal.wait();
      yield* this.#pollCpu.acquire();
      yield* this.#drain(K.backendPoll);
      yield* this.#pollCpu.release();
    }
  }

  /** vhost: a thread that sleeps when the ring is empty. */
  *#worker(): Steps {
    for (;;) {
      yield* this.#pollSignal.wait();
      yield* this.#wake(this.#pollCpu);
      yield* this.#drain(K.handleTx);
      yield* this.#pollCpu.release();
    }
  }

  /** A sleeping thread gets its CPU: out of idle, and a context switch. */
  *#wake(cpu: Cpu): Steps {
    const { costs, recorder } = this.#world;
    if (cpu.idle) yield costs.idleExit;
    yield* cpu.acquire();
    recorder.leaf(K.sched, cpu.track, costs.contextSwitch);
    yield cpu.charge(ACTOR.backend, costs.contextSwitch);
  }

  *#drain(kind: number): Steps {
    const { recorder } = this.#world;
    const { ring } = this.#parts;
    const cpu = this.#pollCpu;
    for (;;) {
      const span = recorder.begin(kind, cpu.track, NONE);
      const batch = ring.pull(POLL_BUDGET);
      if (batch.length > 0) yield* this.#take(cpu, batch);
      const again = batch.length === POLL_BUDGET || ring.finalCheckRequests();
      recorder.end(span, cpu.track, NONE, NONE, batch.length);
      if (!again) return;
      yield* cpu.relax();
    }
  }

  *#take(cpu: Cpu, batch: readonly NetPacket[]): Steps {
    const { costs, recorder } = this.#world;
    const { ring, strategy } = this.#parts;
    this.polls.add(batch.length);
    for (const packet of batch) {
      const slots = strategy.slotsOf(packet);
      const dur = slots * costs.ringEntry;
      recorder.leaf(
        K.ringPull,
        cpu.track,
        dur,
        packet.request,
        NONE,
        NONE,
        slots,
        NONE,
        ring.consumed,
      );
      yield cpu.charge(ACTOR.backend, dur);
    }
    yield* strategy.accept(cpu, batch);
    const answered = batch.filter((each) => strategy.respondAt(each) === 'accepted');
    if (answered.length > 0) yield* this.#respond(cpu, answered);
    for (const packet of batch) {
      if (packet.dropped) yield* this.#drop(cpu, packet);
      else yield* this.#forward(cpu, packet);
    }
  }

  /** skb, bridge, qdisc: the way that every packet takes, however it came. */
  *#forward(cpu: Cpu, packet: NetPacket): Steps {
    const { costs, recorder, engine } = this.#world;
    const span = recorder.begin(K.stackBackend, cpu.track, packet.request);
    yield cpu.charge(
      ACTOR.backend,
      costs.stackBackendPerPacket + packet.device.length * costs.stackBackendPerSegment,
    );
    if (this.#qdisc.length > 0 || !this.#txQueue.hasRoom(packet.device.length)) {
      this.#qdisc.push({ packet, sincePs: engine.now });
    } else {
      yield* this.#transmit(cpu, packet);
    }
    recorder.end(span, cpu.track, NONE, packet.bytes);
  }

  *#transmit(cpu: Cpu, packet: NetPacket): Steps {
    const { costs, recorder } = this.#world;
    const segments: DmaMapping[] = [];
    for (const extent of packet.device) {
      segments.push(yield* this.#parts.dma.map(cpu, ACTOR.backend, extent, 'out', packet.request));
    }
    if (!this.#world.soc.dmaCoherent) yield* this.#clean(cpu, packet);
    const job: NicJob = {
      segments,
      bytes: packet.bytes,
      request: packet.request,
      faulted: false,
    };
    const dur = segments.length * costs.descriptorPost;
    recorder.leaf(K.devPost, cpu.track, dur, packet.request, NONE, NONE, segments.length);
    yield cpu.charge(ACTOR.backend, dur);
    this.#jobs.set(job, packet);
    this.#txQueue.post(job);
    recorder.leaf(K.devDoorbell, cpu.track, costs.doorbell, packet.request);
    yield cpu.charge(ACTOR.backend, costs.doorbell);
    this.#txQueue.doorbell();
  }

  /** The device does not see the caches; under Xen a foreign page takes a hypercall to clean. */
  *#clean(cpu: Cpu, packet: NetPacket): Steps {
    const world = this.#world;
    const xen = world.hypervisor.notification === 'event-channel';
    for (const { mfn, offset, bytes } of packet.device) {
      for (let i = 0; i < framesOf({ mfn, offset, bytes }); i++) {
        const part = Math.min(4096, bytes - i * 4096);
        const clean = (track: number, actor: number) =>
          cacheClean(world, cpu, actor, track, mfn + i, part, packet.request);
        if (xen && world.oracle.watches(mfn + i)) {
          const work = clean(cpu.hypervisorTrack, ACTOR.hypervisor);
          yield* hypercall(world, cpu, K.cacheFlush, 1, packet.request, returningNone(work));
        } else {
          yield* clean(cpu.track, ACTOR.backend);
        }
      }
    }
  }

  /** A packet that could not be made ready: freed and answered, never sent. */
  *#drop(cpu: Cpu, packet: NetPacket): Steps {
    yield* this.#parts.strategy.transmitted(cpu, packet);
    this.#parts.onWire(packet);
    const at = this.#parts.strategy.respondAt(packet);
    if (at === 'released') {
      this.#queueDealloc(packet);
      return;
    }
    this.#parts.onFreed(packet);
    if (at === 'transmitted') yield* this.#respond(cpu, [packet]);
  }

  *#nicInterrupt(): Steps {
    const { costs, recorder } = this.#world;
    recorder.leaf(K.hardirq, this.#nicCpu.track, costs.hardirq);
    yield this.#nicCpu.charge(ACTOR.backend, costs.hardirq);
    this.#nicSignal.raise();
  }

  /** The NIC's own NAPI: frees what has been sent, and sends what waited for room. */
  *#nicNapi(): Steps {
    const { recorder } = this.#world;
    const cpu = this.#nicCpu;
    for (;;) {
      yield* this.#nicSignal.wait();
      yield* cpu.acquire();
      for (;;) {
        const done = this.#txQueue.takeCompleted(POLL_BUDGET);
        if (done.length === 0) break;
        const span = recorder.begin(K.napiPoll, cpu.track, NONE);
        this.cleans.add(done.length);
        yield* this.#clear(cpu, done);
        yield* this.#restartQdisc(cpu);
        recorder.end(span, cpu.track, NONE, NONE, done.length);
        yield* cpu.relax();
      }
      this.#txQueue.enableInterrupts();
      yield* cpu.release();
    }
  }

  *#clear(cpu: Cpu, done: readonly NicJob[]): Steps {
    const { costs } = this.#world;
    const { strategy, dma } = this.#parts;
    const answerable: NetPacket[] = [];
    for (const job of done) {
      const packet = this.#jobs.get(job) as NetPacket;
      this.#jobs.delete(job);
      for (const segment of job.segments)
        yield* dma.unmap(cpu, ACTOR.backend, segment, packet.request);
      yield cpu.charge(ACTOR.backend, costs.stackCompletion);
      yield* strategy.transmitted(cpu, packet);
      const at = strategy.respondAt(packet);
      if (at === 'transmitted') answerable.push(packet);
      if (at === 'released') this.#queueDealloc(packet);
      else this.#parts.onFreed(packet);
    }
    if (answerable.length > 0) yield* this.#respond(cpu, answerable);
  }

  *#restartQdisc(cpu: Cpu): Steps {
    for (;;) {
      const next = this.#qdisc[0];
      if (next === undefined || !this.#txQueue.hasRoom(next.packet.device.length)) return;
      this.#qdisc.shift();
      this.qdiscWaits.add(this.#world.engine.now - next.sincePs);
      yield* this.#transmit(cpu, next.packet);
    }
  }

  #queueDealloc(packet: NetPacket): void {
    this.#deallocQueue.push(packet);
    this.#deallocSignal.raise();
  }

  *#deallocThread(): Steps {
    const { recorder } = this.#world;
    const { strategy } = this.#parts;
    const cpu = this.#deallocCpu;
    for (;;) {
      yield* this.#deallocSignal.wait();
      yield* this.#wake(cpu);
      while (this.#deallocQueue.length > 0) {
        const span = recorder.begin(K.backendDealloc, cpu.track, NONE);
        const batch: NetPacket[] = [];
        let slots = 0;
        while (this.#deallocQueue.length > 0) {
          const next = strategy.slotsOf(this.#deallocQueue[0] as NetPacket);
          if (slots > 0 && slots + next > DEALLOC_BUDGET) break;
          slots += next;
          batch.push(this.#deallocQueue.shift() as NetPacket);
        }
        this.deallocs.add(slots);
        yield* strategy.release(cpu, batch);
        for (const packet of batch) this.#parts.onFreed(packet);
        yield* this.#respond(cpu, batch);
        recorder.end(span, cpu.track, NONE, NONE, slots);
        yield* cpu.relax();
      }
      yield* cpu.release();
    }
  }

  *#respond(cpu: Cpu, packets: readonly NetPacket[]): Steps {
    const { costs, recorder } = this.#world;
    const { ring, strategy, toFrontend } = this.#parts;
    let slots = 0;
    for (const packet of packets) slots += strategy.slotsOf(packet);
    const dur = slots * costs.ringEntry;
    recorder.leaf(K.ringPush, cpu.track, dur, NONE, NONE, NONE, slots);
    yield cpu.charge(ACTOR.backend, dur);
    if (ring.respond(packets)) yield* toFrontend().send(cpu, ACTOR.backend);
  }
}

function* returningNone(work: Steps): Steps<number> {
  yield* work;
  return NONE;
}
