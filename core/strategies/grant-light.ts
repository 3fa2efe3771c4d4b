/**
 * D. Light, expiring grants (proposal): the device is given granted pages for as long as it needs them,
 * the backend's CPUs never.
 *
 *  1. to 3. as grant-map
 *  4. backend: GNTTABOP_copy of the header (network transmit)
 *  5. backend: GNTTABOP_light_map: device pin, IOMMU entry where the IOMMU holds no more than it must
 *  6. device: DMA                                                             (workload)
 *  7. expiry: `completion`, the backend ends a batch, with one invalidation; `ttl`, the hypervisor ends
 *     each after its time, whether the device is done or not; `first-dma`, after the first access, which
 *     no IOMMU reports today
 *  8. response; frontend: GNT.end
 *
 * Receive: posted buffers are leased writable and given to a queue of the NIC that serves the guest alone.
 * A device that fetches a segment again (`light.refetchPpm`) after its lease has ended is refused.
 */
import { assert } from '../base/assert.ts';
import { protocolOf } from '../contract/scenario.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { K } from '../contract/kinds.ts';
import { NONE } from '../engine/recording.ts';
import { GNTST } from '../memory/grant-table.ts';
import type { Extent } from '../primitives/copies.ts';
import { Grants, type CopyElement } from '../primitives/grants/index.ts';
import { TRANSLATION, type Iommu } from '../primitives/iommu.ts';
import { LightGrants, type Lease } from '../primitives/grants/light.ts';
import { backendFor, type World } from '../primitives/world.ts';
import { pieces } from '../primitives/pieces.ts';
import { endGrants, grantPages } from './grant-support.ts';
import { IndirectPages, indirectKiB } from './indirect.ts';
import { countFrames, LocalPages, need, needless } from './support.ts';
import type { Carrier, Strategy, Transfer } from './types.ts';

/** Bytes of each packet that the backend reads, and so copies. */
const HEADER_BYTES = 128;
const US = 1_000_000;

interface Carried {
  readonly refs: number[];
  leases: readonly Lease[];
}

function carrier(world: World, iommu: Iommu): Carrier {
  const { expiry, ttlUs, refetchPpm } = world.scenario.light;
  const grants = new Grants(world, iommu);
  const light = new LightGrants(world, grants, iommu);
  const local = new LocalPages(world);
  const indirect = new IndirectPages(world, grants);
  const refetches = world.random.stream('refetches');
  const carried = new Map<Transfer, Carried>();
  const of = (transfer: Transfer): Carried => {
    const found = carried.get(transfer);
    assert(found !== undefined, 'a transfer was not shared');
    return found;
  };

  const leasesOf = ({ guest, direction, request }: Transfer, refs: readonly number[]): Lease[] =>
    refs.map((ref) => ({
      guest,
      ref,
      readonly: direction === 'out',
      request,
      mfn: -1,
      status: GNTST.okay,
      state: 'live',
    }));

  /** The hypervisor's timer: whatever is still leased then is taken away. */
  function* timeToLive(transfer: Transfer, leases: readonly Lease[]): Steps {
    yield ttlUs * US;
    if (leases.every((each) => each.state !== 'live')) return;
    // A CPU that is free, if there is one: a timer interrupts whatever runs, which CPUs here do not.
    const { cpus } = backendFor(world, transfer);
    const cpu = cpus.find((each) => each.idle) ?? cpus[0];
    cpu?.interrupt(() => light.timeOut(cpu, leases));
  }

  /** The device comes back for a segment that it had already: its lease may have ended. */
  function fetchAgain(transfer: Transfer): void {
    const { request, direction } = transfer;
    const write = direction === 'in';
    for (const { mfn, state } of of(transfer).leases) {
      if (state !== 'ended' || refetches.below(1_000_000) >= refetchPpm) continue;
      const { mfn: reached, how, reason } = iommu.translate(iommu.host, mfn, write);
      const blocked = reached === -1;
      const { recorder, tracks, oracle } = world;
      const event = blocked
        ? recorder.leaf(K.fault, tracks.iommu, 0, request, mfn, NONE, NONE, NONE, reason)
        : recorder.leaf(K.dmaRead, tracks.dmaEngine, 0, request, mfn, 64, NONE, NONE, how);
      const outcome = blocked ? 'blocked' : how === TRANSLATION.stale ? 'stale' : 'done';
      oracle.access('device', mfn, { request, event, write, outcome });
    }
  }

  function* acceptPacket(cpu: Cpu, packet: Transfer): Steps<CopyElement | null> {
    const bytes = Math.min(HEADER_BYTES, packet.bytes);
    const header = (yield* local.take(cpu, packet, bytes))?.[0];
    if (header === undefined) {
      packet.dropped = true;
      return null;
    }
    packet.device = [header, ...withoutHeader(packet, bytes)];
    return {
      guest: packet.guest,
      ref: of(packet).refs[0] as number,
      offset: 0,
      bytes,
      local: header.mfn,
      localOffset: 0,
      direction: 'out',
      request: packet.request,
      status: GNTST.okay,
    };
  }

  /** A packet of header size is copied whole: no lease, and its answer waits for nothing. */
  const isCopiedOut = ({ protocol, direction, bytes }: Transfer): boolean =>
    protocol === 'net' && direction === 'out' && bytes <= HEADER_BYTES;

  return {
    locks: grants.locks,
    reservedBytes: { frontend: 0, backend: 0 },
    signalling: 'ring',
    respondAt: (transfer) => (isCopiedOut(transfer) ? 'accepted' : 'released'),
    slotsOf: (transfer) => (transfer.protocol === 'net' ? countFrames(transfer.fragments) : 1),

    *share(cpu, transfer) {
      need(world, transfer.fragments);
      const refs = yield* grantPages(world, grants, cpu, transfer);
      const shared = refs !== null && (!indirect.isUsed || (yield* indirect.share(cpu, transfer)));
      if (shared) carried.set(transfer, { refs, leases: [] });
      else {
        if (refs !== null) yield* endGrants(world, grants, cpu, transfer, refs);
        needless(world, transfer.fragments);
      }
      return shared;
    },

    *accept(cpu, batch) {
      if (indirect.isUsed) yield* indirect.copy(cpu, batch, local);
      const headers: CopyElement[] = [];
      const leases: Lease[] = [];
      for (const transfer of batch) {
        if (transfer.protocol === 'net' && transfer.direction === 'out') {
          const header = yield* acceptPacket(cpu, transfer);
          if (header !== null) headers.push(header);
          if (isCopiedOut(transfer)) continue;
        } else if (transfer.dropped) continue;
        else transfer.device = [...transfer.fragments];
        of(transfer).leases = leasesOf(transfer, of(transfer).refs);
        leases.push(...of(transfer).leases);
      }
      if (headers.length > 0) yield* grants.copy(cpu, headers);
      if (leases.length > 0) yield* light.map(cpu, leases);
      for (const transfer of batch) {
        if (isCopiedOut(transfer)) needless(world, transfer.fragments);
        const own = of(transfer).leases;
        if (own.some((each) => each.status !== GNTST.okay)) transfer.dropped = true;
        if (expiry === 'ttl' && own.length > 0) world.engine.spawn(timeToLive(transfer, own));
      }
    },

    // eslint-disable-next-line require-yield -- the device has put everything in its place
    *deliver(_cpu, batch) {
      return batch.length;
    },

    *transmitted(cpu, transfer) {
      if (!isCopiedOut(transfer)) {
        if (expiry === 'first-dma') yield* light.expire(cpu, of(transfer).leases);
        if (refetchPpm > 0) fetchAgain(transfer);
        needless(world, transfer.fragments);
      }
      yield* local.give(cpu, transfer);
    },

    *release(cpu, batch) {
      yield* light.expire(
        cpu,
        batch.flatMap((transfer) => of(transfer).leases),
      );
    },

    *reclaim(cpu, transfer) {
      yield* endGrants(world, grants, cpu, transfer, of(transfer).refs);
      if (indirect.isUsed) yield* indirect.reclaim(cpu, transfer);
      carried.delete(transfer);
    },

    check: () => grants.check(),
  };
}

