/**
 * The DMA API of a driver that owns a device: what it maps before the device may touch a buffer, and
 * when it takes that away again.
 *
 * `HostDma` is Linux's own over an IOMMU of the machine:
 *
 * passthrough  device frame = machine frame; through identity superpages where the hypervisor keeps
 *              them in the IOMMU, else untranslated
 * strict       each mapping gets an IOVA and entries; unmapping invalidates and waits
 * lazy         unmapping clears the entries and queues the IOVA; one invalidation of the whole domain
 *              follows when 255 have gathered on a CPU or 10 ms have passed
 */
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { Lock } from '../engine/lock.ts';
import { NONE } from '../engine/recording.ts';
import { FLUSH_QUEUE_TIMEOUT_PS, FLUSH_QUEUE_USABLE, IovaSpace } from '../memory/iova.ts';
import { PERMISSION } from '../memory/page-table.ts';
import { framesOf, type Extent } from './copies.ts';
import type { Iommu, IommuContext } from './iommu.ts';
import type { World } from './world.ts';

/** What the device is given for one extent. */
export interface DmaMapping {
  readonly context: IommuContext;
  /** First device frame. */
  readonly dfn: number;
  readonly extent: Extent;
  readonly direction: 'out' | 'in';
}

/** `dma_map` and `dma_unmap` of a driver. */
export interface DmaApi {
  readonly locks: readonly Lock[];
  /** Makes an extent reachable for the device: to read (`out`) or to write (`in`). */
  map(
    cpu: Cpu,
    actor: number,
    extent: Extent,
    direction: 'out' | 'in',
    request: number,
  ): Steps<DmaMapping>;
  /** Ends that. When it returns, the caller may give the memory to another use. */
  unmap(cpu: Cpu, actor: number, mapping: DmaMapping, request: number): Steps;
  /** Memory was added from frame `first` on: what is mapped at all times must grow by it. */
  extend?(cpu: Cpu, first: number, frames: number): Steps;
  check(): void;
}

/** 4 GiB: Linux takes IOVAs that fit into 32 bits first. */
const IOVA_TOP = 2 ** 20;

interface Deferred {
  readonly page: number;
  readonly pages: number;
}

export class HostDma implements DmaApi {
  readonly #world: World;
  readonly #iommu: Iommu;
  readonly #context: IommuContext;
  readonly #mode: 'passthrough' | 'lazy' | 'strict';
  readonly #iova: IovaSpace;
  readonly #queued = new Map<Cpu, Deferred[]>();
  #timerGeneration = 0;

  /** @param iovaTop page above the space that IOVAs are taken from, downwards */
  constructor(
    world: World,
    iommu: Iommu,
    mode: 'passthrough' | 'lazy' | 'strict' = world.hostDma,
    context: IommuContext = iommu.host,
    iovaTop: number = IOVA_TOP,
  ) {
    this.#iova = new IovaSpace(iovaTop);
    this.#world = world;
    this.#iommu = iommu;
    this.#mode = mode;
    this.#context = context;
  }

  get locks(): readonly Lock[] {
    return this.#iommu.locks;
  }

  *map(
    cpu: Cpu,
    actor: number,
    extent: Extent,
    direction: 'out' | 'in',
    request: number,
  ): Steps<DmaMapping> {
    const context = this.#context;
    if (this.#mode === 'passthrough') return { context, dfn: extent.mfn, extent, direction };
    const { costs, recorder } = this.#world;
    const pages = framesOf(extent);
    const { page, cached } = this.#iova.take(pages);
    const allocate = cached ? costs.iovaFast : costs.iovaSlow;
    recorder.leaf(K.iovaAlloc, cpu.track, allocate, request, NONE, NONE, pages, NONE, page);
    yield cpu.charge(actor, allocate);
    const permission = direction === 'out' ? PERMISSION.read : PERMISSION.write;
    yield* this.#iommu.mapPages(
      cpu,
      actor,
      cpu.track,
      context,
      page,
      extent.mfn,
      pages,
      permission,
      request,
    );
    return { context, dfn: page, extent, direction };
  }

  *unmap(cpu: Cpu, actor: number, mapping: DmaMapping, request: number): Steps {
    if (this.#mode === 'passthrough') return;
    const { context, dfn, extent } = mapping;
    const pages = framesOf(extent);
    yield* this.#iommu.unmapPages(cpu, actor, cpu.track, context, dfn, pages, request);
    if (this.#mode === 'lazy') {
      yield* this.#defer(cpu, actor, { page: dfn, pages });
      return;
    }
    yield* this.#iommu.invalidate(cpu, actor, cpu.track, context, dfn, pages, request);
    const { costs, recorder } = this.#world;
    recorder.leaf(K.iovaFree, cpu.track, costs.iovaFast, request, NONE, NONE, pages, NONE, dfn);
    yield cpu.charge(actor, costs.iovaFast);
    this.#iova.give(dfn, pages);
  }

  check(): void {
    // Tables and allocator check themselves with every operation.
  }

  *#defer(cpu: Cpu, actor: number, entry: Deferred): Steps {
    const first = this.#entries === 0;
    const own = this.#queued.get(cpu) ?? [];
    this.#queued.set(cpu, own);
    own.push(entry);
    this.#world.counters.set(COUNTERS.flushQueue, this.#entries);
    if (first) this.#world.engine.spawn(this.#timer(cpu, actor, ++this.#timerGeneration));
    if (own.length >= FLUSH_QUEUE_USABLE) yield* this.#flush(cpu, actor, [own]);
  }

  get #entries(): number {
    let sum = 0;
    for (const each of this.#queued.values()) sum += each.length;
    return sum;
  }

  *#timer(cpu: Cpu, actor: number, generation: number): Steps {
    yield FLUSH_QUEUE_TIMEOUT_PS;
    if (generation !== this.#timerGeneration || this.#entries === 0) return;
    cpu.interrupt(() => this.#timerInterrupt(cpu, actor));
  }

  *#timerInterrupt(cpu: Cpu, actor: number): Steps {
    const { costs, recorder } = this.#world;
    const event = recorder.begin(K.hardirq, cpu.track, NONE);
    yield cpu.charge(actor, costs.hardirq);
    yield* this.#flush(cpu, actor, [...this.#queued.values()]);
    recorder.end(event, cpu.track);
  }

  /** One invalidation of the whole domain; what was queued before it is then free. */
  *#flush(cpu: Cpu, actor: number, queues: readonly Deferred[][]): Steps {
    const entries = queues.flatMap((each) => each.splice(0));
    if (entries.length === 0) return;
    if (this.#entries === 0) this.#timerGeneration++;
    yield* this.#iommu.invalidate(cpu, actor, cpu.track, this.#context, -1, 0, NONE);
    for (const { page, pages } of entries) this.#iova.give(page, pages);
    this.#world.counters.set(COUNTERS.flushQueue, this.#entries);
  }
}
