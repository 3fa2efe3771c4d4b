import { quantity as q } from '../quantity.ts';
import { slowerPaths } from './linux-paths.ts';
import type { SocProfile } from './profile.ts';

const SHEET = 'Kunpeng 920-4826 data sheet';
const SONG =
  'B. Song, iommu list, 25 May 2020: dma_unmap of 4 KiB on HiSilicon D06, strict, 1 to 96 CPUs';
const N1 = 'that of a Neoverse N1';
const GAP = 'no published figure found';

/** An Arm server of 2019: HiSilicon D06, two sockets of two dies. */
export const kunpeng920: SocProfile = {
  id: 'kunpeng-920',
  family: 'kunpeng-920',
  name: 'Kunpeng 920 server',
  arch: 'arm',
  summary:
    'HiSilicon D06: two sockets of two dies, 96 cores of 2.6 GHz with VHE, SMMUv3, 100 Gb/s NIC on the chip',
  dmaCoherent: true,
  iommu: 'SMMUv3',
  engine: null,
  quantities: {
    ...slowerPaths(
      1.2,
      'no published figure found; the server core’s assumption, 1.2 times, for a narrower core',
    ),

    clock: q(2.6, 'GHz', [2.4, 2.6], 'R', SHEET),
    cores: q(24, 'count', [24, 32], 'D', `96 CPUs on four nodes: ${SONG}`),
    nodes: q(4, 'count', [2, 4], 'R', 'two dies with memory in each of two sockets'),

    cacheLineBytes: q(
      64,
      'B',
      [64, 128],
      'R',
      'lines of L1 and L2; the last-level cache keeps lines of 128 bytes',
    ),
    llcBytes: q(
      24 * 2 ** 20,
      'B',
      [24 * 2 ** 20, 32 * 2 ** 20],
      'R',
      `${SHEET}: 1 MiB for each core`,
    ),
    llcWays: q(16, 'count', [8, 16], 'assumption', 'not published'),
    ddioWays: q(
      0,
      'count',
      [0, 4],
      'assumption',
      'nothing published says that device writes are allocated in the cache',
    ),
    copyColdRate: q(
      9,
      'GB/s',
      [4.5, 11],
      'assumption',
      `${GAP}; a little below the 10.1 to 11.7 GB/s of Neoverse N1 (tinymembench, sbc-bench)`,
    ),
    copyWarmRate: q(
      18,
      'GB/s',
      [9, 27],
      'R',
      'no published table for warm copies; twice the cold rate',
    ),
    copyRemoteRate: q(
      4,
      'GB/s',
      [2, 8],
      'assumption',
      `${GAP}; from the node farthest off, between the ratios of Altra (0.27) and of a Xeon (0.85)`,
    ),
    memoryBandwidth: q(
      93.9,
      'GB/s',
      [50, 93.9],
      'R',
      `four channels of DDR4-2933 for each die, ${SHEET}; about three quarters are reached in practice`,
    ),
    memoryLatency: q(110, 'ns', [90, 150], 'R', 'local memory of Kunpeng 920'),
    cacheMaintenancePerLine: q(0, 'ns', [0, 0], 'S', 'PCIe is coherent on SBSA servers'),
    checksumRate: q(10, 'GB/s', [4, 20], 'assumption', `${GAP}; by its clock, from Neoverse N1`),
    encryptRate: q(
      2.6,
      'GB/s',
      [1, 4],
      'R',
      'AES-128-GCM with the crypto extension, openssl speed',
    ),

    idleExit: q(1000, 'ns', [300, 5000], 'assumption', `${GAP}; exit from WFI`),
    crossNode: q(
      150,
      'ns',
      [50, 400],
      'assumption',
      'CMD_SYNC takes 550 ns far and 250 ns near (hi1620, iommu list): two crossings',
    ),
    tlbiBroadcast: q(
      700,
      'ns',
      [200, 4000],
      'assumption',
      `${GAP}; TLBI VMALLS12E1IS with DSB over four dies. The refills that follow are not charged`,
    ),

    iovaFast: q(300, 'cycles', [100, 1000], 'assumption', `${GAP}; the cached path, as on x86`),
    iovaSlow: q(
      4000,
      'cycles',
      [1600, 8000],
      'assumption',
      'the x86 figure of rIOMMU, ASPLOS 2015',
    ),
    iommuMapFixed: q(
      300,
      'ns',
      [100, 600],
      'D',
      `1956 ns for one unmap less 1328 ns in the command queue, less one entry and the IOVA: ${SONG}`,
    ),
    iommuPteWrite: q(
      200,
      'ns',
      [40, 600],
      'D',
      `what remains of 628 ns of one unmap beside fixed part and IOVA: ${SONG}`,
    ),
    iotlbInvSubmit: q(
      445,
      'ns',
      [300, 560],
      'D',
      `1328 ns in the command queue less 883 ns waiting for CMD_SYNC, one CPU: ${SONG}. At 16 CPUs one unmap leaves every 556 ns`,
    ),
    iotlbInvService: q(
      250,
      'ns',
      [190, 550],
      'S',
      'CMD_SYNC on an empty queue, 250 ns near and 550 ns far, HiSilicon hi1620, iommu list',
    ),
    iotlbInvLatency: q(
      633,
      'ns',
      [330, 700],
      'D',
      `883 ns waiting for CMD_SYNC with one CPU, less service: ${SONG}`,
    ),
    iotlbInvContention: q(
      7.5,
      'ns',
      [6.5, 9],
      'D',
      `time between two unmaps of all CPUs together (8891 ns / 16, 22043 / 32, 60842 / 64, 101880 / 96) less one submission, for each other CPU: 7.4, 7.9, 8.0, 6.5 ns (cmpxchg retries): ${SONG}`,
    ),
    iotlbSets: q(64, 'count', [16, 256], 'assumption', 'not published'),
    iotlbWays: q(4, 'count', [2, 8], 'assumption', 'not published'),
    walkCacheEntries: q(64, 'count', [16, 256], 'assumption', 'not published'),
    walkLevels: q(4, 'levels', [3, 4], 'S', 'Arm tables for 48 bits'),
    walkPerLevel: q(110, 'ns', [75, 200], 'R', 'one read of local memory'),
    identityOrder: q(9, 'log2 pages', [0, 9], 'assumption', 'identity maps with 2 MiB entries'),

    linkRate: q(100_000, 'Mb/s', [10_000, 100_000], 'S', 'hns3 at 100 Gb/s: B. Song, iommu list'),
    dmaRate: q(20, 'GB/s', [10, 30], 'assumption', `${GAP}; the NIC sits on the chip`),
    dmaPerPage: q(
      65,
      'ns',
      [30, 150],
      'assumption',
      `${GAP} for this machine; that of a Xeon Gold 6234 (Fast & Safe IO Memory Protection, SOSP 2024)`,
    ),
    doorbell: q(150, 'ns', [60, 400], 'assumption', `${GAP}; ${N1}`),

    stackFrontendPerByte: q(
      0.056,
      'ns/B',
      [0.037, 0.11],
      'D',
      'one pass at the warm copy rate: the socket copies from user space',
    ),
  },
};
