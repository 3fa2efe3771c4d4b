/**
 * C. Persistent grants (blkfront and blkback), and the window proposed for networks.
 *
 * Setup: none; a page of the frontend's pool is granted writable when it is used first.
 *
 *  1. frontend: takes pages of its pool, the most recently used first; for more than 11 in a block
 *     request one more, which names them
 *  2. out: frontend: CPU.copy of the payload into them
 *  3. RING.push, EVTCHNOP_send if the backend asked for it                    (workload)
 *  4. backend: looks each reference up in its tree: known, nothing to do; new, mapped, and kept while
 *     there are fewer than the maximum; beyond that, for this request alone
 *  5. backend: DMA in place (block, transmit) or CPU.copy into the pages (receive)
 *  6. backend: marks them idle, response; one-shot mappings are unmapped before that
 *  7. in: frontend: CPU.copy out; pages back on the head of the list; nothing is revoked
 *
 * Every 100 ms the backend unmaps what has not been used for `persistent.unusedSeconds`, and, after an
 * overflow, idle ones in the order of their references until a twentieth is free.
 *
 * `persistent.owner: backend` (network, proposal): the window is memory of the backend, mapped by the
 * frontend once; the frontend copies into and out of it.
 */
import { assert } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { protocolOf } from '../contract/scenario.ts';
import { ENTRIES_PER_FRAME, GNTST, RESERVED_ENTRIES } from '../memory/grant-table.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { copyExtents, type Extent } from '../primitives/copies.ts';
import { Grants, type MapElement } from '../primitives/grants/index.ts';
import type { Iommu } from '../primitives/iommu.ts';
import { backendFor, type Backend, type Guest, type World } from '../primitives/world.ts';
import { judgeGrants, unmapByPolicy, untilMapped } from './grant-support.ts';
import { isIndirect } from './indirect.ts';
import { PersistentTree } from './persistent-tree.ts';
import { need, needless } from './support.ts';
import type { Carrier, Strategy, Transfer } from './types.ts';

/** A page of the pool with its grant. */
interface PoolPage {
  readonly mfn: number;
  /** -1 until it is granted, and for a window of the backend's. */
  ref: number;
}

/** The pool of one ring. */
interface Pool {
  readonly guest: Guest;
  readonly idle: PoolPage[];
  /** Next frame that has never been used, and the end of what is set aside. */
  next: number;
  readonly end: number;
  readonly tree: PersistentTree;
}

interface Carried {
  readonly pages: readonly PoolPage[];
  /** The last page taken names the others: see `indirect.ts`. */
  readonly isIndirect: boolean;
  oneShot: readonly MapElement[];
}

