/**
 * U. virtio whose addresses carry grant references (Xen's grant DMA ops).
 *
 *  1. frontend: dma_map grants n pages by n references in a row, read-only for what the device reads;
 *     the address is 1 << 63 | reference << 12 | offset
 *  2. frontend: descriptor, available ring, doorbell                          (workload)
 *  3. backend: maps the references for the request: in the kernel, or as a process through gntdev
 *  4. backend: copies, or uses the pages in place; DMA                        (workload)
 *  5. backend: unmaps; used ring
 *  6. frontend: dma_unmap ends the grants
 *
 * `virtioGrant.persistent`: the frontend keeps its grants and the backend its mappings; a page that is
 * used again costs neither. When the backend runs out of handles it drops the mappings that it is not using.
 * The frontend keeps no more than leaves room in its table for a request granted once: what the backend
 * has mapped cannot be taken back to make room.
 */
import { assert } from '../base/assert.ts';
import { ENTRIES_PER_FRAME, GNTST } from '../memory/grant-table.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { framesOf } from '../primitives/copies.ts';
import { Grants, type MapElement } from '../primitives/grants/index.ts';
import type { Iommu } from '../primitives/iommu.ts';
import { backendFor, type Guest, type World } from '../primitives/world.ts';
import { endGrants, mapElements, unmapByPolicy, untilMapped } from './grant-support.ts';
import { framesWithBytes, need, needless } from './support.ts';
import type { Carrier, Strategy, Transfer } from './types.ts';
import { VirtioBackend } from './virtio-support.ts';

/** Entries that are never kept: a request of the largest descriptor chain, and the reserved ones. */
const ENTRIES_FOR_ONE_REQUEST = 264;

interface Carried {
  readonly refs: readonly number[];
  /** Granted for this request alone, not kept. */
  readonly once: boolean;
  maps: readonly MapElement[];
  kept: readonly Kept[];
}

/** A page whose grant and mapping are kept. */
interface Kept {
  readonly ref: number;
  map: MapElement | null;
  /** Requests that the backend is working on. */
  users: number;
}

