/**
 * M. virtio with a virtual IOMMU, strict.
 *
 * Mediated (`viommu.enforcement` stage2 or advisory):
 *  1. frontend: dma_map takes an IOVA; VIRTIO_IOMMU_T_MAP, a kick and a VMEXIT. stage2: the hypervisor
 *     maps the pages into the backend (P2M.set); advisory: the VMM notes them
 *  2. frontend: descriptor with the IOVA; doorbell                            (workload)
 *  3. backend: translates (advisory: by its IOTLB, MISS and UPDATE), then copies or works in place
 *  4. backend: used ring                                                      (workload)
 *  5. frontend: dma_unmap: VIRTIO_IOMMU_T_UNMAP, waited for: pages out of the backend (P2M.clear), its
 *     TLBs flushed; then the IOVA is free
 *
 * Assigned (vfio): 1. IOVA, MAP by way of the VMM: pages pinned, IOMMU.map of the host  2. DMA
 *  3. UNMAP likewise: IOMMU.unmap, IOTLB.inv and its wait, unpinned  4. IOVA free
 */
import { viommuDma } from './dma-support.ts';
import type { Strategy } from './types.ts';
import { judgeViommu, viommuCarrier, VIOMMU_SEQUENCES } from './viommu-carrier.ts';

export const viommuStrict: Strategy = {
  id: 'viommu-strict',
  name: 'vIOMMU, strict',
  explanation:
    'The frontend maps each buffer through a virtual IOMMU before it is used and unmaps it afterwards, and goes on only when nobody reaches it any more. Enforced by the hypervisor, the backend sees what is mapped and no more; as advice, it has all memory all the same; for an assigned device the VMM maps for the hardware. No pool and no copy of its own; every map and every unmap is an exit.',
  source:
    'stratos-dev 2020; virtio 1.x, device 23 (virtio-iommu); Linux drivers/iommu/virtio-iommu.c, drivers/vhost, VFIO type 1',
  standing: 'merged',
  topologies: ['mediated', 'assigned'],
  ring: 'virtio',
  sequences: VIOMMU_SEQUENCES,
  judge: judgeViommu,
  carrier: (world, iommu) => viommuCarrier(world, iommu, false),
  dma: (world, iommu) => viommuDma(world, iommu, false),
};
