/**
 * The DMA API of a guest that drives an assigned device behind a virtual IOMMU. Its maps and unmaps
 * reach the host's IOMMU by way of the VMM:
 *
 * virtio-iommu  a MAP request and a kick; the VMM pins the pages and maps them for the device; an
 *               UNMAP request undoes that
 * vtd-cm        an emulated VT-d with caching mode: the guest writes its own table and queues an
 *               invalidation, after a map too; the write to the tail register goes to the VMM, which
 *               walks the guest's table and does the same
 * nested        the hardware walks the guest's table through the host's; only invalidations are
 *               forwarded, one trap each
 *
 * Sources: virtio 1.x (device 23), QEMU's intel_iommu, Linux VFIO type 1 (65535 mappings at most).
 */
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { Lock } from '../engine/lock.ts';
import { NONE } from '../engine/recording.ts';
import { FLUSH_QUEUE_TIMEOUT_PS, FLUSH_QUEUE_USABLE, IovaSpace } from '../memory/iova.ts';
import { PERMISSION } from '../memory/page-table.ts';
import { framesOf, type Extent } from './copies.ts';
import type { DmaApi, DmaMapping } from './dma-api.ts';
import { trap } from './hypercall.ts';
import type { Iommu, IommuContext } from './iommu.ts';
import type { World } from './world.ts';

/** `arg` of a VMEXIT: see EXIT_REASONS. */
const EXIT = { requestQueueKick: 0, vtdRegister: 2, nestedInvalidation: 3 } as const;
/** `dma_entry_limit` of VFIO type 1. */
const ENTRY_LIMIT = 65_535;
const IOVA_TOP = 2 ** 20;

export type Flavour = 'virtio-iommu' | 'vtd-cm' | 'nested';

interface Queued {
  readonly page: number;
  readonly pages: number;
}

export class VfioDma implements DmaApi {
  readonly #world: World;
  readonly #iommu: Iommu;
  readonly #flavour: Flavour;
  readonly #deferred: boolean;
  readonly #iova: IovaSpace;
  readonly context: IommuContext;
  #queued: Queued[] = [];
  #timerGeneration = 0;
  /** Mappings that the VMM holds for the device. */
  #entries = 0;

