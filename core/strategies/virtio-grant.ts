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
 * used again costs neither.
 */
import { assert } from '../base/assert.ts';
import { GNTST } from '../memory/grant-table.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { Grants, type MapElement } from '../primitives/grants/index.ts';
import type { Iommu } from '../primitives/iommu.ts';
import { backendFor, type Guest, type World } from '../primitives/world.ts';
import { endGrants, grantPages, mapElements } from './grant-support.ts';
import { framesWithBytes, need, needless } from './support.ts';
import type { Carrier, Strategy, Transfer } from './types.ts';
import { VirtioBackend } from './virtio-support.ts';

interface Carried {
  readonly refs: readonly number[];
  maps: readonly MapElement[];
}

/** A page whose grant and mapping are kept. */
interface Kept {
  readonly ref: number;
  map: MapElement | null;
}

function carrier(world: World, iommu: Iommu): Carrier {
  const grants = new Grants(world, iommu);
  const backend = new VirtioBackend(world);
  const carried = new Map<Transfer, Carried>();
  const { persistent } = world.scenario.virtioGrant;
  const kept = new Map<number, Kept>();
  const of = (transfer: Transfer): Carried => {
    const found = carried.get(transfer);
    assert(found !== undefined, 'a transfer was not shared');
    return found;
  };

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
      kept.set(mfn, { ref, map: null });
      refs.push(ref);
    }
    return refs;
  }

  function* mapKept(cpu: Cpu, transfer: Transfer): Steps<boolean> {
    const fresh: MapElement[] = [];
    let index = 0;
    for (const { mfn } of framesWithBytes(transfer.fragments)) {
      const page = kept.get(mfn);
      const ref = of(transfer).refs[index++] as number;
      if (page === undefined || page.map !== null) continue;
      const [element] = mapElements({ ...transfer, direction: 'in' }, [ref], 'host');
      page.map = element as MapElement;
      fresh.push(page.map);
    }
    if (fresh.length > 0) yield* grants.map(cpu, fresh);
    return fresh.every((each) => each.status === GNTST.okay);
  }

  return {
    locks: grants.locks,
    reservedBytes: { frontend: 0, backend: 0 },
    signalling: 'ring',
    respondAt: (transfer) => {
      const at = backend.respondAt(transfer);
      // What was mapped for the request alone must be unmapped before the frontend is told.
      return persistent || (transfer.protocol === 'net' && transfer.direction === 'in')
        ? at
        : 'released';
    },
    slotsOf: () => 1,

    *share(cpu, transfer) {
      need(world, transfer.fragments);
      const refs = persistent
        ? yield* shareKept(cpu, transfer)
        : yield* grantPages(world, grants, cpu, transfer);
      if (refs === null) needless(world, transfer.fragments);
      else carried.set(transfer, { refs, maps: [] });
      return refs !== null;
    },

    *accept(cpu, batch) {
      for (const transfer of batch) {
        let mapped: boolean;
        if (persistent) mapped = yield* mapKept(cpu, transfer);
        else {
          const maps = mapElements(transfer, of(transfer).refs, 'host');
          of(transfer).maps = maps;
          yield* grants.map(cpu, maps);
          mapped = maps.every((each) => each.status === GNTST.okay);
        }
        if (!mapped) transfer.dropped = true;
        else yield* backend.accept(cpu, transfer, transfer.fragments);
        if (backend.takesAtOnce && transfer.direction === 'out')
          needless(world, transfer.fragments);
      }
    },

    *deliver(cpu, batch) {
      for (const transfer of batch) {
        const { protocol } = transfer;
        if (protocol === 'net') {
          // Mapped for as long as the copy takes.
          const maps = mapElements(transfer, of(transfer).refs, 'host');
          if (persistent) yield* mapKept(cpu, transfer);
          else yield* grants.map(cpu, maps);
          yield* backend.deliver(cpu, transfer, transfer.fragments);
          needless(world, transfer.fragments);
          if (!persistent) yield* grants.unmap(cpu, maps);
        } else {
          yield* backend.deliver(cpu, transfer, transfer.fragments);
        }
      }
      return batch.length;
    },

    *transmitted(cpu, transfer) {
      const net = transfer.protocol === 'net';
      const early = net && (transfer.direction === 'in' || backend.takesAtOnce);
      const copiedOut = transfer.direction === 'out' && backend.takesAtOnce;
      if (!early && !copiedOut) needless(world, transfer.fragments);
      yield* backend.transmitted(cpu, transfer);
    },

    *release(cpu, batch) {
      const mapped = batch
        .flatMap((transfer) => of(transfer).maps)
        .filter((each) => each.status === GNTST.okay);
      if (mapped.length > 0) yield* grants.unmap(cpu, mapped);
    },

    *reclaim(cpu, transfer) {
      if (!persistent) yield* endGrants(world, grants, cpu, transfer, of(transfer).refs);
      carried.delete(transfer);
    },

    check: () => grants.check(),
  };
}

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
