import { quantity as q } from '../quantity.ts';
import { SERVER_PATHS } from './linux-paths.ts';
import type { SocProfile } from './profile.ts';

const FS =
  'Fast & Safe IO Memory Protection, SOSP 2024, section 2.2: Xeon Gold 6234, ConnectX-5 100G, PCIe 3';
const RIOMMU = 'Malka et al., rIOMMU, ASPLOS 2015, cost table, Sandy Bridge';
const LEVER =
  'C. Lever, iommu list, January 2021: dma_map_sg of 30 pages on Linux 5.10, 2x6-core Xeon';

/** A two-socket server of 2019 to 2021. */
export const xeon2020: SocProfile = {
  id: 'xeon-2020',
  family: 'xeon-2020',
  name: 'Xeon 2020',
  arch: 'x86',
  summary: 'Two sockets of Cascade Lake, 3.3 GHz, VT-d, DDIO, I/OAT, 100 Gb/s NIC on PCIe 3 x16',
  dmaCoherent: true,
  iommu: 'VT-d',

  engine: {
    name: 'I/OAT (CBDMA), one channel',
    submit: q(
      250,
      'ns',
      [100, 600],
      'assumption',
      'no published figure found; ring bookkeeping, fence and one posted doorbell write',
    ),
    perDescriptor: q(
      60,
      'ns',
      [25, 200],
      'assumption',
      'no published figure found; one descriptor of 64 bytes written and later cleaned up',
    ),
    rate: q(
      11,
      'GB/s',
      [5, 11],
      'S',
      'dmatest, ioatdma, one channel, Xeon Gold 6248: dmaengine list',
    ),
    completionPoll: q(
      3177,
      'ns',
      [1000, 4000],
      'S',
      'Intel IAA, synchronous polling, dmaengine and crypto lists; another engine on the same kind of fabric',
    ),
    completionIrq: q(
      6847,
      'ns',
      [3000, 9000],
      'S',
      'Intel IAA, asynchronous with interrupt, dmaengine and crypto lists; another engine on the same kind of fabric',
    ),
    ringEntries: q(
      65_536,
      'count',
      [256, 65_536],
      'S',
      'IOAT_MAX_ORDER 16, drivers/dma/ioat/dma.h',
    ),
    descriptorBytesMax: q(
      2 ** 20,
      'B',
      [2 ** 12, 2 ** 21],
      'R',
      'XFERCAP of the channel, 1 MiB on servers',
    ),
  },
  quantities: {
    ...SERVER_PATHS,

    clock: q(3.3, 'GHz', [3.0, 3.5], 'S', FS),
    cores: q(
      8,
      'count',
      [8, 28],
      'R',
      'Xeon Gold 6234 data sheet: 8 cores; hyper-threads are not counted',
    ),
    nodes: q(2, 'count', [1, 4], 'R', 'two sockets, one NUMA node each'),

    cacheLineBytes: q(64, 'B', [64, 64], 'S', 'architecture'),
    llcBytes: q(
      24.75 * 2 ** 20,
      'B',
      [16 * 2 ** 20, 36 * 2 ** 20],
      'R',
      'Xeon Gold 6234 data sheet',
    ),
    llcWays: q(
      11,
      'count',
      [11, 11],
      'R',
      'Skylake-SP and Cascade Lake: 1.375 MiB and 11 ways for each core',
    ),
    ddioWays: q(2, 'count', [2, 11], 'S', 'two of eleven by default: Farshin et al., ATC 2020'),
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
    copyRemoteRate: q(
      7.6,
      'GB/s',
      [3.5, 9],
      'D',
      'the cold rate times 3.55 / 4.19: 4 GB memcpy from the other and from the own socket, DL380 Gen10, Ming Lei 2021',
    ),
    memoryBandwidth: q(
      140.8,
      'GB/s',
      [90, 140.8],
      'R',
      'six channels of DDR4-2933, Xeon Gold 6234 data sheet; about two thirds are reached in practice',
    ),
    memoryLatency: q(
      85,
      'ns',
      [70, 110],
      'R',
      'idle latency of local memory that Intel’s memory latency checker shows on Cascade Lake',
    ),
    cacheMaintenancePerLine: q(0, 'ns', [0, 0], 'S', 'DMA is coherent on x86'),
    checksumRate: q(
      12,
      'GB/s',
      [5, 26],
      'assumption',
      'no published figure found; between the cold rate and 8 bytes for each cycle of an add-with-carry loop',
    ),
    encryptRate: q(
      4.5,
      'GB/s',
      [2, 5.5],
      'R',
      'AES-128-GCM with AES-NI: 0.65 to 0.75 cycles a byte in the comments of OpenSSL’s assembly',
    ),

    idleExit: q(
      2000,
      'ns',
      [1000, 10_000],
      'R',
      'exit latency of C1 in Linux drivers/idle/intel_idle.c',
    ),
    crossNode: q(
      70,
      'ns',
      [40, 150],
      'R',
      'difference of remote and local latency on two sockets with UPI',
    ),
    tlbiBroadcast: null,

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
      'R',
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
    iotlbInvLatency: q(
      0,
      'ns',
      [0, 500],
      'assumption',
      'no published figure found; the whole latency is taken to be the queue’s',
    ),
    iotlbInvContention: q(
      100,
      'cycles',
      [25, 400],
      'assumption',
      'no published figure found that is not also a validation point; one move of the lock’s cache line for each waiter',
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
    walkPerLevel: q(
      197,
      'ns',
      [150, 330],
      'S',
      `effective cost of one memory read of a walk: ${FS}`,
    ),
    identityOrder: q(
      9,
      'log2 pages',
      [0, 9],
      'assumption',
      'identity maps with 2 MiB entries; Xen before 4.17 used 4 KiB',
    ),

    linkRate: q(100_000, 'Mb/s', [10_000, 200_000], 'S', FS),
    dmaRate: q(12.5, 'GB/s', [11.5, 13], 'R', 'PCIe 3.0 x16 after packet headers'),
    dmaPerPage: q(65, 'ns', [50, 80], 'S', `effective time of 4096 bytes without a miss: ${FS}`),
    doorbell: q(100, 'ns', [50, 300], 'R', 'posted write to an uncached register'),

    stackFrontendPerByte: q(
      0.067,
      'ns/B',
      [0.04, 0.12],
      'D',
      'one pass at the warm copy rate: the socket copies from user space',
    ),
  },
};
