/** What the DMA modes of a driver that owns its device have in common. */
import { HostDma, type DmaApi } from '../primitives/dma-api.ts';
import type { Iommu, IommuContext } from '../primitives/iommu.ts';
import { VfioDma, type Flavour } from '../primitives/vfio-dma.ts';
import type { IovaSpace } from '../memory/iova.ts';
import { guestOf, type Guest, type World } from '../primitives/world.ts';
import { exists } from '../base/assert.ts';
import { COUNTERS } from '../engine/counters.ts';
import type { PairJudgement, Sequences, Setting } from './types.ts';

/** DMA modes serve whatever the device does. */
export const DMA_SEQUENCES: Sequences = {
  netOut: true,
  netIn: 'direct',
  blk: true,
  gpu: 'A mediated graphics device is driven by an emulator, which translates the guest’s pages; see gfn-map-refcount.',
  display: { refused: 'A display is driven by the backend; see the mediated strategies.' },
};

/**
 * A DMA API for each guest: a device of its own, a context, and whatever the driver keeps.
 *
 * @param make the DMA API of one guest; without a guest, of the host
 */
export function forEachGuest(world: World, make: (guest: Guest) => DmaApi): DmaApi {
  const own = world.guests.map(make);
  const [first] = own;
  if (own.length === 1 && first !== undefined) return first;
  const of = (mfn: number): DmaApi =>
    exists(own[guestOf(world, mfn)?.index ?? -1], 'a driver maps memory of its guest');
  return {
    // All of them share the hardware's queue.
    locks: [...new Set(own.flatMap((each) => each.locks))],
    map: (cpu, actor, extent, direction, request) =>
      of(extent.mfn).map(cpu, actor, extent, direction, request),
    unmap: (cpu, actor, mapping, request) =>
      of(mapping.extent.mfn).unmap(cpu, actor, mapping, request),
    mapAll: (cpu, actor, extents, direction, request) =>
      of(extents[0]?.mfn ?? -1).mapAll(cpu, actor, extents, direction, request),
    unmapAll: (cpu, actor, mappings, request) =>
      of(mappings[0]?.extent.mfn ?? -1).unmapAll(cpu, actor, mappings, request),
    // Memory is added to the first guest.
    *extend(cpu, from, frames) {
      yield* first?.extend?.(cpu, from, frames) ?? [];
    },
    check: () => {
      for (const each of own) each.check();
    },
  };
}

/** Frames that a guest's driver can be asked to map; without a guest, all of the host's. */
export function memoryOf(
  world: World,
  guest: Guest,
): { readonly first: number; readonly frames: number } {
  return world.scenario.topology === 'native'
    ? { first: 0, frames: world.frames.size }
    : guest.memory;
}

/** The DMA API of a strategy that maps every buffer (R), for each guest. */
export function bufferDma(world: World, iommu: Iommu, mode: 'strict' | 'lazy'): DmaApi {
  const { iommu: flavour } = world.scenario.identity;
  return forEachGuest(world, (guest) => {
    if (flavour === 'native' || flavour === 'nested') pinAll(world, guest);
    return ownDma(world, iommu, mode);
  });
}

/** The DMA API of a guest behind a virtual IOMMU (M), for each guest. */
export function viommuDma(world: World, iommu: Iommu, deferred: boolean): DmaApi {
  const { flavour } = world.scenario.viommu;
  return forEachGuest(world, (guest) => {
    if (flavour === 'nested') pinAll(world, guest);
    return new VfioDma(world, iommu, flavour, deferred);
  });
}

/**
 * Where the device can be led to any of a guest's memory without the VMM hearing of it, VFIO has all of
 * that pinned: with all of it mapped, and below a table that the guest owns. Nothing of it can go to
 * others while the device is there.
 */
export function pinAll({ scenario, frames, counters }: World, { memory }: Guest): void {
  if (scenario.topology !== 'assigned') return;
  const end = memory.first + memory.frames;
  for (let mfn = memory.first; mfn < end; mfn++) frames.get(mfn);
  counters.add(COUNTERS.mappedPages, memory.frames);
}

/**
 * A guest's, or the host's, own mapping by strict or deferred invalidation.
 *
 * @param shared a context that holds other mappings too, and the space that IOVAs are taken from
 */
export function ownDma(
  world: World,
  iommu: Iommu,
  mode: 'strict' | 'lazy',
  shared?: { readonly context: IommuContext; readonly space: IovaSpace },
): DmaApi {
  const { scenario } = world;
  const flavour = scenario.topology === 'native' ? 'native' : scenario.identity.iommu;
  if (flavour !== 'native') return new VfioDma(world, iommu, flavour, mode === 'lazy', shared);
  return new HostDma(world, iommu, mode, shared?.context ?? iommu.context(mode), shared?.space);
}

/** Is there an IOMMU that the driver can talk to in this way? */
export function judgeOwnIommu({ scenario, soc, hypervisor }: Setting): PairJudgement {
  const { topology, identity } = scenario;
  if (topology === 'assigned') {
    return identity.iommu === 'native'
      ? {
          status: 'hypothetical',
          reason:
            'The guest is given an invalidation queue of the hardware’s own, as few IOMMUs offer; see identity.iommu for the others.',
        }
      : judgeFlavour(identity.iommu, scenario.viommu.doorbell, soc, hypervisor);
  }
  if (identity.iommu === 'native') return { status: 'native', reason: '' };
  return {
    status: 'refused',
    reason: `Without a guest there is no virtual IOMMU: identity.iommu ${identity.iommu} exists in the assigned topology.`,
  };
}

/** Is there a virtual IOMMU of this kind for an assigned device? */
export function judgeFlavour(
  flavour: Flavour,
  doorbell: boolean,
  soc: Setting['soc'],
  hypervisor: Setting['hypervisor'],
): PairJudgement {
  if (flavour === 'nested' && soc.iommu === 'SMMUv2') {
    return { status: 'refused', reason: 'SMMUv2 offers guests no stage of their own.' };
  }
  if (!doorbell && flavour !== 'nested') {
    return {
      status: 'refused',
      reason: `Without its doorbell nobody would hear of a mapping through ${flavour}: viommu.doorbell is a question to a nested IOMMU.`,
    };
  }
  if (hypervisor.notification === 'event-channel') {
    return {
      status: 'hypothetical',
      reason: 'Xen emulates no virtual IOMMU for assigned devices; charged at its trap costs.',
    };
  }
  if (flavour === 'vtd-cm' && soc.iommu !== 'VT-d') {
    return {
      status: 'hypothetical',
      reason: `An emulated VT-d in front of a host with ${soc.iommu}, charged at its costs.`,
    };
  }
  return { status: 'native', reason: '' };
}
