/** IOVA space as CPUs share it: caches of their own, and a tree behind one spinlock. */
import { K } from '../contract/kinds.ts';
import { trackOf, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { Lock, LOCK } from '../engine/lock.ts';
import { NONE } from '../engine/recording.ts';
import { IovaSpace, TOP_48 } from '../memory/iova.ts';
import type { World } from './world.ts';

export class IovaAllocator {
  readonly #world: World;
  readonly #space: IovaSpace;
  /** `iova_rbtree_lock` of the domain. */
  readonly lock: Lock;

  /** @param space pages that are given out; all of 48 bits, below 4 GiB first, without it */
  constructor(
    world: World,
    space: IovaSpace = new IovaSpace(TOP_48, 1, world.scenario.iova.caches),
  ) {
    this.#world = world;
    this.#space = space;
    const { engine, recorder, costs } = world;
    this.lock = new Lock(engine, recorder, LOCK.iovaTree, 'IOVA tree', costs.lockHandoff);
  }

  /** `alloc_iova_fast`: first page of a range; -1, and H6, when there is none left. */
  *take(cpu: Cpu, actor: number, pages: number, request: number): Steps<number> {
    const { costs, recorder, oracle } = this.#world;
    const { page, path } = this.#space.take(cpu.track, pages);
    if (path === 'tree' && !this.lock.take())
      yield* this.lock.acquire(cpu, actor, trackOf(cpu, actor));
    const dur =
      path === 'tree'
        ? costs.iovaSlow
        : costs.iovaFast + (path === 'depot' ? costs.lockUncontended : 0);
    recorder.leaf(K.iovaAlloc, trackOf(cpu, actor), dur, request, NONE, NONE, pages, NONE, page);
    if (!cpu.passes(actor, dur)) yield dur;
    if (path === 'tree') this.lock.release();
    if (page === -1) oracle.exhausted('frontend', 'IOVA space', request);
    return page;
  }

  /** `free_iova_fast`. */
  *give(cpu: Cpu, actor: number, page: number, pages: number, request: number): Steps {
    const { costs, recorder } = this.#world;
    const returned = this.#space.give(cpu.track, page, pages);
    if (returned > 0 && !this.lock.take())
      yield* this.lock.acquire(cpu, actor, trackOf(cpu, actor));
    const dur = costs.iovaFast * Math.max(1, returned);
    recorder.leaf(K.iovaFree, trackOf(cpu, actor), dur, request, NONE, NONE, pages, NONE, page);
    if (!cpu.passes(actor, dur)) yield dur;
    if (returned > 0) this.lock.release();
  }
}
