import { KVM_ARM_COSTS, KVM_ON_SOC, KVM_X86_COSTS } from './kvm-costs.ts';
import type { HypervisorProfile } from './profile.ts';

/** KVM with vhost-net in the host kernel. */
export const kvmVhost: HypervisorProfile = {
  id: 'kvm-vhost',
  family: 'kvm-vhost',
  name: 'KVM, vhost in the kernel',
  summary: 'vhost-net worker in the host; the host kernel is the hypervisor',
  archs: ['x86', 'arm'],
  tlb: { x86: 'ipi-per-chunk', arm: 'broadcast-per-element' },
  notification: 'eventfd',
  backend: 'vhost',
  backendKinds: ['kernel'],
  domain: 'host',
  pvGuest: false,
  translated: false,
  iommuSync: { 'VT-d': 'none', 'AMD-Vi': 'none', SMMUv2: 'none', SMMUv3: 'none' },
  privilege: 'control',
  hostDma: { x86: 'lazy', arm: 'strict' },
  hostDmaChoices: ['passthrough', 'lazy', 'strict'],
  hostDmaReason: '',
  passthroughTranslates: false,
  passthroughReach: 'host',
  backendCopies: true,
  mitigations:
    'none in the general figures; on epyc-2020 those that Linux switches on there; on neoverse-n1 without that of Spectre-BHB (the range has it)',
  costs: { x86: KVM_X86_COSTS, arm: KVM_ARM_COSTS },
  onSoc: KVM_ON_SOC,
};
