/**
 * The DMA API of a guest that drives an assigned device behind a virtual IOMMU. Its maps and unmaps
 * reach the host's IOMMU by way of the VMM:
 *
 * virtio-iommu  a MAP request and a kick; the VMM pins the pages and maps them for the device; an
 *               UNMAP request undoes that. A driver that defers leaves UNMAP requests in the queue and
 *               kicks once for all of them
 * vtd-cm        an emulated VT-d with caching mode: the guest writes its own table and queues an
 *               invalidation, after a map too; the write to the tail register goes to the VMM, which
 *               walks the guest's table and tells VFIO of each page
 * nested        the hardware walks the guest's table through the host's; only invalidations are
 *               forwarded, one trap each
 *
 * Both queues are one to a guest. Linux holds their spinlock while the request is handled: the exit
 * lies inside, and all vCPUs of a guest wait for it in turn.
 *
 * `viommu.doorbell` false, nested: invalidations are queued and the hardware is not told (a
 * counterfactual that was measured; what should be gone stays in the IOTLB).
 *
 * Sources: virtio 1.x (device 23), Linux 6.1 drivers/iommu/virtio-iommu.c and intel/dmar.c, QEMU's
 * intel_iommu, VFIO type 1 (65535 mappings at most). One run without and one with the doorbell:
 * xlab-uiuc nested IOMMU measurements, 2025.
 */
import { K } from '../contract/kinds.ts';
import { assert } from '../base/assert.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { Lock, LOCK } from '../engine/lock.ts';
import { NONE } from '../engine/recording.ts';
import type { IovaSpace } from '../memory/iova.ts';
import { framesOf, type Extent } from './copies.ts';
import {
  mappingsFrom,
  pagesOf,
  permissionFor,
  type DmaApi,
  type DmaDirection,
  type DmaMapping,
} from './dma-api.ts';
import { FlushQueue } from './flush-queue.ts';
import { trap } from './hypercall.ts';
import type { Iommu, IommuContext } from './iommu.ts';
import { IovaAllocator } from './iova-allocator.ts';
import type { World } from './world.ts';

/** `arg` of a VMEXIT: see EXIT_REASONS. */
const EXIT = { requestQueueKick: 0, vtdRegister: 2, nestedInvalidation: 3 } as const;
/** `dma_entry_limit` of VFIO type 1. */
export const DMA_ENTRY_LIMIT = 65_535;

export type Flavour = 'virtio-iommu' | 'vtd-cm' | 'nested';

interface Range {
  readonly page: number;
  readonly pages: number;
}

export class VfioDma implements DmaApi {
  readonly #world: World;
  readonly #iommu: Iommu;
  readonly #flavour: Flavour;
  readonly #iova: IovaAllocator;
  readonly #queue: FlushQueue | null;
  /** Of the guest's request queue, or of its invalidation queue. */
  readonly #lock: Lock;
  readonly #entryLimit: number;
  readonly context: IommuContext;
  /** UNMAP requests in the queue, of which the VMM has not been told. */
  #unsent: Range[] = [];
  /** vCPUs that submit to the guest's invalidation queue. */
  #submitting = 0;
  /** First pages of the mappings that the VMM holds for the device. */
  readonly #entries = new Set<number>();

