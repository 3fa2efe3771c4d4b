/**
 * The vhost IOTLB: what a backend in the kernel remembers of a virtual IOMMU that the VMM keeps. A page
 * that it does not know is asked for with a MISS message and comes with an UPDATE; an unmapping is an
 * INVALIDATE. It holds `max_iotlb_entries`, 2048, and drops the oldest.
 */
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import type { World } from './world.ts';

const MAX_ENTRIES = 2048;

export class VhostIotlb {
  readonly #world: World;
  readonly #known = new Set<number>();
  misses = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** The backend translates a page, on its CPU; a miss waits for the VMM. */
  *translate(cpu: Cpu, page: number, request: number): Steps {
    if (this.#known.has(page)) return;
    const { costs, recorder } = this.#world;
    this.misses++;
    // MISS to the VMM's thread, its lookup, UPDATE back: a wake-up and two system calls.
    const dur = costs.userWake + 2 * costs.syscall + costs.viommuRequest;
    recorder.leaf(K.gfnLookup, cpu.track, dur, request, NONE, NONE, 1, NONE, page);
    if (!cpu.passes(ACTOR.vmm, dur)) yield dur;
    this.#known.add(page);
    if (this.#known.size <= MAX_ENTRIES) return;
    const oldest = this.#known.values().next();
    if (oldest.done !== true) this.#known.delete(oldest.value);
  }

  /** `VHOST_IOTLB_INVALIDATE`. */
  invalidate(page: number, pages: number): void {
    for (let i = 0; i < pages; i++) this.#known.delete(page + i);
  }
}
