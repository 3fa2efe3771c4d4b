/**
 * A. Grant map, as Linux netback transmits.
 *
 *  1. frontend: GNT.grant for each page, read-only
 *  2. frontend: RING.push, EVTCHNOP_send if the backend asked for it          (workload)
 *  3. backend: NAPI poll, RING.pull into private memory                       (workload)
 *  4. backend: GNTTABOP_copy of the first 128 bytes of each packet
 *  5. backend: GNTTABOP_map_grant_ref of the rest; nothing for packets that fit into 128 bytes
 *  6. backend: skb, bridge, dma_map, DEV.post, DEV.doorbell                   (workload)
 *  7. device: DMA.rd; interrupt; skb freed, its slots queued for unmapping    (workload)
 *  8. backend: GNTTABOP_unmap_grant_ref of up to 256 slots
 *  9. backend: response, EVTCHNOP_send if the frontend asked for it           (workload)
 * 10. frontend: GNT.end; an entry still in use would mean a broken device
 */
import { assert } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { GNTST } from '../memory/grant-table.ts';
import { bytesInFrame, type Extent } from '../primitives/copies.ts';
import { Grants, type CopyElement, type MapElement } from '../primitives/grants.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';
import type { Cpu } from '../engine/cpu.ts';
import { endGrants, grantPages, judgeGrants } from './grant-support.ts';
import { countFrames, LocalPages, need, needless } from './support.ts';
import type { Carrier, Strategy, Transfer } from './types.ts';

/** Bytes of each packet that netback always copies: `XEN_NETBACK_TX_COPY_LEN`. */
const COPY_BYTES = 128;

interface Carried {
  readonly refs: number[];
  maps: MapElement[];
}

function carrier(world: World, iommu: Iommu): Carrier {
  const grants = new Grants(world, iommu);
  const local = new LocalPages(world);
  const carried = new Map<Transfer, Carried>();
  const of = (packet: Transfer): Carried => {
    const found = carried.get(packet);
    assert(found !== undefined, 'a packet was not shared');
    return found;
  };

  return {
    locks: grants.locks,
    reservedBytes: { frontend: 0, backend: 0 },
    signalling: 'ring',
    respondAt: () => 'released',
    slotsOf: (packet) => countFrames(packet.fragments),

    *share(cpu, packet) {
      need(world, packet.fragments);
      const refs = yield* grantPages(world, grants, cpu, packet);
      if (refs === null) needless(world, packet.fragments);
      else carried.set(packet, { refs, maps: [] });
      return refs !== null;
    },

    *accept(cpu: Cpu, batch) {
      const headers: CopyElement[] = [];
      const maps: MapElement[] = [];
      for (const packet of batch) {
        const { refs } = of(packet);
        const bytes = Math.min(COPY_BYTES, packet.bytes);
        const header = (yield* local.take(cpu, packet, bytes))?.[0];
        if (header === undefined) {
          packet.dropped = true;
          continue;
        }
        packet.device = [header];
        headers.push({
          guest: packet.guest,
          ref: refs[0] as number,
          offset: 0,
          bytes,
          local: header.mfn,
          localOffset: 0,
          direction: 'out',
          request: packet.request,
          status: GNTST.okay,
        });
        if (packet.bytes <= COPY_BYTES) continue;
        const own = refs.map((ref): MapElement => ({
          guest: packet.guest,
          ref,
          readonly: true,
          request: packet.request,
          handle: -1,
          mfn: -1,
          status: GNTST.okay,
        }));
        of(packet).maps = own;
        maps.push(...own);
      }
      if (headers.length > 0) yield* grants.copy(cpu, headers);
      if (maps.length > 0) yield* grants.map(cpu, maps);
      for (const packet of batch) {
        const own = of(packet).maps;
        if (own.some((each) => each.status !== GNTST.okay)) packet.dropped = true;
        if (own.length > 0) packet.device.push(...mappedExtents(packet, own));
      }
    },

    *deliver(_cpu, batch) {
      return batch.length;
    },

    *transmitted(cpu, packet) {
      needless(world, packet.fragments);
      yield* local.give(cpu, packet);
    },

    *release(cpu, batch) {
      const mapped = batch
        .flatMap((packet) => of(packet).maps)
        .filter((each) => each.status === GNTST.okay);
      if (mapped.length > 0) yield* grants.unmap(cpu, mapped);
    },

    *reclaim(cpu, packet) {
      yield* endGrants(world, grants, cpu, packet, of(packet).refs);
      carried.delete(packet);
    },

    check: () => grants.check(),
  };
}

/** The mapped pages as the device reads them: the copied bytes are not read again. */
function mappedExtents(packet: Transfer, maps: readonly MapElement[]): Extent[] {
  const extents: Extent[] = [];
  let next = 0;
  for (const fragment of packet.fragments) {
    for (let index = 0; index * PAGE_SIZE < fragment.offset + fragment.bytes; index++) {
      const skip = next === 0 ? COPY_BYTES : 0;
      const mfn = (maps[next++] as MapElement).mfn;
      const bytes = bytesInFrame(fragment, index) - skip;
      if (bytes > 0) extents.push({ mfn, offset: skip, bytes });
    }
  }
  return extents;
}

export const grantMap: Strategy = {
  id: 'grant-map',
  name: 'Grant map',
  explanation:
    'The frontend grants its pages read-only; the backend maps them for the time it takes to send them and unmaps them afterwards. No payload byte is copied but the first 128. The whole page is reachable while it is mapped, and the frontend waits for it until the device is done and the mapping is flushed.',
  source:
    'Linux drivers/net/xen-netback/netback.c, drivers/xen/grant-table.c; Xen common/grant_table.c',
  standing: 'merged',
  topologies: ['mediated'],
  ring: 'xen',
  sequences: {
    netOut: true,
    netIn: { refused: 'not yet' },
    blk: 'not yet',
    gpu: 'not yet',
    display: { refused: 'not yet' },
  },
  judge: judgeGrants,
  carrier,
};
