/**
 * Pages for received packets, as Linux's page_pool keeps them: mapped for the device once and used
 * again, against the backend's budget. Of one receive ring of a NIC.
 */
import { PAGE_SIZE } from '../../base/brand.ts';
import { assert } from '../../base/assert.ts';
import { COUNTERS } from '../../engine/counters.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { NicBuffer } from '../../devices/nic-queue.ts';
import type { DmaApi } from '../../primitives/dma-api.ts';
import type { Backend, World } from '../../primitives/world.ts';

export class PagePool {
  readonly #world: World;
  readonly #dma: DmaApi;
  readonly #backend: Backend;
  readonly #free: NicBuffer[] = [];
  #pages = 0;

  constructor(world: World, dma: DmaApi, backend: Backend) {
    this.#world = world;
    this.#dma = dma;
    this.#backend = backend;
  }

  /** Pages that it has, free or not. */
  get pages(): number {
    return this.#pages;
  }

  /** A mapped page; null when the backend may not spend another one. */
  *take(cpu: Cpu): Steps<NicBuffer | null> {
    const { frames, costs, counters, oracle } = this.#world;
    const again = this.#free.pop();
    if (again !== undefined) return again;
    if (!this.#backend.budget.take(1)) {
      oracle.exhausted('backend', 'memory of the backend', NONE);
      return null;
    }
    const mfn = frames.allocate(this.#backend.domain);
    assert(mfn !== -1, 'the host keeps as many pages as its backends may spend');
    this.#pages++;
    counters.add(COUNTERS.backendPages, 1);
    if (!cpu.passes(ACTOR.backend, costs.pageAllocate)) yield costs.pageAllocate;
    const page = { mfn, offset: 0, bytes: PAGE_SIZE };
    return { mapping: yield* this.#dma.map(cpu, ACTOR.backend, page, 'in', NONE) };
  }

  /** A page is free for the next packet. */
  give(page: NicBuffer): void {
    this.#free.push(page);
  }
}