/** A packet's payload without its first bytes, page by page. */
function withoutHeader(packet: Transfer, header: number): Extent[] {
  const rest: Extent[] = [];
  let left = header;
  for (const piece of pieces(packet.fragments, packet.fragments, packet.bytes)) {
    const skip = Math.min(left, piece.bytes);
    left -= skip;
    if (skip === piece.bytes) continue;
    rest.push({ mfn: piece.from, offset: piece.fromOffset + skip, bytes: piece.bytes - skip });
  }
  return rest;
}

export const grantLight: Strategy = {
  id: 'grant-light',
  name: 'Light grant',
  explanation:
    'Granted pages are made reachable for the device alone and taken away again as soon as it has had them: no CPU mapping and no TLB flush, one invalidation for a batch. What the backend must read is copied. Expiry too early makes the device fault when it fetches again; where the IOMMU holds all memory anyway the lease restricts nothing.',
  source: 'xen-devel 2013, PV network improvements (light or expiring grants); not merged',
  standing: 'proposal',
  topologies: ['mediated'],
  ring: 'xen',
  sequences: {
    netOut: true,
    netIn: 'direct',
    blk: true,
    gpu: 'A grant is given by a guest that cooperates; an emulator must reach pages of one that does not know of it.',
    display: 'keep',
  },
  reservedKiB: indirectKiB,
  judge({ hypervisor, scenario }) {
    if (scenario.net.destination === 'local' && protocolOf(scenario) === 'net') {
      return {
        status: 'refused',
        reason: 'Packets for a local socket need a CPU mapping, which this strategy does without.',
      };
    }
    if (scenario.blk.touch !== 'none' && protocolOf(scenario) === 'blk') {
      return {
        status: 'refused',
        reason: 'A backend that must look at block data needs a CPU mapping; see grant-map.',
      };
    }
    return {
      status: 'hypothetical',
      reason:
        hypervisor.notification === 'event-channel'
          ? 'Proposed in 2013 and never merged; charged at this hypervisor’s costs.'
          : 'KVM has no grant tables; the primitives are charged at its hypercall and page-table costs.',
    };
  },
  carrier,
};
