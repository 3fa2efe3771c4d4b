/**
 * B. Grant copy: the hypervisor copies the payload between pages of the frontend and of the backend.
 *
 * Out (network transmit, block write):
 *  1. frontend: GNT.grant for each page, read-only
 *  2. frontend: RING.push, EVTCHNOP_send if the backend asked for it          (workload)
 *  3. backend: RING.pull into private memory                                  (workload)
 *  4. backend: block requests of more than 11 pages: GNTTABOP_copy of the page that names them
 *     then local pages; GNTTABOP_copy, one element a slot, never across a page
 *  5. backend: network: response at once, before the packet is sent; block: at completion
 *  6. frontend: GNT.end
 *  7. backend: dma_map of the local pages; DMA.rd; pages freed                (workload)
 *
 * In (network receive, block read):
 *  1. frontend: GNT.grant of each page of its buffer, writable
 *  2. device: DMA.wr into pages of the backend                                (workload)
 *  3. backend: GNTTABOP_copy into the granted pages, at most 64 elements a hypercall
 *  4. backend: response; frontend: GNT.end
 */
import { assert } from '../base/assert.ts';
import { GNTST } from '../memory/grant-table.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { Extent } from '../primitives/copies.ts';
import { Grants, type CopyElement } from '../primitives/grants/index.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';
import { copyIntoGrants, endGrants, grantPages, judgeGrants } from './grant-support.ts';
import { IndirectPages, indirectKiB } from './indirect.ts';
import { pieces } from '../primitives/pieces.ts';
import { countFrames, LocalPages, need, needless } from './support.ts';
import type { Carrier, Strategy, Transfer } from './types.ts';

/** How elements are copied: by the CPU in a hypercall, or by an engine (grant-copy-offload). */
export type Copying = (
  world: World,
  grants: Grants,
) => (cpu: Cpu, elements: readonly CopyElement[]) => Steps;

export function copyCarrier(world: World, iommu: Iommu, copying: Copying): Carrier {
  const grants = new Grants(world, iommu);
  const copy = copying(world, grants);
  const local = new LocalPages(world);
  const indirect = new IndirectPages(world, grants);
  const granted = new Map<Transfer, number[]>();
  const refsOf = (transfer: Transfer): number[] => {
    const found = granted.get(transfer);
    assert(found !== undefined, 'a transfer was not shared');
    return found;
  };

  /** Adds the elements that copy a transfer's payload to pages of the backend. */
  const copyTo = (to: readonly Extent[], transfer: Transfer, elements: CopyElement[]): void => {
    const refs = refsOf(transfer);
    const { guest, request, fragments, bytes, direction } = transfer;
    for (const piece of pieces(fragments, to, bytes)) {
      elements.push({
        guest,
        ref: refs[piece.fromIndex] as number,
        offset: piece.fromOffset,
        local: piece.to,
        localOffset: piece.toOffset,
        bytes: piece.bytes,
        direction,
        request,
        status: GNTST.okay,
      });
    }
  };

  function* copyOut(cpu: Cpu, batch: readonly Transfer[]): Steps {
    const elements: CopyElement[] = [];
    /** Where the elements of each transfer end. */
    const ends: number[] = [];
    for (const transfer of batch) {
      const pages = transfer.dropped ? null : local.allocate(transfer, transfer.bytes);
      if (pages === null) transfer.dropped = true;
      else {
        const dur = local.allocationPs(pages);
        if (!cpu.passes(ACTOR.backend, dur)) yield dur;
        transfer.device = pages;
        copyTo(pages, transfer, elements);
      }
      ends.push(elements.length);
    }
    if (elements.length > 0) yield* copy(cpu, elements);
    let next = 0;
    for (const [i, transfer] of batch.entries()) {
      for (; next < (ends[i] as number); next++) {
        if (elements[next]?.status !== GNTST.okay) transfer.dropped = true;
      }
      needless(world, transfer.fragments);
    }
  }

  return {
    locks: grants.locks,
    reservedBytes: { frontend: 0, backend: 0 },
    signalling: 'ring',
    respondAt: ({ protocol, direction }) =>
      protocol === 'net' && direction === 'out' ? 'accepted' : 'transmitted',
    slotsOf: (transfer) => (transfer.protocol === 'net' ? countFrames(transfer.fragments) : 1),

    *share(cpu, transfer) {
      need(world, transfer.fragments);
      const refs = yield* grantPages(world, grants, cpu, transfer);
      const shared = refs !== null && (!indirect.isUsed || (yield* indirect.share(cpu, transfer)));
      if (shared) granted.set(transfer, refs);
      else {
        if (refs !== null) yield* endGrants(world, grants, cpu, transfer, refs);
        needless(world, transfer.fragments);
      }
      return shared;
    },

    *accept(cpu, batch) {
      if (indirect.isUsed) yield* indirect.copy(cpu, batch, local);
      const out = batch.filter((each) => each.direction === 'out');
      if (out.length > 0) yield* copyOut(cpu, out);
      for (const transfer of batch) {
        if (transfer.direction === 'out' || transfer.dropped) continue;
        const pages = yield* local.take(cpu, transfer, transfer.bytes);
        if (pages === null) transfer.dropped = true;
        else transfer.device = pages;
      }
    },

    *deliver(cpu, batch) {
      yield* copyIntoGrants(copy, cpu, batch, refsOf);
      for (const transfer of batch) needless(world, transfer.fragments);
      return batch.length;
    },

    transmitted: (cpu, transfer) => local.give(cpu, transfer),

    *release() {
      // Nothing is held of the frontend's.
    },

    *reclaim(cpu, transfer) {
      yield* endGrants(world, grants, cpu, transfer, refsOf(transfer));
      if (indirect.isUsed) yield* indirect.reclaim(cpu, transfer);
      granted.delete(transfer);
    },

    check: () => grants.check(),
  };
}

export const grantCopy: Strategy = {
  id: 'grant-copy',
  name: 'Grant copy',
  explanation:
    'The frontend grants its pages; the hypervisor copies exactly the payload into pages of the backend, or out of them, in one hypercall for a batch. The strategy gives neither backend nor device a way to a page of the frontend (what the host lets its device reach is its own DMA mode), and on transmit the frontend has its memory back before the packet is sent. Every byte is copied, and the backend pays for the memory.',
  source: 'Xen common/grant_table.c (GNTTABOP_copy); Linux drivers/net/xen-netback',
  standing: 'merged',
  topologies: ['mediated'],
  ring: 'xen',
  sequences: {
    netOut: true,
    netIn: 'posted',
    blk: true,
    gpu: 'A graphics device reads guest pages in place; a copy would not follow what the guest draws.',
    display: 'copy',
  },
  reservedKiB: indirectKiB,
  judge: judgeGrants,
  carrier: (world, iommu) =>
    copyCarrier(world, iommu, (_world, grants) => (cpu, elements) => grants.copy(cpu, elements)),
};
