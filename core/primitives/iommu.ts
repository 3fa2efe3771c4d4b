/**
 * The IOMMU in front of the backend's device, and the DMA API of the backend's driver over it.
 *
 * passthrough  device frame = machine frame; through identity superpages where the hypervisor keeps
 *              them in the IOMMU, else untranslated
 * strict       each mapping gets an IOVA and entries; unmapping invalidates and waits
 * lazy         unmapping clears the entries and queues the IOVA; one invalidation of the whole domain
 *              follows when 255 have gathered or 10 ms have passed
 */
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { Lock, LOCK } from '../engine/lock.ts';
import { NONE } from '../engine/recording.ts';
import { FLUSH_QUEUE_TIMEOUT_PS, FLUSH_QUEUE_USABLE, IovaSpace } from '../memory/iova.ts';
import { Iotlb, WalkCache } from '../memory/iotlb.ts';
import { PageTable } from '../memory/page-table.ts';
import { framesOf, type Extent } from './copies.ts';
import type { World } from './world.ts';

/** What the device is given for one extent. */
export interface DmaMapping {
  /** First device frame. */
  readonly dfn: number;
  readonly extent: Extent;
}

/** How a device access was translated; codes of `arg` of DMA events. */
export const TRANSLATION = { hit: 0, miss: 1, stale: 2, none: 3 } as const;

interface Translated {
  readonly mfn: number;
  readonly how: number;
  readonly levels: number;
}

const IOVA_TOP = 2 ** 20;

export class Iommu {
  readonly #world: World;
  readonly #table: PageTable;
  readonly iotlb: Iotlb;
  readonly walkCache: WalkCache;
  readonly #iova = new IovaSpace(IOVA_TOP);
  readonly #queueLock: Lock;
  readonly #translates: boolean;
  #queued: { page: number; pages: number; mfns: number[] }[] = [];
  #timerGeneration = 0;

