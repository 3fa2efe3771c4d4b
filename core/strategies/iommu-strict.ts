/**
 * R. Each buffer mapped for as long as the device needs it, strict.
 *
 *  1. dma_map: IOVA from the per-CPU cache, IOMMU.map by direction
 *  2. DEV.post; DMA
 *  3. dma_unmap: IOMMU.unmap, IOTLB.inv and its wait; then the IOVA is free and the buffer is the
 *     owner's again
 */
import { bufferDma, DMA_SEQUENCES, judgeOwnIommu } from './dma-support.ts';
import type { Strategy } from './types.ts';

export const iommuStrict: Strategy = {
  id: 'iommu-strict',
  name: 'IOMMU, strict',
  explanation:
    'Each buffer is mapped for the device when it is handed over and unmapped when it is done; the invalidation is waited for before anyone goes on. The device reaches exactly the pages of buffers in flight. Each unmap costs an invalidation, for which all CPUs queue.',
  source: 'Linux drivers/iommu/dma-iommu.c, iommu.strict=1',
  standing: 'merged',
  topologies: ['assigned', 'native'],
  ring: 'virtio',
  sequences: DMA_SEQUENCES,
  judge: judgeOwnIommu,
  dma: (world, iommu) => bufferDma(world, iommu, 'strict'),
};
