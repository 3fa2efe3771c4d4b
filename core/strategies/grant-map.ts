/**
 * A. Grant map, as Linux netback transmits and blkback works without persistent grants.
 *
 * Network transmit:
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
 *
 * Network receive: Linux does not map; GNTTABOP_copy into the granted pages, as grant-copy does. For the
 * device alone (grant-device-map): posted buffers are mapped writable, all that the backend takes from the
 * ring in one hypercall, and given to a receive queue of the NIC; unmapped when they are filled.
 *
 * Block: 1. GNT.grant, read-only for a write; of more than 11 pages also of the page that names them,
 *     which the backend maps, parses and unmaps first  2. map in hypercalls of at most 11  3. DMA in place
 *  4. unmap by policy: async, when nobody else refers to a page of the request, else again after 5, 10,
 *     15 ms ...; sync, at once; replace, one by one by a scratch page  5. response  6. GNT.end
 */
import { assert } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { GNTST } from '../memory/grant-table.ts';
import { bytesInFrame, type Extent } from '../primitives/copies.ts';
import { Grants, type CopyElement, type MapElement } from '../primitives/grants/index.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import {
  copyIntoGrants,
  endGrants,
  grantPages,
  judgeGrants,
  mapElements,
  mapInBatches,
  unmapByPolicy,
} from './grant-support.ts';
import { IndirectPages, indirectKiB } from './indirect.ts';
import { countFrames, LocalPages, need, needless } from './support.ts';
import type { Carrier, Strategy, Transfer } from './types.ts';

/** Bytes of each packet that netback always copies: `XEN_NETBACK_TX_COPY_LEN`. */
const COPY_BYTES = 128;

interface Carried {
  readonly refs: number[];
  maps: readonly MapElement[];
}

