/** Costs of KVM, shared by its kinds of backend. */
import { quantity as q } from '../quantity.ts';
import type { HypervisorCosts, HypervisorProfile } from './profile.ts';

const X86 = 'Dall et al., ISCA 2016, table II: KVM on Xeon E5-2450';
const ARM =
  'Dall et al., ISCA 2016, table II: KVM on X-Gene, no VHE (a Cortex-A53 has none either)';
const CHOSEN = 'no published figure found; the same work as on Xen is given the same cost';

export const KVM_X86_COSTS: HypervisorCosts = {
  hypercall: q(
    1300,
    'cycles',
    [1300, 4200],
    'R',
    `${X86}, beside the Xen figure of the same table`,
  ),
  trap: q(2384, 'cycles', [1500, 5400], 'R', X86),
  userExit: q(
    3000,
    'cycles',
    [1000, 8000],
    'assumption',
    'no published figure found for x86; return from KVM_RUN to the VMM and entry again',
  ),
  vmmViommuWrite: q(
    53_400,
    'ns',
    [5000, 60_000],
    'S',
    'vtd_mem_write in QEMU: xlab-uiuc, October 2025, traced with eBPF. In the same runs a guest’s whole invalidation, this write within, took 7 us with one core: without tracing it may be far less. Calls to VFIO that it makes are charged once more, about a hundredth',
  ),
  notifyBackend: q(
    560,
    'cycles',
    [300, 3000],
    'R',
    `I/O latency out: ${X86}; waking the worker is charged apart`,
  ),
  notifyFrontend: q(18_923, 'cycles', [5000, 20_000], 'R', `I/O latency in: ${X86}`),
  userWake: q(2000, 'ns', [800, 6000], 'assumption', `${CHOSEN}: event loop, read of an eventfd`),
  upcall: q(1556, 'cycles', [500, 3000], 'R', `virtual interrupt completion: ${X86}`),
  sendWork: q(400, 'cycles', [200, 1000], 'assumption', CHOSEN),
  vcpuSwitch: q(4812, 'cycles', [2500, 10_000], 'R', `VM switch: ${X86}`),

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
  grantLockHold: q(200, 'cycles', [80, 800], 'assumption', CHOSEN),
  gntdevIoctl: q(1500, 'cycles', [600, 5000], 'assumption', CHOSEN),
  gntdevPage: q(500, 'cycles', [150, 1500], 'assumption', CHOSEN),

  memoryOpPage: q(700, 'cycles', [250, 2000], 'assumption', CHOSEN),
  pviommuElement: q(600, 'cycles', [200, 2000], 'assumption', CHOSEN),
  argoSend: q(1500, 'cycles', [500, 5000], 'assumption', CHOSEN),

  viommuRequest: q(1000, 'cycles', [500, 3000], 'assumption', CHOSEN),
  viommuPage: q(600, 'cycles', [300, 1500], 'assumption', CHOSEN),
  vfioIoctl: q(
    1500,
    'cycles',
    [500, 5000],
    'assumption',
    'no published figure found; arguments, mutex, tree of mappings; system call and table work apart',
  ),
  vfioPinPage: q(
    300,
    'cycles',
    [100, 1500],
    'assumption',
    'no published figure found; fast get_user_pages, accounting',
  ),
  gttEmulate: q(
    3000,
    'cycles',
    [1000, 10_000],
    'assumption',
    'no published figure found; decoding, shadow entry, completion',
  ),
};