  constructor(world: World) {
    const { costs } = world;
    this.#world = world;
    this.#table = new PageTable(costs.walkLevels);
    this.iotlb = new Iotlb(costs.iotlbSets, costs.iotlbWays);
    this.walkCache = new WalkCache(costs.walkCacheEntries);
    this.#queueLock = new Lock(
      world.engine,
      world.recorder,
      LOCK.invalidation,
      'IOMMU invalidation queue',
    );
    const passthrough = world.hostDma === 'passthrough';
    this.#translates = !passthrough || world.hypervisor.passthroughTranslates;
    if (passthrough && this.#translates) {
      this.#table.mapRange(0, world.frames.size, 0, costs.identityOrder);
    }
  }

  get locks(): readonly Lock[] {
    return [this.#queueLock];
  }

  /** Entries waiting for a deferred invalidation. */
  get queuedEntries(): number {
    return this.#queued.length;
  }

  /** `dma_map` for a device that reads, on `cpu` of the backend. */
  *map(cpu: Cpu, extent: Extent, request: number): Steps<DmaMapping> {
    const { costs, recorder, oracle, hostDma } = this.#world;
    if (hostDma === 'passthrough') return { dfn: extent.mfn, extent };
    const pages = framesOf(extent);
    const { page, cached } = this.#iova.take(pages);
    const allocate = cached ? costs.iovaFast : costs.iovaSlow;
    recorder.leaf(K.iovaAlloc, cpu.track, allocate, request, NONE, NONE, pages, NONE, page);
    yield cpu.charge(ACTOR.backend, allocate);
    const dur = costs.iommuMapFixed + pages * costs.iommuPteWrite;
    for (let i = 0; i < pages; i++) {
      const event = recorder.leaf(
        K.iommuMap,
        cpu.track,
        Math.round(dur / pages),
        request,
        extent.mfn + i,
        NONE,
        1,
        NONE,
        page + i,
      );
      this.#table.map(page + i, extent.mfn + i);
      oracle.map('device', extent.mfn + i, request, event);
      yield cpu.charge(ACTOR.backend, Math.round(dur / pages));
    }
    return { dfn: page, extent };
  }

  /** `dma_unmap`. Strict: when it returns, the device reaches the frames no more. */
  *unmap(cpu: Cpu, mapping: DmaMapping, request: number): Steps {
    const { costs, recorder, oracle, hostDma } = this.#world;
    if (hostDma === 'passthrough') return;
    const { dfn, extent } = mapping;
    const pages = framesOf(extent);
    const dur = Math.round((costs.iommuMapFixed + pages * costs.iommuPteWrite) / pages);
    for (let i = 0; i < pages; i++) {
      const mfn = this.#table.unmap(dfn + i);
      recorder.leaf(K.iommuUnmap, cpu.track, dur, request, mfn, NONE, 1, NONE, dfn + i);
      yield cpu.charge(ACTOR.backend, dur);
      oracle.unmap('device', mfn, this.iotlb.holds(dfn + i));
    }
    const mfns = Array.from({ length: pages }, (_, i) => extent.mfn + i);
    if (hostDma === 'lazy') {
      yield* this.#defer(cpu, { page: dfn, pages, mfns });
      return;
    }
    yield* this.#invalidate(cpu, dfn, pages, request);
    for (const mfn of mfns) oracle.flushed('device', mfn);
    yield* this.#freeIova(cpu, dfn, pages, request);
  }

  /** Translates one device frame; -1 in `mfn` is a fault. Takes `levels` reads after a miss. */
  translate(dfn: number): Translated {
    if (!this.#translates) return { mfn: dfn, how: TRANSLATION.none, levels: 0 };
    const cached = this.iotlb.lookup(dfn);
    const present = this.#table.lookup(dfn);
    if (cached !== -1) {
      const how = cached === present ? TRANSLATION.hit : TRANSLATION.stale;
      return { mfn: cached, how, levels: 0 };
    }
    const order = this.#table.orderOf(dfn);
    const levels = this.walkCache.levelsToRead(dfn, this.#table.levels, order);
    if (present !== -1) this.iotlb.fill(dfn, present, order);
    return { mfn: present, how: TRANSLATION.miss, levels };
  }

  *#defer(cpu: Cpu, entry: { page: number; pages: number; mfns: number[] }): Steps {
    this.#queued.push(entry);
    this.#world.counters.set(COUNTERS.flushQueue, this.#queued.length);
    if (this.#queued.length === 1) {
      this.#world.engine.spawn(this.#timer(cpu, ++this.#timerGeneration));
    }
    if (this.#queued.length >= FLUSH_QUEUE_USABLE) yield* this.#flushQueue(cpu);
  }

  *#timer(cpu: Cpu, generation: number): Steps {
    yield FLUSH_QUEUE_TIMEOUT_PS;
    if (generation !== this.#timerGeneration || this.#queued.length === 0) return;
    cpu.interrupt(() => this.#timerInterrupt(cpu));
  }

  *#timerInterrupt(cpu: Cpu): Steps {
    const { costs, recorder } = this.#world;
    const event = recorder.begin(K.hardirq, cpu.track, NONE);
    yield cpu.charge(ACTOR.backend, costs.hardirq);
    yield* this.#flushQueue(cpu);
    recorder.end(event, cpu.track);
  }

  /** One invalidation of the whole domain; then everything that had been queued may be reused. */
  *#flushQueue(cpu: Cpu): Steps {
    const entries = this.#queued;
    if (entries.length === 0) return;
    this.#queued = [];
    this.#timerGeneration++;
    yield* this.#invalidate(cpu, -1, 0, NONE);
    for (const { page, pages, mfns } of entries) {
      for (const mfn of mfns) this.#world.oracle.flushed('device', mfn);
      this.#iova.give(page, pages);
    }
    this.#world.counters.set(COUNTERS.flushQueue, this.#queued.length);
  }

  /** `IOTLB.inv`: submit, and spin until the wait descriptor is done. -1 invalidates the domain. */
  *#invalidate(cpu: Cpu, dfn: number, pages: number, request: number): Steps {
    const { costs, recorder } = this.#world;
    const event = recorder.begin(K.iotlbInv, cpu.track, request);
    yield* this.#queueLock.acquire(cpu, ACTOR.backend, cpu.track);
    yield cpu.charge(ACTOR.backend, costs.iotlbInvSubmit);
    recorder.leaf(K.iotlbWait, cpu.track, costs.iotlbInvService, request);
    yield cpu.charge(ACTOR.backend, costs.iotlbInvService);
    if (dfn === -1) this.iotlb.invalidateAll();
    else this.iotlb.invalidate(dfn, pages);
    // Hardware drops its table pointers with the translations; which ones is not published.
    this.walkCache.invalidateAll();
    this.#queueLock.release();
    const none = undefined;
    recorder.end(event, cpu.track, none, none, pages === 0 ? none : pages, none, dfn);
  }

  *#freeIova(cpu: Cpu, page: number, pages: number, request: number): Steps {
    const { costs, recorder } = this.#world;
    recorder.leaf(K.iovaFree, cpu.track, costs.iovaFast, request, NONE, NONE, pages, NONE, page);
    yield cpu.charge(ACTOR.backend, costs.iovaFast);
    this.#iova.give(page, pages);
  }
}