function carrier(world: World, iommu: Iommu): Carrier {
  const grants = new Grants(world, iommu);
  const backend = new VirtioBackend(world);
  const carried = new Map<Transfer, Carried>();
  const { persistent } = world.scenario.virtioGrant;
  const kept = new Map<number, Kept>();
  const mayKeep = world.scenario.grants.maxFrames * ENTRIES_PER_FRAME - ENTRIES_FOR_ONE_REQUEST;
  const keptOf = world.guests.map(() => 0);
  const of = (transfer: Transfer): Carried => {
    const found = carried.get(transfer);
    assert(found !== undefined, 'a transfer was not shared');
    return found;
  };

  /** Each fragment by references in a row, since its address is the first of them. */
  function* shareOnce(cpu: Cpu, transfer: Transfer): Steps<number[] | null> {
    const guest = world.guests[transfer.guest] as Guest;
    const to = backendFor(world, transfer);
    const { request } = transfer;
    const readonly = transfer.direction === 'out';
    const refs: number[] = [];
    for (const { mfn, offset, bytes } of transfer.fragments) {
      const pages = framesOf({ mfn, offset, bytes });
      const mfns = Array.from({ length: pages }, (_, i) => mfn + i);
      const first = yield* grants.grantRun(cpu, guest, to, mfns, readonly, request);
      if (first === -1) {
        yield* endGrants(world, grants, cpu, transfer, refs);
        return null;
      }
      for (let i = 0; i < pages; i++) refs.push(first + i);
    }
    return refs;
  }

  /** Maps for one request; returns a status of GNTST. Where one page fails, nothing is mapped. */
  function* mapOnce(cpu: Cpu, transfer: Transfer): Steps<number> {
    const maps = mapElements(transfer, of(transfer).refs, 'host');
    yield* grants.map(cpu, maps);
    const mapped = maps.filter((each) => each.status === GNTST.okay);
    const failure = failureAmong(maps);
    const okay = failure === GNTST.okay;
    if (!okay && mapped.length > 0) yield* grants.unmap(cpu, mapped);
    of(transfer).maps = okay ? maps : [];
    return failure;
  }

  /** Are its pages kept, or is there room to keep them? */
  function isKept(transfer: Transfer): boolean {
    if (!persistent) return false;
    let fresh = 0;
    for (const { mfn } of framesWithBytes(transfer.fragments)) if (!kept.has(mfn)) fresh++;
    return (keptOf[transfer.guest] as number) + fresh <= mayKeep;
  }

  /** Persistent: a page is granted, writable for either direction, when it is used first. */
  function* shareKept(cpu: Cpu, transfer: Transfer): Steps<number[] | null> {
    const guest = world.guests[transfer.guest] as Guest;
    const refs: number[] = [];
    for (const { mfn } of framesWithBytes(transfer.fragments)) {
      const known = kept.get(mfn);
      if (known !== undefined) {
        refs.push(known.ref);
        continue;
      }
      const to = backendFor(world, transfer);
      const ref = yield* grants.grant(cpu, guest, to, mfn, false, transfer.request);
      if (ref === -1) return null;
      kept.set(mfn, { ref, map: null, users: 0 });
      keptOf[transfer.guest] = (keptOf[transfer.guest] as number) + 1;
      refs.push(ref);
    }
    return refs;
  }

  /** Persistent: what is not mapped yet, once more when mappings that nobody uses have gone. */
  function* mapKept(cpu: Cpu, transfer: Transfer): Steps<number> {
    const pages: Kept[] = [];
    for (const { mfn } of framesWithBytes(transfer.fragments)) {
      const page = kept.get(mfn);
      assert(page !== undefined, 'a page was not shared');
      page.users++;
      pages.push(page);
    }
    let status = yield* mapMissing(cpu, transfer, pages);
    if (status === GNTST.no_space) {
      yield* evict(cpu);
      status = yield* mapMissing(cpu, transfer, pages);
    }
    if (status === GNTST.okay) of(transfer).kept = pages;
    else for (const page of pages) page.users--;
    return status;
  }

  function* mapMissing(cpu: Cpu, transfer: Transfer, pages: readonly Kept[]): Steps<number> {
    const missing = pages.filter((page) => page.map === null);
    if (missing.length === 0) return GNTST.okay;
    const refs = missing.map((page) => page.ref);
    // A mapping that is kept serves both directions.
    const maps = mapElements({ ...transfer, direction: 'in' }, refs, 'host');
    yield* grants.map(cpu, maps);
    missing.forEach((page, i) => {
      const map = maps[i] as MapElement;
      if (map.status === GNTST.okay) page.map = map;
    });
    return failureAmong(maps);
  }

  function* evict(cpu: Cpu): Steps {
    const maps: MapElement[] = [];
    for (const page of kept.values()) {
      if (page.map === null || page.users > 0) continue;
      maps.push(page.map);
      page.map = null;
    }
    if (maps.length > 0) yield* grants.unmap(cpu, maps);
  }

  function letGo(transfer: Transfer): void {
    for (const page of of(transfer).kept) page.users--;
    of(transfer).kept = [];
  }

  /** Has the backend copied what it is to send, when it has accepted it? */
  const isTaken = ({ direction }: Transfer): boolean => direction === 'out' && backend.takesAtOnce;

  const map = (cpu: Cpu, transfer: Transfer): Steps<number> =>
    of(transfer).once ? mapOnce(cpu, transfer) : mapKept(cpu, transfer);

  return {
    locks: grants.locks,
    reservedBytes: { frontend: 0, backend: 0 },
    signalling: 'ring',
    respondAt: (transfer) => {
      const at = backend.respondAt(transfer);
      // Asked of one that the frontend has taken back already, it has been answered.
      const once = carried.get(transfer)?.once ?? false;
      // What was mapped for the request alone must be unmapped before the frontend is told.
      return !once || (transfer.protocol === 'net' && transfer.direction === 'in')
        ? at
        : 'released';
    },
    slotsOf: () => 1,

    *share(cpu, transfer) {
      need(world, transfer.fragments);
      const once = !isKept(transfer);
      const refs = once ? yield* shareOnce(cpu, transfer) : yield* shareKept(cpu, transfer);
      if (refs === null) needless(world, transfer.fragments);
      else carried.set(transfer, { refs, once, maps: [], kept: [] });
      return refs !== null;
    },

    *accept(cpu, batch) {
      for (const transfer of batch) {
        const status = yield* map(cpu, transfer);
        if (status !== GNTST.okay) transfer.dropped = true;
        else yield* backend.accept(cpu, transfer, transfer.fragments);
        if (isTaken(transfer)) {
          needless(world, transfer.fragments);
          letGo(transfer);
        }
      }
    },

    *deliver(cpu, batch) {
      for (const transfer of batch) {
        const isNet = transfer.protocol === 'net';
        // Mapped for as long as the copy takes.
        if (isNet && !(yield* untilMapped(world, cpu, () => map(cpu, transfer)))) {
          transfer.dropped = true;
          needless(world, transfer.fragments);
          continue;
        }
        yield* backend.deliver(cpu, transfer, transfer.fragments);
        if (!isNet) continue;
        needless(world, transfer.fragments);
        if (of(transfer).once) yield* grants.unmap(cpu, of(transfer).maps);
        of(transfer).maps = [];
        letGo(transfer);
      }
      return batch.length;
    },

    *transmitted(cpu, transfer) {
      const received = transfer.protocol === 'net' && transfer.direction === 'in';
      if (!received && !isTaken(transfer)) {
        needless(world, transfer.fragments);
        letGo(transfer);
      }
      yield* backend.transmitted(cpu, transfer);
    },

    *release(cpu, batch) {
      for (const transfer of batch) {
        const { maps } = of(transfer);
        if (transfer.protocol !== 'net') yield* unmapByPolicy(world, grants, cpu, maps);
        else if (maps.length > 0) yield* grants.unmap(cpu, maps);
        of(transfer).maps = [];
      }
    },

    *reclaim(cpu, transfer) {
      if (of(transfer).once) yield* endGrants(world, grants, cpu, transfer, of(transfer).refs);
      carried.delete(transfer);
    },

    check: () => grants.check(),
  };
}