/** @param kind `device` for mappings that the backend's CPUs cannot use (grant-device-map) */
export function mapCarrier(world: World, iommu: Iommu, kind: 'host' | 'device'): Carrier {
  const grants = new Grants(world, iommu);
  const indirect = new IndirectPages(world, grants);
  const local = new LocalPages(world);
  const carried = new Map<Transfer, Carried>();
  const of = (transfer: Transfer): Carried => {
    const found = carried.get(transfer);
    assert(found !== undefined, 'a transfer was not shared');
    return found;
  };

  /** Network: headers copied in one hypercall, the rest mapped in another. */
  function* acceptPackets(cpu: Cpu, batch: readonly Transfer[]): Steps {
    const headers: CopyElement[] = [];
    const maps: MapElement[] = [];
    for (const packet of batch) {
      const { refs } = of(packet);
      const bytes = Math.min(COPY_BYTES, packet.bytes);
      const header = local.allocate(packet, bytes)?.[0];
      if (header === undefined) {
        packet.dropped = true;
        continue;
      }
      if (!cpu.passes(ACTOR.backend, world.costs.pageAllocate)) yield world.costs.pageAllocate;
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
      if (isCopiedOut(packet)) continue;
      const own = mapElements(packet, refs, kind);
      of(packet).maps = own;
      maps.push(...own);
    }
    if (headers.length > 0) yield* grants.copy(cpu, headers);
    if (maps.length > 0) yield* grants.map(cpu, maps);
    for (const packet of batch) {
      if (isCopiedOut(packet)) needless(world, packet.fragments);
      const own = of(packet).maps;
      if (own.some((each) => each.status !== GNTST.okay)) packet.dropped = true;
      if (own.length > 0 && !packet.dropped) packet.device.push(...mappedExtents(packet, own));
    }
  }

  /** Block and display: all pages mapped, the device works in place. */
  function* acceptRequest(cpu: Cpu, transfer: Transfer): Steps {
    if (!(yield* indirect.map(cpu, transfer))) {
      transfer.dropped = true;
      return;
    }
    const maps = mapElements(transfer, of(transfer).refs, kind);
    of(transfer).maps = maps;
    // Eleven at a time is blkback's way; who drives a display maps a picture with one call.
    if (transfer.protocol === 'blk') yield* mapInBatches(grants, cpu, maps);
    else yield* grants.map(cpu, maps);
    use(transfer, maps);
  }

  /** Buffers that the device is to fill, for the device alone. */
  function* acceptBuffers(cpu: Cpu, buffers: readonly Transfer[]): Steps {
    const all: MapElement[] = [];
    for (const buffer of buffers) {
      const maps = mapElements(buffer, of(buffer).refs, kind);
      of(buffer).maps = maps;
      all.push(...maps);
    }
    yield* grants.map(cpu, all);
    for (const buffer of buffers) use(buffer, of(buffer).maps);
  }

  function use(transfer: Transfer, maps: readonly MapElement[]): void {
    if (maps.some((each) => each.status !== GNTST.okay)) transfer.dropped = true;
    else transfer.device = [...transfer.fragments];
  }

  const mappedOf = (batch: readonly Transfer[]): MapElement[] => {
    const mapped: MapElement[] = [];
    for (const transfer of batch) {
      for (const each of of(transfer).maps) if (each.status === GNTST.okay) mapped.push(each);
    }
    return mapped;
  };

  /** A packet of header size is copied whole: nothing of it is mapped, and its answer waits for nothing. */
  const isCopiedOut = ({ protocol, direction, bytes }: Transfer): boolean =>
    protocol === 'net' && direction === 'out' && bytes <= COPY_BYTES;

  /** Linux's netback copies what it has received; nothing is mapped for that. */
  const isCopiedIn = ({ protocol, direction }: Transfer): boolean =>
    protocol === 'net' && direction === 'in' && kind === 'host';

  return {
    locks: grants.locks,
    reservedBytes: { frontend: 0, backend: 0 },
    signalling: 'ring',
    respondAt: (transfer) => {
      if (isCopiedOut(transfer)) return 'accepted';
      return isCopiedIn(transfer) ? 'transmitted' : 'released';
    },
    slotsOf: (transfer) => (transfer.protocol === 'net' ? countFrames(transfer.fragments) : 1),

    *share(cpu, transfer) {
      need(world, transfer.fragments);
      const refs = yield* grantPages(world, grants, cpu, transfer);
      const shared = refs !== null && (!indirect.isUsed || (yield* indirect.share(cpu, transfer)));
      if (shared) carried.set(transfer, { refs, maps: [] });
      else {
        if (refs !== null) yield* endGrants(world, grants, cpu, transfer, refs);
        needless(world, transfer.fragments);
      }
      return shared;
    },

    *accept(cpu, batch) {
      const net = batch.filter((each) => each.protocol === 'net');
      const packets = net.filter((each) => each.direction === 'out');
      if (packets.length > 0) yield* acceptPackets(cpu, packets);
      const buffers = net.filter((each) => each.direction === 'in');
      if (buffers.length > 0) yield* acceptBuffers(cpu, buffers);
      for (const transfer of batch) {
        if (transfer.protocol !== 'net') yield* acceptRequest(cpu, transfer);
      }
    },

    *deliver(cpu, batch) {
      const packets = batch.filter(isCopiedIn);
      if (packets.length === 0) return batch.length;
      const copy = (on: Cpu, elements: readonly CopyElement[]) => grants.copy(on, elements);
      yield* copyIntoGrants(copy, cpu, packets, (packet) => of(packet).refs);
      for (const packet of packets) needless(world, packet.fragments);
      return batch.length;
    },

    transmitted(cpu, transfer) {
      if (!isCopiedIn(transfer) && !isCopiedOut(transfer)) needless(world, transfer.fragments);
      return local.give(cpu, transfer);
    },

    *release(cpu, batch) {
      // A packet's pages are free of others by now: its skb is gone.
      const packets = mappedOf(batch.filter((each) => each.protocol === 'net'));
      if (packets.length > 0) yield* grants.unmap(cpu, packets);
      for (const transfer of batch) {
        if (transfer.protocol !== 'net') {
          yield* unmapByPolicy(world, grants, cpu, mappedOf([transfer]));
        }
      }
    },

    *reclaim(cpu, transfer) {
      yield* endGrants(world, grants, cpu, transfer, of(transfer).refs);
      if (indirect.isUsed) yield* indirect.reclaim(cpu, transfer);
      carried.delete(transfer);
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
    'The frontend grants its pages; the backend maps them for the time it takes to send, write or fill them and unmaps them afterwards. On transmit no payload byte is copied but the first 128; on receive Linux copies instead. The whole page is reachable while it is mapped, and the frontend waits for it until the device is done and the mapping is flushed.',
  source:
    'Linux drivers/net/xen-netback/netback.c, drivers/block/xen-blkback, drivers/xen/grant-table.c; Xen common/grant_table.c',
  standing: 'merged',
  topologies: ['mediated'],
  ring: 'xen',
  sequences: {
    netOut: true,
    netIn: 'posted',
    blk: true,
    gpu: 'A grant is given by a guest that cooperates; an emulator must reach pages of one that does not know of it.',
    display: 'keep',
  },
  reservedKiB: indirectKiB,
  judge(setting) {
    const { hypervisor, scenario } = setting;
    const isXen = hypervisor.notification === 'event-channel';
    if (scenario.grants.unmapPolicy === 'replace' && isXen && hypervisor.translated) {
      return {
        status: 'refused',
        reason:
          'GNTTABOP_unmap_and_replace is for PV callers: Xen refuses it to a translated one with GNTST_general_error.',
      };
    }
    return judgeGrants(setting);
  },
  carrier: (world, iommu) => mapCarrier(world, iommu, 'host'),
};
