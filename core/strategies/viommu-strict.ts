/**
 * M. virtio with a virtual IOMMU that the hypervisor enforces (`enforcement: stage2`), strict.
 *
 *  1. frontend: dma_map takes an IOVA; VIRTIO_IOMMU_T_MAP, a kick and a VMEXIT: the hypervisor maps the
 *     pages into the backend (P2M.set), status, entry
 *  2. frontend: descriptor with the IOVA; doorbell                            (workload)
 *  3. backend: translates, then copies or uses the pages in place
 *  4. backend: used ring                                                      (workload)
 *  5. frontend: dma_unmap: VIRTIO_IOMMU_T_UNMAP, waited for: pages out of the backend (P2M.clear), its
 *     TLBs flushed; then the IOVA is free
 */
import { assert } from '../base/assert.ts';
import { framesOf } from '../primitives/copies.ts';
import { VirtioIommu, type ViommuMapping } from '../primitives/virtio-iommu.ts';
import type { Backend, World } from '../primitives/world.ts';
import { LocalPages, need, needless } from './support.ts';
import type { Carrier, Strategy, Transfer } from './types.ts';

function carrier(world: World): Carrier {
  const viommus = world.guests.map(
    (guest) => new VirtioIommu(world, guest, world.backends[0] as Backend),
  );
  const viommuOf = (packet: Transfer) => viommus[packet.guest] as VirtioIommu;
  const local = new LocalPages(world);
  const mapped = new Map<Transfer, ViommuMapping[]>();
  const of = (packet: Transfer): ViommuMapping[] => {
    const found = mapped.get(packet);
    assert(found !== undefined, 'a packet was not shared');
    return found;
  };

  return {
    signalling: 'ring',
    respondAt: () => (world.backendCopies ? 'accepted' : 'transmitted'),
    locks: [],
    reservedBytes: { frontend: 0, backend: 0 },
    slotsOf: () => 1,

    *share(cpu, packet) {
      need(world, packet.fragments);
      const own: ViommuMapping[] = [];
      for (const fragment of packet.fragments) {
        own.push(yield* viommuOf(packet).map(cpu, fragment, packet.request));
      }
      mapped.set(packet, own);
      return true;
    },

    *accept(cpu, batch) {
      for (const packet of batch) {
        for (const { page, extent } of of(packet)) {
          for (let i = 0; i < framesOf(extent); i++) {
            assert(
              viommuOf(packet).translate(page + i) === extent.mfn + i,
              'the backend finds what was mapped',
            );
          }
        }
        if (world.backendCopies) {
          const copied = yield* local.copyIn(cpu, packet, packet.fragments);
          if (copied === null) packet.dropped = true;
          else packet.device = copied;
          needless(world, packet.fragments);
        } else {
          packet.device = [...packet.fragments];
        }
      }
    },

    *deliver(_cpu, batch) {
      return batch.length;
    },

    *transmitted(cpu, packet) {
      if (!world.backendCopies) needless(world, packet.fragments);
      yield* local.give(cpu, packet);
    },

    *release() {
      // The frontend's UNMAP releases.
    },

    *reclaim(cpu, packet) {
      for (const each of of(packet)) yield* viommuOf(packet).unmap(cpu, each, packet.request);
      mapped.delete(packet);
    },

    check() {
      // Every request is checked by the tables it changes.
    },
  };
}

export const viommuStrict: Strategy = {
  id: 'viommu-strict',
  name: 'vIOMMU, strict',
  explanation:
    'The frontend maps each buffer through a virtual IOMMU before it is used and unmaps it afterwards; the hypervisor puts the pages into the backend’s address space and takes them out again, with every TLB flushed before the frontend goes on. No pool and no copy of its own; every map and every unmap is an exit.',
  source:
    'stratos-dev 2020; virtio 1.x, device 23 (virtio-iommu); Linux drivers/iommu/virtio-iommu.c',
  standing: 'proposal',
  topologies: ['mediated'],
  ring: 'virtio',
  sequences: {
    netOut: true,
    netIn: { refused: 'not yet' },
    blk: 'not yet',
    gpu: 'not yet',
    display: { refused: 'not yet' },
  },
  judge({ scenario }) {
    if (scenario.viommu.enforcement !== 'stage2') {
      return {
        status: 'refused',
        reason: `This version runs viommu.enforcement = stage2 only, not ${scenario.viommu.enforcement}.`,
      };
    }
    return {
      status: 'hypothetical',
      reason:
        'No hypervisor enforces a virtio-iommu in the backend’s own tables yet; the primitives are charged at this one’s costs.',
    };
  },
  carrier,
};
