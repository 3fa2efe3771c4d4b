import { quantity as q } from '../quantity.ts';
import type { SocProfile } from './profile.ts';

const SBC = 'tinymembench, sbc-bench collection';
const CHOSEN =
  'no published figure found; the Xeon assumption in cycles, doubled for an in-order core';
const RANJAN = 'S. P. Ranjan, iommu list 2021, Snapdragon 855';
const MANJARRES = 'I. Manjarres, iommu list 2021, Qualcomm SoC';

/** A small Arm board. */
export const cortexA53: SocProfile = {
  id: 'cortex-a53',
  name: 'Cortex-A53 board',
  arch: 'arm',
  summary:
    'Zynq UltraScale+ class, 4 cores of 1.2 GHz, MMU-500, 1 Gb/s Ethernet that is not coherent',
  dmaCoherent: false,
  iommu: 'SMMUv2',

  clock: q(1.2, 'GHz', [1.2, 1.5], 'S', 'ZCU104: arXiv 2303.11186'),
  cacheLineBytes: q(64, 'B', [64, 64], 'S', 'architecture of the core'),
  llcBytes: q(2 ** 20, 'B', [2 ** 19, 2 ** 20], 'S', '1 MB of L2, ZCU104: arXiv 2303.11186'),
  copyColdRate: q(
    1.4,
    'GB/s',
    [1.3, 1.9],
    'D',
    `1.31 GB/s at 1.3 GHz and 1.87 GB/s at 1.5 GHz: ${SBC}`,
  ),
  copyWarmRate: q(
    4,
    'GB/s',
    [3, 5],
    'R',
    'no published table for warm copies; two to three times the cold rate',
  ),
  copyFixed: q(130, 'cycles', [60, 400], 'assumption', CHOSEN),
  cacheMaintenancePerLine: q(
    25,
    'ns',
    [10, 60],
    'assumption',
    'no published figure found; DC CVAC to the point of coherency',
  ),

  idleExit: q(1000, 'ns', [500, 3000], 'assumption', 'no published figure found; exit from WFI'),
  contextSwitch: q(3000, 'ns', [1500, 6000], 'assumption', CHOSEN),
  hardirq: q(2000, 'ns', [1000, 4000], 'assumption', CHOSEN),
  syscall: q(400, 'ns', [200, 1000], 'assumption', CHOSEN),
  ipiRound: q(3000, 'cycles', [1500, 8000], 'assumption', CHOSEN),
  ipiPerCpu: q(1000, 'cycles', [400, 3000], 'assumption', CHOSEN),
  tlbiBroadcast: q(
    600,
    'cycles',
    [200, 2400],
    'assumption',
    'no published figure found; TLBI VMALLS12E1IS with DSB among four cores. The refills that follow are not charged',
  ),
  pteWrite: q(120, 'cycles', [40, 300], 'assumption', CHOSEN),
  lockUncontended: q(150, 'cycles', [60, 300], 'assumption', CHOSEN),

  iovaFast: q(600, 'cycles', [200, 1500], 'assumption', CHOSEN),
  iovaSlow: q(6000, 'cycles', [3000, 8000], 'assumption', CHOSEN),
  iommuMapFixed: q(
    1600,
    'ns',
    [500, 2000],
    'D',
    `2.07 us for one 4 KiB map (${RANJAN}) less one entry`,
  ),
  iommuPteWrite: q(470, 'ns', [260, 600], 'S', `about 0.47 us for each 4 KiB entry: ${MANJARRES}`),
  iotlbInvSubmit: q(250, 'ns', [100, 500], 'assumption', 'share of the CPU in one invalidation'),
  iotlbInvService: q(
    1500,
    'ns',
    [900, 2000],
    'D',
    `1.85 us for one 4 KiB unmap (${RANJAN}) less its table work and submission`,
  ),
  iotlbSets: q(32, 'count', [8, 64], 'assumption', 'MMU-500 is built with different sizes'),
  iotlbWays: q(4, 'count', [1, 8], 'assumption', 'MMU-500 is built with different sizes'),
  walkCacheEntries: q(16, 'count', [4, 64], 'assumption', 'not published'),
  walkLevels: q(3, 'levels', [3, 4], 'S', 'Arm stage 2 tables for 39 or 40 bits'),
  walkPerLevel: q(165, 'ns', [150, 175], 'S', `random read from DRAM, RK3328 and RK3399: ${SBC}`),
  identityOrder: q(9, 'log2 pages', [0, 18], 'assumption', 'identity maps with 2 MiB entries'),

  linkRate: q(1000, 'Mb/s', [1000, 10_000], 'S', 'the SoC’s own Ethernet controller'),
  dmaRate: q(
    2,
    'GB/s',
    [1, 4],
    'assumption',
    'no published figure found; a 64-bit port at 250 to 500 MHz',
  ),
  dmaPerPage: q(
    200,
    'ns',
    [100, 400],
    'assumption',
    'one DRAM access of latency that is not hidden',
  ),
  doorbell: q(150, 'ns', [100, 300], 'assumption', 'write to a device register'),
  descriptorPost: q(240, 'cycles', [100, 600], 'assumption', CHOSEN),

  stackFrontendPerPacket: q(
    5000,
    'cycles',
    [2500, 10_000],
    'assumption',
    `${CHOSEN}: system call, socket, skb, IP, qdisc`,
  ),
  stackFrontendPerSegment: q(300, 'cycles', [100, 800], 'assumption', CHOSEN),
  stackFrontendPerByte: q(
    0.25,
    'ns/B',
    [0.2, 0.7],
    'D',
    'one pass at the warm copy rate: the socket copies from user space',
  ),
  stackFrontendDriver: q(800, 'cycles', [400, 2000], 'assumption', CHOSEN),
  stackBackendPerPacket: q(
    5000,
    'cycles',
    [2500, 10_000],
    'assumption',
    `${CHOSEN}: skb, receive path, bridge, qdisc, driver`,
  ),
  stackBackendPerSegment: q(300, 'cycles', [100, 800], 'assumption', CHOSEN),
  stackCompletion: q(1000, 'cycles', [400, 2400], 'assumption', CHOSEN),
  pageAllocate: q(400, 'cycles', [160, 1000], 'assumption', CHOSEN),
  ringEntry: q(
    130,
    'cycles',
    [60, 300],
    'assumption',
    'one cache line that moves between two cores',
  ),
};
