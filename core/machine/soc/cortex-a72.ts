import { quantity as q } from '../quantity.ts';
import { slowerPaths } from './linux-paths.ts';
import type { SocProfile } from './profile.ts';

const SHEET = 'LX2160A data sheet';
const SBC = 'tinymembench, sbc-bench collection';
const RANJAN = 'S. P. Ranjan, iommu list 2021, Snapdragon 855';
const MANJARRES = 'I. Manjarres, iommu list 2021, Qualcomm SoC';
const GAP = 'no published figure found';

/** A network board with sixteen Cortex-A72: LX2160A, which is coherent, and not a Raspberry Pi 4. */
export const cortexA72: SocProfile = {
  id: 'cortex-a72',
  family: 'cortex-a72',
  name: 'Cortex-A72 board',
  arch: 'arm',
  summary:
    'NXP LX2160A, 16 cores of 2.0 GHz without VHE, MMU-500, 10 Gb/s Ethernet on the chip that is coherent',
  dmaCoherent: true,
  iommu: 'SMMUv2',
  engine: null,
  quantities: {
    ...slowerPaths(
      1.5,
      'no published figure found; the server core’s assumption, 1.5 times, for a core of 2015',
    ),

    clock: q(2.0, 'GHz', [2.0, 2.2], 'S', `LX2160A at 2.0 to 2.2 GHz: ${SBC}`),
    cores: q(16, 'count', [16, 16], 'R', SHEET),
    nodes: q(1, 'count', [1, 1], 'R', SHEET),

    cacheLineBytes: q(64, 'B', [64, 64], 'S', 'architecture of the core'),
    llcBytes: q(
      8 * 2 ** 20,
      'B',
      [2 ** 20, 8 * 2 ** 20],
      'R',
      `${SHEET}: platform cache, beside 1 MiB of L2 for each pair of cores`,
    ),
    llcWays: q(16, 'count', [16, 16], 'R', 'CCN-508 technical reference manual'),
    ddioWays: q(
      0,
      'count',
      [0, 16],
      'assumption',
      'DPAA2 can stash into caches; Linux does not ask for it by default',
    ),
    copyColdRate: q(4.7, 'GB/s', [4.4, 5.1], 'S', `4.46 to 5.05 GB/s on LX2160A: ${SBC}`),
    copyWarmRate: q(
      9,
      'GB/s',
      [5, 12],
      'R',
      'no published table for warm copies; about twice the cold rate',
    ),
    copyRemoteRate: q(4.7, 'GB/s', [4.4, 5.1], 'S', `one node: the cold rate, ${SBC}`),
    memoryBandwidth: q(
      46.4,
      'GB/s',
      [20, 51.2],
      'R',
      `two channels of DDR4-2900, ${SHEET}; much less is reached in practice`,
    ),
    memoryLatency: q(
      170,
      'ns',
      [120, 182],
      'S',
      `random read from DRAM on A72, 165 to 182 ns: ${SBC}`,
    ),
    cacheMaintenancePerLine: q(
      0,
      'ns',
      [0, 0],
      'S',
      'DPAA2 is coherent: dma-coherent in its device tree',
    ),
    checksumRate: q(5, 'GB/s', [2, 10], 'assumption', `${GAP}; about the cold rate`),
    encryptRate: q(
      1.6,
      'GB/s',
      [0.8, 2.2],
      'R',
      'AES-128-GCM with the crypto extension: 1.1 to 1.4 cycles a byte, openssl speed on A72',
    ),

    idleExit: q(1000, 'ns', [300, 5000], 'assumption', `${GAP}; exit from WFI`),
    crossNode: q(0, 'ns', [0, 0], 'S', 'one node'),
    tlbiBroadcast: q(
      400,
      'ns',
      [120, 2400],
      'assumption',
      `${GAP}; TLBI VMALLS12E1IS with DSB among sixteen cores. The refills that follow are not charged`,
    ),

    iovaFast: q(450, 'cycles', [150, 1500], 'assumption', `${GAP}; the x86 figure, 1.5 times`),
    iovaSlow: q(
      6000,
      'cycles',
      [2400, 12_000],
      'assumption',
      'the x86 figure of rIOMMU, 1.5 times',
    ),
    iommuMapFixed: q(
      1600,
      'ns',
      [500, 2500],
      'D',
      `2.07 us for one 4 KiB map (${RANJAN}) less one entry; the same SMMU, a faster core`,
    ),
    iommuPteWrite: q(
      470,
      'ns',
      [260, 600],
      'S',
      `about 0.47 us for each 4 KiB entry: ${MANJARRES}`,
    ),
    iotlbInvSubmit: q(200, 'ns', [80, 400], 'assumption', 'share of the CPU in one invalidation'),
    iotlbInvService: q(
      1000,
      'ns',
      [700, 2000],
      'assumption',
      `${GAP}; below 1.85 us for a whole 4 KiB unmap (${RANJAN})`,
    ),
    iotlbInvLatency: q(0, 'ns', [0, 500], 'S', 'SMMUv2 has one sync register: nothing overlaps'),
    iotlbInvContention: q(
      100,
      'ns',
      [25, 400],
      'assumption',
      `${GAP}; SMMUv2 has no queue: waiters contend for a lock around the sync register`,
    ),
    iotlbSets: q(32, 'count', [8, 128], 'assumption', 'MMU-500 is built with different sizes'),
    iotlbWays: q(4, 'count', [1, 8], 'assumption', 'MMU-500 is built with different sizes'),
    walkCacheEntries: q(32, 'count', [8, 128], 'assumption', 'not published'),
    walkLevels: q(4, 'levels', [3, 4], 'S', 'Arm tables for 48 bits'),
    walkPerLevel: q(170, 'ns', [120, 182], 'S', `one random read from DRAM: ${SBC}`),
    identityOrder: q(9, 'log2 pages', [0, 9], 'assumption', 'identity maps with 2 MiB entries'),

    linkRate: q(10_000, 'Mb/s', [1000, 100_000], 'R', `${SHEET}: SFP+ ports of its boards`),
    dmaRate: q(
      8,
      'GB/s',
      [3, 16],
      'assumption',
      `${GAP}; the Ethernet controller sits on the chip`,
    ),
    dmaPerPage: q(
      150,
      'ns',
      [75, 300],
      'assumption',
      'one DRAM access of latency that is not hidden',
    ),
    doorbell: q(150, 'ns', [60, 400], 'assumption', `${GAP}; write to a device register`),

    stackFrontendPerByte: q(
      0.11,
      'ns/B',
      [0.08, 0.2],
      'D',
      'one pass at the warm copy rate: the socket copies from user space',
    ),
  },
};
