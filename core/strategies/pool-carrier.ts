/**
 * Payload that crosses by slots of a pool which the backend has mapped for good: a bounce pool (K), or
 * a pre-shared region laid out in slots (O). The two differ in whose memory the pool is, and in what
 * the driver copies.
 */
import { assert } from '../base/assert.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { BOUNCE_MAX_BYTES } from '../memory/bounce-pool.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import type { Bounce, BounceBuffers } from '../primitives/bounce.ts';
import type { Extent } from '../primitives/copies.ts';
import type { World } from '../primitives/world.ts';
import { need, needless } from './support.ts';
import type { Carrier, Transfer } from './types.ts';
import { VirtioBackend } from './virtio-support.ts';

export interface Pools {
  /** A guest's pool; null for one that could not be set up. */
  of(guest: number): BounceBuffers | null;
  readonly all: readonly BounceBuffers[];
  readonly reservedBytes: { readonly frontend: number; readonly backend: number };
  /** Are buffers that the device will write copied in first, as swiotlb does? */
  readonly copiesInAlways: boolean;
}

export function poolCarrier(world: World, pools: Pools): Carrier {
  const backend = new VirtioBackend(world);
  const bounced = new Map<Transfer, readonly Bounce[]>();
  const of = (transfer: Transfer): readonly Bounce[] => {
    const found = bounced.get(transfer);
    assert(found !== undefined, 'a transfer was not shared');
    return found;
  };
  const isLost = (transfer: Transfer): boolean => pools.of(transfer.guest) === null;
  const extentsOf = (transfer: Transfer) => of(transfer).map((each) => each.extent);

  function* share(cpu: Cpu, transfer: Transfer): Steps<boolean> {
    const pool = pools.of(transfer.guest);
    if (pool === null) {
      // A guest that could not connect: its requests end with an error.
      transfer.dropped = true;
      return true;
    }
    const { request, direction } = transfer;
    const own: Bounce[] = [];
    const copyIn = direction === 'out' || pools.copiesInAlways;
    for (const part of mappable(transfer.fragments)) {
      const one = yield* pool.map(cpu, part, copyIn, request);
      if (one === null) {
        for (const each of own) yield* pool.unmap(cpu, each, 0, request);
        return false;
      }
      own.push(one);
    }
    bounced.set(transfer, own);
    need(
      world,
      own.map((each) => each.extent),
    );
    return true;
  }

  return {
    locks: pools.all.flatMap((each) => each.locks),
    reservedBytes: pools.reservedBytes,
    signalling: 'ring',
    respondAt: (transfer) => backend.respondAt(transfer),
    slotsOf: () => 1,
    share,

    *accept(cpu, batch) {
      for (const transfer of batch) {
        if (isLost(transfer)) continue;
        const extents = extentsOf(transfer);
        yield* backend.accept(cpu, transfer, extents);
        if (backend.takesAtOnce && transfer.direction === 'out') needless(world, extents);
      }
    },

    *deliver(cpu, batch) {
      for (const transfer of batch) {
        if (isLost(transfer)) continue;
        const extents = extentsOf(transfer);
        yield* backend.deliver(cpu, transfer, extents);
        needless(world, extents);
      }
      return batch.length;
    },

    *transmitted(cpu, transfer) {
      const done = transfer.direction === 'in' || backend.takesAtOnce || isLost(transfer);
      if (!done) needless(world, extentsOf(transfer));
      yield* backend.transmitted(cpu, transfer);
    },

    *release() {
      // The pool stays mapped.
    },

    *reclaim(cpu, transfer) {
      const pool = pools.of(transfer.guest);
      if (pool === null) return;
      // swiotlb copies the length that was mapped; a driver that knows its region, what has come.
      const all = pools.copiesInAlways ? Infinity : transfer.bytes;
      let left = transfer.direction === 'in' ? all : 0;
      for (const each of of(transfer)) {
        const back = Math.min(left, each.extent.bytes);
        yield* pool.unmap(cpu, each, back, transfer.request);
        left -= back;
      }
      bounced.delete(transfer);
    },

    check() {
      // A pool checks itself with every operation.
    },
  };
}

/** Parts of at most 256 KiB, the most that one mapping may have. */
function* mappable(extents: readonly Extent[]): Generator<Extent> {
  for (const { mfn, offset, bytes } of extents) {
    for (let from = 0; from < bytes; from += BOUNCE_MAX_BYTES) {
      const at = offset + from;
      yield {
        mfn: mfn + Math.floor(at / PAGE_SIZE),
        offset: at % PAGE_SIZE,
        bytes: Math.min(BOUNCE_MAX_BYTES, bytes - from),
      };
    }
  }
}
