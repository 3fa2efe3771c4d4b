/**
 * gpu-gtt: a guest's driver changes entries of its graphics table, one update after another; each update
 * traps, and goes on when the emulator has shadowed it. A string write, or a page of buffered requests,
 * brings all entries of an update with one trap.
 */
import { exists } from '../../base/assert.ts';
import { K } from '../../contract/kinds.ts';
import { Gpu, type ShadowEntry } from '../../devices/gpu.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { BLOCK, Signal, type Steps } from '../../engine/engine.ts';
import type { RandomStream } from '../../engine/random.ts';
import { NONE } from '../../engine/recording.ts';
import { hypercall, trap } from '../../primitives/hypercall.ts';
import { gpuTrap } from './trap.ts';
import { queueBackendCpus, type Guest, type World } from '../../primitives/world.ts';
import type { GttMapper } from '../../strategies/types.ts';
import type { Request, Workload, WorkloadParts } from '../request.ts';

/** `arg` of a VMEXIT: see EXIT_REASONS. */
const EXIT = { gttWrite: 4, pageTableWrite: 5 } as const;
const ENTRY_BYTES = 8;
/** Pages that media workloads come back to. */
const HOT_PAGES = 64;

interface Update extends Request {
  /** Entry of the table, and the page that it is to lead to. */
  readonly entries: readonly { readonly index: number; readonly mfn: number }[];
}

export class GttUpdates implements Workload {
  readonly #world: World;
  readonly #parts: WorkloadParts;
  readonly #mapper: GttMapper;
  readonly #gpu: Gpu;
  readonly #frames: number;
  /** Each guest's shadow table. */
  readonly #tables: readonly ShadowEntry[][];
  #next = 1;
  readonly frontendBytesMax: number;

