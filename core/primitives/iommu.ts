/**
 * The IOMMU in front of devices: contexts (a table each), the cache of translations that all of them
 * share, and the invalidation queue. Devices keep no translations of their own (ATS is off). Who maps
 * what when is decided elsewhere: see `dma-api.ts` for drivers of a host or a guest over an IOMMU of the
 * machine, `vfio-dma.ts` for assigned devices behind a virtual one, `virtio-iommu.ts` for a virtual one
 * between guest and backend.
 */
import { K } from '../contract/kinds.ts';
import { COUNTERS, IOTLB_WINDOW } from '../engine/counters.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { Lock } from '../engine/lock.ts';
import { NONE } from '../engine/recording.ts';
import { HitWindow } from '../memory/hit-window.ts';
import { CONTEXT_STRIDE, Iotlb, NestedCache, WalkCache } from '../memory/iotlb.ts';
import { PageTable, PERMISSION } from '../memory/page-table.ts';
import { InvalidationQueue } from './invalidation-queue.ts';
import { scopeOf, WHOLE_DOMAIN, type InvalidationScope } from './invalidation-scope.ts';
import type { World } from './world.ts';

/** How a device access was translated; codes of `arg` of DMA events. */
export const TRANSLATION = { hit: 0, miss: 1, stale: 2, none: 3 } as const;

/** Why the IOMMU refused an access: the codes of VT-d. */
export const FAULT_REASON = { notPresent: 2, noWrite: 5, noRead: 6 } as const;

export interface Translated {
  /** -1 is a fault. */
  readonly mfn: number;
  readonly how: number;
  /** Reads of table entries after a miss. */
  readonly levels: number;
  /** `FAULT_REASON` when refused. */
  readonly reason: number;
}

/** One IOMMU domain: what a device, or a group of them, can reach. */
export class IommuContext {
  readonly id: number;
  readonly name: string;
  readonly table: PageTable;
  /** Device frames are machine frames, and nothing is checked. */
  readonly bypass: boolean;
  /** Does the guest's table lead to guest frames, which a second table of the host's translates? */
  readonly nested: boolean;
  /** Entries that are gone while a cached translation may still lead to a frame: dfn -> mfn. */
  readonly stale = new Map<number, number>();
  /** Users of entries that are shared with the CPUs' table, by page. */
  readonly shared = new Map<number, number>();
  /**
   * Entries that stand although the driver's owner has done with them: a request to take them away is
   * queued and not yet handled.
   */
  readonly ended = new Set<number>();
  /** For a monitor of dirty pages: entries that are gone and not yet invalidated, dfn -> mfn. */
  readonly unflushed = new Map<number, number>();

  constructor(id: number, name: string, levels: number, bypass: boolean, nested: boolean) {
    this.id = id;
    this.name = name;
    this.table = new PageTable(levels);
    this.bypass = bypass;
    this.nested = nested;
  }
}

export class Iommu {
  readonly #world: World;
  readonly iotlb: Iotlb;
  readonly walkCache: WalkCache;
  /** The host's translations of a nested walk. */
  readonly #hostStage: NestedCache;
  readonly queue: InvalidationQueue;
  readonly #contexts: IommuContext[] = [];
  /** The hit rate over time; null where nobody records it. */
  readonly #hitWindow: HitWindow | null;
  #hitRate = -1;
  /** The context of the device that the backend, or the host, drives. */
  readonly host: IommuContext;

  constructor(world: World) {
    const { costs, hypervisor } = world;
    this.#world = world;
    this.iotlb = new Iotlb(costs.iotlbSets, costs.iotlbWays);
    this.walkCache = new WalkCache(costs.walkCacheEntries);
    this.#hostStage = new NestedCache(costs.walkCacheEntries, costs.walkLevels);
    this.queue = new InvalidationQueue(world, 'IOMMU invalidation queue');
    this.#hitWindow = world.counters.recorded ? new HitWindow(IOTLB_WINDOW) : null;
    const passthrough = world.hostDma === 'passthrough';
    this.host = this.context('host', {
      bypass: passthrough && !hypervisor.passthroughTranslates,
    });
    if (passthrough && !this.host.bypass) this.#mapHost(hypervisor.passthroughReach);
  }

  get locks(): readonly Lock[] {
    return [this.queue.lock];
  }

