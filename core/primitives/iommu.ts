/**
 * The IOMMU in front of devices: contexts (a table each), the cache of translations that all of them
 * share, and the invalidation queue. Who maps what when is decided elsewhere: see `dma-api.ts`.
 */
import { K } from '../contract/kinds.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { Lock } from '../engine/lock.ts';
import { NONE } from '../engine/recording.ts';
import { Iotlb, WalkCache } from '../memory/iotlb.ts';
import { PageTable, PERMISSION } from '../memory/page-table.ts';
import { InvalidationQueue } from './invalidation-queue.ts';
import type { World } from './world.ts';

/** How a device access was translated; codes of `arg` of DMA events. */
export const TRANSLATION = { hit: 0, miss: 1, stale: 2, none: 3 } as const;

/** Why the IOMMU refused an access: the codes of VT-d. */
export const FAULT_REASON = { notPresent: 2, noWrite: 5, noRead: 6 } as const;

export interface Translated {
  /** -1 is a fault. */
  readonly mfn: number;
  readonly how: number;
  /** Table levels read after a miss. */
  readonly levels: number;
  /** `FAULT_REASON` when refused. */
  readonly reason: number;
}

/** Pages of one context's space are kept apart from other contexts' in the IOTLB. */
const CONTEXT_STRIDE = 2 ** 40;

/** One IOMMU domain: what a device, or a group of them, can reach. */
export class IommuContext {
  readonly id: number;
  readonly name: string;
  readonly table: PageTable;
  /** Device frames are machine frames, and nothing is checked. */
  readonly bypass: boolean;
  /** Entries that are gone while a cached translation may still lead to a frame: dfn -> mfn. */
  readonly stale = new Map<number, number>();
  /** Users of entries that are shared with the CPUs' table, by page. */
  readonly shared = new Map<number, number>();

  constructor(id: number, name: string, levels: number, bypass: boolean) {
    this.id = id;
    this.name = name;
    this.table = new PageTable(levels);
    this.bypass = bypass;
  }
}

export class Iommu {
  readonly #world: World;
  readonly iotlb: Iotlb;
  readonly walkCache: WalkCache;
  readonly queue: InvalidationQueue;
  readonly #contexts: IommuContext[] = [];
  /** The context of the device that the backend, or the host, drives. */
  readonly host: IommuContext;

  constructor(world: World) {
    const { costs, hypervisor } = world;
    this.#world = world;
    this.iotlb = new Iotlb(costs.iotlbSets, costs.iotlbWays);
    this.walkCache = new WalkCache(costs.walkCacheEntries);
    this.queue = new InvalidationQueue(world, 'IOMMU invalidation queue');
    const passthrough = world.hostDma === 'passthrough';
    this.host = this.context('host', passthrough && !hypervisor.passthroughTranslates);
    if (passthrough && !this.host.bypass) this.#mapHost(hypervisor.passthroughReach);
  }

  get locks(): readonly Lock[] {
    return [this.queue.lock];
  }

  /**
   * A new, empty context.
   *
   * @param levels table levels that a walk reads; more where two stages are nested
   */
  context(
    name: string,
    bypass = false,
    levels: number = this.#world.costs.walkLevels,
  ): IommuContext {
    const made = new IommuContext(this.#contexts.length, name, levels, bypass);
    this.#contexts.push(made);
    return made;
  }

  /** Identity entries from boot: of all memory, or of all but the guests'. */
  #mapHost(reach: 'host' | 'own-domain'): void {
    const { frames, guests, costs } = this.#world;
    const { table } = this.host;
    if (reach === 'host') {
      table.mapRange(0, frames.size, 0, costs.identityOrder);
      return;
    }
    const first = Math.min(...guests.map((each) => each.memory.first));
    const end = Math.max(...guests.map((each) => each.memory.first + each.memory.frames));
    table.mapRange(0, first, 0, costs.identityOrder);
    table.mapRange(end, frames.size - end, end, costs.identityOrder);
  }

  /**
   * Writes entries for `pages` pages from `dfn`, each an event and `costs.iommuPteWrite` beside its
   * share of the call.
   *
   * @param direction `out` lets the device read, `in` write
   */
  *mapPages(
    cpu: Cpu,
    actor: number,
    track: number,
    context: IommuContext,
    dfn: number,
    mfn: number,
    pages: number,
    permission: number,
    request: number,
  ): Steps {
    const { costs, recorder, oracle } = this.#world;
    const dur = Math.round((costs.iommuMapFixed + pages * costs.iommuPteWrite) / pages);
    for (let i = 0; i < pages; i++) {
      const event = recorder.leaf(K.iommuMap, track, dur, request, mfn + i, NONE, 1, NONE, dfn + i);
      if (context.table.map(dfn + i, mfn + i, permission)) {
        oracle.map('device', mfn + i, request, event);
      }
      yield cpu.charge(actor, dur);
    }
  }

