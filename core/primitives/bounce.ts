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
import { copyExtents, framesOf, type Extent } from './copies.ts';
import { gfnOf, type Guest, type World } from './world.ts';

const ENOMEM = -12;
const AREA_LINES = 3;

/** A payload's place in the pool. */
export interface Bounce {
  readonly slot: number;
  readonly extent: Extent;
  /** The buffer that it stands for. */
  readonly original: Extent;
}

export class BounceBuffers {
  readonly #world: World;
  readonly #guest: Guest;
  readonly #pool: BouncePool;
  /** For reports of a full pool. */
  readonly #name: string;
  readonly #locks: readonly Lock[];
  /** Who had each area last. */
  readonly #lastUsers: (Cpu | null)[];
  /** First frame of the pool. */
  readonly first: number;
  readonly frames: number;

  /**
   * @param first mfn where the pool starts: memory of the guest set aside at boot
   * @param kib size of the pool
   */
  constructor(world: World, guest: Guest, first: number, kib: number) {
    const { areas } = world.scenario.swiotlb;
    const { engine, recorder, costs } = world;
    this.#world = world;
    this.#guest = guest;
    this.#name = `bounce pool of guest ${guest.index}`;
    this.#pool = new BouncePool(kib * 1024, areas);
    this.first = first;
    this.frames = (this.#pool.slots * SLOT_BYTES) / PAGE_SIZE;
    this.#lastUsers = new Array<Cpu | null>(areas).fill(null);
    const owner = world.guests.length > 1 ? `guest ${guest.index}, ` : '';
    this.#locks = Array.from(
      { length: areas },
      (_, i) =>
        new Lock(engine, recorder, LOCK.bounceArea, `${owner}bounce area ${i}`, costs.lockHandoff),
    );
  }

  /** Lines of an area that must come from the CPU that had it last: its lock, its index, its slots. */
  #moveLines(area: number, cpu: Cpu): number {
    const last = this.#lastUsers[area];
    this.#lastUsers[area] = cpu;
    return last === cpu || last === null ? 0 : AREA_LINES * this.#world.costs.ringEntry;
  }

  get locks(): readonly Lock[] {
    return this.#locks;
  }

  /**
   * `dma_map`: slots taken and the payload copied in. Null when the pool is full: the caller stops its
   * queue and tries again, as drivers do on DMA_MAPPING_ERROR.
   *
   * @param payload at most 256 KiB
   * @param copyIn false to leave the slots as they are, for a buffer that will be filled
   */
  *map(cpu: Cpu, payload: Extent, copyIn: boolean, request: number): Steps<Bounce | null> {
    const { recorder, costs, oracle, counters } = this.#world;
    const home = this.#guest.cpus.indexOf(cpu) % this.#locks.length;
    const lock = this.#locks[Math.max(0, home)] as Lock;
    if (!lock.take()) yield* lock.acquire(cpu, ACTOR.frontend, cpu.track);
    const { slot, steps } = this.#pool.take(payload.bytes, Math.max(0, home));
    const moved = this.#moveLines(Math.max(0, home), cpu);
    const dur = costs.lockUncontended + steps * costs.pteWrite + moved;
    const n = BouncePool.slotsFor(payload.bytes);
    const status = slot === -1 ? ENOMEM : NONE;
    const mfn = this.first + Math.floor((slot * SLOT_BYTES) / PAGE_SIZE);
    const gfn = slot === -1 ? NONE : gfnOf(this.#guest, mfn);
    recorder.leaf(K.swiotlbMap, cpu.track, dur, request, gfn, payload.bytes, n, status, slot);
    if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
    lock.release();
    if (slot === -1) {
      oracle.exhausted('frontend', this.#name, request);
      return null;
    }
    oracle.available('frontend', this.#name);
    counters.set(COUNTERS.bounceSlots, this.#pool.used);
    const offset = (slot * SLOT_BYTES) % PAGE_SIZE;
    const extent: Extent = { mfn, offset, bytes: payload.bytes };
    for (let i = 0; i < framesOf(extent); i++) oracle.authorise(mfn + i);
    if (copyIn) {
      const { bytes } = payload;
      yield* copyExtents(this.#world, cpu, ACTOR.frontend, [payload], [extent], bytes, request);
    }
    return { slot, extent, original: payload };
  }

  /**
   * `dma_unmap`: slots given back.
   *
   * @param back bytes to copy to where the payload belongs first; 0 for a buffer that was only read
   */
  *unmap(cpu: Cpu, bounce: Bounce, back: number, request: number): Steps {
    const { recorder, costs, oracle, counters } = this.#world;
    const { slot, extent, original } = bounce;
    const { bytes } = extent;
    if (back > 0) {
      const world = this.#world;
      yield* copyExtents(world, cpu, ACTOR.frontend, [extent], [original], back, request);
    }
    const area = this.#pool.areaOf(slot);
    const lock = this.#locks[area] as Lock;
    if (!lock.take()) yield* lock.acquire(cpu, ACTOR.frontend, cpu.track);
    const n = BouncePool.slotsFor(bytes);
    const dur = costs.lockUncontended + n * costs.pteWrite + this.#moveLines(area, cpu);
    const gfn = gfnOf(this.#guest, extent.mfn);
    const event = recorder.leaf(K.swiotlbUnmap, cpu.track, dur, request, gfn, bytes, n, NONE, slot);
    if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
    this.#pool.give(slot, bytes);
    lock.release();
    for (let i = 0; i < framesOf(extent); i++) oracle.reclaim(extent.mfn + i, [event]);
    counters.set(COUNTERS.bounceSlots, this.#pool.used);
  }
}
