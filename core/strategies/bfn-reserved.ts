/**
 * J. All memory mapped for the graphics device at boot, at a reserved range; run time only counts.
 *
 * Setup: device frame = machine frame + 248 GiB for all memory (`pviommu.scope` host), or for the guest's.
 *
 *  1., 2. as gfn-lookup
 *  3. emulator: IOMMUOP lookup_foreign_page: sets the page's flag and takes a reference, once
 *  4. shadow entry; GPU invalidate                                            (workload)
 *  5. emulator: IOMMUOP unmap_foreign_page of the old page: flag cleared, reference dropped; no table work.
 *     A hypercall of more than one element ends with a flush of the whole domain all the same
 *     (`pviommu.flushOnBatch`, as shipped)
 */
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { hypercall } from '../primitives/hypercall.ts';
import type { Iommu } from '../primitives/iommu.ts';
import { gfnOf, type Guest, type World } from '../primitives/world.ts';
import { everything, GPU_ONLY, RESERVED_OFFSET } from './gtt-support.ts';
import type { GttMapper, Strategy } from './types.ts';

function gtt(world: World, iommu: Iommu): GttMapper {
  const { costs, recorder, guests, oracle, frames, counters, scenario } = world;
  const { scope, flushOnBatch } = scenario.pviommu;
  const context =
    scope === 'host' ? everything(world, iommu, RESERVED_OFFSET) : iommu.context('graphics');
  if (scope === 'guest') {
    for (const { memory } of guests) {
      const { first, frames: count } = memory;
      context.table.mapRange(RESERVED_OFFSET + first, count, first, costs.identityOrder);
      const note = 'the graphics device reaches all memory of the guest';
      oracle.standing('device', first, count, { dedicated: false, note });
    }
  }
  /** Pages with `_PGC_foreign_map` set: one reference, however many use it. */
  const flagged = new Set<number>();

  function* element(cpu: Cpu, guest: number, mfn: number, request: number): Steps {
    const dur = costs.pviommuElement;
    const gfn = gfnOf(guests[guest] as Guest, mfn);
    recorder.leaf(K.gfnLookup, cpu.hypervisorTrack, dur, request, mfn, NONE, 1, NONE, gfn);
    if (!cpu.passes(ACTOR.hypervisor, dur)) yield dur;
  }

  function* flushAfter(cpu: Cpu, count: number, request: number): Steps {
    if (count < 2 || !flushOnBatch) return;
    const hv = ACTOR.hypervisor;
    yield* iommu.invalidate(cpu, hv, cpu.hypervisorTrack, context, -1, 0, request);
  }

  function* lookAll(
    cpu: Cpu,
    guest: number,
    mfns: readonly number[],
    request: number,
  ): Steps<number> {
    for (const mfn of mfns) {
      yield* element(cpu, guest, mfn, request);
      oracle.translated(mfn);
      if (!flagged.has(mfn)) {
        flagged.add(mfn);
        frames.get(mfn);
        counters.add(COUNTERS.mappedPages, 1);
      }
      oracle.lease(mfn, 1);
    }
    yield* flushAfter(cpu, mfns.length, request);
    return NONE;
  }

  function* dropAll(
    cpu: Cpu,
    guest: number,
    mfns: readonly number[],
    request: number,
  ): Steps<number> {
    for (const mfn of mfns) {
      yield* element(cpu, guest, mfn, request);
      oracle.lease(mfn, -1);
      if (flagged.delete(mfn)) {
        frames.put(mfn);
        counters.add(COUNTERS.mappedPages, -1);
      }
    }
    yield* flushAfter(cpu, mfns.length, request);
    return NONE;
  }

  return {
    locks: iommu.locks,
    context,
    *map(cpu, guest, mfns, request) {
      const work = lookAll(cpu, guest, mfns, request);
      yield* hypercall(world, cpu, K.iommuOp, mfns.length, request, work);
      return mfns.map((mfn) => mfn + RESERVED_OFFSET);
    },
    *unmap(cpu, guest, dfns, request) {
      const mfns = dfns.map((dfn) => dfn - RESERVED_OFFSET);
      const work = dropAll(cpu, guest, mfns, request);
      yield* hypercall(world, cpu, K.iommuOp, mfns.length, request, work);
    },
    check() {
      // Flags and references are taken and dropped together.
    },
  };
}

export const bfnReserved: Strategy = {
  id: 'bfn-reserved',
  name: 'Reserved range',
  explanation:
    'All memory is in the graphics device’s IOMMU from boot, in a range of its own; a lookup only takes a reference, so that a frame cannot go to another domain meanwhile. No table changes at run time, and a single lookup flushes nothing; a batch, as shipped, ends with a flush of the whole domain all the same. The device reaches every frame at all times.',
  source:
    'xen-devel 2014, XenGT; PV-IOMMU as XenServer and XCP-ng ship it (add-pv-iommu-foreign-support.patch)',
  standing: 'shipped',
  topologies: ['assigned'],
  ring: 'xen',
  sequences: {
    netOut: GPU_ONLY,
    netIn: { refused: GPU_ONLY },
    blk: GPU_ONLY,
    gpu: true,
    display: { refused: GPU_ONLY },
  },
  leaksOnCrash: true,
  judge({ hypervisor }) {
    if (hypervisor.family === 'xen-pv-dom0') return { status: 'native', reason: '' };
    return {
      status: 'hypothetical',
      reason: 'Shipped for a PV dom0 of Xen on x86 alone; charged at this one’s costs.',
    };
  },
  gtt,
};
