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
import type { World } from '../primitives/world.ts';
import { HostDma, type DmaApi } from '../primitives/dma-api.ts';
import type { Iommu } from '../primitives/iommu.ts';
import { DMA_SEQUENCES } from './dma-support.ts';
import type { Strategy } from './types.ts';

function dma(world: World, iommu: Iommu): DmaApi {
  const { costs, guests, frames, scenario, oracle } = world;
  const context = iommu.context('identity');
  const native = scenario.topology === 'native';
  if (native) context.table.mapRange(0, frames.size, 0, costs.identityOrder);
  for (const { memory } of guests) {
    const { first, frames: count } = memory;
    if (!native) context.table.mapRange(first, count, first, costs.identityOrder);
    const note = native ? 'all memory of the host' : 'all memory of the guest';
    oracle.standing('device', first, count, { dedicated: false, note });
  }
  return new HostDma(world, iommu, 'passthrough', context);
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
  judge: () => ({ status: 'native', reason: '' }),
  dma,
};
