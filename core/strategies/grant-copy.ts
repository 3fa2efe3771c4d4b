/**
 * B. Grant copy: the hypervisor copies the payload into pages of the backend.
 *
 *  1. frontend: GNT.grant for each page, read-only
 *  2. frontend: RING.push, EVTCHNOP_send if the backend asked for it          (workload)
 *  3. backend: NAPI poll, RING.pull into private memory                       (workload)
 *  4. backend: local pages; GNTTABOP_copy, one element a slot, page for page
 *  5. backend: response at once, before the packet is sent                    (workload)
 *  6. frontend: GNT.end
 *  7. backend: dma_map of the local pages, DEV.post; DMA.rd; pages freed      (workload)
 */
import { assert } from '../base/assert.ts';
import { GNTST } from '../memory/grant-table.ts';
import { Grants, type CopyElement } from '../primitives/grants.ts';
import type { World } from '../primitives/world.ts';
import { grantPages, judgeGrants } from './grant-support.ts';
import { countFrames, framesWithBytes, LocalPages, need, needless } from './support.ts';
import type { Packet, Strategy, StrategyRun } from './types.ts';

function start(world: World): StrategyRun {
  const grants = new Grants(world);
  const local = new LocalPages(world);
  const granted = new Map<Packet, number[]>();
  const refsOf = (packet: Packet): number[] => {
    const found = granted.get(packet);
    assert(found !== undefined, 'a packet was not shared');
    return found;
  };

  return {
    respondAt: 'accepted',
    locks: grants.locks,
    reservedBytes: { frontend: 0, backend: 0 },
    slotsOf: (packet) => countFrames(packet.fragments),

    *share(cpu, packet) {
      need(world, packet.fragments);
      const refs = yield* grantPages(grants, cpu, packet);
      if (refs === null) needless(world, packet.fragments);
      else granted.set(packet, refs);
      return refs !== null;
    },

    *accept(cpu, batch) {
      const elements: CopyElement[] = [];
      const byPacket = new Map<Packet, CopyElement[]>();
      for (const packet of batch) {
        const own: CopyElement[] = [];
        packet.device = [];
        let slot = 0;
        for (const { bytes, extent, index } of framesWithBytes(packet.fragments)) {
          const target = (yield* local.take(cpu, packet, bytes))[0];
          assert(target !== undefined, 'a slot has at least one byte');
          packet.device.push(target);
          own.push({
            ref: refsOf(packet)[slot++] as number,
            offset: index === 0 ? extent.offset : 0,
            bytes,
            target: target.mfn,
            targetOffset: 0,
            request: packet.request,
            status: GNTST.okay,
          });
        }
        byPacket.set(packet, own);
        elements.push(...own);
      }
      yield* grants.copy(cpu, elements);
      for (const [packet, own] of byPacket) {
        packet.dropped = own.some((each) => each.status !== GNTST.okay);
        needless(world, packet.fragments);
      }
    },

    *transmitted(cpu, packet) {
      yield* local.give(cpu, packet);
    },

    *release() {
      // Nothing is held of the frontend's.
    },

    *reclaim(cpu, packet) {
      for (const ref of refsOf(packet)) {
        const ended = yield* grants.end(cpu, ref, packet.request);
        assert(ended, 'a grant copy has left its grant pinned');
      }
      granted.delete(packet);
    },

    check: () => grants.check(),
  };
}

export const grantCopy: Strategy = {
  id: 'grant-copy',
  name: 'Grant copy',
  explanation:
    'The frontend grants its pages; the hypervisor copies exactly the payload into pages of the backend, in one hypercall for a batch of packets. Neither backend nor device ever reaches a page of the frontend, and the frontend has its memory back before the packet is sent. Every byte is copied, and the backend pays for the memory.',
  source: 'Xen common/grant_table.c (GNTTABOP_copy); Linux drivers/net/xen-netback',
  standing: 'merged',
  ring: 'netif',
  judge: judgeGrants,
  start,
};
