import { quantity as q } from '../quantity.ts';
import { SERVER_PATHS } from './linux-paths.ts';
import type { SocProfile } from './profile.ts';

const SHEET = 'Ampere Altra data sheet';
const SBC = 'tinymembench, sbc-bench collection, Altra';
const LEI = 'Ming Lei 2021, 4 GB memcpy on a two-socket Altra';
const MANJARRES = 'I. Manjarres, iommu list 2021, Qualcomm SoC, map_pages';
const GAP = 'no published figure found';

/** An Arm server of 2020: Ampere Altra, two sockets. */
export const neoverseN1: SocProfile = {
  id: 'neoverse-n1',
  family: 'neoverse-n1',
  name: 'Neoverse N1 server',
  arch: 'arm',
  summary:
    'Two sockets of Ampere Altra, 80 cores of 3.0 GHz each with VHE, SMMUv3, 100 Gb/s NIC on PCIe 4 x16',
  dmaCoherent: true,
  iommu: 'SMMUv3',
  engine: null,
  quantities: {
    ...SERVER_PATHS,

    clock: q(3.0, 'GHz', [2.5, 3.3], 'R', SHEET),
    cores: q(80, 'count', [32, 128], 'R', SHEET),
    nodes: q(2, 'count', [1, 2], 'S', `one NUMA node for each socket: ${LEI}`),

    cacheLineBytes: q(64, 'B', [64, 64], 'S', 'architecture of the core'),
    llcBytes: q(
      32 * 2 ** 20,
      'B',
      [16 * 2 ** 20, 32 * 2 ** 20],
      'R',
      `${SHEET}: system level cache, beside 1 MiB of L2 for each core`,
    ),
    llcWays: q(
      16,
      'count',
      [16, 16],
      'R',
      'CMN-600 technical reference manual: system level cache',
    ),
    ddioWays: q(
      0,
      'count',
      [0, 16],
      'assumption',
      'CMN-600 can allocate device writes in its cache; nothing published says that Altra does',
    ),
    copyColdRate: q(10.9, 'GB/s', [10.1, 11.7], 'S', `10.13 to 11.69 GB/s: ${SBC}`),
    copyWarmRate: q(
      22,
      'GB/s',
      [14, 32],
      'R',
      'no published table for warm copies; two to three times the cold rate',
    ),
    copyRemoteRate: q(3.08, 'GB/s', [2.5, 6], 'S', `11.5 GB/s local, 3.08 GB/s remote: ${LEI}`),
    memoryBandwidth: q(
      204.8,
      'GB/s',
      [100, 204.8],
      'R',
      `eight channels of DDR4-3200, ${SHEET}; about four fifths are reached in practice`,
    ),
    memoryLatency: q(82, 'ns', [71, 110], 'S', `random read at 64 MB, 71 to 82 ns: ${SBC}`),
    cacheMaintenancePerLine: q(0, 'ns', [0, 0], 'S', 'PCIe is coherent on SBSA servers'),
    checksumRate: q(
      12,
      'GB/s',
      [5, 24],
      'assumption',
      `${GAP}; between the cold rate and 8 bytes for each cycle of an add-with-carry loop`,
    ),
    encryptRate: q(
      3.3,
      'GB/s',
      [1.5, 5],
      'R',
      'AES-128-GCM with the crypto extension: 0.8 to 1 cycle a byte, openssl speed on Graviton2 and Altra',
    ),

    idleExit: q(1000, 'ns', [300, 5000], 'assumption', `${GAP}; exit from WFI`),
    crossNode: q(
      200,
      'ns',
      [80, 400],
      'assumption',
      `${GAP}; the link between sockets also cuts the copy rate to less than a third`,
    ),
    tlbiBroadcast: q(
      500,
      'ns',
      [150, 3000],
      'assumption',
      `${GAP}; TLBI VMALLS12E1IS with DSB over a mesh and to the other socket. The refills that follow are not charged`,
    ),

    iovaFast: q(
      300,
      'cycles',
      [92, 1000],
      'R',
      'fixed allocator 92 to 108 cycles in Malka et al., rIOMMU, ASPLOS 2015, x86; cached path of Linux',
    ),
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
      [150, 900],
      'assumption',
      `${GAP} for this core; less than on Kunpeng 920 by its clock`,
    ),
    iommuPteWrite: q(
      43,
      'ns',
      [28, 260],
      'D',
      `1 MiB in 4 KiB entries takes 11.0 us, 64 KiB 4.2 us: ${MANJARRES}`,
    ),
    iotlbInvSubmit: q(
      385,
      'ns',
      [150, 560],
      'assumption',
      `${GAP}; the 445 ns of Kunpeng 920 by the clock, the same driver`,
    ),
    iotlbInvService: q(
      250,
      'ns',
      [100, 550],
      'D',
      'CMD_SYNC on an empty queue, 250 ns near and 550 ns far, HiSilicon hi1620, iommu list; another SMMUv3',
    ),
    iotlbInvLatency: q(
      65,
      'ns',
      [0, 630],
      'assumption',
      `${GAP}; with submission and service 700 ns, the middle of 500 to 900 ns that are usual for SMMUv3`,
    ),
    iotlbInvContention: q(
      7.5,
      'ns',
      [2, 30],
      'assumption',
      `${GAP} for this machine; that of Kunpeng 920, the same driver`,
    ),
    iotlbSets: q(64, 'count', [16, 256], 'assumption', 'MMU-600 is built with different sizes'),
    iotlbWays: q(4, 'count', [2, 8], 'assumption', 'MMU-600 is built with different sizes'),
    walkCacheEntries: q(
      64,
      'count',
      [16, 256],
      'assumption',
      'MMU-600 is built with different sizes',
    ),
    walkLevels: q(4, 'levels', [3, 4], 'S', 'Arm tables for 48 bits'),
    walkPerLevel: q(82, 'ns', [71, 110], 'D', `one random read of memory: ${SBC}`),
    identityOrder: q(9, 'log2 pages', [0, 9], 'assumption', 'identity maps with 2 MiB entries'),

    linkRate: q(100_000, 'Mb/s', [10_000, 200_000], 'R', 'typical NIC of such a server'),
    dmaRate: q(25, 'GB/s', [20, 28], 'R', 'PCIe 4.0 x16 after packet headers'),
    dmaPerPage: q(
      65,
      'ns',
      [30, 150],
      'assumption',
      `${GAP} for this machine; that of a Xeon Gold 6234 (Fast & Safe IO Memory Protection, SOSP 2024)`,
    ),
    doorbell: q(
      150,
      'ns',
      [60, 400],
      'assumption',
      `${GAP}; write to a device register with its barrier`,
    ),

    stackFrontendPerByte: q(
      0.045,
      'ns/B',
      [0.03, 0.07],
      'D',
      'one pass at the warm copy rate: the socket copies from user space',
    ),
  },
};
