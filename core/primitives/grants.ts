/**
 * Grant operations: what a frontend writes into its table, and the hypercalls by which a backend
 * maps, unmaps and copies. Xen's order of steps (`common/grant_table.c`): an unmap removes entries,
 * flushes, and only then drops references and tells the granter, so that a granter who sees its entry
 * free knows that nobody reaches the page any more.
 */
import { exists } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { Lock, LOCK } from '../engine/lock.ts';
import { NONE } from '../engine/recording.ts';
import { GNTST, GrantTable, Maptrack } from '../memory/grant-table.ts';
import { copyDuration } from './copies.ts';
import { GrantIommu } from './grant-iommu.ts';
import { hypercall } from './hypercall.ts';
import type { Iommu } from './iommu.ts';
import { flushElement, flushesEach, tlbIpi, UNMAP_BATCH } from './tlb.ts';
import { backendOf, gfnOf, mfnOf, type Backend, type Guest, type World } from './world.ts';

/** One element of `GNTTABOP_map_grant_ref`; `handle` and `status` are its answer. */
export interface MapElement {
  readonly guest: number;
  readonly ref: number;
  readonly readonly: boolean;
  /** `device`: GNTMAP_device_map alone, no CPU mapping. */
  readonly kind: 'host' | 'device';
  readonly request: number;
  handle: number;
  mfn: number;
  status: number;
}

/** One element of `GNTTABOP_copy`, between a granted page and a local one. */
export interface CopyElement {
  readonly guest: number;
  readonly ref: number;
  /** Offset in the granted page. */
  readonly offset: number;
  readonly bytes: number;
  /** Local frame of the backend, and offset in it. */
  readonly local: number;
  readonly localOffset: number;
  /** `out`: from the granted page; `in`: to it. */
  readonly direction: 'out' | 'in';
  readonly request: number;
  status: number;
}

/** What one backend has mapped. */
interface Mapper {
  readonly backend: Backend;
  readonly maptrack: Maptrack;
  readonly p2mLock: Lock;
}

/** A granter's table and the lock around it. */
interface Granter {
  readonly table: GrantTable;
  readonly lock: Lock;
}

export class Grants {
  readonly #world: World;
  readonly #follower: GrantIommu;
  /** One table for each guest, and what each backend has mapped. */
  readonly #granters: readonly Granter[];
  readonly #mappers: readonly Mapper[];

