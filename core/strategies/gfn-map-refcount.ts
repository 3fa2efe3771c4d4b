/**
 * I. Foreign pages mapped for the graphics device one by one, each with a reference.
 *
 * Xen (PV-IOMMU, draft D):
 *  1., 2. as gfn-lookup
 *  3. emulator: IOMMUOP map_foreign_page: privilege, reference, free device frame, IOMMU.map. PVH:
 *     XENMEM_add_to_physmap_batch instead, and the IOMMU walks that table (AMD-Vi: one kept in step);
 *     XENMEM_remove_from_physmap takes the pages away, one a hypercall
 *  4. shadow entry; 5. GPU invalidate                                         (workload)
 *  6. emulator: IOMMUOP unmap_foreign_page of the old page: IOMMU.unmap, IOTLB.inv and its wait; then the
 *     reference goes. A batch has one invalidation, at its end: `pviommu.put` says whether references go
 *     before it, as shipped, or after
 *
 * KVM (KVMGT): a cache of mapped pages by guest frame; a page that is known costs nothing, a new one is
 *  pinned (vfio_pin_pages) and mapped by the host's DMA API; the last user unmaps and unpins.
 */
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { HostDma, type DmaMapping } from '../primitives/dma-api.ts';
import { hypercall } from '../primitives/hypercall.ts';
import type { Iommu } from '../primitives/iommu.ts';
import { PERMISSION } from '../memory/page-table.ts';
import { flushElement } from '../primitives/tlb.ts';
import { gfnOf, type Backend, type Guest, type World } from '../primitives/world.ts';
import { GPU_ONLY } from './gtt-support.ts';
import type { GttMapper, Strategy } from './types.ts';

/** First device frame that the emulator hands out. */
const FIRST_DFN = 2 ** 26;
/** Updates after which another emulator lets go of a page that the first has unmapped. */
const LAG = 64;

function gtt(world: World, iommu: Iommu): GttMapper {
  return world.hypervisor.backend === 'vhost' ? kvmgt(world, iommu) : xenGt(world, iommu);
}

