/**
 * K. virtio with a bounce pool in pre-shared memory (a restricted DMA pool).
 *
 *  0. setup: the backend maps the pool, and nothing else, for good
 *  1. frontend: dma_map takes slots of 2 KiB; CPU.copy of the payload into them
 *  2. frontend: descriptor, available ring, doorbell                          (workload)
 *  3. backend: checks that the buffer lies in the pool; CPU.copy, or reads it in place
 *  4. device: DMA.rd                                                          (workload)
 *  5. backend: used ring, interrupt                                           (workload)
 *  6. frontend: dma_unmap frees the slots; nothing is copied back on transmit
 */
import { assert } from '../base/assert.ts';
import { BOUNCE_MAX_BYTES } from '../memory/bounce-pool.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { BounceBuffers, type Bounce } from '../primitives/bounce.ts';
import type { World } from '../primitives/world.ts';
import { LocalPages, need, needless } from './support.ts';
import type { Carrier, Strategy, Transfer } from './types.ts';

function carrier(world: World): Carrier {
  const { oracle } = world;
  const { poolKiB, memoryTable } = world.scenario.swiotlb;
  // Restricted pools are set aside at boot; the top of a guest's memory serves as well as any place.
  const poolFrames = (poolKiB * 1024) / PAGE_SIZE;
  const pools = world.guests.map((guest) => {
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
  const poolOf = (packet: Transfer) => pools[packet.guest] as BounceBuffers;
  const local = new LocalPages(world);
  const bounced = new Map<Transfer, Bounce[]>();
  const of = (packet: Transfer): Bounce[] => {
    const found = bounced.get(packet);
    assert(found !== undefined, 'a packet was not shared');
    return found;
  };

  return {
    signalling: 'ring',
    respondAt: () => (world.backendCopies ? 'accepted' : 'transmitted'),
    locks: pools.flatMap((each) => each.locks),
    reservedBytes: { frontend: pools.length * poolFrames * PAGE_SIZE, backend: 0 },
    slotsOf: () => 1,

    *share(cpu, packet) {
      const own: Bounce[] = [];
      for (const fragment of packet.fragments) {
        assert(fragment.bytes <= BOUNCE_MAX_BYTES, 'a fragment fits into one bounce mapping');
        const one = yield* poolOf(packet).map(cpu, fragment, packet.request);
        if (one === null) {
          for (const each of own) yield* poolOf(packet).unmap(cpu, each, packet.request);
          return false;
        }
        own.push(one);
      }
      bounced.set(packet, own);
      need(
        world,
        own.map((each) => each.extent),
      );
      return true;
    },

    *accept(cpu, batch) {
      for (const packet of batch) {
        const extents = of(packet).map((each) => each.extent);
        if (world.backendCopies) {
          const copied = yield* local.copyIn(cpu, packet, extents);
          if (copied === null) packet.dropped = true;
          else packet.device = copied;
          needless(world, extents);
        } else {
          packet.device = extents;
        }
      }
    },

    *deliver(_cpu, batch) {
      return batch.length;
    },

    *transmitted(cpu, packet) {
      if (!world.backendCopies)
        needless(
          world,
          of(packet).map((each) => each.extent),
        );
      yield* local.give(cpu, packet);
    },

    *release() {
      // The pool stays mapped.
    },

    *reclaim(cpu, packet) {
      for (const each of of(packet)) yield* poolOf(packet).unmap(cpu, each, packet.request);
      bounced.delete(packet);
    },

    check() {
      // The pool checks itself with every operation.
    },
  };
}

export const swiotlbBounce: Strategy = {
  id: 'swiotlb-bounce',
  name: 'swiotlb bounce',
  explanation:
    'The frontend copies every payload into a pool of its memory that the backend has mapped once and for all. Nothing is mapped or flushed per packet, and the backend reaches the pool alone, provided that its memory table holds nothing else. Each payload is copied at least once; slots hold earlier I/O of the same guest.',
  source:
    'Linux kernel/dma/swiotlb.c and restricted-dma-pool; stratos-dev 2020, virtio over pre-shared memory',
  standing: 'merged',
  topologies: ['mediated'],
  ring: 'virtio',
  sequences: {
    netOut: true,
    netIn: { refused: 'not yet' },
    blk: 'not yet',
    gpu: 'not yet',
    display: { refused: 'not yet' },
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
