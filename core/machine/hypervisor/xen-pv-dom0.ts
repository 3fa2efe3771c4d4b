import type { HypervisorProfile } from './profile.ts';
import { XEN_PV_COSTS, XEN_X86_MITIGATIONS, XEN_X86_ON_SOC } from './xen-x86-costs.ts';

/** Xen on x86 with a PV dom0 in its default, relaxed mode: all host RAM is in the IOMMU from boot. */
export const xenPvDom0: HypervisorProfile = {
  id: 'xen-pv-dom0',
  family: 'xen-pv-dom0',
  name: 'Xen, PV dom0 (relaxed)',
  summary: 'netback in a PV dom0; the IOMMU holds all host RAM, device frame = machine frame',
  archs: ['x86'],
  tlb: { x86: 'ipi-per-chunk' },
  notification: 'event-channel',
  backend: 'netback',
  backendKinds: ['kernel', 'user'],
  domain: 'dom0',
  pvGuest: true,
  translated: false,
  iommuSync: { 'VT-d': 'none', 'AMD-Vi': 'none' },
  privilege: 'control',
  hostDma: { x86: 'passthrough' },
  hostDmaChoices: ['passthrough'],
  hostDmaReason:
    'the IOMMU belongs to Xen, which maps all RAM for a relaxed dom0 at boot; xen-pv-dom0-strict is the other mode',
  passthroughTranslates: true,
  passthroughReach: 'host',
  backendCopies: false,
  mitigations: XEN_X86_MITIGATIONS,
  costs: { x86: XEN_PV_COSTS },
  onSoc: XEN_X86_ON_SOC,
};
