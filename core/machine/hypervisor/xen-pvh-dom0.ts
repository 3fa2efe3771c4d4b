import type { HypervisorProfile } from './profile.ts';
import { XEN_HVM_COSTS, XEN_X86_MITIGATIONS, XEN_X86_ON_SOC } from './xen-x86-costs.ts';

/** A PVH dom0, which Xen always runs strict: grants are entries of its p2m. */
export const xenPvhDom0: HypervisorProfile = {
  id: 'xen-pvh-dom0',
  family: 'xen-pvh-dom0',
  name: 'Xen, PVH dom0',
  summary:
    'netback in a PVH dom0; a grant is a p2m entry, each unmap costs an INVEPT round and an IOTLB flush (VT-d walks the same table, AMD-Vi one of its own)',
  archs: ['x86'],
  tlb: { x86: 'ept-per-element' },
  notification: 'event-channel',
  backend: 'netback',
  backendKinds: ['kernel', 'user'],
  domain: 'dom0',
  pvGuest: false,
  translated: true,
  // AMD-Vi never shares the CPU's table, so that Xen keeps a second one in step with the p2m.
  iommuSync: { 'VT-d': 'shared-table', 'AMD-Vi': 'per-grant' },
  privilege: 'control',
  hostDma: { x86: 'passthrough' },
  hostDmaChoices: ['passthrough'],
  hostDmaReason: 'the IOMMU belongs to Xen, which keeps in it what the p2m of dom0 holds',
  passthroughTranslates: true,
  passthroughReach: 'own-domain',
  backendCopies: false,
  mitigations: XEN_X86_MITIGATIONS,
  costs: { x86: XEN_HVM_COSTS },
  onSoc: XEN_X86_ON_SOC,
};
