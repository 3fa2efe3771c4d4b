/**
 * Deferred invalidation as Linux has it (`drivers/iommu/dma-iommu.c`): each CPU has a ring of 256 for
 * each domain, one place of which stays empty. An unmapped range goes on it and may be used again only
 * after a flush of the whole domain that began later. A flush is due when a ring is full, and 10 ms
 * after the first entry since the last time.
 *
 * It keeps ranges of IOVA back. The pages behind them are their owner's again at once.
 */
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import type { IovaAllocator } from './iova-allocator.ts';
import type { World } from './world.ts';

/** `IOVA_FQ_SIZE` less the empty place, and `IOVA_FQ_TIMEOUT`. */
export const FLUSH_QUEUE_USABLE = 255;
export const FLUSH_QUEUE_TIMEOUT_PS = 10_000_000_000;

interface Entry {
  readonly page: number;
  readonly pages: number;
  /** Flushes that had begun when it came. */
  readonly counter: number;
}

export class FlushQueue {
  readonly #world: World;
  readonly #iova: IovaAllocator;
  readonly #flushDomain: (cpu: Cpu, actor: number) => Steps;
  readonly #rings = new Map<Cpu, Entry[]>();
  #begun = 0;
  #finished = 0;
  #timerOn = false;

  /** @param flushDomain invalidates all that the domain's caches hold, and waits for it */
  constructor(world: World, iova: IovaAllocator, flushDomain: (cpu: Cpu, actor: number) => Steps) {
    this.#world = world;
    this.#iova = iova;
    this.#flushDomain = flushDomain;
  }

  /** `queue_iova`. */
  *add(cpu: Cpu, actor: number, page: number, pages: number): Steps {
    const ring = this.#rings.get(cpu) ?? [];
    this.#rings.set(cpu, ring);
    yield* this.#reclaim(cpu, actor, ring);
    if (ring.length >= FLUSH_QUEUE_USABLE) {
      yield* this.#flush(cpu, actor);
      yield* this.#reclaim(cpu, actor, ring);
    }
    ring.push({ page, pages, counter: this.#begun });
    this.#world.counters.add(COUNTERS.flushQueue, 1);
    if (this.#timerOn) return;
    this.#timerOn = true;
    this.#world.engine.spawn(this.#timer(cpu, actor));
  }

  *#timer(cpu: Cpu, actor: number): Steps {
    yield FLUSH_QUEUE_TIMEOUT_PS;
    cpu.interrupt(() => this.#timerInterrupt(cpu, actor));
  }

  *#timerInterrupt(cpu: Cpu, actor: number): Steps {
    const { costs, recorder } = this.#world;
    this.#timerOn = false;
    const event = recorder.begin(K.hardirq, cpu.track, NONE);
    if (!cpu.passes(actor, costs.hardirq)) yield costs.hardirq;
    yield* this.#flush(cpu, actor);
    for (const ring of this.#rings.values()) yield* this.#reclaim(cpu, actor, ring);
    recorder.end(event, cpu.track);
  }

  *#flush(cpu: Cpu, actor: number): Steps {
    this.#begun++;
    yield* this.#flushDomain(cpu, actor);
    this.#finished++;
  }

  /** Ranges that no cache leads to any more are free. */
  *#reclaim(cpu: Cpu, actor: number, ring: Entry[]): Steps {
    let free = 0;
    while (free < ring.length && (ring[free] as Entry).counter < this.#finished) free++;
    if (free === 0) return;
    this.#world.counters.add(COUNTERS.flushQueue, -free);
    for (const { page, pages } of ring.splice(0, free)) {
      yield* this.#iova.give(cpu, actor, page, pages, NONE);
    }
  }
}
