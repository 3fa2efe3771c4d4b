import { quantity as q } from '../quantity.ts';
import type { SocProfile } from './profile.ts';

const FS =
  'Fast & Safe IO Memory Protection, SOSP 2024, section 2.2: Xeon Gold 6234, ConnectX-5 100G, PCIe 3';
const RIOMMU = 'Malka et al., rIOMMU, ASPLOS 2015, cost table, Sandy Bridge';
const LEVER =
  'C. Lever, iommu list, January 2021: dma_map_sg of 30 pages on Linux 5.10, 2x6-core Xeon';
const CHOSEN =
  'no published figure found; order of magnitude of Linux kernel paths on such a machine';

/** A two-socket class server of 2019 to 2021, one socket of it. */
export const xeon2020: SocProfile = {
  id: 'xeon-2020',
  name: 'Xeon 2020',
  arch: 'x86',
  summary: 'Cascade Lake server, 3.3 GHz, VT-d, 100 Gb/s NIC on PCIe 3 x16',
  dmaCoherent: true,
  iommu: 'VT-d',

  clock: q(3.3, 'GHz', [3.0, 3.5], 'S', FS),
  cacheLineBytes: q(64, 'B', [64, 64], 'S', 'architecture'),
  llcBytes: q(24.75 * 2 ** 20, 'B', [16 * 2 ** 20, 36 * 2 ** 20], 'R', 'Xeon Gold 6234 data sheet'),
  copyColdRate: q(
    9,
    'GB/s',
    [4.2, 11],
    'D',
    'between 4.19 GB/s (4 GB memcpy, DL380 Gen10, Ming Lei 2021) and 8.1 to 10.9 GB/s (tinymembench on x86, sbc-bench)',
  ),
  copyWarmRate: q(
    15,
    'GB/s',
    [8.5, 25],
    'R',
    'no published table for warm copies; two to three times the cold rate',
  ),
  copyFixed: q(66, 'cycles', [30, 200], 'assumption', CHOSEN),
  cacheMaintenancePerLine: q(0, 'ns', [0, 0], 'S', 'DMA is coherent on x86'),

  idleExit: q(
    2000,
    'ns',
    [1000, 10_000],
    'R',
    'exit latency of C1 in Linux drivers/idle/intel_idle.c',
  ),
  contextSwitch: q(1000, 'ns', [500, 2000], 'assumption', CHOSEN),
  hardirq: q(600, 'ns', [300, 1500], 'assumption', CHOSEN),
  syscall: q(100, 'ns', [50, 400], 'assumption', CHOSEN),
  ipiRound: q(
    2000,
    'cycles',
    [1000, 8000],
    'R',
    'cost of a remote TLB flush, Amit, ATC 2017, order of magnitude',
  ),
  ipiPerCpu: q(600, 'cycles', [200, 2000], 'assumption', CHOSEN),
  tlbiBroadcast: null,
  pteWrite: q(60, 'cycles', [20, 200], 'assumption', CHOSEN),
  lockUncontended: q(
    104,
    'cycles',
    [40, 160],
    'S',
    'uncontended mutex, Y. Zhao, gvt-dev list 2020',
  ),

  iovaFast: q(
    300,
    'cycles',
    [92, 1000],
    'R',
    `${RIOMMU} (fixed allocator: 92 to 108 cycles), cached path of Linux`,
  ),
  iovaSlow: q(3986, 'cycles', [1674, 4000], 'R', RIOMMU),
  iommuMapFixed: q(
    275,
    'cycles',
    [100, 600],
    'D',
    `588 cycles for one page (${RIOMMU}) less one entry`,
  ),
  iommuPteWrite: q(95, 'ns', [60, 410], 'D', `__domain_mapping 2.85 us for 30 pages: ${LEVER}`),
  iotlbInvSubmit: q(
    300,
    'cycles',
    [100, 600],
    'assumption',
    'share of the CPU in the 2000 cycles of one invalidation',
  ),
  iotlbInvService: q(
    1700,
    'cycles',
    [1000, 2127],
    'R',
    `about 2000 cycles for one synchronous invalidation (Markuze et al., ASPLOS 2016; 2127 in ${RIOMMU}) less submission`,
  ),
  iotlbSets: q(16, 'count', [1, 32], 'assumption', 'associativity is not published'),
  iotlbWays: q(
    4,
    'count',
    [4, 64],
    'R',
    'about 64 entries in all: Neugebauer et al., SIGCOMM 2018',
  ),
  walkCacheEntries: q(32, 'count', [8, 64], 'assumption', 'not published'),
  walkLevels: q(4, 'levels', [4, 5], 'S', 'VT-d second-level tables for 48 bits'),
  walkPerLevel: q(197, 'ns', [150, 330], 'S', `effective cost of one memory read of a walk: ${FS}`),
  identityOrder: q(
    9,
    'log2 pages',
    [0, 18],
    'assumption',
    'identity maps with 2 MiB entries; Xen before 4.17 used 4 KiB',
  ),

  linkRate: q(100_000, 'Mb/s', [10_000, 200_000], 'S', FS),
  dmaRate: q(12.5, 'GB/s', [11.5, 13], 'R', 'PCIe 3.0 x16 after packet headers'),
  dmaPerPage: q(65, 'ns', [50, 80], 'S', `effective time of 4096 bytes without a miss: ${FS}`),
  doorbell: q(100, 'ns', [50, 300], 'R', 'posted write to an uncached register'),
  descriptorPost: q(120, 'cycles', [60, 300], 'assumption', CHOSEN),

  stackFrontendPerPacket: q(
    2500,
    'cycles',
    [1200, 5000],
    'assumption',
    `${CHOSEN}: system call, socket, skb, IP, qdisc`,
  ),
  stackFrontendPerSegment: q(150, 'cycles', [50, 400], 'assumption', CHOSEN),
  stackFrontendPerByte: q(
    0.067,
    'ns/B',
    [0.04, 0.12],
    'D',
    'one pass at the warm copy rate: the socket copies from user space',
  ),
  stackFrontendDriver: q(400, 'cycles', [200, 1000], 'assumption', CHOSEN),
  stackBackendPerPacket: q(
    2500,
    'cycles',
    [1200, 5000],
    'assumption',
    `${CHOSEN}: skb, receive path, bridge, qdisc, driver`,
  ),
  stackBackendPerSegment: q(150, 'cycles', [50, 400], 'assumption', CHOSEN),
  stackCompletion: q(500, 'cycles', [200, 1200], 'assumption', CHOSEN),
  pageAllocate: q(200, 'cycles', [80, 500], 'assumption', CHOSEN),
  ringEntry: q(
    130,
    'cycles',
    [60, 300],
    'assumption',
    'one cache line that moves between two cores',
  ),
};
