/**
 * Q. `iommu=pt`: the driver maps nothing.
 *
 *  1. dma_map: device frame = frame, no work
 *  2. DEV.post; DMA through superpages of a table made at boot, or past the IOMMU
 *  3. dma_unmap: no work
 *
 * Native, the device reaches all memory of the host; assigned, all of the guest's, which the VMM has
 * pinned and mapped for it.
 */
import { K } from '../contract/kinds.ts';
import { ACTOR } from '../engine/cpu.ts';
import { NONE } from '../engine/recording.ts';
import { HostDma, type DmaApi } from '../primitives/dma-api.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { Guest, World } from '../primitives/world.ts';
import { DMA_SEQUENCES, forEachGuest, memoryOf, pinAll } from './dma-support.ts';
import type { Strategy } from './types.ts';

function dma(world: World, iommu: Iommu, guest: Guest): DmaApi {
  const { costs, scenario, oracle, dirty, recorder } = world;
  const context = iommu.context('identity');
  const { first, frames } = memoryOf(world, guest);
  pinAll(world, guest);
  context.table.mapRange(first, frames, first, costs.identityOrder);
  dirty?.alwaysWritable(first, frames);
  const { memory } = guest;
  oracle.standing('device', memory.first, memory.frames, {
    dedicated: false,
    note: scenario.topology === 'native' ? 'all memory of the host' : 'all memory of the guest',
  });
  const driver = new HostDma(world, iommu, 'passthrough', context);
  return {
    locks: [],
    map: (cpu, actor, extent, direction, request) =>
      driver.map(cpu, actor, extent, direction, request),
    unmap: (cpu, actor, mapping, request) => driver.unmap(cpu, actor, mapping, request),
    mapAll: (cpu, actor, extents, direction, request) =>
      driver.mapAll(cpu, actor, extents, direction, request),
    unmapAll: (cpu, actor, mappings, request) => driver.unmapAll(cpu, actor, mappings, request),
    /** Whoever adds memory maps and pins it; the guest's driver need not know. */
    *extend(cpu, from, count) {
      const entries = Math.ceil(count / 2 ** costs.identityOrder);
      const dur = costs.vfioIoctl + costs.iommuMapFixed + entries * costs.iommuPteWrite;
      recorder.leaf(K.iommuMap, cpu.track, dur, NONE, from, NONE, count, NONE, from);
      context.table.mapRange(from, count, from, costs.identityOrder);
      if (!cpu.passes(ACTOR.hypervisor, dur)) yield dur;
    },
    check: () => driver.check(),
  };
}

export const iommuPassthrough: Strategy = {
  id: 'iommu-passthrough',
  name: 'IOMMU passthrough',
  explanation:
    'The driver maps nothing: device frames are machine frames, by a table of superpages from boot. No work for each buffer and hardly an IOTLB miss; the device reaches everything, at all times, so that a faulty device or driver can read and overwrite any memory of its domain.',
  source:
    'iommu list 2018, read-only identity mapping; Linux iommu.passthrough=1; VFIO without a virtual IOMMU',
  standing: 'merged',
  topologies: ['assigned', 'native'],
  ring: 'virtio',
  sequences: DMA_SEQUENCES,
  judge({ scenario }) {
    const { topology, identity } = scenario;
    if (topology === 'native' && identity.iommu !== 'native') {
      return {
        status: 'refused',
        reason: `Without a guest there is no virtual IOMMU: identity.iommu ${identity.iommu} exists in the assigned topology.`,
      };
    }
    return { status: 'native', reason: '' };
  },
  dma: (world, iommu) => forEachGuest(world, (guest) => dma(world, iommu, guest)),
};
