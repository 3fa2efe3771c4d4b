/**
 * K. virtio with a bounce pool in pre-shared memory (a restricted DMA pool).
 *
 *  0. setup: the backend maps the pool, and nothing else, for good
 *  1. frontend: dma_map takes slots of 2 KiB; CPU.copy of the buffer into them, whatever the direction
 *  2. frontend: descriptor, available ring, doorbell                          (workload)
 *  3. backend: checks that the buffer lies in the pool; CPU.copy, or uses it in place
 *  4. device: DMA.rd or DMA.wr                                                (workload)
 *  5. backend: used ring, interrupt                                           (workload)
 *  6. frontend: dma_unmap; on receive and read CPU.copy back, of the length that was mapped
 */
import { PAGE_SIZE } from '../base/brand.ts';
import { BounceBuffers } from '../primitives/bounce.ts';
import type { World } from '../primitives/world.ts';
import { poolCarrier } from './pool-carrier.ts';
import type { Carrier, Strategy } from './types.ts';

function carrier(world: World): Carrier {
  const { oracle } = world;
  const { poolKiB, memoryTable } = world.scenario.swiotlb;
  // Restricted pools are set aside at boot; the top of a guest's memory serves as well as any place.
  const poolFrames = (poolKiB * 1024) / PAGE_SIZE;
  const all = world.guests.map((guest) => {
    const { first, frames } = guest.memory;
    const pool = new BounceBuffers(world, guest, first + frames - poolFrames, poolKiB);
    if (memoryTable === 'pool') {
      const note = 'the pool';
      oracle.standing('backend', pool.first, pool.frames, { dedicated: true, note });
    } else {
      const note = 'the memory table holds all of the guest';
      oracle.standing('backend', first, frames, { dedicated: false, note });
    }
    return pool;
  });
  return poolCarrier(world, {
    all,
    of: (guest) => all[guest] as BounceBuffers,
    reservedBytes: { frontend: all.length * poolFrames * PAGE_SIZE, backend: 0 },
    copiesInAlways: true,
  });
}

export const swiotlbBounce: Strategy = {
  id: 'swiotlb-bounce',
  name: 'swiotlb bounce',
  explanation:
    'The frontend copies every payload through a pool of its memory that the backend has mapped once and for all. Nothing is mapped or flushed per request, and the backend reaches the pool alone, provided that its memory table holds nothing else. Each payload is copied at least once, buffers to be filled even before they are; slots hold earlier I/O of the same guest.',
  source:
    'Linux kernel/dma/swiotlb.c and restricted-dma-pool; stratos-dev 2020, virtio over pre-shared memory',
  standing: 'merged',
  topologies: ['mediated'],
  ring: 'virtio',
  sequences: {
    netOut: true,
    netIn: 'posted',
    blk: true,
    gpu: 'A graphics device reads guest pages in place; a bounced copy would not follow what the guest draws.',
    display: 'copy',
  },
  reservedKiB: ({ swiotlb }) => swiotlb.poolKiB,
  judge({ hypervisor }) {
    if (hypervisor.backend === 'vhost') return { status: 'native', reason: '' };
    return {
      status: 'hypothetical',
      reason:
        'Xen’s toolstack sets up no bounce pool for a virtio backend; the primitives are charged at Xen’s notification costs.',
    };
  },
  carrier,
};
