import { quantity as q } from '../quantity.ts';
import { SERVER_PATHS } from './linux-paths.ts';
import type { SocProfile } from './profile.ts';

const SHEET = 'EPYC 7313P data sheet';
const GAP = 'no published figure found';
const VTD = 'as measured on VT-d hardware, with a wider range';

/** A one-socket server of 2020 and 2021. */
export const epyc2020: SocProfile = {
  id: 'epyc-2020',
  family: 'epyc-2020',
  name: 'EPYC 2020',
  arch: 'x86',
  summary:
    'One socket of EPYC 7003 as one NUMA node (NPS1), 16 cores, AMD-Vi, 100 Gb/s NIC on PCIe 4 x16; device writes go to memory',
  dmaCoherent: true,
  iommu: 'AMD-Vi',
  // PTDMA exists, but moves 30 MB/s (EPYC 7302P, dmaengine list): nobody would offload to it.
  engine: null,
  quantities: {
    ...SERVER_PATHS,

    clock: q(3.5, 'GHz', [3.0, 3.7], 'R', `${SHEET}: 3.0 GHz base, 3.7 GHz boost`),
    cores: q(16, 'count', [8, 64], 'R', `${SHEET}; hyper-threads are not counted`),
    nodes: q(1, 'count', [1, 8], 'R', 'one socket in NPS1; NPS4 would show four nodes'),

    cacheLineBytes: q(64, 'B', [64, 64], 'S', 'architecture'),
    llcBytes: q(
      32 * 2 ** 20,
      'B',
      [16 * 2 ** 20, 32 * 2 ** 20],
      'R',
      `${SHEET}: 32 MiB for each group of cores that shares it, 128 MiB in all`,
    ),
    llcWays: q(16, 'count', [16, 16], 'R', 'AMD’s software optimization guide for family 19h'),
    ddioWays: q(0, 'count', [0, 0], 'S', 'DDIO is Intel’s; device writes go to memory'),
    copyColdRate: q(
      10.5,
      'GB/s',
      [8, 15],
      'D',
      '10.52 GB/s on the smaller Ryzen R1505G: tinymembench, sbc-bench collection',
    ),
    copyWarmRate: q(
      22,
      'GB/s',
      [12, 32],
      'R',
      'no published table for warm copies; two to three times the cold rate',
    ),
    copyRemoteRate: q(10.5, 'GB/s', [8, 15], 'D', 'one node: the cold rate'),
    memoryBandwidth: q(
      204.8,
      'GB/s',
      [100, 204.8],
      'R',
      `eight channels of DDR4-3200, ${SHEET}; about three quarters are reached in practice`,
    ),
    memoryLatency: q(
      105,
      'ns',
      [90, 130],
      'R',
      'published latency tests of EPYC 7003 in NPS1; local memory',
    ),
    cacheMaintenancePerLine: q(0, 'ns', [0, 0], 'S', 'DMA is coherent on x86'),
    checksumRate: q(
      14,
      'GB/s',
      [6, 28],
      'assumption',
      `${GAP}; between the cold rate and 8 bytes for each cycle of an add-with-carry loop`,
    ),
    encryptRate: q(
      5.5,
      'GB/s',
      [3, 8],
      'R',
      'AES-128-GCM with AES-NI on Zen: 0.5 to 0.7 cycles a byte in the comments of OpenSSL’s assembly',
    ),

    idleExit: q(
      1000,
      'ns',
      [800, 20_000],
      'R',
      'C1 of ACPI tables on EPYC; its C2 takes much longer',
    ),
    crossNode: q(0, 'ns', [0, 0], 'S', 'one node'),
    tlbiBroadcast: null,

    iovaFast: q(
      300,
      'cycles',
      [92, 1000],
      'R',
      'fixed allocator 92 to 108 cycles in Malka et al., rIOMMU, ASPLOS 2015; cached path of Linux',
    ),
    iovaSlow: q(
      3986,
      'cycles',
      [1674, 4000],
      'R',
      'Malka et al., rIOMMU, ASPLOS 2015, Sandy Bridge',
    ),
    iommuMapFixed: q(100, 'ns', [40, 300], 'assumption', `${GAP} for AMD-Vi; ${VTD}`),
    iommuPteWrite: q(95, 'ns', [40, 410], 'assumption', `${GAP} for AMD-Vi; ${VTD}`),
    iotlbInvSubmit: q(
      100,
      'ns',
      [40, 300],
      'assumption',
      `${GAP}; two commands of 16 bytes under the lock of the IOMMU`,
    ),
    iotlbInvService: q(
      600,
      'ns',
      [250, 2000],
      'assumption',
      `${GAP} for AMD-Vi; about 2000 cycles on VT-d (Markuze et al., ASPLOS 2016) less submission`,
    ),
    iotlbInvLatency: q(
      0,
      'ns',
      [0, 1000],
      'assumption',
      `${GAP}; the whole latency is taken to be the queue’s`,
    ),
    iotlbInvContention: q(
      100,
      'cycles',
      [25, 500],
      'assumption',
      `${GAP}; one move of the lock’s cache line for each waiter`,
    ),
    iotlbSets: q(16, 'count', [4, 64], 'assumption', 'geometry is not published'),
    iotlbWays: q(8, 'count', [4, 32], 'assumption', 'geometry is not published'),
    walkCacheEntries: q(32, 'count', [8, 128], 'assumption', 'not published'),
    walkLevels: q(4, 'levels', [3, 6], 'S', 'AMD-Vi host page tables for 48 bits'),
    walkPerLevel: q(
      150,
      'ns',
      [75, 330],
      'assumption',
      'between one read of memory (105 ns) and the effective read of a walk on a Xeon (197 ns)',
    ),
    identityOrder: q(9, 'log2 pages', [0, 9], 'assumption', 'identity maps with 2 MiB entries'),

    linkRate: q(
      100_000,
      'Mb/s',
      [10_000, 200_000],
      'R',
      'typical NIC of such a server; E810 in J. Maki’s Ryzen, iommu list 2021',
    ),
    dmaRate: q(25, 'GB/s', [20, 28], 'R', 'PCIe 4.0 x16 after packet headers'),
    dmaPerPage: q(
      65,
      'ns',
      [30, 130],
      'D',
      'effective time of 4096 bytes without a miss on a Xeon Gold 6234: Fast & Safe IO Memory Protection, SOSP 2024',
    ),
    doorbell: q(100, 'ns', [50, 300], 'R', 'posted write to an uncached register'),

    stackFrontendPerByte: q(
      0.045,
      'ns/B',
      [0.03, 0.08],
      'D',
      'one pass at the warm copy rate: the socket copies from user space',
    ),
    ringEntry: q(
      250,
      'cycles',
      [80, 500],
      'assumption',
      `${GAP}; a cache line that moves between two groups of cores goes over the I/O die`,
    ),
  },
};