  /**
   * @param deferred the guest's driver puts invalidations off: 255 entries, or 10 ms
   * @param shared a context that holds other mappings too, and the space that IOVAs are taken from
   */
  constructor(
    world: World,
    iommu: Iommu,
    flavour: Flavour,
    deferred: boolean,
    shared?: { readonly context: IommuContext; readonly space: IovaSpace },
    entryLimit: number = DMA_ENTRY_LIMIT,
  ) {
    this.#world = world;
    this.#iommu = iommu;
    this.#flavour = flavour;
    this.#entryLimit = entryLimit;
    this.context = shared?.context ?? iommu.context(flavour, { nested: flavour === 'nested' });
    this.#iova = new IovaAllocator(world, shared?.space);
    this.#queue = deferred
      ? new FlushQueue(world, this.#iova, (cpu, actor) => this.#flush(cpu, actor))
      : null;
    const name =
      flavour === 'virtio-iommu' ? 'virtio-iommu request queue' : 'virtual invalidation queue';
    this.#lock = new Lock(world.engine, world.recorder, LOCK.invalidation, name);
  }

  get locks(): readonly Lock[] {
    return [...this.#iommu.locks, this.#iova.lock, this.#lock];
  }

  *map(
    cpu: Cpu,
    actor: number,
    extent: Extent,
    direction: DmaDirection,
    request: number,
  ): Steps<DmaMapping> {
    const [mapping] = yield* this.mapAll(cpu, actor, [extent], direction, request);
    assert(mapping !== undefined, 'one extent is one mapping');
    return mapping;
  }

  *mapAll(
    cpu: Cpu,
    actor: number,
    extents: readonly Extent[],
    direction: DmaDirection,
    request: number,
  ): Steps<DmaMapping[]> {
    const dfn = yield* this.#iova.take(cpu, actor, pagesOf(extents), request);
    assert(dfn !== -1, 'a space of 48 bits has room for all that fits into memory');
    const mappings = mappingsFrom(this.context, dfn, extents, direction);
    if (this.#flavour === 'virtio-iommu') {
      // One request for each part: a request names one range of guest memory.
      for (const mapping of mappings) {
        const pages = framesOf(mapping.extent);
        const work = this.#handle(cpu, 1, this.#mapByVmm(cpu, mapping, request));
        yield* this.#request(cpu, actor, K.virtioIommuMap, mapping.dfn, pages, request, work);
      }
      return mappings;
    }
    for (const mapping of mappings) yield* this.#writeGuestTable(cpu, actor, mapping, request);
    if (this.#flavour === 'vtd-cm') {
      const walk = this.#walkAndMap(cpu, mappings, request);
      yield* this.#invalidateByGuest(cpu, actor, dfn, pagesOf(extents), request, walk);
    }
    return mappings;
  }

  *unmap(cpu: Cpu, actor: number, mapping: DmaMapping, request: number): Steps {
    yield* this.unmapAll(cpu, actor, [mapping], request);
  }

  *unmapAll(cpu: Cpu, actor: number, mappings: readonly DmaMapping[], request: number): Steps {
    const [first] = mappings;
    if (first === undefined) return;
    const range = { page: first.dfn, pages: pagesOf(mappings.map((each) => each.extent)) };
    const { page, pages } = range;
    if (this.#flavour !== 'virtio-iommu') {
      yield* this.#clearGuestTable(cpu, actor, range, request);
    }
    if (this.#queue !== null) {
      if (this.#flavour === 'virtio-iommu') {
        this.#iommu.end(this.context, page, pages);
        this.#unsent.push(range);
      }
      yield* this.#queue.add(cpu, actor, page, pages);
      return;
    }
    if (this.#flavour === 'virtio-iommu') {
      const work = this.#handle(cpu, 1, this.#unmapByVmm(cpu, range, request));
      yield* this.#request(cpu, actor, K.virtioIommuUnmap, page, pages, request, work);
    } else if (this.#flavour === 'vtd-cm') {
      const work = this.#walkAndUnmap(cpu, range, request);
      yield* this.#invalidateByGuest(cpu, actor, page, pages, request, work);
    } else {
      for (const scope of this.#scopes(range)) {
        const work = this.#forward(cpu, scope.page, scope.pages, request);
        yield* this.#invalidateByGuest(cpu, actor, scope.page, scope.pages, request, work);
      }
    }
    yield* this.#iova.give(cpu, actor, page, pages, request);
  }

  check(): void {
    // Tables and allocator check themselves with every operation.
  }

  /** Nested: what the guest has invalidated for a range, exit by exit; page -1 is everything. */
  #scopes({ page, pages }: Range): readonly Range[] {
    switch (this.#world.scenario.viommu.invalidation) {
      case 'domain':
        return [{ page: -1, pages: 0 }];
      case 'page':
        return Array.from({ length: pages }, (_, i) => ({ page: page + i, pages: 1 }));
      default:
        return [{ page, pages }];
    }
  }

  /** The guest's own table. Nested, it is the one that the device's accesses are walked through. */
  *#writeGuestTable(cpu: Cpu, actor: number, mapping: DmaMapping, request: number): Steps {
    const { dfn, extent, direction } = mapping;
    const { context } = this;
    const pages = framesOf(extent);
    const { track } = cpu;
    if (this.#flavour === 'nested') {
      const permission = permissionFor(direction);
      const { mfn } = extent;
      yield* this.#iommu.mapPages(cpu, actor, track, context, dfn, mfn, pages, permission, request);
      return;
    }
    yield* this.#touchTable(cpu, actor, K.iommuMap, dfn, pages, request);
  }