function xenGt(world: World, iommu: Iommu): GttMapper {
  const { costs, recorder, guests, oracle, frames, counters, scenario, hypervisor } = world;
  const { refModel, put, users } = scenario.pviommu;
  const context = iommu.context('graphics');
  const physmap = hypervisor.translated;
  /** Does the IOMMU walk the table that the foreign mapping is written into? */
  const shared = physmap && /^(shared-table|domain-per-change)$/.test(costs.iommuSync);
  const wholeDomain = physmap && costs.iommuSync === 'domain-per-change';
  const free: number[] = [];
  let next = FIRST_DFN;
  /** References that mappings hold on a page: one each, or one for all. */
  const references = new Map<number, number>();
  /** Mappings of further emulators, let go of later. */
  const lagging: { readonly dfn: number; readonly mfn: number }[] = [];

  const take = (mfn: number) => {
    const held = references.get(mfn) ?? 0;
    if (refModel === 'count' || held === 0) {
      frames.get(mfn);
      counters.add(COUNTERS.mappedPages, held === 0 ? 1 : 0);
    }
    references.set(mfn, held + 1);
  };
  const drop = (mfn: number) => {
    const held = references.get(mfn) ?? 0;
    if (held === 0) return;
    // One bit for all: the first to let go lets go for everybody.
    const left = refModel === 'bit' ? 0 : held - 1;
    references.set(mfn, left);
    frames.put(mfn);
    if (left === 0) counters.add(COUNTERS.mappedPages, -1);
  };

  function* mapOne(cpu: Cpu, guest: number, mfn: number, request: number): Steps<number> {
    const dfn = free.pop() ?? next++;
    const track = cpu.hypervisorTrack;
    const hv = ACTOR.hypervisor;
    const gfn = gfnOf(guests[guest] as Guest, mfn);
    const dur = physmap ? costs.memoryOpPage : costs.pviommuElement;
    recorder.leaf(K.gfnLookup, track, dur, request, mfn, NONE, 1, NONE, gfn);
    if (!cpu.passes(hv, dur)) yield dur;
    oracle.translated(mfn);
    take(mfn);
    oracle.lease(mfn, 1);
    if (shared) iommu.share(context, mfn, PERMISSION.both, request, dfn);
    else yield* iommu.mapPages(cpu, hv, track, context, dfn, mfn, 1, PERMISSION.both, request);
    if (wholeDomain) yield* iommu.invalidate(cpu, hv, track, context, -1, 0, request);
    return dfn;
  }

  function* mapAll(
    cpu: Cpu,
    guest: number,
    mfns: readonly number[],
    request: number,
    into: number[],
  ): Steps<number> {
    for (const mfn of mfns) into.push(yield* mapOne(cpu, guest, mfn, request));
    return NONE;
  }

  function* unmapAll(cpu: Cpu, dfns: readonly number[], request: number): Steps<number> {
    const track = cpu.hypervisorTrack;
    const hv = ACTOR.hypervisor;
    const alone = dfns.length === 1;
    const later: number[] = [];
    for (const dfn of dfns) {
      const mfn = context.table.lookup(dfn);
      yield cpu.charge(hv, physmap ? costs.memoryOpPage : costs.pviommuElement);
      if (shared) iommu.unshare(context, mfn, dfn);
      else yield* iommu.unmapPages(cpu, hv, track, context, dfn, 1, request);
      oracle.lease(mfn, -1);
      if (physmap) {
        yield* flushElement(world, cpu, world.backends[0] as Backend, mfn, request);
        const [from, pages] = wholeDomain ? [-1, 0] : [dfn, 1];
        yield* iommu.invalidate(cpu, hv, track, context, from, pages, request);
        drop(mfn);
      } else if (alone) {
        yield* iommu.invalidate(cpu, hv, track, context, dfn, 1, request);
        drop(mfn);
      } else if (put === 'before-flush') {
        drop(mfn);
        oracle.freeBeforeFlush(mfn);
      } else later.push(mfn);
      free.push(dfn);
    }
    if (!physmap && !alone) {
      yield* iommu.invalidate(cpu, hv, track, context, -1, 0, request);
      for (const mfn of later) drop(mfn);
    }
    return NONE;
  }

  const mapCall = physmap ? K.addToPhysmap : K.iommuOp;
  const unmapCall = physmap ? K.removeFromPhysmap : K.iommuOp;

  function* unmapNow(cpu: Cpu, dfns: readonly number[], request: number): Steps {
    if (physmap && dfns.length > 1) {
      // XENMEM_remove_from_physmap takes one page.
      for (const dfn of dfns) yield* unmapNow(cpu, [dfn], request);
      return;
    }
    const work = unmapAll(cpu, dfns, request);
    yield* hypercall(world, cpu, unmapCall, dfns.length, request, work);
  }

  return {
    locks: iommu.locks,
    context,
    *map(cpu, guest, mfns, request) {
      const dfns: number[] = [];
      const work = mapAll(cpu, guest, mfns, request, dfns);
      yield* hypercall(world, cpu, mapCall, mfns.length, request, work);
      for (let user = 1; user < users; user++) {
        const others: number[] = [];
        const again = mapAll(cpu, guest, mfns, request, others);
        yield* hypercall(world, cpu, mapCall, mfns.length, request, again);
        others.forEach((dfn, i) => {
          const mfn = mfns[i] as number;
          // The page is the other emulator's guest's to use as well.
          oracle.authorise(mfn);
          lagging.push({ dfn, mfn });
        });
      }
      return dfns;
    },
    *unmap(cpu, _guest, dfns, request) {
      yield* unmapNow(cpu, dfns, request);
      // Another emulator uses its own mapping a while longer, and then lets go too.
      while (lagging.length > LAG * (users - 1)) {
        const last = lagging.shift();
        if (last === undefined) break;
        const found = iommu.translate(context, last.dfn, true);
        if (found.mfn !== -1) {
          const { tracks } = world;
          const event = recorder.leaf(
            K.dmaWrite,
            tracks.dmaEngineIn,
            0,
            request,
            last.dfn,
            64,
            NONE,
            NONE,
            found.how,
          );
          oracle.access('device', found.mfn, { request, event, write: true, outcome: 'done' });
        }
        yield* unmapNow(cpu, [last.dfn], request);
        oracle.reclaim(last.mfn, []);
      }
    },
    check() {
      // References are taken and dropped with the entries.
    },
  };
}