function carrier(world: World, iommu: Iommu): Carrier {
  const { scenario, guests, costs } = world;
  const grants = new Grants(world, iommu);
  const { owner } = scenario.persistent;
  const ofBackend = owner === 'backend' && protocolOf(scenario) !== 'blk';
  const pools = new Map<string, Pool>();
  const carried = new Map<Transfer, Carried>();
  const of = (transfer: Transfer): Carried => {
    const found = carried.get(transfer);
    assert(found !== undefined, 'a transfer was not shared');
    return found;
  };

  const poolOf = (transfer: Transfer): Pool => {
    const key = `${transfer.guest}.${transfer.queue}`;
    const known = pools.get(key);
    if (known !== undefined) return known;
    const guest = guests[transfer.guest] as Guest;
    const { first, frames } = guest.memory;
    const own = poolPages(scenario);
    const queue = transfer.queue % queuesOf(scenario);
    const next = first + frames - (queue + 1) * own;
    const tree = new PersistentTree(world, grants, backendFor(world, transfer));
    const made: Pool = { guest, idle: [], next, end: next + own, tree };
    pools.set(key, made);
    return made;
  };

  /** A page of the pool: the most recently used one, or a new one. Null when there is none. */
  function* takePage(
    cpu: Cpu,
    pool: Pool,
    backend: Backend,
    request: number,
  ): Steps<PoolPage | null> {
    const known = pool.idle.pop();
    if (known !== undefined) return known;
    if (ofBackend) {
      if (!backend.budget.take(1)) return null;
      return { mfn: world.frames.allocate(backend.domain), ref: -1 };
    }
    if (pool.next === pool.end) return null;
    const ref = yield* grants.grant(cpu, pool.guest, backend, pool.next, false, request);
    if (ref === -1) return null;
    return { mfn: pool.next++, ref };
  }

  const extentsOf = (transfer: Transfer): Extent[] =>
    payloadPages(of(transfer)).map(({ mfn }, i) => ({
      mfn,
      offset: 0,
      bytes: Math.min(PAGE_SIZE, transfer.bytes - i * PAGE_SIZE),
    }));

  const descriptorsOf = (transfer: Transfer): Extent[] => {
    const { pages, isIndirect: indirect } = of(transfer);
    const page = indirect ? pages.at(-1) : undefined;
    return page === undefined ? [] : [{ mfn: page.mfn, offset: 0, bytes: PAGE_SIZE }];
  };

  function* share(cpu: Cpu, transfer: Transfer): Steps<boolean> {
    const pool = poolOf(transfer);
    const backend = backendFor(world, transfer);
    const { bytes, request, direction } = transfer;
    const pages: PoolPage[] = [];
    const indirect = isIndirect(transfer);
    const wanted = Math.ceil(bytes / PAGE_SIZE) + (indirect ? 1 : 0);
    while (pages.length < wanted) {
      const page = yield* takePage(cpu, pool, backend, request);
      if (page === null) {
        world.oracle.exhausted('frontend', 'pool of persistent grants', request);
        pool.idle.push(...pages.reverse());
        return false;
      }
      pages.push(page);
    }
    world.oracle.available('frontend', 'pool of persistent grants');
    carried.set(transfer, { pages, isIndirect: indirect, oneShot: [] });
    need(world, extentsOf(transfer));
    need(world, descriptorsOf(transfer));
    if (direction === 'out') {
      const to = extentsOf(transfer);
      yield* copyExtents(world, cpu, ACTOR.frontend, transfer.fragments, to, bytes, request);
    }
    return true;
  }

  /** The backend makes sure that it has the pages mapped; returns a status of GNTST. */
  function* reach(cpu: Cpu, transfer: Transfer): Steps<number> {
    const { tree } = poolOf(transfer);
    const { pages } = of(transfer);
    yield cpu.charge(ACTOR.backend, pages.length * costs.lockUncontended);
    if (ofBackend) return GNTST.okay;
    const refs = pages.map((each) => each.ref);
    const oneShot = yield* tree.use(cpu, transfer, refs);
    of(transfer).oneShot = oneShot ?? [];
    return oneShot === null ? tree.failure : GNTST.okay;
  }

  return {
    locks: grants.locks,
    reservedBytes: { frontend: 0, backend: 0 },
    signalling: 'ring',
    respondAt: (transfer) =>
      (carried.get(transfer)?.oneShot.length ?? 0) > 0 ? 'released' : 'transmitted',
    slotsOf: (transfer) =>
      transfer.protocol === 'net' ? Math.ceil(transfer.bytes / PAGE_SIZE) : 1,
    share,

    *accept(cpu, batch) {
      for (const transfer of batch) {
        const status = yield* reach(cpu, transfer);
        if (status === GNTST.okay) transfer.device = extentsOf(transfer);
        else transfer.dropped = true;
      }
    },

    *deliver(cpu, batch) {
      for (const transfer of batch) {
        if (transfer.protocol !== 'net') continue;
        const { arrived, bytes, request } = transfer;
        const reached = yield* untilMapped(world, cpu, () => reach(cpu, transfer));
        const to = extentsOf(transfer);
        if (reached) yield* copyExtents(world, cpu, ACTOR.backend, arrived, to, bytes, request);
        else transfer.dropped = true;
        needless(world, to);
        // A one-shot mapping of a receive buffer lasts as long as the copy.
        const { oneShot } = of(transfer);
        if (oneShot.length > 0) yield* grants.unmap(cpu, oneShot);
        of(transfer).oneShot = [];
        idle(transfer);
      }
      return batch.length;
    },

    // eslint-disable-next-line require-yield -- a mark in the tree, no more
    *transmitted(_cpu, transfer) {
      if (transfer.protocol === 'net' && transfer.direction === 'in') return;
      needless(world, extentsOf(transfer));
      needless(world, descriptorsOf(transfer));
      idle(transfer);
    },

    *release(cpu, batch) {
      for (const transfer of batch) {
        yield* unmapByPolicy(world, grants, cpu, of(transfer).oneShot);
        of(transfer).oneShot = [];
      }
    },

    *reclaim(cpu, transfer) {
      const { bytes, request, direction, fragments } = transfer;
      if (direction === 'in') {
        const from = extentsOf(transfer);
        yield* copyExtents(world, cpu, ACTOR.frontend, from, fragments, bytes, request);
      }
      poolOf(transfer).idle.push(...[...of(transfer).pages].reverse());
      carried.delete(transfer);
    },

    check: () => grants.check(),
  };

  function idle(transfer: Transfer): void {
    poolOf(transfer).tree.idle(of(transfer).pages.map((each) => each.ref));
  }
}