  *#clearGuestTable(cpu: Cpu, actor: number, { page, pages }: Range, request: number): Steps {
    if (this.#flavour === 'nested') {
      yield* this.#iommu.unmapPages(cpu, actor, cpu.track, this.context, page, pages, request);
      return;
    }
    yield* this.#touchTable(cpu, actor, K.iommuUnmap, page, pages, request);
  }

  /** Entries of a table that only the VMM reads. */
  *#touchTable(
    cpu: Cpu,
    actor: number,
    kind: number,
    page: number,
    pages: number,
    request: number,
  ): Steps {
    const { costs, recorder } = this.#world;
    const dur = Math.round((costs.iommuMapFixed + pages * costs.iommuPteWrite) / pages);
    for (let i = 0; i < pages; i++) {
      recorder.leaf(kind, cpu.track, dur, request, NONE, NONE, 1, NONE, page + i);
      if (!cpu.passes(actor, dur)) yield dur;
    }
  }

  /** virtio-iommu: requests are sent and waited for with the queue's lock held. */
  *#request(
    cpu: Cpu,
    actor: number,
    kind: number,
    page: number,
    pages: number,
    request: number,
    work: Steps,
  ): Steps {
    const { recorder } = this.#world;
    if (!this.#lock.take()) yield* this.#lock.acquire(cpu, actor, cpu.track);
    const event = recorder.begin(kind, cpu.hypervisorTrack, request);
    yield* trap(this.#world, cpu, K.vmexit, EXIT.requestQueueKick, request, work);
    recorder.end(event, cpu.hypervisorTrack, NONE, NONE, pages, 0, page);
    this.#lock.release();
  }

  /** The VMM takes `requests` requests from the queue. */
  *#handle(cpu: Cpu, requests: number, work: Steps): Steps {
    const { costs } = this.#world;
    yield cpu.charge(ACTOR.vmm, costs.userExit + requests * costs.viommuRequest);
    yield* work;
  }

  /**
   * VT-d as the guest sees it: `qi_submit_sync`, its lock held over the write to the tail register.
   * The exit of that write returns when the invalidation is done.
   */
  *#invalidateByGuest(
    cpu: Cpu,
    actor: number,
    page: number,
    pages: number,
    request: number,
    work: Steps,
  ): Steps {
    const world = this.#world;
    const { costs, recorder, scenario } = world;
    const event = recorder.begin(K.iotlbInv, cpu.track, request);
    this.#submitting++;
    if (!this.#lock.take()) yield* this.#lock.acquire(cpu, actor, cpu.track);
    const others = this.#submitting - 1;
    yield cpu.charge(actor, costs.iotlbInvSubmit + others * costs.iotlbInvContention);
    if (scenario.viommu.doorbell || this.#flavour !== 'nested') {
      const reason = this.#flavour === 'nested' ? EXIT.nestedInvalidation : EXIT.vtdRegister;
      yield* trap(world, cpu, K.vmexit, reason, request, work);
    }
    this.#lock.release();
    this.#submitting--;
    recorder.end(event, cpu.track, NONE, NONE, pages === 0 ? NONE : pages, NONE, page);
  }

  /** Nested: the invalidation goes on to the hardware on the guest's behalf. */
  *#forward(cpu: Cpu, page: number, pages: number, request: number): Steps {
    const { costs } = this.#world;
    const { context } = this;
    const hv = ACTOR.hypervisor;
    if (!cpu.passes(ACTOR.vmm, costs.userExit)) yield costs.userExit;
    if (!cpu.passes(hv, costs.vfioIoctl)) yield costs.vfioIoctl;
    yield* this.#iommu.invalidate(cpu, hv, cpu.hypervisorTrack, context, page, pages, request);
  }

  /** Caching mode: the VMM finds new entries in the guest's table and maps each page. */
  *#walkAndMap(cpu: Cpu, mappings: readonly DmaMapping[], request: number): Steps {
    if (!cpu.passes(ACTOR.vmm, this.#world.costs.vmmViommuWrite))
      yield this.#world.costs.vmmViommuWrite;
    for (const { context, dfn, extent, direction } of mappings) {
      for (let i = 0; i < framesOf(extent); i++) {
        const page = { mfn: extent.mfn + i, offset: 0, bytes: 1 };
        const mapping = { context, dfn: dfn + i, extent: page, direction };
        yield* this.#mapByVmm(cpu, mapping, request);
      }
    }
  }

  *#walkAndUnmap(cpu: Cpu, { page, pages }: Range, request: number): Steps {
    if (!cpu.passes(ACTOR.vmm, this.#world.costs.vmmViommuWrite))
      yield this.#world.costs.vmmViommuWrite;
    for (let i = 0; i < pages; i++) {
      yield* this.#unmapByVmm(cpu, { page: page + i, pages: 1 }, request);
    }
  }

  /**
   * `VFIO_IOMMU_MAP_DMA`: pages pinned and mapped for the device. At the limit the call fails with
   * ENOSPC, which the VMM cannot tell the guest: the device's accesses will be refused.
   */
  *#mapByVmm(cpu: Cpu, { dfn, extent, direction }: DmaMapping, request: number): Steps {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    const { context } = this;
    const pages = framesOf(extent);
    const track = cpu.hypervisorTrack;
    const hv = ACTOR.hypervisor;
    const event = recorder.begin(K.vfioMapDma, track, request);
    if (!cpu.passes(hv, costs.vfioIoctl)) yield costs.vfioIoctl;
    const full = this.#entries.size >= this.#entryLimit;
    if (full) oracle.exhausted('vmm', 'VFIO dma_entry_limit', request);
    else {
      this.#entries.add(dfn);
      for (let i = 0; i < pages; i++) {
        frames.get(extent.mfn + i);
        counters.add(COUNTERS.mappedPages, 1);
        recorder.leaf(K.pin, track, costs.vfioPinPage, request, extent.mfn + i);
        if (!cpu.passes(hv, costs.vfioPinPage)) yield costs.vfioPinPage;
      }
      const permission = permissionFor(direction);
      const { mfn } = extent;
      yield* this.#iommu.mapPages(cpu, hv, track, context, dfn, mfn, pages, permission, request);
    }
    recorder.end(event, track, NONE, NONE, pages, NONE, dfn);
  }

  /** UNMAP of a range, or what was found gone in a table: each mapping in it goes by itself. */
  *#unmapByVmm(cpu: Cpu, { page, pages }: Range, request: number): Steps {
    const end = page + pages;
    for (let first = page; first < end;) {
      let next = first + 1;
      while (next < end && !this.#entries.has(next)) next++;
      yield* this.#unmapMapping(cpu, { page: first, pages: next - first }, request);
      first = next;
    }
  }

  /** `VFIO_IOMMU_UNMAP_DMA`: entries removed, the device's translations invalidated, pages unpinned. */
  *#unmapMapping(cpu: Cpu, { page, pages }: Range, request: number): Steps {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    const track = cpu.hypervisorTrack;
    const { context } = this;
    const hv = ACTOR.hypervisor;
    const event = recorder.begin(K.vfioUnmapDma, track, request);
    if (!cpu.passes(hv, costs.vfioIoctl)) yield costs.vfioIoctl;
    const mfns = Array.from({ length: pages }, (_, i) => context.table.lookup(page + i));
    // Nothing is there when the mapping had met the limit.
    if (mfns.some((mfn) => mfn !== -1)) {
      yield* this.#iommu.unmapPages(cpu, hv, track, context, page, pages, request);
      yield* this.#iommu.invalidate(cpu, hv, track, context, page, pages, request);
      for (const mfn of mfns) {
        if (mfn === -1) continue;
        recorder.leaf(K.unpin, track, costs.vfioPinPage, request, mfn);
        frames.put(mfn);
        counters.add(COUNTERS.mappedPages, -1);
        if (!cpu.passes(hv, costs.vfioPinPage)) yield costs.vfioPinPage;
      }
      for (let i = 0; i < pages; i++) this.#entries.delete(page + i);
      oracle.available('vmm', 'VFIO dma_entry_limit');
    }
    recorder.end(event, track, NONE, NONE, pages, NONE, page);
  }

  /** What was put off: one invalidation of all where nested, else all UNMAP requests with one kick. */
  *#flush(cpu: Cpu, actor: number): Steps {
    if (this.#flavour === 'nested') {
      const work = this.#forward(cpu, -1, 0, NONE);
      yield* this.#invalidateByGuest(cpu, actor, -1, 0, NONE, work);
      return;
    }
    const ranges = this.#unsent;
    this.#unsent = [];
    if (ranges.length === 0) {
      // Another may have taken them and not be done: what it invalidates is not invalid before.
      if (!this.#lock.take()) yield* this.#lock.acquire(cpu, actor, cpu.track);
      this.#lock.release();
      return;
    }
    const work = this.#handle(cpu, ranges.length, this.#unmapEach(cpu, ranges));
    yield* this.#request(cpu, actor, K.virtioIommuUnmap, -1, ranges.length, NONE, work);
  }

  *#unmapEach(cpu: Cpu, ranges: readonly Range[]): Steps {
    for (const range of ranges) yield* this.#unmapByVmm(cpu, range, NONE);
  }
}