interface Cached {
  readonly mapping: DmaMapping;
  users: number;
}

function kvmgt(world: World, iommu: Iommu): GttMapper {
  const { costs, recorder, frames, counters, oracle, guests } = world;
  const mode = world.hostDma;
  const context = iommu.context('graphics');
  const dma = new HostDma(world, iommu, mode, context);
  if (mode === 'passthrough') {
    context.table.mapRange(0, frames.size, 0, costs.identityOrder);
    for (const { memory } of guests) {
      const note = 'the host maps all memory for its devices';
      oracle.standing('device', memory.first, memory.frames, { dedicated: false, note });
    }
  }
  const byFrame = new Map<number, Cached>();
  const byDfn = new Map<number, number>();

  return {
    locks: dma.locks,
    context,
    *map(cpu, _guest, mfns, request) {
      const dfns: number[] = [];
      for (const mfn of mfns) {
        oracle.lease(mfn, 1);
        let known = byFrame.get(mfn);
        if (known === undefined) {
          recorder.leaf(K.pin, cpu.hypervisorTrack, costs.vfioPinPage, request, mfn);
          if (!cpu.passes(ACTOR.hypervisor, costs.vfioPinPage)) yield costs.vfioPinPage;
          oracle.translated(mfn);
          frames.get(mfn);
          counters.add(COUNTERS.mappedPages, 1);
          const extent = { mfn, offset: 0, bytes: 4096 };
          const mapping = yield* dma.map(cpu, ACTOR.hypervisor, extent, 'both', request);
          known = { mapping, users: 0 };
          byFrame.set(mfn, known);
          byDfn.set(mapping.dfn, mfn);
        }
        known.users++;
        dfns.push(known.mapping.dfn);
      }
      return dfns;
    },
    *unmap(cpu, _guest, dfns, request) {
      for (const dfn of dfns) {
        const mfn = byDfn.get(dfn);
        const known = mfn === undefined ? undefined : byFrame.get(mfn);
        if (mfn === undefined || known === undefined) continue;
        oracle.lease(mfn, -1);
        if (--known.users > 0) continue;
        byFrame.delete(mfn);
        byDfn.delete(dfn);
        yield* dma.unmap(cpu, ACTOR.hypervisor, known.mapping, request);
        recorder.leaf(K.unpin, cpu.hypervisorTrack, costs.vfioPinPage, request, mfn);
        frames.put(mfn);
        counters.add(COUNTERS.mappedPages, -1);
        if (!cpu.passes(ACTOR.hypervisor, costs.vfioPinPage)) yield costs.vfioPinPage;
      }
    },
    check: () => dma.check(),
  };
}

export const gfnMapRefcount: Strategy = {
  id: 'gfn-map-refcount',
  name: 'Foreign map, counted',
  explanation:
    'Each guest page that the graphics device is to reach is mapped for it when the guest names it, and holds a reference until it is unmapped and the IOMMU has forgotten it: no frame goes to another domain meanwhile. Each change costs table work and, on unmap, an invalidation, which batches share.',
  source:
    'xen-devel 2014, XenGT; PV-IOMMU drafts; Linux drivers/gpu/drm/i915/gvt (KVMGT: dma map cache)',
  standing: 'merged',
  topologies: ['assigned'],
  ring: 'xen',
  sequences: {
    netOut: `For network and block it would map and unmap each buffer by hypercall, as grant-map does with the guest’s consent; ${GPU_ONLY}`,
    netIn: { refused: GPU_ONLY },
    blk: `For network and block it would map and unmap each buffer by hypercall, as grant-map does with the guest’s consent; ${GPU_ONLY}`,
    gpu: true,
    display: { refused: GPU_ONLY },
  },
  judge({ hypervisor }) {
    if (hypervisor.backend === 'vhost') return { status: 'native', reason: '' };
    return {
      status: 'hypothetical',
      reason:
        'Drafted for Xen and, as shipped, rejected by its own check for allocated pages; charged at this hypervisor’s costs.',
    };
  },
  gtt,
};