  constructor(parts: WorkloadParts, frames: number) {
    const { world, iommu } = parts;
    const { entries } = world.scenario.gpu;
    this.#world = world;
    this.#parts = parts;
    this.#frames = frames;
    this.#mapper = exists(parts.gtt, 'a graphics workload has a mapper');
    this.#gpu = new Gpu(world, iommu, this.#mapper.context);
    this.#tables = world.guests.map(() =>
      Array.from({ length: entries }, (): ShadowEntry => ({ dfn: -1, mfn: -1 })),
    );
    this.frontendBytesMax = entries * ENTRY_BYTES * world.guests.length;
  }

  start(): void {
    for (const guest of this.#world.guests) this.#world.engine.spawn(this.#driver(guest));
  }

  serverBusyPs(): Record<string, number> {
    return { GPU: this.#gpu.busyPs };
  }
  batches(): Record<string, ReadonlyMap<number, number>> {
    return {};
  }
  queueWaits(): Record<string, { readonly waitPs: number; readonly count: number }> {
    return {};
  }

  /** The guest's graphics driver: update after update. */
  *#driver(guest: Guest): Steps {
    const { scenario } = this.#world;
    const cpu = guest.cpus[0] as Cpu;
    const random = this.#world.random.stream(`graphics table of guest ${guest.index}`);
    yield* cpu.acquire();
    while (this.#next <= scenario.requests) {
      yield* this.#update(guest, cpu, random, this.#next++);
      if (cpu.isWanted) yield* cpu.relax();
    }
    yield* cpu.release();
  }

  *#update(guest: Guest, cpu: Cpu, random: RandomStream, id: number): Steps {
    const { recorder, costs, engine, oracle } = this.#world;
    const { events } = this.#parts;
    const update: Update = {
      id,
      bytes: this.#world.scenario.gpu.batch * ENTRY_BYTES,
      submittedPs: engine.now,
      entries: this.#choose(guest, random),
    };
    events.submitted(update);
    recorder.openRequest(id);
    const span = recorder.begin(K.gttUpdate, cpu.track, id);
    if (!cpu.passes(ACTOR.frontend, costs.stackFrontendDriver)) yield costs.stackFrontendDriver;
    for (const { mfn } of update.entries) {
      oracle.authorise(mfn);
      oracle.need(mfn, 4096);
    }
    if (gpuTrap(this.#world) === 'kernel') yield* this.#inKernel(guest, cpu, update);
    else yield* this.#byEmulator(guest, cpu, update);
    recorder.end(span, cpu.track, NONE, update.bytes, update.entries.length);
    this.#gpu.draw(this.#tables[guest.index] as readonly ShadowEntry[], id);
    events.completed(update);
    events.finished(update);
    events.retired(update);
  }

  /** Different entries, each with a page of the guest: new ones, or those that media comes back to. */
  #choose({ memory }: Guest, random: RandomStream): Update['entries'] {
    const { gpu } = this.#world.scenario;
    const chosen = new Map<number, number>();
    // Where all updates are hot there are no other entries to choose from.
    const choice = gpu.hotPercent === 100 ? Math.min(HOT_PAGES, gpu.entries) : gpu.entries;
    while (chosen.size < Math.min(gpu.batch, choice)) {
      const hot = random.below(100) < gpu.hotPercent;
      const index = random.below(hot ? Math.min(HOT_PAGES, gpu.entries) : gpu.entries);
      const page = random.below(hot ? HOT_PAGES : this.#frames);
      chosen.set(index, memory.first + page);
    }
    return [...chosen].map(([index, mfn]) => ({ index, mfn }));
  }

  /** KVMGT: the host's kernel handles the exit on the CPU that trapped. */
  *#inKernel(guest: Guest, cpu: Cpu, update: Update): Steps {
    const work = this.#shadow(guest, cpu, update, ACTOR.hypervisor);
    yield* trap(this.#world, cpu, K.vmexit, EXIT.gttWrite, update.id, work);
  }

  /** XenGT: an ioreq to the emulator, which is woken for it; the vCPU waits for its answer. */
  *#byEmulator(guest: Guest, cpu: Cpu, update: Update): Steps {
    const world = this.#world;
    const { recorder, engine, costs } = world;
    const reason = gpuTrap(world) === 'ioreq' ? EXIT.gttWrite : EXIT.pageTableWrite;
    const sent = (function* (): Steps {
      recorder.leaf(K.xenSend, cpu.hypervisorTrack, costs.sendWork, update.id);
      if (!cpu.passes(ACTOR.hypervisor, costs.sendWork)) yield costs.sendWork;
    })();
    yield* trap(world, cpu, K.vmexit, reason, update.id, sent);
    const answered = new Signal(engine);
    engine.spawn(this.#emulate(guest, update, answered));
    // The vCPU is blocked: nothing else runs there, and nothing is spent.
    const spans = recorder.suspend(cpu.track);
    if (answered.waits()) yield BLOCK;
    recorder.resume(cpu.track, spans);
    recorder.leaf(K.upcall, cpu.track, costs.upcall, update.id);
    if (!cpu.passes(ACTOR.frontend, costs.upcall)) yield costs.upcall;
  }

  *#emulate(guest: Guest, update: Update, answered: Signal): Steps {
    const world = this.#world;
    const { costs, recorder } = world;
    const { cpu } = queueBackendCpus(world, guest.index, 0, 1);
    if (cpu.idle) yield costs.notifyBackend;
    yield* cpu.acquire();
    const span = recorder.begin(K.ioreq, cpu.track, update.id);
    recorder.leaf(K.upcall, cpu.track, costs.upcall, update.id);
    yield cpu.charge(ACTOR.backend, costs.upcall + costs.contextSwitch);
    yield* this.#shadow(guest, cpu, update, ACTOR.backend);
    yield* hypercall(world, cpu, K.evtchnSend, 1, update.id, this.#answer(cpu));
    recorder.end(span, cpu.track, NONE, update.bytes, update.entries.length);
    answered.raise(costs.notifyFrontend);
    yield* cpu.release();
  }

  /** The emulator's event channel to the vCPU that waits. */
  *#answer(cpu: Cpu): Steps<number> {
    const { sendWork } = this.#world.costs;
    if (!cpu.passes(ACTOR.hypervisor, sendWork)) yield sendWork;
    return NONE;
  }

  /** Translates the new pages, writes the shadow entries, and lets the old pages go. */
  *#shadow(guest: Guest, cpu: Cpu, update: Update, actor: number): Steps {
    const { recorder, costs, scenario, frames } = this.#world;
    const { id } = update;
    // A page that the guest does not have any more fails to translate: the scratch page takes its place.
    const isThere = ({ mfn }: { readonly mfn: number }) =>
      frames.ownerOf(mfn) === guest.domain && !frames.isSurrendered(mfn);
    const entries = update.entries.filter(isThere);
    const lost = update.entries.filter((each) => !isThere(each));
    const table = this.#tables[guest.index] as ShadowEntry[];
    const track = actor === ACTOR.hypervisor ? cpu.hypervisorTrack : cpu.track;
    yield cpu.charge(actor, update.entries.length * costs.gttEmulate);
    for (const { index, mfn } of lost) {
      this.#world.oracle.reclaim(mfn, []);
      this.#world.oracle.needless(mfn, 4096);
      yield* this.#letGo(guest, cpu, [{ ...(table[index] as ShadowEntry) }], id);
      table[index] = { dfn: -1, mfn: -1 };
    }
    if (entries.length === 0) return;
    const mfns = entries.map((each) => each.mfn);
    const dfns = yield* this.#mapper.map(cpu, guest.index, mfns, id);
    const old = entries.map(({ index }) => ({ ...(table[index] as ShadowEntry) }));
    const upstream = scenario.gpu.order === 'upstream';
    if (upstream) yield* this.#letGo(guest, cpu, old, id);
    for (const [i, { index, mfn }] of entries.entries()) {
      recorder.leaf(K.gttWrite, track, costs.doorbell, id, mfn, ENTRY_BYTES, NONE, NONE, index);
      if (!cpu.passes(actor, costs.doorbell)) yield costs.doorbell;
      table[index] = { dfn: dfns[i] as number, mfn };
    }
    recorder.leaf(K.gpuInvalidate, track, costs.doorbell, id);
    if (!cpu.passes(actor, costs.doorbell)) yield costs.doorbell;
    if (!upstream) yield* this.#letGo(guest, cpu, old, id);
  }

  *#letGo(guest: Guest, cpu: Cpu, old: readonly ShadowEntry[], id: number): Steps {
    const { oracle } = this.#world;
    const known = old.filter((each) => each.mfn !== -1);
    if (known.length === 0) return;
    const dfns = known.map((each) => each.dfn);
    yield* this.#mapper.unmap(cpu, guest.index, dfns, id);
    for (const { mfn } of known) {
      oracle.needless(mfn, 4096);
      oracle.reclaim(mfn, []);
    }
  }
}
