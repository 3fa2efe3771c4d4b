/**
 * R. Each buffer mapped for as long as the device needs it, invalidations deferred.
 *
 *  1. dma_map: IOVA from the per-CPU cache, IOMMU.map by direction
 *  2. DEV.post; DMA
 *  3. dma_unmap: IOMMU.unmap; the IOVA goes on the CPU's flush queue, the buffer back to its owner now
 *  4. after 255 entries or 10 ms: one invalidation of the whole domain; the IOVAs are free
 */
import { bufferDma, DMA_SEQUENCES, judgeOwnIommu } from './dma-support.ts';
import type { Strategy } from './types.ts';

export const iommuLazy: Strategy = {
  id: 'iommu-lazy',
  name: 'IOMMU, lazy',
  explanation:
    'As strict, but invalidations wait for company: one for 255 unmaps of a CPU, or after 10 ms. In between the device can still reach pages whose buffers are in use for something else by then.',
  source: 'Linux drivers/iommu/dma-iommu.c, iommu.strict=0: the default on x86',
  standing: 'merged',
  topologies: ['assigned', 'native'],
  ring: 'virtio',
  sequences: DMA_SEQUENCES,
  judge(setting) {
    const { topology, identity, viommu } = setting.scenario;
    if (topology === 'assigned' && identity.iommu === 'vtd-cm') {
      return {
        status: 'refused',
        reason: 'Linux forces strict invalidation on a VT-d with caching mode.',
      };
    }
    if (topology === 'assigned' && identity.iommu === 'virtio-iommu' && !viommu.lazyDriver) {
      return {
        status: 'refused',
        reason:
          'Linux up to 6.1 has no deferred invalidation over virtio-iommu; viommu.lazyDriver stands for later drivers.',
      };
    }
    return judgeOwnIommu(setting);
  },
  dma: (world, iommu) => bufferDma(world, iommu, 'lazy'),
};
