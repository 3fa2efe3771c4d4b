/** Storage behind a backend or a driver: what a command takes apart from its DMA. */
import { quantity as q, type Quantity } from '../../machine/quantity.ts';

export interface StorageProfile {
  /** Commands that are worked on at once. */
  readonly channels: Quantity;
  readonly readLatency: Quantity;
  readonly writeLatency: Quantity;
  /** Media, all channels together. */
  readonly rate: Quantity;
  /** Added where a command does not follow the one before; 0 for memory of any kind. */
  readonly seek: Quantity;
}

const none = (why: string) => q(0, 'ns', [0, 0], 'S', why);

export const STORAGE: Readonly<Record<'ssd' | 'slow-disk', StorageProfile>> = {
  ssd: {
    channels: q(64, 'count', [16, 256], 'assumption', 'flash dies of a data-centre NVMe disk'),
    readLatency: q(
      85_000,
      'ns',
      [70_000, 120_000],
      'R',
      'data sheet, Intel P4600 class, 4 KiB read',
    ),
    writeLatency: q(15_000, 'ns', [10_000, 30_000], 'R', 'the same, into its write buffer'),
    rate: q(3.2, 'GB/s', [2, 3.5], 'R', 'the same, sequential read over PCIe 3 x4'),
    seek: none('flash does not seek'),
  },
  'slow-disk': {
    channels: q(1, 'count', [1, 1], 'S', 'one arm'),
    readLatency: q(4_170_000, 'ns', [2_000_000, 8_300_000], 'D', 'half a turn at 7200 a minute'),
    writeLatency: q(4_170_000, 'ns', [2_000_000, 8_300_000], 'D', 'half a turn at 7200 a minute'),
    rate: q(0.18, 'GB/s', [0.05, 0.25], 'R', 'data sheets of 7200 rpm disks'),
    seek: q(8_500_000, 'ns', [4_000_000, 12_000_000], 'R', 'average seek of the same'),
  },
};
