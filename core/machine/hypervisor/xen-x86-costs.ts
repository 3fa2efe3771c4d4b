/** Costs of Xen on x86, shared by its kinds of backend domain. */
import { quantity as q, type Quantity } from '../quantity.ts';
import type { HypervisorCosts, HypervisorProfile } from './profile.ts';

const ISCA = 'Dall et al., ISCA 2016, table II: Xen on Xeon E5-2450';
const CHOSEN = 'no published figure found; order of magnitude of the code path';

/** Mitigations in the figures that a profile uses: what is not in the numbers is said here. */
export const XEN_X86_MITIGATIONS =
  'none: no XPTI, no retpoline-class mitigation in the figures used';

/** A backend in a PV domain: hypercalls by `syscall`, page-table entries written by Xen. */
export const XEN_PV_COSTS: HypervisorCosts = {
  hypercall: q(
    1228,
    'cycles',
    [700, 3300],
    'R',
    `${ISCA}; 3300 for a PV null hypercall on AMD in 2007 (xen commit f64b7618e1)`,
  ),
  trap: q(1734, 'cycles', [1000, 4000], 'R', ISCA),
  userExit: q(
    19_578,
    'cycles',
    [6000, 30_000],
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
  notifyBackend: q(
    10_034,
    'cycles',
    [3000, 12_000],
    'R',
    `I/O latency out 11262 less the hypercall: ${ISCA}`,
  ),
  notifyFrontend: q(
    8822,
    'cycles',
    [3000, 12_000],
    'R',
    `I/O latency in 10050 less the hypercall: ${ISCA}`,
  ),
  userWake: q(
    2000,
    'ns',
    [800, 6000],
    'assumption',
    `${CHOSEN}: event loop, read of the event channel device`,
  ),
  upcall: q(700, 'cycles', [300, 2000], 'assumption', CHOSEN),
  sendWork: q(400, 'cycles', [200, 1000], 'assumption', CHOSEN),
  vcpuSwitch: q(10_534, 'cycles', [4000, 12_000], 'R', `VM switch: ${ISCA}`),

  grantEntry: q(
    60,
    'cycles',
    [30, 200],
    'assumption',
    'one 8-byte entry in cached memory, with its barrier',
  ),
  grantMapElement: q(
    900,
    'cycles',
    [500, 2500],
    'assumption',
    `${CHOSEN}: entry lock, pin, page and type reference, maptrack, PTE`,
  ),
  grantUnmapElement: q(600, 'cycles', [300, 1500], 'assumption', `${CHOSEN}: handle, PTE`),
  grantUnmapComplete: q(
    300,
    'cycles',
    [150, 800],
    'assumption',
    `${CHOSEN}: references, pin, GTF flags`,
  ),
  grantCopyElement: q(
    1000,
    'cycles',
    [400, 4000],
    'assumption',
    `${CHOSEN}: as a map’s element and an unmap’s completion (1200) less maptrack and PTE, for two pages of which one is granted. The 0.5 to 1.9 us of J. Martins’ staging grants are left to validation`,
  ),
  grantLockHold: q(
    200,
    'cycles',
    [80, 800],
    'assumption',
    `${CHOSEN}: checks and pin counts under the lock`,
  ),
  gntdevIoctl: q(
    1500,
    'cycles',
    [600, 5000],
    'assumption',
    `${CHOSEN}: structures, mutex, copies of arguments; system call and hypercall apart`,
  ),
  gntdevPage: q(
    500,
    'cycles',
    [150, 1500],
    'assumption',
    `${CHOSEN}: second page-table entry, notifier, vm_insert`,
  ),

  memoryOpPage: q(
    700,
    'cycles',
    [250, 2000],
    'assumption',
    `${CHOSEN}: page reference, M2P and P2M entries`,
  ),
  pviommuElement: q(
    600,
    'cycles',
    [200, 2000],
    'assumption',
    `${CHOSEN}: lookup, page reference; the IOMMU entry apart`,
  ),
  argoSend: q(
    1500,
    'cycles',
    [500, 5000],
    'assumption',
    `${CHOSEN}: three levels of locks, ring checks, vector of the sender`,
  ),
  viommuRequest: q(1000, 'cycles', [500, 3000], 'assumption', CHOSEN),
  viommuPage: q(
    600,
    'cycles',
    [300, 1500],
    'assumption',
    `${CHOSEN}: page reference and one table entry of the backend`,
  ),
  vfioIoctl: q(1500, 'cycles', [500, 5000], 'assumption', 'Xen has no VFIO; as on KVM'),
  vfioPinPage: q(300, 'cycles', [100, 1500], 'assumption', 'Xen has no VFIO; as on KVM'),
  gttEmulate: q(
    3000,
    'cycles',
    [1000, 10_000],
    'assumption',
    `${CHOSEN}: decoding, shadow entry, completion`,
  ),
};

/** A backend in an HVM or PVH domain: hypercalls are VM exits, grants are entries of its p2m. */
export const XEN_HVM_COSTS: HypervisorCosts = {
  ...XEN_PV_COSTS,
  hypercall: q(
    1228,
    'cycles',
    [1000, 3000],
    'R',
    `VMCALL of an HVM guest: ${ISCA}; a CR4 write takes 3957 cycles nested in 2018 (xen commit 4068173550)`,
  ),
  upcall: q(
    1464,
    'cycles',
    [500, 3000],
    'R',
    `virtual interrupt completion, vector injection: ${ISCA}`,
  ),
  grantMapElement: q(
    1300,
    'cycles',
    [600, 3500],
    'assumption',
    `${CHOSEN}: as in a PV domain, and the p2m lock and entry in place of the PTE`,
  ),
  grantUnmapElement: q(
    900,
    'cycles',
    [400, 2500],
    'assumption',
    `${CHOSEN}: handle, p2m lock and entry; its INVEPT round apart`,
  ),
  memoryOpPage: q(
    1000,
    'cycles',
    [350, 3000],
    'assumption',
    `${CHOSEN}: page reference, p2m entry; its INVEPT round apart`,
  ),
};

const OTHER_CORE = 'no figure of its own: that of E5-2450 (table II of ISCA 2016, remembered)';

/** The general figures are of a Xeon of 2012; on later cores they are no more than a guess. */
export const XEN_X86_ON_SOC: NonNullable<HypervisorProfile['onSoc']> = {
  'xeon-2020': laterCore(),
  'epyc-2020': laterCore(),
};

function laterCore(): Readonly<Record<'hypercall' | 'trap', Quantity>> {
  return {
    hypercall: q(1228, 'cycles', [400, 3300], 'assumption', OTHER_CORE),
    trap: q(1734, 'cycles', [1000, 4000], 'assumption', OTHER_CORE),
  };
}
