import { quantity as q } from '../quantity.ts';
import type { HypervisorProfile } from './profile.ts';

const X86 = 'Dall et al., ISCA 2016, table II: KVM on Xeon E5-2450';
const ARM =
  'Dall et al., ISCA 2016, table II: KVM on X-Gene, no VHE (a Cortex-A53 has none either)';
const CHOSEN = 'no published figure found; the same work as on Xen is given the same cost';

/** KVM with vhost-net in the host kernel. */
export const kvmVhost: HypervisorProfile = {
  id: 'kvm-vhost',
  name: 'KVM, vhost in the kernel',
  summary: 'vhost-net worker in the host; the host kernel is the hypervisor',
  archs: ['x86', 'arm'],
  tlb: { x86: 'ipi-per-chunk', arm: 'broadcast-per-element' },
  notification: 'eventfd',
  backend: 'vhost',
  privilege: 'control',
  hostDma: { x86: 'lazy', arm: 'strict' },
  hostDmaChoices: ['passthrough', 'lazy', 'strict'],
  hostDmaReason: '',
  passthroughTranslates: false,
  backendCopies: true,
  mitigations:
    'none in the figures used; 1255 ns per hypercall on an EPYC with them (CVM evaluation, TU Munich)',
  costs: {
    x86: {
      hypercall: q(
        1300,
        'cycles',
        [1300, 4200],
        'R',
        `${X86}, beside the Xen figure of the same table`,
      ),
      trap: q(2384, 'cycles', [1500, 5400], 'R', X86),
      notifyBackend: q(
        560,
        'cycles',
        [300, 3000],
        'R',
        `I/O latency out: ${X86}; waking the worker is charged apart`,
      ),
      notifyFrontend: q(18_923, 'cycles', [5000, 20_000], 'R', `I/O latency in: ${X86}`),
      upcall: q(1556, 'cycles', [500, 3000], 'R', `virtual interrupt completion: ${X86}`),
      sendWork: q(400, 'cycles', [200, 1000], 'assumption', CHOSEN),
      grantEntry: q(60, 'cycles', [30, 200], 'assumption', CHOSEN),
      grantMapElement: q(900, 'cycles', [500, 2500], 'assumption', CHOSEN),
      grantUnmapElement: q(600, 'cycles', [300, 1500], 'assumption', CHOSEN),
      grantUnmapComplete: q(300, 'cycles', [150, 800], 'assumption', CHOSEN),
      grantCopyElement: q(
        707,
        'cycles',
        [500, 1554],
        'S',
        'kvm_read_guest of a few bytes: Y. Zhao, gvt-dev list 2020',
      ),
      viommuRequest: q(1000, 'cycles', [500, 3000], 'assumption', CHOSEN),
      viommuPage: q(600, 'cycles', [300, 1500], 'assumption', CHOSEN),
    },
    arm: {
      hypercall: q(6500, 'cycles', [6413, 6500], 'R', ARM),
      trap: q(7370, 'cycles', [6000, 8034], 'R', ARM),
      notifyBackend: q(
        6024,
        'cycles',
        [2000, 8000],
        'R',
        `I/O latency out: ${ARM}; waking the worker is charged apart`,
      ),
      notifyFrontend: q(13_872, 'cycles', [5000, 15_000], 'R', `I/O latency in: ${ARM}`),
      upcall: q(1400, 'cycles', [600, 4000], 'assumption', CHOSEN),
      sendWork: q(800, 'cycles', [400, 2000], 'assumption', CHOSEN),
      grantEntry: q(120, 'cycles', [60, 400], 'assumption', CHOSEN),
      grantMapElement: q(1800, 'cycles', [1000, 5000], 'assumption', CHOSEN),
      grantUnmapElement: q(1200, 'cycles', [600, 3000], 'assumption', CHOSEN),
      grantUnmapComplete: q(600, 'cycles', [300, 1600], 'assumption', CHOSEN),
      grantCopyElement: q(
        1400,
        'cycles',
        [700, 3000],
        'assumption',
        'twice the cycles of kvm_read_guest on x86',
      ),
      viommuRequest: q(2000, 'cycles', [1000, 6000], 'assumption', CHOSEN),
      viommuPage: q(1200, 'cycles', [600, 3000], 'assumption', CHOSEN),
    },
  },
};
