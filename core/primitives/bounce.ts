/**
 * The bounce pool of a guest: `dma_map` takes slots and copies the payload into them, `dma_unmap`
 * gives them back. The pool is memory of the guest that the backend has mapped for good.
 */
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { Lock, LOCK } from '../engine/lock.ts';
import { NONE } from '../engine/recording.ts';
import { BouncePool, SLOT_BYTES } from '../memory/bounce-pool.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { cpuCopy, framesOf, type Extent } from './copies.ts';
import { gfnOf, type Guest, type World } from './world.ts';

/** A payload's place in the pool. */
export interface Bounce {
  readonly slot: number;
  readonly extent: Extent;
}

export class BounceBuffers {
  readonly #world: World;
  readonly #guest: Guest;
  readonly #pool: BouncePool;
  readonly #locks: readonly Lock[];
  /** First frame of the pool. */
  readonly first: number;
  readonly frames: number;

  /**
   * @param first mfn where the pool starts: memory of the guest set aside at boot
   * @param kib size of the pool
   */
  constructor(world: World, guest: Guest, first: number, kib: number) {
    const { areas } = world.scenario.swiotlb;
    this.#world = world;
    this.#guest = guest;
    this.#pool = new BouncePool(kib * 1024, areas);
    this.first = first;
    this.frames = (this.#pool.slots * SLOT_BYTES) / PAGE_SIZE;
    this.#locks = Array.from(
      { length: areas },
      (_, i) => new Lock(world.engine, world.recorder, LOCK.bounceArea, `bounce area ${i}`),
    );
  }

  get locks(): readonly Lock[] {
    return this.#locks;
  }

  /**
   * `dma_map`: slots taken and the payload copied in. Null when the pool is full: the caller stops
   * its queue and tries again, as drivers do on DMA_MAPPING_ERROR.
   */
  *map(cpu: Cpu, payload: Extent, request: number): Steps<Bounce | null> {
    const { recorder, costs, oracle, counters } = this.#world;
    const lock = this.#locks[0] as Lock;
    yield* lock.acquire(cpu, ACTOR.frontend, cpu.track);
    const { slot, steps } = this.#pool.take(payload.bytes, 0);
    const dur = costs.lockUncontended + steps * costs.pteWrite;
    const n = BouncePool.slotsFor(payload.bytes);
    const status = slot === -1 ? -12 : NONE;
    const mfn = this.first + Math.floor((slot * SLOT_BYTES) / PAGE_SIZE);
    const gfn = slot === -1 ? NONE : gfnOf(this.#guest, mfn);
    recorder.leaf(K.swiotlbMap, cpu.track, dur, request, gfn, payload.bytes, n, status, slot);
    yield cpu.charge(ACTOR.frontend, dur);
    lock.release();
    if (slot === -1) return null;
    counters.set(COUNTERS.bounceSlots, this.#pool.used);
    const extent: Extent = {
      mfn,
      offset: (slot * SLOT_BYTES) % PAGE_SIZE,
      bytes: payload.bytes,
    };
    const targets = Array.from({ length: framesOf(extent) }, (_, i) => mfn + i);
    for (const target of targets) oracle.authorise(target);
    yield* cpuCopy(this.#world, cpu, ACTOR.frontend, payload, targets, request);
    return { slot, extent };
  }

  /** `dma_unmap` of a buffer that the device only read: no copy back. */
  *unmap(cpu: Cpu, bounce: Bounce, request: number): Steps {
    const { recorder, costs, oracle, counters } = this.#world;
    const lock = this.#locks[0] as Lock;
    yield* lock.acquire(cpu, ACTOR.frontend, cpu.track);
    const n = BouncePool.slotsFor(bounce.extent.bytes);
    const dur = costs.lockUncontended + n * costs.pteWrite;
    const gfn = gfnOf(this.#guest, bounce.extent.mfn);
    const event = recorder.leaf(
      K.swiotlbUnmap,
      cpu.track,
      dur,
      request,
      gfn,
      bounce.extent.bytes,
      n,
      NONE,
      bounce.slot,
    );
    yield cpu.charge(ACTOR.frontend, dur);
    this.#pool.give(bounce.slot, bounce.extent.bytes);
    lock.release();
    for (let i = 0; i < framesOf(bounce.extent); i++) {
      oracle.reclaim(bounce.extent.mfn + i, [event]);
    }
    counters.set(COUNTERS.bounceSlots, this.#pool.used);
  }
}
