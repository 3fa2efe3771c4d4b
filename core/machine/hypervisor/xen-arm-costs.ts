/** Costs of Xen on Arm, shared by dom0 and driver domain. */
import { quantity as q } from '../quantity.ts';
import type { HypervisorCosts, HypervisorProfile } from './profile.ts';

const ISCA = 'Dall et al., ISCA 2016, table II: Xen on X-Gene';
const VWFI =
  'interrupt to an idle vCPU takes 5000 ns, 2000 ns with vwfi=native: xen commit 56ac30f92b, 1.2 GHz Cortex-A53';
const CHOSEN = 'no published figure found; the x86 assumption in cycles, doubled';

/** Xen runs at EL2 with or without VHE, so that a hypercall is short on every core. */
export const XEN_ARM_COSTS: HypervisorCosts = {
  hypercall: q(376, 'cycles', [200, 1000], 'R', ISCA),
  trap: q(1356, 'cycles', [800, 3000], 'R', ISCA),
  userExit: q(
    30_785,
    'cycles',
    [10_000, 40_000],
    'R',
    `an ioreq to a device model in dom0 and back: I/O latency out and in less the trap: ${ISCA}`,
  ),
  vmmViommuWrite: q(
    53_400,
    'ns',
    [10_000, 110_000],
    'assumption',
    'Xen has no merged vIOMMU; as QEMU’s vtd_mem_write on KVM',
  ),
  notifyBackend: q(6000, 'cycles', [2400, 16_115], 'D', `${VWFI}; 16491 cycles out in ${ISCA}`),
  notifyFrontend: q(6000, 'cycles', [2400, 15_274], 'D', `${VWFI}; 15650 cycles in in ${ISCA}`),
  userWake: q(
    5000,
    'ns',
    [2000, 15_000],
    'assumption',
    `${CHOSEN}: event loop, read of the event channel device`,
  ),
  upcall: q(1400, 'cycles', [600, 4000], 'assumption', CHOSEN),
  sendWork: q(800, 'cycles', [400, 2000], 'assumption', CHOSEN),
  vcpuSwitch: q(8799, 'cycles', [4000, 12_000], 'R', `VM switch: ${ISCA}`),

  grantEntry: q(120, 'cycles', [60, 400], 'assumption', CHOSEN),
  grantMapElement: q(
    1800,
    'cycles',
    [1000, 5000],
    'assumption',
    `${CHOSEN}: pin, page reference, maptrack, p2m entry`,
  ),
  grantUnmapElement: q(
    1200,
    'cycles',
    [600, 3000],
    'assumption',
    `${CHOSEN}: handle, p2m entry; its TLB invalidation apart`,
  ),
  grantUnmapComplete: q(600, 'cycles', [300, 1600], 'assumption', CHOSEN),
  grantCopyElement: q(
    7200,
    'cycles',
    [2400, 7200],
    'R',
    'more than 3 us for one byte on a 2.4 GHz X-Gene: Dall et al., ISCA 2016',
  ),
  grantLockHold: q(
    400,
    'cycles',
    [160, 1600],
    'assumption',
    `${CHOSEN}: checks and pin counts under the lock`,
  ),
  gntdevIoctl: q(
    3000,
    'cycles',
    [1200, 10_000],
    'assumption',
    `${CHOSEN}: structures, mutex, copies of arguments; system call and hypercall apart`,
  ),
  gntdevPage: q(
    1000,
    'cycles',
    [300, 3000],
    'assumption',
    `${CHOSEN}: second page-table entry, notifier, vm_insert`,
  ),

  memoryOpPage: q(
    1400,
    'cycles',
    [500, 4000],
    'assumption',
    `${CHOSEN}: page reference, M2P and P2M entries`,
  ),
  pviommuElement: q(
    1200,
    'cycles',
    [400, 4000],
    'assumption',
    `${CHOSEN}: lookup, page reference; the IOMMU entry apart`,
  ),
  argoSend: q(
    3000,
    'cycles',
    [1000, 10_000],
    'assumption',
    `${CHOSEN}: three levels of locks, ring checks, vector of the sender`,
  ),

  viommuRequest: q(2000, 'cycles', [1000, 6000], 'assumption', CHOSEN),
  viommuPage: q(1200, 'cycles', [600, 3000], 'assumption', CHOSEN),
  vfioIoctl: q(3000, 'cycles', [1000, 10_000], 'assumption', 'Xen has no VFIO; as on KVM'),
  vfioPinPage: q(600, 'cycles', [200, 3000], 'assumption', 'Xen has no VFIO; as on KVM'),
  gttEmulate: q(
    6000,
    'cycles',
    [2000, 20_000],
    'assumption',
    `${CHOSEN}: decoding, shadow entry, completion`,
  ),
};

const GUESS =
  'no figure of its own: 376 cycles of X-Gene (ISCA 2016, remembered), and rounded up for mitigations';
const COPY_GUESS =
  'no figure of its own: between the x86 assumption (1000 cycles) and X-Gene (7200, remembered), whose walks of the p2m wait for slow memory';

/** Where the general figures, of a 1.2 GHz board and of X-Gene, do not fit. */
export const XEN_ARM_ON_SOC: NonNullable<HypervisorProfile['onSoc']> = {
  'neoverse-n1': {
    hypercall: q(150, 'ns', [100, 500], 'assumption', GUESS),
    grantCopyElement: q(3000, 'cycles', [1000, 7200], 'assumption', COPY_GUESS),
  },
  'kunpeng-920': {
    hypercall: q(160, 'ns', [100, 500], 'assumption', GUESS),
    grantCopyElement: q(3000, 'cycles', [1000, 7200], 'assumption', COPY_GUESS),
  },
  // A core of X-Gene's kind: the whole way through dom0 was measured there, not on the board.
  'cortex-a72': {
    notifyBackend: q(
      16_115,
      'cycles',
      [6000, 17_000],
      'R',
      `I/O latency out 16491 less the hypercall: ${ISCA}`,
    ),
    notifyFrontend: q(
      15_274,
      'cycles',
      [6000, 17_000],
      'R',
      `I/O latency in 15650 less the hypercall: ${ISCA}`,
    ),
  },
};
