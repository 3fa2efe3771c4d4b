import type { HypervisorProfile } from './profile.ts';
import { xenPvDom0 } from './xen-pv-dom0.ts';

/** The same dom0 with `dom0-iommu=strict`: the IOMMU holds what dom0 owns and what it has mapped. */
export const xenPvDom0Strict: HypervisorProfile = {
  ...xenPvDom0,
  id: 'xen-pv-dom0-strict',
  family: 'xen-pv-dom0-strict',
  name: 'Xen, PV dom0 (strict)',
  summary:
    'netback in a PV dom0 with dom0-iommu=strict; each grant map writes an IOMMU entry, each unmap removes it and waits for the flush',
  iommuSync: { 'VT-d': 'per-grant', 'AMD-Vi': 'per-grant' },
  hostDmaReason:
    'the IOMMU belongs to Xen, which keeps dom0’s memory and its grants in it; xen-pv-dom0 is the other mode',
  passthroughReach: 'own-domain',
};