/** A core without VHE: each exit of a guest switches the whole state of EL1. */
export const KVM_ARM_COSTS: HypervisorCosts = {
  hypercall: q(6500, 'cycles', [4000, 9000], 'R', ARM),
  trap: q(7370, 'cycles', [4500, 10_000], 'R', ARM),
  userExit: q(
    1978,
    'cycles',
    [1000, 7000],
    'R',
    'I/O user 10012 less I/O kernel 8034 cycles without VHE: Dall, Li, Nieh, ATC 2017',
  ),
  vmmViommuWrite: q(
    80_000,
    'ns',
    [20_000, 200_000],
    'assumption',
    'no such device on Arm; QEMU’s vtd_mem_write on x86 (53.4 us) and a slower core',
  ),
  notifyBackend: q(
    6024,
    'cycles',
    [2000, 8000],
    'R',
    `I/O latency out: ${ARM}; waking the worker is charged apart`,
  ),
  notifyFrontend: q(13_872, 'cycles', [5000, 15_000], 'R', `I/O latency in: ${ARM}`),
  userWake: q(
    5000,
    'ns',
    [2000, 15_000],
    'assumption',
    `${CHOSEN}: event loop, read of an eventfd`,
  ),
  upcall: q(1400, 'cycles', [600, 4000], 'assumption', CHOSEN),
  sendWork: q(800, 'cycles', [400, 2000], 'assumption', CHOSEN),
  vcpuSwitch: q(10_387, 'cycles', [5000, 12_000], 'R', `VM switch: ${ARM}`),

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
  grantLockHold: q(400, 'cycles', [160, 1600], 'assumption', CHOSEN),
  gntdevIoctl: q(3000, 'cycles', [1200, 10_000], 'assumption', CHOSEN),
  gntdevPage: q(1000, 'cycles', [300, 3000], 'assumption', CHOSEN),

  memoryOpPage: q(1400, 'cycles', [500, 4000], 'assumption', CHOSEN),
  pviommuElement: q(1200, 'cycles', [400, 4000], 'assumption', CHOSEN),
  argoSend: q(3000, 'cycles', [1000, 10_000], 'assumption', CHOSEN),

  viommuRequest: q(2000, 'cycles', [1000, 6000], 'assumption', CHOSEN),
  viommuPage: q(1200, 'cycles', [600, 3000], 'assumption', CHOSEN),
  vfioIoctl: q(
    3000,
    'cycles',
    [1000, 10_000],
    'assumption',
    'no published figure found; arguments, mutex, tree of mappings; system call and table work apart',
  ),
  vfioPinPage: q(
    600,
    'cycles',
    [200, 3000],
    'assumption',
    'no published figure found; fast get_user_pages, accounting',
  ),
  gttEmulate: q(
    6000,
    'cycles',
    [2000, 20_000],
    'assumption',
    'no published figure found; decoding, shadow entry, completion',
  ),
};

const KOLLER = 'kvm-unit-tests micro-bench, R. Koller, kvmarm list, March 2022, Neoverse N1';
const CVM = 'CVM evaluation, TU Munich, EPYC, normal VM, mitigations on';
const OTHER_CORE = 'no figure of its own: that of E5-2450 (table II of ISCA 2016, remembered)';
const N1 = 'no published figure found; that of Neoverse N1, which has VHE too, by its clock';

/** What a machine's own measurements, or VHE, put in the place of the general figures. */
export const KVM_ON_SOC: NonNullable<HypervisorProfile['onSoc']> = {
  'xeon-2020': {
    hypercall: q(1300, 'cycles', [650, 4200], 'assumption', OTHER_CORE),
    trap: q(2384, 'cycles', [1000, 5400], 'assumption', OTHER_CORE),
  },
  'epyc-2020': {
    hypercall: q(1255, 'ns', [500, 1300], 'S', CVM),
    trap: q(1226, 'ns', [500, 1650], 'S', `cpuid exit; 1635 ns for port I/O: ${CVM}`),
  },
  'neoverse-n1': {
    hypercall: q(
      292,
      'ns',
      [292, 317],
      'S',
      `${KOLLER}; 317 ns with the mitigation of Spectre-BHB`,
    ),
    trap: q(419, 'ns', [419, 444], 'S', `access to the vGIC in the kernel: ${KOLLER}`),
    userExit: q(
      1190,
      'ns',
      [1000, 1300],
      'D',
      `MMIO read in user space 1609 ns less 419 ns: ${KOLLER}`,
    ),
    notifyBackend: q(
      600,
      'cycles',
      [200, 2000],
      'assumption',
      'no published figure found; the x86 figure: waking the worker is charged apart',
    ),
    notifyFrontend: q(1643, 'ns', [1500, 1760], 'S', `virtual LPI: ${KOLLER}`),
    upcall: q(
      70,
      'ns',
      [29, 300],
      'assumption',
      `the end of an interrupt takes 29 ns (${KOLLER}); its handler's entry and exit beside it`,
    ),
    vcpuSwitch: q(
      1500,
      'ns',
      [700, 4000],
      'assumption',
      'no published figure found with VHE; about the cycles of KVM on x86',
    ),
  },
  'kunpeng-920': {
    hypercall: q(340, 'ns', [150, 600], 'assumption', N1),
    trap: q(480, 'ns', [240, 800], 'assumption', N1),
    userExit: q(
      1118,
      'ns',
      [800, 1400],
      'D',
      'MMIO read in user space 1598 ns (HiSilicon, GICv4.0, kvmarm list) less the trap',
    ),
    notifyBackend: q(
      600,
      'cycles',
      [200, 2000],
      'assumption',
      'no published figure found; the x86 figure: waking the worker is charged apart',
    ),
    notifyFrontend: q(1900, 'ns', [1200, 3000], 'assumption', N1),
    upcall: q(80, 'ns', [30, 350], 'assumption', N1),
    vcpuSwitch: q(1700, 'ns', [800, 4500], 'assumption', N1),
  },
};
