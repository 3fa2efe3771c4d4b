/**
 * A virtual IOMMU between a guest and its backend. Requests are synchronous, one for each mapping, as in
 * Linux 6.1; a driver that defers puts UNMAP requests off and sends them together.
 *
 * stage2    (a proposal) the hypervisor enforces it in its own tables: a MAP request puts the guest's
 *           pages into the backend's address space, an UNMAP request takes them out and flushes
 * advisory  the VMM keeps the mappings and tells the backend of them; the backend has all memory mapped
 */
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { assert } from '../base/assert.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { Lock, LOCK } from '../engine/lock.ts';
import { NONE } from '../engine/recording.ts';
import { PageTable, PERMISSION } from '../memory/page-table.ts';
import { framesOf, type Extent } from './copies.ts';
import { FlushQueue } from './flush-queue.ts';
import { GrantIommu } from './grants/iommu.ts';
import { trap } from './hypercall.ts';
import type { Iommu } from './iommu.ts';
import { IovaAllocator } from './iova-allocator.ts';
import { flushElement, flushesEach, tlbIpi } from './tlb.ts';
import { gfnOf, type Backend, type Guest, type World } from './world.ts';

/** `arg` of a VMEXIT for a kick of the request queue. */
const EXIT_REQUEST_KICK = 0;
/** Status of an UNMAP of an unknown mapping. */
export const VIRTIO_IOMMU_S = { OK: 0, INVAL: 4, RANGE: 5, NOENT: 6 } as const;

export interface ViommuMapping {
  /** First IOVA page. */
  readonly page: number;
  readonly extent: Extent;
}

interface Deferred {
  readonly mapping: ViommuMapping;
  readonly request: number;
}

export class VirtioIommu {
  readonly #world: World;
  readonly #guest: Guest;
  readonly #backend: Backend;
  readonly #enforcement: 'stage2' | 'advisory';
  readonly #queue: FlushQueue | null;
  readonly #follower: GrantIommu;
  readonly #iova: IovaAllocator;
  /** Of the request queue: Linux holds it until a request has been answered. */
  readonly #lock: Lock;
  /** IOVA page -> mfn, as hypervisor or VMM keep it. */
  readonly #table: PageTable;
  /** UNMAP requests in the queue that nobody has been told of. */
  #unsent: Deferred[] = [];
  /** Told of each range that is no longer mapped. */
  onUnmap: ((page: number, pages: number) => void) | null = null;

  /** @param backend whose address space, or view of it, follows the guest's requests */
  constructor(
    world: World,
    iommu: Iommu,
    guest: Guest,
    backend: Backend,
    how: { readonly enforcement: 'stage2' | 'advisory'; readonly deferred: boolean },
  ) {
    this.#world = world;
    this.#guest = guest;
    this.#backend = backend;
    this.#enforcement = how.enforcement;
    this.#iova = new IovaAllocator(world);
    this.#lock = new Lock(
      world.engine,
      world.recorder,
      LOCK.invalidation,
      'virtio-iommu request queue',
    );
    this.#queue = how.deferred
      ? new FlushQueue(world, this.#iova, (cpu) => this.#flush(cpu))
      : null;
    this.#follower = new GrantIommu(world, iommu);
    this.#table = new PageTable(world.costs.walkLevels);
  }