  /**
   * @param deferred the guest's driver puts invalidations off: 255 entries, or 10 ms
   * @param shared a context that holds other mappings too, and the page below which IOVAs are taken
   */
  constructor(
    world: World,
    iommu: Iommu,
    flavour: Flavour,
    deferred: boolean,
    shared?: { readonly context: IommuContext; readonly top: number },
  ) {
    this.#world = world;
    this.#iommu = iommu;
    this.#flavour = flavour;
    this.#deferred = deferred;
    this.context = shared?.context ?? iommu.context(flavour, { nested: flavour === 'nested' });
    this.#iova = new IovaSpace(shared?.top ?? IOVA_TOP);
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
    const { costs, recorder } = this.#world;
    const pages = framesOf(extent);
    const { page, cached } = this.#iova.take(pages);
    const dur = cached ? costs.iovaFast : costs.iovaSlow;
    recorder.leaf(K.iovaAlloc, cpu.track, dur, request, NONE, NONE, pages, NONE, page);
    yield cpu.charge(actor, dur);
    const permission = direction === 'out' ? PERMISSION.read : PERMISSION.write;
    const { mfn } = extent;
    if (this.#flavour === 'nested') {
      // The guest's own table: the device sees it with the next walk.
      const { context } = this;
      const track = cpu.track;
      yield* this.#iommu.mapPages(
        cpu,
        actor,
        track,
        context,
        page,
        mfn,
        pages,
        permission,
        request,
      );
    } else {
      const work = this.#mapByVmm(cpu, page, mfn, pages, permission, request);
      yield* this.#tell(cpu, actor, K.virtioIommuMap, page, pages, request, work);
    }
    return { context: this.context, dfn: page, extent, direction };
  }

  *unmap(cpu: Cpu, actor: number, mapping: DmaMapping, request: number): Steps {
    const { dfn: page, extent } = mapping;
    const pages = framesOf(extent);
    if (this.#flavour === 'nested') {
      yield* this.#iommu.unmapPages(cpu, actor, cpu.track, this.context, page, pages, request);
    }
    if (this.#deferred) {
      yield* this.#defer(cpu, actor, { page, pages });
      return;
    }
    yield* this.#takeAway(cpu, actor, page, pages, request);
    yield* this.#freeIova(cpu, actor, page, pages, request);
  }

  check(): void {
    // Tables and allocator check themselves with every operation.
  }

  /** Makes the end of a mapping known; when it returns, the device reaches the pages no more. */
  *#takeAway(cpu: Cpu, actor: number, page: number, pages: number, request: number): Steps {
    if (this.#flavour === 'nested') {
      yield* this.#forward(cpu, page, pages, request);
      return;
    }
    const work = this.#unmapByVmm(cpu, page, pages, request);
    yield* this.#tell(cpu, actor, K.virtioIommuUnmap, page, pages, request, work);
  }

  /** A request to the virtual IOMMU and the VMM's answer to it. */
  *#tell(
    cpu: Cpu,
    actor: number,
    kind: number,
    page: number,
    pages: number,
    request: number,
    work: Steps,
  ): Steps {
    const world = this.#world;
    const { costs, recorder } = world;
    if (this.#flavour === 'vtd-cm') {
      // The guest's own entries, and the invalidation that makes the emulator look at them.
      const dur = pages * costs.iommuPteWrite + costs.iotlbInvSubmit;
      const event = recorder.leaf(
        K.iotlbInv,
        cpu.track,
        dur,
        request,
        NONE,
        NONE,
        pages,
        NONE,
        page,
      );
      yield cpu.charge(actor, dur);
      if (event === 0 || !world.scenario.viommu.doorbell) return;
      yield* trap(world, cpu, K.vmexit, EXIT.vtdRegister, request, this.#emulate(cpu, work));
      return;
    }
    const event = recorder.begin(kind, cpu.hypervisorTrack, request);
    yield* trap(world, cpu, K.vmexit, EXIT.requestQueueKick, request, this.#handle(cpu, work));
    recorder.end(event, cpu.hypervisorTrack, NONE, NONE, pages, 0, page);
  }

  /** The VMM takes a request from the queue. */
  *#handle(cpu: Cpu, work: Steps): Steps {
    const { costs } = this.#world;
    yield cpu.charge(ACTOR.vmm, costs.userExit + costs.viommuRequest);
    yield* work;
  }

  /** The VMM emulates a write to the invalidation queue's tail: reads it, walks the guest's table. */
  *#emulate(cpu: Cpu, work: Steps): Steps {
    yield cpu.charge(ACTOR.vmm, this.#world.costs.vmmViommuWrite);
    yield* work;
  }

  /** Nested: one trap, and the host's invalidation on the guest's behalf. */
  *#forward(cpu: Cpu, page: number, pages: number, request: number): Steps {
    const world = this.#world;
    if (!world.scenario.viommu.doorbell) return;
    const { context } = this;
    const track = cpu.hypervisorTrack;
    const invalidate = this.#iommu.invalidate(
      cpu,
      ACTOR.hypervisor,
      track,
      context,
      page,
      pages,
      request,
    );
    const work = this.#forwardByVmm(cpu, invalidate);
    yield* trap(world, cpu, K.vmexit, EXIT.nestedInvalidation, request, work);
  }

  *#forwardByVmm(cpu: Cpu, invalidate: Steps): Steps {
    const { costs } = this.#world;
    yield cpu.charge(ACTOR.vmm, costs.userExit + costs.vfioIoctl);
    yield* invalidate;
  }

  /** `VFIO_IOMMU_MAP_DMA`: pages pinned and mapped for the device. */
  *#mapByVmm(
    cpu: Cpu,
    page: number,
    mfn: number,
    pages: number,
    permission: number,
    request: number,
  ): Steps {
    const { costs, recorder, frames, oracle } = this.#world;
    const track = cpu.hypervisorTrack;
    if (this.#entries >= ENTRY_LIMIT) oracle.exhausted('vmm', 'VFIO dma_entry_limit', request);
    this.#entries++;
    const event = recorder.begin(K.vfioMapDma, track, request);
    yield cpu.charge(ACTOR.vmm, costs.vfioIoctl);
    for (let i = 0; i < pages; i++) {
      frames.get(mfn + i);
      recorder.leaf(K.pin, track, costs.vfioPinPage, request, mfn + i);
      yield cpu.charge(ACTOR.hypervisor, costs.vfioPinPage);
    }
    const { context } = this;
    const hv = ACTOR.hypervisor;
    yield* this.#iommu.mapPages(cpu, hv, track, context, page, mfn, pages, permission, request);
    recorder.end(event, track, NONE, NONE, pages, NONE, page);
  }

  /** `VFIO_IOMMU_UNMAP_DMA`: entries removed, the device's translations invalidated, pages unpinned. */
  *#unmapByVmm(cpu: Cpu, page: number, pages: number, request: number): Steps {
    const { costs, recorder, frames, oracle } = this.#world;
    const track = cpu.hypervisorTrack;
    const { context } = this;
    const hv = ACTOR.hypervisor;
    const event = recorder.begin(K.vfioUnmapDma, track, request);
    yield cpu.charge(ACTOR.vmm, costs.vfioIoctl);
    const mfns = Array.from({ length: pages }, (_, i) => context.table.lookup(page + i));
    yield* this.#iommu.unmapPages(cpu, hv, track, context, page, pages, request);
    yield* this.#iommu.invalidate(cpu, hv, track, context, page, pages, request);
    for (const mfn of mfns) {
      recorder.leaf(K.unpin, track, costs.vfioPinPage, request, mfn);
      frames.put(mfn);
      yield cpu.charge(ACTOR.hypervisor, costs.vfioPinPage);
    }
    this.#entries--;
    oracle.available('vmm', 'VFIO dma_entry_limit');
    recorder.end(event, track, NONE, NONE, pages, NONE, page);
  }

  *#freeIova(cpu: Cpu, actor: number, page: number, pages: number, request: number): Steps {
    const { costs, recorder } = this.#world;
    recorder.leaf(K.iovaFree, cpu.track, costs.iovaFast, request, NONE, NONE, pages, NONE, page);
    yield cpu.charge(actor, costs.iovaFast);
    this.#iova.give(page, pages);
  }

  *#defer(cpu: Cpu, actor: number, entry: Queued): Steps {
    this.#queued.push(entry);
    if (this.#queued.length === 1) {
      this.#world.engine.spawn(this.#timer(cpu, actor, ++this.#timerGeneration));
    }
    if (this.#queued.length >= FLUSH_QUEUE_USABLE) yield* this.#flush(cpu, actor);
  }

  *#timer(cpu: Cpu, actor: number, generation: number): Steps {
    yield FLUSH_QUEUE_TIMEOUT_PS;
    if (generation !== this.#timerGeneration || this.#queued.length === 0) return;
    cpu.interrupt(() => this.#timerInterrupt(cpu, actor));
  }

  *#timerInterrupt(cpu: Cpu, actor: number): Steps {
    const { costs, recorder } = this.#world;
    const event = recorder.begin(K.hardirq, cpu.track, NONE);
    yield cpu.charge(actor, costs.hardirq);
    yield* this.#flush(cpu, actor);
    recorder.end(event, cpu.track);
  }

  /** What was put off, at once: one invalidation where the hardware is nested, else all requests. */
  *#flush(cpu: Cpu, actor: number): Steps {
    const entries = this.#queued;
    if (entries.length === 0) return;
    this.#queued = [];
    this.#timerGeneration++;
    if (this.#flavour === 'nested') yield* this.#forward(cpu, -1, 0, NONE);
    else {
      // One kick for all UNMAP requests.
      yield* this.#tell(
        cpu,
        actor,
        K.virtioIommuUnmap,
        -1,
        entries.length,
        NONE,
        this.#unmapAll(cpu, entries),
      );
    }
    for (const { page, pages } of entries) this.#iova.give(page, pages);
  }

  *#unmapAll(cpu: Cpu, entries: readonly Queued[]): Steps {
    for (const { page, pages } of entries) yield* this.#unmapByVmm(cpu, page, pages, NONE);
  }
}