/** The first status that is none of success. */
const failureAmong = (maps: readonly MapElement[]): number =>
  maps.find(({ status }) => status !== GNTST.okay)?.status ?? GNTST.okay;

export const virtioGrant: Strategy = {
  id: 'virtio-grant',
  name: 'virtio with grants',
  explanation:
    'virtio rings whose addresses are grant references: the backend maps what each request names and unmaps it again, or keeps it. It reaches granted pages only, without a virtual IOMMU; costs are those of grant maps, and a backend that is a process pays a system call for each.',
  source: 'Linux drivers/xen/grant-dma-ops.c; Xen libxl grant_usage; device tree xen,grant-dma',
  standing: 'merged',
  topologies: ['mediated'],
  ring: 'virtio',
  sequences: {
    netOut: true,
    netIn: 'posted',
    blk: true,
    gpu: 'A grant is given by a guest that cooperates; an emulator must reach pages of one that does not know of it.',
    display: 'keep',
  },
  judge({ hypervisor }) {
    if (hypervisor.notification === 'event-channel') return { status: 'native', reason: '' };
    return {
      status: 'hypothetical',
      reason:
        'KVM has no grant tables; the primitives are charged at its hypercall and page-table costs, as for a backend in a guest of its own.',
    };
  },
  carrier,
};