const payloadPages = ({ pages, isIndirect: indirect }: Carried): readonly PoolPage[] =>
  indirect ? pages.slice(0, -1) : pages;

/** Pages of one request of a ring: 32 segments and their descriptors. */
const BLK_REQUEST_PAGES = 33;
/** Pages that a ring can have in flight: 32 requests of 32 segments. */
const RING_PAGES = 1024;

/** Frames of a guest that each ring may use: with its share of the grant table, taken when it connects. */
function poolPages(scenario: World['scenario']): number {
  const { persistent, blk, grants } = scenario;
  const wanted = Math.max(persistent.max, RING_PAGES) * (blk.ringOrder > 0 ? 2 : 1);
  const entries = grants.maxFrames * ENTRIES_PER_FRAME - RESERVED_ENTRIES;
  return Math.min(wanted, Math.floor(entries / queuesOf(scenario)));
}

const queuesOf = (scenario: World['scenario']): number =>
  protocolOf(scenario) === 'blk' ? scenario.blk.queues : scenario.net.queues;

export const grantPersistent: Strategy = {
  id: 'grant-persistent',
  name: 'Persistent grants',
  explanation:
    'The frontend copies every payload through a pool of pages that it grants once, writable; the backend maps each page when it first sees it and keeps the mapping. In the steady state nothing is mapped, unmapped or flushed, at the price of a copy in the guest. Backend and device reach all of the pool, also when it is idle, and the pool is the frontend’s to pay for.',
  source:
    'Linux drivers/block/xen-blkfront.c and xen-blkback; the network window: xen-devel 2013, netif staging grants',
  standing: 'merged',
  topologies: ['mediated'],
  ring: 'xen',
  sequences: {
    netOut: true,
    netIn: 'posted',
    blk: true,
    gpu: 'A grant is given by a guest that cooperates; an emulator must reach pages of one that does not know of it.',
    display: 'copy',
  },
  reservedKiB: (scenario) =>
    scenario.persistent.owner === 'backend' && protocolOf(scenario) !== 'blk'
      ? 0
      : queuesOf(scenario) * poolPages(scenario) * 4,
  judge(setting) {
    const { scenario } = setting;
    const pair = judgeGrants(setting);
    if (protocolOf(scenario) === 'blk') {
      const pages = poolPages(scenario);
      if (pages >= BLK_REQUEST_PAGES) return pair;
      return {
        status: 'refused',
        reason: `The grant table leaves each of ${queuesOf(scenario)} rings ${pages} pages, and one request may need ${BLK_REQUEST_PAGES}.`,
      };
    }
    return {
      status: 'hypothetical',
      reason:
        'Proposed for networks as a window of grants; the protocol has control messages for it and Linux’s netback does not implement them.',
    };
  },
  carrier,
};