  /** A new, empty context. */
  context(name: string, kind: { bypass?: boolean; nested?: boolean } = {}): IommuContext {
    const { walkLevels } = this.#world.costs;
    const { bypass = false, nested = false } = kind;
    const made = new IommuContext(this.#contexts.length, name, walkLevels, bypass, nested);
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
    const { costs, recorder, oracle, dirty } = this.#world;
    const dur = Math.round((costs.iommuMapFixed + pages * costs.iommuPteWrite) / pages);
    for (let i = 0; i < pages; i++) {
      const event = recorder.leaf(K.iommuMap, track, dur, request, mfn + i, NONE, 1, NONE, dfn + i);
      if (permission !== PERMISSION.read) dirty?.writable(mfn + i);
      if (context.table.map(dfn + i, mfn + i, permission)) {
        oracle.map('device', mfn + i, request, event, permission !== PERMISSION.read);
      }
      if (!cpu.passes(actor, dur)) yield dur;
    }
  }

  /**
   * An entry that is there because the IOMMU walks the CPUs' own table: present at no cost. Entries of
   * one page are counted, since several grants may lead to it.
   */
  share(
    context: IommuContext,
    mfn: number,
    permission: number,
    request: number,
    dfn: number = mfn,
  ): void {
    const users = context.shared.get(dfn) ?? 0;
    context.shared.set(dfn, users + 1);
    if (users > 0 || !context.table.map(dfn, mfn, permission)) return;
    const { oracle, recorder } = this.#world;
    oracle.map('device', mfn, request, recorder.lastId, permission !== PERMISSION.read);
  }

  /** Such an entry is gone; a cached translation may remain until `invalidate`. */
  unshare(context: IommuContext, mfn: number, dfn: number = mfn): void {
    const users = (context.shared.get(dfn) ?? 1) - 1;
    if (users > 0) {
      context.shared.set(dfn, users);
      return;
    }
    context.shared.delete(dfn);
    if (context.table.unmap(dfn) === -1) return;
    const cached = this.iotlb.holds(this.#tag(context, dfn));
    if (cached) context.stale.set(dfn, mfn);
    this.#world.oracle.unmap('device', mfn, cached);
  }

  /** An entry permits something else from now on; cached translations do not until `invalidate`. */
  permit(context: IommuContext, dfn: number, permission: number): void {
    const mfn = context.table.lookup(dfn);
    if (mfn === -1) return;
    if (permission !== PERMISSION.read) this.#world.dirty?.writable(mfn);
    context.table.permit(dfn, permission);
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
    const { costs, recorder, oracle, dirty } = this.#world;
    const dur = Math.round((costs.iommuMapFixed + pages * costs.iommuPteWrite) / pages);
    for (let i = 0; i < pages; i++) {
      const writable = context.table.permissionOf(dfn + i) !== PERMISSION.read;
      const mfn = context.table.unmap(dfn + i);
      recorder.leaf(K.iommuUnmap, track, dur, request, mfn, NONE, 1, NONE, dfn + i);
      // From here on only the IOTLB leads there.
      if (mfn !== -1) {
        if (dirty !== null) {
          dirty.unmapped(mfn, writable);
          if (writable) context.unflushed.set(dfn + i, mfn);
        }
        const cached = this.iotlb.holds(this.#tag(context, dfn + i));
        if (cached) context.stale.set(dfn + i, mfn);
        if (!context.ended.delete(dfn + i)) oracle.unmap('device', mfn, cached);
        else if (!cached) oracle.flushed('device', mfn);
      }
      if (!cpu.passes(actor, dur)) yield dur;
    }
  }

  /** The driver has done with these pages; the entries stay until somebody takes them away. */
  end(context: IommuContext, dfn: number, pages: number): void {
    for (let page = dfn; page < dfn + pages; page++) {
      const mfn = context.table.lookup(page);
      if (mfn === -1) continue;
      context.ended.add(page);
      this.#world.oracle.unmap('device', mfn, true);
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
    const { recorder, soc } = this.#world;
    const scope = dfn === -1 ? WHOLE_DOMAIN : scopeOf(soc.iommu, dfn, pages);
    const event = recorder.begin(K.iotlbInv, track, request);
    yield* this.queue.submit(cpu, actor, track, request, scope.commands, () =>
      this.#drop(context, scope),
    );
    const none = undefined;
    recorder.end(event, track, none, none, pages === 0 ? none : pages, none, dfn);
  }

  /** Translates one device frame for a read or a write. */
  translate(context: IommuContext, dfn: number, write: boolean): Translated {
    if (context.bypass) return { mfn: dfn, how: TRANSLATION.none, levels: 0, reason: 0 };
    const wanted = write ? PERMISSION.write : PERMISSION.read;
    const tag = this.#tag(context, dfn);
    const cached = this.iotlb.lookup(tag);
    this.#countLookup(cached !== -1);
    const present = context.table.lookup(dfn);
    if (cached !== -1) {
      const mfn = this.iotlb.targetOf(cached, tag);
      const rightful = mfn === present && !context.ended.has(dfn);
      const how = rightful ? TRANSLATION.hit : TRANSLATION.stale;
      // A cached entry carries the permission that it was filled with.
      if ((this.iotlb.permissionOf(cached) & wanted) !== 0) {
        return { mfn, how, levels: 0, reason: 0 };
      }
      return refused(how, 0, write);
    }
    const order = context.table.orderOf(dfn);
    const levels = this.#walk(context, tag, order, present);
    if (present === -1) return refused(TRANSLATION.miss, levels, write);
    const permission = context.table.permissionOf(dfn);
    this.#makeRoom(this.iotlb.fill(tag, present, order, permission));
    if ((permission & wanted) === 0) return refused(TRANSLATION.miss, levels, write);
    const how = context.ended.has(dfn) ? TRANSLATION.stale : TRANSLATION.miss;
    return { mfn: present, how, levels, reason: 0 };
  }

  #countLookup(hit: boolean): void {
    if (this.#hitWindow === null) return;
    const rate = this.#hitWindow.add(hit);
    if (rate === this.#hitRate) return;
    this.#hitRate = rate;
    this.#world.counters.set(COUNTERS.iotlbHits, rate);
  }

  /** Reads of table entries that a walk takes, in both tables where they are nested. */
  #walk(context: IommuContext, tag: number, order: number, mfn: number): number {
    const { levels } = context.table;
    const reads = this.walkCache.levelsToRead(tag, levels, order);
    return context.nested ? reads + this.#hostStage.reads(tag, mfn, reads, levels) : reads;
  }

  /** A translation had to make room: no frame is reached by it any more. */
  #makeRoom(evicted: number): void {
    if (evicted === -1) return;
    const context = this.#contexts[Math.floor(evicted / CONTEXT_STRIDE)];
    if (context !== undefined) this.#dropStale(context, evicted % CONTEXT_STRIDE);
  }

  /** The hardware has carried out an invalidation: what was cached of its scope is gone. */
  #drop(context: IommuContext, { first, pages }: InvalidationScope): void {
    const base = this.#tag(context, 0);
    if (first === -1) {
      this.iotlb.invalidateContext(base);
      this.walkCache.invalidateContext(base);
      for (const dfn of [...context.stale.keys()]) this.#dropStale(context, dfn);
    } else {
      this.iotlb.invalidate(base + first, pages);
      this.walkCache.invalidate(base + first, pages);
      for (const dfn of within(context.stale, first, pages)) this.#dropStale(context, dfn);
    }
    if (context.unflushed.size === 0) return;
    for (const dfn of first === -1
      ? [...context.unflushed.keys()]
      : within(context.unflushed, first, pages)) {
      this.#world.dirty?.flushed(context.unflushed.get(dfn) as number);
      context.unflushed.delete(dfn);
    }
  }

  #dropStale(context: IommuContext, dfn: number): void {
    const mfn = context.stale.get(dfn);
    if (mfn === undefined) return;
    context.stale.delete(dfn);
    this.#world.oracle.flushed('device', mfn);
  }

  #tag(context: IommuContext, dfn: number): number {
    return context.id * CONTEXT_STRIDE + dfn;
  }
}

function refused(how: number, levels: number, write: boolean): Translated {
  const reason = write ? FAULT_REASON.noWrite : FAULT_REASON.noRead;
  return { mfn: -1, how, levels, reason };
}

/** Keys of a map that lie in a range. */
function within(map: ReadonlyMap<number, number>, first: number, count: number): number[] {
  if (map.size === 0) return [];
  if (count > map.size) return [...map.keys()].filter((key) => key >= first && key < first + count);
  const found: number[] = [];
  for (let key = first; key < first + count; key++) if (map.has(key)) found.push(key);
  return found;
}