  constructor(world: World, iommu: Iommu) {
    const { maxFrames, maxMaptrackFrames } = world.scenario.grants;
    this.#world = world;
    this.#follower = new GrantIommu(world, iommu);
    this.#granters = world.guests.map(({ index }) => {
      const name = world.guests.length > 1 ? `grant table of guest ${index}` : 'grant table';
      return {
        table: new GrantTable(maxFrames),
        lock: new Lock(world.engine, world.recorder, LOCK.grantTable, name),
      };
    });
    this.#mappers = world.backends.map((backend) => ({
      backend,
      maptrack: new Maptrack(maxMaptrackFrames),
      p2mLock: new Lock(world.engine, world.recorder, LOCK.p2m, `p2m of backend ${backend.index}`),
    }));
  }

  /** Locks whose waits a result reports. */
  get locks(): readonly Lock[] {
    return [
      ...this.#granters.map((each) => each.lock),
      ...this.#mappers.map((each) => each.p2mLock),
    ];
  }

  /** `GNT.grant`: permits a backend access to a frame. Returns the reference, or -1. */
  *grant(
    cpu: Cpu,
    guest: Guest,
    backend: Backend,
    mfn: number,
    readonly: boolean,
    request: number,
  ): Steps<number> {
    const world = this.#world;
    const gfn = gfnOf(guest, mfn);
    const ref = this.#tableOf(guest.index).grant(backend.domain, gfn, readonly);
    const dur = world.costs.grantEntry;
    world.recorder.leaf(K.grantAccess, cpu.track, dur, request, gfn, NONE, NONE, NONE, ref);
    if (ref !== -1) world.oracle.authorise(mfn);
    yield cpu.charge(ACTOR.frontend, dur);
    return ref;
  }

  /** `GNT.end`: revokes a grant. False while the backend still has it mapped. */
  *end(cpu: Cpu, guest: Guest, ref: number, request: number): Steps<boolean> {
    const world = this.#world;
    const table = this.#tableOf(guest.index);
    const gfn = table.gfnOf(ref);
    const ended = table.tryEnd(ref);
    const dur = world.costs.grantEntry;
    const status = ended ? NONE : 1;
    const event = world.recorder.leaf(
      K.grantEnd,
      cpu.track,
      dur,
      request,
      gfn,
      NONE,
      NONE,
      status,
      ref,
    );
    if (ended) world.oracle.reclaim(mfnOf(guest, gfn), [event]);
    yield cpu.charge(ACTOR.frontend, dur);
    return ended;
  }

  /**
   * `GNTTABOP_map_grant_ref` of all elements; each gets its own status. A backend that is a process
   * goes through gntdev.
   */
  *map(cpu: Cpu, elements: readonly MapElement[]): Steps {
    yield* this.#throughGntdev(cpu, elements.length, this.#mapCall(cpu, elements));
  }

  *#mapCall(cpu: Cpu, elements: readonly MapElement[]): Steps {
    yield* hypercall(
      this.#world,
      cpu,
      K.mapGrantRef,
      elements.length,
      NONE,
      this.#mapAll(cpu, elements),
    );
  }

  /** `GNTTABOP_unmap_grant_ref` of all handles, flushed as the hypervisor does it. */
  *unmap(cpu: Cpu, elements: readonly MapElement[]): Steps {
    yield* this.#throughGntdev(cpu, elements.length, this.#unmapCall(cpu, elements));
  }

  *#unmapCall(cpu: Cpu, elements: readonly MapElement[]): Steps {
    yield* hypercall(
      this.#world,
      cpu,
      K.unmapGrantRef,
      elements.length,
      NONE,
      this.#unmapAll(cpu, elements),
    );
  }

  /**
   * `GNTTABOP_unmap_and_replace`, one hypercall an element: each needs a scratch page of its own, whose
   * mapping it takes away.
   */
  *replace(cpu: Cpu, elements: readonly MapElement[]): Steps {
    for (const element of elements) {
      const work = this.#unmapAll(cpu, [element]);
      yield* hypercall(this.#world, cpu, K.unmapAndReplace, 1, element.request, work);
    }
  }

  /** `GNTTABOP_copy` of all elements; each gets its own status. */
  *copy(cpu: Cpu, elements: readonly CopyElement[]): Steps {
    yield* hypercall(
      this.#world,
      cpu,
      K.grantCopy,
      elements.length,
      NONE,
      this.#copyAll(cpu, elements),
    );
  }

  /**
   * The first half of a copy that an engine will do: checks, and both frames pinned. Returns the
   * granted frame, or -1 with the element's status saying why not.
   */
  *pinForCopy(cpu: Cpu, element: CopyElement): Steps<number> {
    const { costs, recorder, frames } = this.#world;
    const { domain } = this.#mapperOf(cpu).backend;
    const { guest, ref, request } = element;
    const mfn = this.#frameOf(element);
    const readonly = element.direction === 'out';
    yield* this.#underTableLock(cpu, guest);
    element.status = this.#isOwned(guest, mfn)
      ? this.#tableOf(guest).pin(ref, domain, readonly, mfn)
      : GNTST.bad_page;
    // What GNTTABOP_copy does for an element apart from the copying itself.
    const dur = costs.grantCopyElement;
    const status = element.status;
    recorder.leaf(
      K.gfnLookup,
      cpu.hypervisorTrack,
      dur,
      request,
      mfn,
      NONE,
      1,
      status,
      gfnOf(this.#world.guests[guest] as Guest, mfn),
    );
    yield cpu.charge(ACTOR.hypervisor, dur);
    if (status !== GNTST.okay) return -1;
    frames.get(mfn);
    return mfn;
  }

  /** The second half: the engine is done with both frames. */
  unpinAfterCopy(element: CopyElement): void {
    if (element.status !== GNTST.okay) return;
    const mfn = this.#frameOf(element);
    this.#world.frames.put(mfn);
    this.#tableOf(element.guest).unpin(element.ref, element.direction === 'out');
  }

  /** Pins an entry for a device, without a mapping of its own: the frame, or why not. */
  pinFor(
    cpu: Cpu,
    entry: { readonly guest: number; readonly ref: number; readonly readonly: boolean },
  ): { readonly mfn: number; readonly status: number } {
    const { guest, ref, readonly } = entry;
    const mfn = this.#frameOf(entry);
    const { domain } = this.#mapperOf(cpu).backend;
    const status = this.#isOwned(guest, mfn)
      ? this.#tableOf(guest).pin(ref, domain, readonly, mfn)
      : GNTST.bad_page;
    return { mfn, status };
  }

  unpinFor(entry: {
    readonly guest: number;
    readonly ref: number;
    readonly readonly: boolean;
  }): void {
    this.#tableOf(entry.guest).unpin(entry.ref, entry.readonly);
  }

  /** A process makes a system call of it, and has the pages in its own tables too. */
  *#throughGntdev(cpu: Cpu, pages: number, call: Steps): Steps {
    const { backendKind, costs, recorder } = this.#world;
    if (backendKind === 'kernel') {
      yield* call;
      return;
    }
    const event = recorder.begin(K.gntdevIoctl, cpu.track, NONE);
    yield cpu.charge(ACTOR.backend, costs.gntdevIoctl + pages * costs.gntdevPage);
    yield* call;
    recorder.end(event, cpu.track, NONE, NONE, pages);
  }

  /** Checks what must hold between operations. */
  check(): void {
    for (const { table } of this.#granters) table.check();
  }

  *#mapAll(cpu: Cpu, elements: readonly MapElement[]): Steps<number> {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    const { maptrack, p2mLock, backend } = this.#mapperOf(cpu);
    const locked = flushesEach(this.#world);
    for (const element of elements) {
      const { ref, request, readonly } = element;
      const table = this.#tableOf(element.guest);
      const mfn = this.#frameOf(element);
      yield* this.#underTableLock(cpu, element.guest);
      if (locked) yield* p2mLock.acquire(cpu, ACTOR.hypervisor, cpu.hypervisorTrack);
      const handle = maptrack.take(ref, mfn, readonly);
      if (handle === -1) {
        element.status = GNTST.no_space;
        oracle.exhausted('backend', 'maptrack', request);
      } else if (this.#isOwned(element.guest, mfn)) {
        element.status = table.pin(ref, backend.domain, readonly, mfn);
      } else element.status = GNTST.bad_page;
      const okay = element.status === GNTST.okay;
      if (!okay && handle !== -1) maptrack.give(handle);
      element.handle = okay ? handle : -1;
      element.mfn = mfn;
      const host = element.kind === 'host';
      const dur = costs.grantMapElement + (host ? costs.pteWrite : 0);
      const event = recorder.leaf(
        K.grantMap,
        cpu.hypervisorTrack,
        dur,
        request,
        mfn,
        NONE,
        NONE,
        element.status,
        element.handle,
      );
      if (okay) {
        frames.get(mfn);
        if (host) oracle.map('backend', mfn, request, event);
        else oracle.lease(mfn, 1);
        counters.add(COUNTERS.mappedPages, 1);
      }
      yield cpu.charge(ACTOR.hypervisor, dur);
      if (okay) yield* this.#follower.map(cpu, mfn, readonly, request);
      if (locked) p2mLock.release();
    }
    return NONE;
  }

  *#unmapAll(cpu: Cpu, elements: readonly MapElement[]): Steps<number> {
    const { costs, recorder, oracle } = this.#world;
    const { maptrack, p2mLock, backend } = this.#mapperOf(cpu);
    const each = flushesEach(this.#world);
    for (let from = 0; from < elements.length; from += UNMAP_BATCH) {
      const chunk = elements.slice(from, from + UNMAP_BATCH);
      for (const element of chunk) {
        if (each) yield* p2mLock.acquire(cpu, ACTOR.hypervisor, cpu.hypervisorTrack);
        const known = maptrack.give(element.handle);
        element.status = known ? GNTST.okay : GNTST.bad_handle;
        if (known) oracle.available('backend', 'maptrack');
        const host = element.kind === 'host';
        const dur = costs.grantUnmapElement + (host ? costs.pteWrite : 0);
        recorder.leaf(
          K.grantUnmap,
          cpu.hypervisorTrack,
          dur,
          element.request,
          element.mfn,
          NONE,
          NONE,
          element.status,
          element.handle,
        );
        yield cpu.charge(ACTOR.hypervisor, dur);
        if (known && host) oracle.unmap('backend', element.mfn, true);
        if (known && !host) oracle.lease(element.mfn, -1);
        if (known) yield* this.#follower.unmap(cpu, element.mfn, element.request);
        if (each) {
          yield* flushElement(this.#world, cpu, backend, element.mfn, element.request);
          p2mLock.release();
          if (known) yield* this.#complete(cpu, element);
        }
      }
      if (each) continue;
      if (!this.#elidesFlush(chunk)) yield* tlbIpi(this.#world, cpu, backend);
      for (const element of chunk) {
        if (element.status === GNTST.okay) yield* this.#complete(cpu, element);
      }
    }
    return NONE;
  }

  /** After the flush: references dropped, `GTF_reading` cleared, and so the granter told. */
  *#complete(cpu: Cpu, element: MapElement): Steps {
    const { costs, frames, oracle, counters } = this.#world;
    oracle.flushed('backend', element.mfn);
    yield cpu.charge(ACTOR.hypervisor, costs.grantUnmapComplete);
    frames.put(element.mfn);
    this.#tableOf(element.guest).unpin(element.ref, element.readonly);
    counters.add(COUNTERS.mappedPages, -1);
  }

  *#copyAll(cpu: Cpu, elements: readonly CopyElement[]): Steps<number> {
    const world = this.#world;
    const { domain } = this.#mapperOf(cpu).backend;
    let copied = 0;
    for (const element of elements) {
      const { ref, bytes, local } = element;
      const table = this.#tableOf(element.guest);
      const mfn = this.#frameOf(element);
      const readonly = element.direction === 'out';
      const inPage =
        element.offset + bytes <= PAGE_SIZE && element.localOffset + bytes <= PAGE_SIZE;
      yield* this.#underTableLock(cpu, element.guest);
      if (!inPage) element.status = GNTST.bad_copy_arg;
      else if (!this.#isOwned(element.guest, mfn)) element.status = GNTST.bad_page;
      else element.status = table.pin(ref, domain, readonly, mfn);
      const okay = element.status === GNTST.okay;
      let dur = world.costs.grantCopyElement;
      if (okay) {
        dur += readonly
          ? copyDuration(world, mfn, local, bytes)
          : copyDuration(world, local, mfn, bytes);
      }
      world.recorder.leaf(
        K.grantCopyElement,
        cpu.hypervisorTrack,
        dur,
        element.request,
        mfn,
        okay ? bytes : NONE,
        NONE,
        element.status,
        ref,
      );
      yield cpu.charge(ACTOR.hypervisor, dur);
      if (!okay) continue;
      table.unpin(ref, readonly);
      copied += bytes;
    }
    return copied;
  }

  /** Does the guest still have the frame that its entry names? */
  #isOwned(guest: number, mfn: number): boolean {
    const { frames, guests } = this.#world;
    return frames.ownerOf(mfn) === (guests[guest] as Guest).domain && !frames.isSurrendered(mfn);
  }

  /** Stock Xen flushes even where no CPU had a mapping; the proposal does not. */
  #elidesFlush(chunk: readonly MapElement[]): boolean {
    const { elideFlushIfNoHostMap } = this.#world.scenario.grants;
    return elideFlushIfNoHostMap && chunk.every((each) => each.kind === 'device');
  }

  /**
   * The part of an operation under the granter's lock. Per-CPU read locks do not meet; a read-write
   * lock is one line that all readers take in turn; a spinlock lets one in at a time.
   */
  *#underTableLock(cpu: Cpu, guest: number): Steps {
    const { scenario, costs } = this.#world;
    if (scenario.grants.lock === 'percpu') return;
    const { lock } = this.#granters[guest] as Granter;
    yield* lock.acquire(cpu, ACTOR.hypervisor, cpu.hypervisorTrack);
    const hold = scenario.grants.lock === 'rwlock' ? costs.lockHandoff : costs.grantLockHold;
    yield cpu.charge(ACTOR.hypervisor, hold);
    lock.release();
  }

  #tableOf(guest: number): GrantTable {
    return (this.#granters[guest] as Granter).table;
  }

  #mapperOf(cpu: Cpu): Mapper {
    const backend = exists(backendOf(this.#world, cpu), 'grants are mapped by a backend');
    return this.#mappers[backend.index] as Mapper;
  }

  #frameOf({ guest, ref }: { readonly guest: number; readonly ref: number }): number {
    return mfnOf(this.#world.guests[guest] as Guest, this.#tableOf(guest).gfnOf(ref));
  }
}