  get locks(): readonly Lock[] {
    return [this.#lock, this.#iova.lock];
  }

  /** `dma_map` in the guest: IOVA, then a MAP request. */
  *map(cpu: Cpu, extent: Extent, writable: boolean, request: number): Steps<ViommuMapping> {
    const pages = framesOf(extent);
    const page = yield* this.#iova.take(cpu, ACTOR.frontend, pages, request);
    assert(page !== -1, 'a space of 48 bits has room for all that fits into memory');
    const mapping = { page, extent };
    const work = this.#mapPages(cpu, mapping, writable, request);
    const gfn = gfnOf(this.#guest, extent.mfn);
    yield* this.#request(cpu, K.virtioIommuMap, gfn, pages, page, request, work);
    return mapping;
  }

  /**
   * `dma_unmap` in the guest: an UNMAP request, waited for, or put off; then the memory is the
   * frontend's again, in its own eyes.
   */
  *unmap(cpu: Cpu, mapping: ViommuMapping, request: number): Steps {
    const { oracle, recorder } = this.#world;
    const { page, extent } = mapping;
    const pages = framesOf(extent);
    if (this.#queue !== null) {
      for (let i = 0; i < pages; i++) {
        if (this.#enforcement === 'stage2') oracle.unmap('backend', extent.mfn + i, true);
        oracle.reclaim(extent.mfn + i, []);
      }
      this.#unsent.push({ mapping, request });
      yield* this.#queue.add(cpu, ACTOR.frontend, page, pages);
      return;
    }
    const work = this.#unmapPages(cpu, [{ mapping, request }]);
    yield* this.#request(cpu, K.virtioIommuUnmap, NONE, pages, page, request, work);
    yield* this.#iova.give(cpu, ACTOR.frontend, page, pages, request);
    const event = recorder.lastId;
    for (let i = 0; i < pages; i++) oracle.reclaim(extent.mfn + i, [event]);
  }

  /** What the backend is told of an IOVA page; -1 when it is not mapped. */
  translate(page: number): number {
    return this.#table.lookup(page);
  }

  /** A request on the queue: kick, exit, work by hypervisor or VMM, status, entry. */
  *#request(
    cpu: Cpu,
    kind: number,
    frame: number,
    pages: number,
    page: number,
    request: number,
    work: Steps,
  ): Steps {
    const { recorder } = this.#world;
    if (!this.#lock.take()) yield* this.#lock.acquire(cpu, ACTOR.frontend, cpu.track);
    const event = recorder.begin(kind, cpu.hypervisorTrack, request);
    const handled = this.#enforcement === 'advisory' ? this.#byVmm(cpu, work) : work;
    yield* trap(this.#world, cpu, K.vmexit, EXIT_REQUEST_KICK, request, handled);
    recorder.end(event, cpu.hypervisorTrack, frame, NONE, pages, VIRTIO_IOMMU_S.OK, page);
    this.#lock.release();
  }

  /** Advisory: the request goes to the VMM, in user space. */
  *#byVmm(cpu: Cpu, work: Steps): Steps {
    yield cpu.charge(ACTOR.vmm, this.#world.costs.userExit);
    yield* work;
  }

  get #actor(): number {
    return this.#enforcement === 'advisory' ? ACTOR.vmm : ACTOR.hypervisor;
  }

  *#mapPages(cpu: Cpu, { page, extent }: ViommuMapping, writable: boolean, request: number): Steps {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    if (!cpu.passes(this.#actor, costs.viommuRequest)) yield costs.viommuRequest;
    for (let i = 0; i < framesOf(extent); i++) {
      const mfn = extent.mfn + i;
      oracle.authorise(mfn);
      this.#table.map(page + i, mfn, writable ? PERMISSION.both : PERMISSION.read);
      if (this.#enforcement === 'advisory') continue;
      const dur = costs.viommuPage + costs.pteWrite;
      frames.get(mfn);
      const gfn = gfnOf(this.#guest, mfn);
      const track = cpu.hypervisorTrack;
      const event = recorder.leaf(K.p2mSet, track, dur, request, mfn, NONE, NONE, NONE, gfn);
      oracle.map('backend', mfn, request, event, writable);
      counters.add(COUNTERS.mappedPages, 1);
      if (!cpu.passes(ACTOR.hypervisor, dur)) yield dur;
      if (this.#follower.follows) yield* this.#follower.map(cpu, mfn, !writable, request);
    }
  }

  *#unmapPages(cpu: Cpu, entries: readonly Deferred[]): Steps {
    const world = this.#world;
    const { costs, recorder, frames, oracle, counters } = world;
    const each = flushesEach(world);
    for (const { mapping, request } of entries) {
      const { page, extent } = mapping;
      const pages = framesOf(extent);
      if (!cpu.passes(this.#actor, costs.viommuRequest)) yield costs.viommuRequest;
      this.onUnmap?.(page, pages);
      // VHOST_IOTLB_INVALIDATE, a write to the backend's file.
      if (this.#enforcement === 'advisory') yield cpu.charge(ACTOR.vmm, costs.syscall);
      for (let i = 0; i < pages; i++) {
        const mfn = extent.mfn + i;
        const readonly = this.#table.permissionOf(page + i) === PERMISSION.read;
        this.#table.unmap(page + i);
        if (this.#enforcement === 'advisory') continue;
        const dur = costs.viommuPage + costs.pteWrite;
        const gfn = gfnOf(this.#guest, mfn);
        const track = cpu.hypervisorTrack;
        recorder.leaf(K.p2mClear, track, dur, request, mfn, NONE, NONE, NONE, gfn);
        if (!cpu.passes(ACTOR.hypervisor, dur)) yield dur;
        if (this.#queue === null) oracle.unmap('backend', mfn, true);
        if (this.#follower.follows) yield* this.#follower.unmap(cpu, mfn, readonly, request);
        if (each) yield* flushElement(world, cpu, this.#backend, mfn, request);
      }
    }
    if (this.#enforcement === 'advisory') return;
    if (!each) yield* tlbIpi(world, cpu, this.#backend);
    for (const { mapping } of entries) {
      const { mfn } = mapping.extent;
      for (let i = 0; i < framesOf(mapping.extent); i++) {
        oracle.flushed('backend', mfn + i);
        frames.put(mfn + i);
        counters.add(COUNTERS.mappedPages, -1);
      }
    }
  }

  /** All requests that were put off, with one kick and one flush where flushes are batched. */
  *#flush(cpu: Cpu): Steps {
    const entries = this.#unsent;
    if (entries.length === 0) {
      // Another may have taken them and not be done: what it invalidates is not invalid before.
      if (!this.#lock.take()) yield* this.#lock.acquire(cpu, ACTOR.frontend, cpu.track);
      this.#lock.release();
      return;
    }
    this.#unsent = [];
    const work = this.#unmapPages(cpu, entries);
    yield* this.#request(cpu, K.virtioIommuUnmap, NONE, entries.length, -1, NONE, work);
  }
}
