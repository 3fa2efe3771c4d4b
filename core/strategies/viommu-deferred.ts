/**
 * M. virtio with a virtual IOMMU, unmapping deferred.
 *
 *  1. to 4. as viommu-strict
 *  5. frontend: dma_unmap: the mapping goes on a queue, the buffer back to its owner now
 *  6. after 255 or 10 ms: all UNMAP requests with one kick, or one invalidation where nested
 */
import { viommuDma } from './dma-support.ts';
import type { Strategy } from './types.ts';
import { judgeViommu, viommuCarrier, VIOMMU_SEQUENCES } from './viommu-carrier.ts';

export const viommuDeferred: Strategy = {
  id: 'viommu-deferred',
  name: 'vIOMMU, deferred',
  explanation:
    'As strict, but unmappings wait for company: one exit for 255 of them, or after 10 ms. In between backend and device can still reach pages that their owner uses for something else.',
  source:
    'Linux drivers/iommu/dma-iommu.c (flush queue) over virtio-iommu since the series of November 2023',
  standing: 'merged',
  topologies: ['mediated', 'assigned'],
  ring: 'virtio',
  sequences: VIOMMU_SEQUENCES,
  judge(setting) {
    const { flavour, enforcement, lazyDriver } = setting.scenario.viommu;
    if (flavour === 'vtd-cm') {
      return {
        status: 'refused',
        reason: 'Linux forces strict invalidation on a VT-d with caching mode.',
      };
    }
    if (flavour === 'virtio-iommu' && enforcement !== 'stage2' && !lazyDriver) {
      return {
        status: 'refused',
        reason:
          'Linux up to 6.1 has no deferred invalidation over virtio-iommu; viommu.lazyDriver stands for later drivers.',
      };
    }
    return judgeViommu(setting);
  },
  carrier: (world, iommu) => viommuCarrier(world, iommu, true),
  dma: (world, iommu) => viommuDma(world, iommu, true),
};
