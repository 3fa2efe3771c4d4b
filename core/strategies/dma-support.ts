/** What the DMA modes of a driver that owns its device have in common. */
import { HostDma, type DmaApi } from '../primitives/dma-api.ts';
import type { Iommu, IommuContext } from '../primitives/iommu.ts';
import { VfioDma } from '../primitives/vfio-dma.ts';
import type { World } from '../primitives/world.ts';
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
 * The guest's, or the host's, own mapping by strict or deferred invalidation.
 *
 * @param shared a context that holds other mappings too, and the page below which IOVAs are taken
 */
export function ownDma(
  world: World,
  iommu: Iommu,
  mode: 'strict' | 'lazy',
  shared?: { readonly context: IommuContext; readonly top: number },
): DmaApi {
  const { scenario } = world;
  const flavour = scenario.topology === 'native' ? 'native' : scenario.identity.iommu;
  if (flavour !== 'native') return new VfioDma(world, iommu, flavour, mode === 'lazy', shared);
  return new HostDma(world, iommu, mode, shared?.context ?? iommu.context(mode), shared?.top);
}

/** Is there an IOMMU that the driver can talk to in this way? */
export function judgeOwnIommu({ scenario, soc }: Setting): PairJudgement {
  const { topology, identity } = scenario;
  if (topology === 'native') {
    if (identity.iommu === 'native') return { status: 'native', reason: '' };
    return {
      status: 'refused',
      reason: `Without a guest there is no virtual IOMMU: identity.iommu ${identity.iommu} exists in the assigned topology.`,
    };
  }
  switch (identity.iommu) {
    case 'native':
      return {
        status: 'hypothetical',
        reason:
          'The guest is given an invalidation queue of the hardware’s own, as few IOMMUs offer; see identity.iommu for the others.',
      };
    case 'vtd-cm':
      return soc.iommu === 'VT-d'
        ? { status: 'native', reason: '' }
        : {
            status: 'hypothetical',
            reason: `An emulated VT-d in front of a host with ${soc.iommu}, charged at its costs.`,
          };
    case 'nested':
      return soc.iommu === 'VT-d' || soc.iommu === 'SMMUv3' || soc.iommu === 'AMD-Vi'
        ? { status: 'native', reason: '' }
        : { status: 'refused', reason: `${soc.iommu} offers guests no stage of their own.` };
    default:
      return { status: 'native', reason: '' };
  }
}