  /**
   * An entry that is there because the IOMMU walks the CPUs' own table: present at no cost. Entries of
   * one page are counted, since several grants may lead to it.
   */
  share(context: IommuContext, mfn: number, permission: number, request: number): void {
    const users = context.shared.get(mfn) ?? 0;
    context.shared.set(mfn, users + 1);
    if (users > 0 || !context.table.map(mfn, mfn, permission)) return;
    this.#world.oracle.map('device', mfn, request, this.#world.recorder.lastId);
  }

  /** Such an entry is gone; a cached translation may remain until `invalidate`. */
  unshare(context: IommuContext, mfn: number): void {
    const users = (context.shared.get(mfn) ?? 1) - 1;
    if (users > 0) {
      context.shared.set(mfn, users);
      return;
    }
    context.shared.delete(mfn);
    if (context.table.unmap(mfn) === -1) return;
    const cached = this.iotlb.holds(this.#tag(context, mfn));
    if (cached) context.stale.set(mfn, mfn);
    this.#world.oracle.unmap('device', mfn, cached);
  }

  /** Clears entries. Cached translations stay until `invalidate`. */
  *unmapPages(
    cpu: Cpu,
    actor: number,
    track: number,
    context: IommuContext,
    dfn: number,
    pages: number,
    request: number,
  ): Steps {
    const { costs, recorder, oracle } = this.#world;
    const dur = Math.round((costs.iommuMapFixed + pages * costs.iommuPteWrite) / pages);
    for (let i = 0; i < pages; i++) {
      const mfn = context.table.unmap(dfn + i);
      recorder.leaf(K.iommuUnmap, track, dur, request, mfn, NONE, 1, NONE, dfn + i);
      yield cpu.charge(actor, dur);
      if (mfn === -1) continue;
      const cached = this.iotlb.holds(this.#tag(context, dfn + i));
      if (cached) context.stale.set(dfn + i, mfn);
      oracle.unmap('device', mfn, cached);
    }
  }

  /** `IOTLB.inv` and its wait. `dfn` -1 drops the whole context. */
  *invalidate(
    cpu: Cpu,
    actor: number,
    track: number,
    context: IommuContext,
    dfn: number,
    pages: number,
    request: number,
  ): Steps {
    const { recorder } = this.#world;
    const event = recorder.begin(K.iotlbInv, track, request);
    yield* this.queue.submit(cpu, actor, track, request);
    this.#drop(context, dfn, pages);
    const none = undefined;
    recorder.end(event, track, none, none, pages === 0 ? none : pages, none, dfn);
  }

  /** Translates one device frame for a read or a write. */
  translate(context: IommuContext, dfn: number, write: boolean): Translated {
    if (context.bypass) return { mfn: dfn, how: TRANSLATION.none, levels: 0, reason: 0 };
    const tag = this.#tag(context, dfn);
    const cached = this.iotlb.lookup(tag);
    const present = context.table.lookup(dfn);
    if (cached !== -1) {
      const how = cached === present ? TRANSLATION.hit : TRANSLATION.stale;
      // A cached entry carries its permission; a stale one still has that of the entry it came from.
      if (how === TRANSLATION.stale || this.#permits(context, dfn, write)) {
        return { mfn: cached, how, levels: 0, reason: 0 };
      }
      return { mfn: -1, how, levels: 0, reason: this.#reason(write) };
    }
    const order = context.table.orderOf(dfn);
    const levels = this.walkCache.levelsToRead(tag, context.table.levels, order);
    if (present === -1) {
      return { mfn: -1, how: TRANSLATION.miss, levels, reason: this.#reason(write) };
    }
    this.iotlb.fill(tag, present, order);
    if (!this.#permits(context, dfn, write)) {
      return { mfn: -1, how: TRANSLATION.miss, levels, reason: this.#reason(write) };
    }
    return { mfn: present, how: TRANSLATION.miss, levels, reason: 0 };
  }

  #permits(context: IommuContext, dfn: number, write: boolean): boolean {
    const wanted = write ? PERMISSION.write : PERMISSION.read;
    return (context.table.permissionOf(dfn) & wanted) !== 0;
  }

  #reason(write: boolean): number {
    return write ? FAULT_REASON.noWrite : FAULT_REASON.noRead;
  }

  /** Drops cached translations, and tells the oracle which frames are out of reach with them. */
  #drop(context: IommuContext, dfn: number, pages: number): void {
    const { oracle } = this.#world;
    if (dfn === -1) {
      this.iotlb.invalidateAll();
      for (const mfn of context.stale.values()) oracle.flushed('device', mfn);
      context.stale.clear();
    } else {
      this.iotlb.invalidate(this.#tag(context, dfn), pages);
      for (let page = dfn; page < dfn + pages; page++) {
        const mfn = context.stale.get(page);
        if (mfn === undefined) continue;
        context.stale.delete(page);
        oracle.flushed('device', mfn);
      }
    }
    // Hardware drops its table pointers with the translations; which ones is not published.
    this.walkCache.invalidateAll();
  }

  #tag(context: IommuContext, dfn: number): number {
    return context.id * CONTEXT_STRIDE + dfn;
  }
}
