import { quantity as q } from '../quantity.ts';
import { SERVER_PATHS } from './linux-paths.ts';
import type { SocProfile } from './profile.ts';

const STAGING = 'the machine of the netback staging-grants document, E5-2630 v4';
const SHEET = 'Xeon E5-2630 v4 data sheet';
const RIOMMU =
  'Malka et al., rIOMMU, ASPLOS 2015, cost table, Sandy Bridge, cycles taken at 3.1 GHz';
const LEVER =
  'C. Lever, iommu list, January 2021: dma_map_sg of 30 pages on Linux 5.10, 2x6-core Xeon';
const NEUGEBAUER = 'Neugebauer et al., SIGCOMM 2018, Haswell and Broadwell';
const FABRIC = 'another engine on a later fabric';
const GAP = 'no published figure found';

/** A two-socket server of 2012 to 2016. */
export const xeon2012: SocProfile = {
  id: 'xeon-2012',
  family: 'xeon-2012',
  name: 'Xeon 2012',
  arch: 'x86',
  summary:
    'Two sockets of E5-2600 (v1 to v4, numbers of a v4), 2.2 GHz, VT-d, DDIO, I/OAT, 40 Gb/s NIC on PCIe 3',
  dmaCoherent: true,
  iommu: 'VT-d',

  engine: {
    name: 'I/OAT (Crystal Beach), one channel',
    submit: q(
      300,
      'ns',
      [120, 700],
      'assumption',
      `${GAP}; ring bookkeeping, fence and one posted doorbell write`,
    ),
    perDescriptor: q(
      80,
      'ns',
      [30, 250],
      'assumption',
      `${GAP}; one descriptor of 64 bytes written and later cleaned up`,
    ),
    rate: q(
      5,
      'GB/s',
      [2.5, 8],
      'assumption',
      `${GAP} for this generation; half of what a channel of 2019 does`,
    ),
    completionPoll: q(
      3177,
      'ns',
      [1000, 4000],
      'S',
      `Intel IAA, synchronous polling, dmaengine and crypto lists; ${FABRIC}`,
    ),
    completionIrq: q(
      6847,
      'ns',
      [3000, 9000],
      'S',
      `Intel IAA, asynchronous with interrupt, dmaengine and crypto lists; ${FABRIC}`,
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

    clock: q(2.2, 'GHz', [2.1, 3.1], 'S', STAGING),
    cores: q(10, 'count', [6, 18], 'R', `${SHEET}; hyper-threads are not counted`),
    nodes: q(2, 'count', [1, 2], 'R', 'two sockets, one NUMA node each'),

    cacheLineBytes: q(64, 'B', [64, 64], 'S', 'architecture'),
    llcBytes: q(25 * 2 ** 20, 'B', [15 * 2 ** 20, 45 * 2 ** 20], 'R', SHEET),
    llcWays: q(20, 'count', [20, 20], 'R', '2.5 MiB and 20 ways for each core, E5-2600'),
    ddioWays: q(
      2,
      'count',
      [2, 20],
      'R',
      'a tenth of the cache in Intel’s DDIO brief of 2012; two ways: Farshin et al., ATC 2020',
    ),
    copyColdRate: q(
      6,
      'GB/s',
      [4, 9],
      'R',
      'memcpy of one thread from memory on Haswell-EP; 4.19 GB/s on the later DL380 Gen10 (Ming Lei 2021)',
    ),
    copyWarmRate: q(
      12,
      'GB/s',
      [7, 20],
      'R',
      'no published table for warm copies; two to three times the cold rate. The 8.5 GB/s of J. Martins is left to validation',
    ),
    copyRemoteRate: q(
      5.1,
      'GB/s',
      [2.5, 6],
      'D',
      'the cold rate times 3.55 / 4.19: 4 GB memcpy from the other and from the own socket, DL380 Gen10, Ming Lei 2021',
    ),
    memoryBandwidth: q(
      68.3,
      'GB/s',
      [40, 68.3],
      'R',
      `four channels of DDR4-2133, ${SHEET}; about three quarters are reached in practice`,
    ),
    memoryLatency: q(
      90,
      'ns',
      [70, 130],
      'R',
      'idle latency of local memory that Intel’s memory latency checker shows on Haswell and Broadwell',
    ),
    cacheMaintenancePerLine: q(0, 'ns', [0, 0], 'S', 'DMA is coherent on x86'),
    checksumRate: q(
      9,
      'GB/s',
      [4, 17],
      'assumption',
      `${GAP}; between the cold rate and 8 bytes for each cycle of an add-with-carry loop`,
    ),
    encryptRate: q(
      2.2,
      'GB/s',
      [1, 3.5],
      'R',
      'AES-128-GCM with AES-NI: about 1 cycle a byte on Haswell in the comments of OpenSSL’s assembly',
    ),

    idleExit: q(
      2000,
      'ns',
      [1000, 10_000],
      'R',
      'exit latency of C1 in Linux drivers/idle/intel_idle.c',
    ),
    crossNode: q(60, 'ns', [40, 150], 'R', 'difference of remote and local latency over QPI'),
    tlbiBroadcast: null,

    iovaFast: q(
      300,
      'cycles',
      [92, 1000],
      'R',
      'fixed allocator 92 to 108 cycles in Malka et al., rIOMMU, ASPLOS 2015; cached path of Linux',
    ),
    iovaSlow: q(3986, 'cycles', [1674, 4000], 'R', 'Malka et al., rIOMMU, ASPLOS 2015'),
    iommuMapFixed: q(
      90,
      'ns',
      [30, 200],
      'R',
      `588 cycles for one page (${RIOMMU}) less one entry`,
    ),
    iommuPteWrite: q(95, 'ns', [60, 410], 'D', `__domain_mapping 2.85 us for 30 pages: ${LEVER}`),
    iotlbInvSubmit: q(
      100,
      'ns',
      [50, 200],
      'assumption',
      'share of the CPU in one invalidation, as on the Xeon of 2020',
    ),
    iotlbInvService: q(
      590,
      'ns',
      [300, 900],
      'R',
      `2127 cycles for one invalidation less submission: ${RIOMMU}`,
    ),
    iotlbInvLatency: q(
      0,
      'ns',
      [0, 500],
      'assumption',
      `${GAP}; the whole latency is taken to be the queue’s`,
    ),
    iotlbInvContention: q(
      100,
      'cycles',
      [25, 400],
      'assumption',
      `${GAP} that is not also a validation point; one move of the lock’s cache line for each waiter`,
    ),
    iotlbSets: q(16, 'count', [1, 32], 'assumption', 'associativity is not published'),
    iotlbWays: q(4, 'count', [4, 64], 'R', `about 64 entries in all: ${NEUGEBAUER}`),
    walkCacheEntries: q(32, 'count', [8, 64], 'assumption', 'not published'),
    walkLevels: q(4, 'levels', [3, 4], 'S', 'VT-d second-level tables for 48 bits'),
    walkPerLevel: q(
      165,
      'ns',
      [90, 330],
      'R',
      `a miss costs about 330 ns (${NEUGEBAUER}); taken as two reads`,
    ),
    identityOrder: q(
      9,
      'log2 pages',
      [0, 9],
      'assumption',
      'identity maps with 2 MiB entries; Xen before 4.17 used 4 KiB',
    ),

    linkRate: q(
      40_000,
      'Mb/s',
      [1000, 100_000],
      'R',
      'ConnectX-3 Pro, as in C. Lever’s machine; the staging-grants machine had 100 Gb/s',
    ),
    dmaRate: q(12.5, 'GB/s', [6, 13], 'R', 'PCIe 3.0 x16 after packet headers; half with x8'),
    dmaPerPage: q(
      65,
      'ns',
      [40, 130],
      'D',
      'effective time of 4096 bytes without a miss on a Xeon Gold 6234: Fast & Safe IO Memory Protection, SOSP 2024',
    ),
    doorbell: q(100, 'ns', [50, 300], 'R', 'posted write to an uncached register'),

    stackFrontendPerByte: q(
      0.083,
      'ns/B',
      [0.05, 0.15],
      'D',
      'one pass at the warm copy rate: the socket copies from user space',
    ),
  },
};
