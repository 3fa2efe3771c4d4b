import type { HypervisorProfile } from './profile.ts';
import { XEN_ARM_COSTS, XEN_ARM_ON_SOC } from './xen-arm-costs.ts';

/** Xen on Arm: no PV guests; grants are stage-2 entries of dom0. No SMMU in dom0's path. */
export const xenArmDom0: HypervisorProfile = {
  id: 'xen-arm-dom0',
  family: 'xen-arm-dom0',
  name: 'Xen on Arm, dom0',
  summary:
    'netback in a direct-mapped dom0; grant mappings are stage-2 entries, removed one by one',
  archs: ['arm'],
  tlb: { arm: 'broadcast-per-element' },
  notification: 'event-channel',
  backend: 'netback',
  backendKinds: ['kernel', 'user'],
  domain: 'dom0',
  pvGuest: false,
  translated: true,
  iommuSync: { SMMUv2: 'none', SMMUv3: 'none' },
  privilege: 'control',
  hostDma: { arm: 'passthrough' },
  hostDmaChoices: ['passthrough'],
  hostDmaReason:
    'this profile has no SMMU in dom0’s path; with one, every p2m change would invalidate its whole context',
  passthroughTranslates: false,
  passthroughReach: 'host',
  backendCopies: false,
  mitigations: 'none in the figures used',
  costs: {
    arm: XEN_ARM_COSTS,
  },
  onSoc: XEN_ARM_ON_SOC,
};
