/**
 * A virtual IOMMU that the hypervisor enforces in its own tables (`enforcement: stage2`, a proposal):
 * a MAP request puts the guest's pages into the backend's address space, an UNMAP request takes them
 * out and flushes before it returns. Requests are synchronous, one for each mapping, as in Linux 6.1.
 */
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { IovaSpace } from '../memory/iova.ts';
import { PageTable } from '../memory/page-table.ts';
import { framesOf, type Extent } from './copies.ts';
import { trap } from './hypercall.ts';
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

export class VirtioIommu {
  readonly #world: World;
  readonly #guest: Guest;
  readonly #backend: Backend;
  readonly #iova = new IovaSpace(2 ** 20);
  /** IOVA page -> mfn, as the hypervisor has it in the backend's address space. */
  readonly #table: PageTable;

  /** @param backend whose address space follows the guest's requests */
  constructor(world: World, guest: Guest, backend: Backend) {
    this.#world = world;
    this.#guest = guest;
    this.#backend = backend;
    this.#table = new PageTable(world.costs.walkLevels);
  }

  /** `dma_map` in the guest: IOVA, then a MAP request. */
  *map(cpu: Cpu, extent: Extent, request: number): Steps<ViommuMapping> {
    const { costs, recorder } = this.#world;
    const pages = framesOf(extent);
    const { page, cached } = this.#iova.take(pages);
    const dur = cached ? costs.iovaFast : costs.iovaSlow;
    recorder.leaf(K.iovaAlloc, cpu.track, dur, request, NONE, NONE, pages, NONE, page);
    yield cpu.charge(ACTOR.frontend, dur);
    const mapping = { page, extent };
    yield* this.#request(
      cpu,
      K.virtioIommuMap,
      mapping,
      request,
      this.#mapPages(cpu, mapping, request),
    );
    return mapping;
  }

  /** `dma_unmap` in the guest: an UNMAP request, waited for; then the IOVA is free. */
  *unmap(cpu: Cpu, mapping: ViommuMapping, request: number): Steps {
    const { costs, recorder, oracle } = this.#world;
    const pages = framesOf(mapping.extent);
    yield* this.#request(
      cpu,
      K.virtioIommuUnmap,
      mapping,
      request,
      this.#unmapPages(cpu, mapping, request),
    );
    const event = recorder.leaf(
      K.iovaFree,
      cpu.track,
      costs.iovaFast,
      request,
      NONE,
      NONE,
      pages,
      NONE,
      mapping.page,
    );
    yield cpu.charge(ACTOR.frontend, costs.iovaFast);
    this.#iova.give(mapping.page, pages);
    for (let i = 0; i < pages; i++) oracle.reclaim(mapping.extent.mfn + i, [event]);
  }

  /** The backend translates; -1 when the page is not mapped. */
  translate(page: number): number {
    return this.#table.lookup(page);
  }

  /** A request on the queue: kick, exit, work by the hypervisor, status, entry. */
  *#request(cpu: Cpu, kind: number, mapping: ViommuMapping, request: number, work: Steps): Steps {
    const { recorder } = this.#world;
    const event = recorder.begin(kind, cpu.hypervisorTrack, request);
    yield* trap(this.#world, cpu, K.vmexit, EXIT_REQUEST_KICK, request, work);
    recorder.end(
      event,
      cpu.hypervisorTrack,
      kind === K.virtioIommuMap ? gfnOf(this.#guest, mapping.extent.mfn) : NONE,
      mapping.extent.bytes,
      framesOf(mapping.extent),
      VIRTIO_IOMMU_S.OK,
      mapping.page,
    );
  }

  *#mapPages(cpu: Cpu, { page, extent }: ViommuMapping, request: number): Steps {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    yield cpu.charge(ACTOR.hypervisor, costs.viommuRequest);
    for (let i = 0; i < framesOf(extent); i++) {
      const mfn = extent.mfn + i;
      const dur = costs.viommuPage + costs.pteWrite;
      frames.get(mfn);
      this.#table.map(page + i, mfn);
      oracle.authorise(mfn);
      const event = recorder.leaf(
        K.p2mSet,
        cpu.hypervisorTrack,
        dur,
        request,
        mfn,
        NONE,
        NONE,
        NONE,
        gfnOf(this.#guest, mfn),
      );
      oracle.map('backend', mfn, request, event);
      counters.add(COUNTERS.mappedPages, 1);
      yield cpu.charge(ACTOR.hypervisor, dur);
    }
  }

  *#unmapPages(cpu: Cpu, { page, extent }: ViommuMapping, request: number): Steps {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    yield cpu.charge(ACTOR.hypervisor, costs.viommuRequest);
    const each = flushesEach(this.#world);
    const pages = framesOf(extent);
    for (let i = 0; i < pages; i++) {
      const mfn = extent.mfn + i;
      const dur = costs.viommuPage + costs.pteWrite;
      this.#table.unmap(page + i);
      recorder.leaf(
        K.p2mClear,
        cpu.hypervisorTrack,
        dur,
        request,
        mfn,
        NONE,
        NONE,
        NONE,
        gfnOf(this.#guest, mfn),
      );
      yield cpu.charge(ACTOR.hypervisor, dur);
      oracle.unmap('backend', mfn, true);
      if (each) yield* flushElement(this.#world, cpu, this.#backend, mfn, request);
    }
    if (!each) yield* tlbIpi(this.#world, cpu, this.#backend);
    for (let i = 0; i < pages; i++) {
      oracle.flushed('backend', extent.mfn + i);
      frames.put(extent.mfn + i);
      counters.add(COUNTERS.mappedPages, -1);
    }
  }
}
