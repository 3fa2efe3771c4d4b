import type { HypervisorProfile } from './profile.ts';
import { xenArmDom0 } from './xen-arm-dom0.ts';

/** A domain on Arm that has a device behind the SMMU, which walks the domain's own stage-2 table. */
export const xenArmDriverDomain: HypervisorProfile = {
  ...xenArmDom0,
  id: 'xen-arm-driver-domain',
  family: 'xen-arm-driver-domain',
  name: 'Xen on Arm, driver domain',
  summary:
    'netback in an unprivileged domain with a passed-through device; every change of its p2m, maps included, invalidates its whole SMMU context',
  domain: 'driver-domain',
  iommuSync: { SMMUv2: 'domain-per-change', SMMUv3: 'domain-per-change' },
  privilege: 'none',
  hostDmaReason: 'the SMMU belongs to Xen, which lets it walk the stage-2 table of the domain',
  passthroughTranslates: true,
  passthroughReach: 'own-domain',
};
