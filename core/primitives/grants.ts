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
import { PERMISSION } from '../memory/page-table.ts';
import { copyDuration } from './copies.ts';
import { hypercall } from './hypercall.ts';
import type { Iommu } from './iommu.ts';
import { flushElement, flushesEach, tlbIpi, UNMAP_BATCH } from './tlb.ts';
import { backendOf, gfnOf, mfnOf, type Backend, type Guest, type World } from './world.ts';

/** One element of `GNTTABOP_map_grant_ref`; `handle` and `status` are its answer. */
export interface MapElement {
  readonly guest: number;
  readonly ref: number;
  readonly readonly: boolean;
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

export class Grants {
  readonly #world: World;
  readonly #iommu: Iommu;
  /** One table for each guest, and what each backend has mapped. */
  readonly #tables: readonly GrantTable[];
  readonly #mappers: readonly Mapper[];

  constructor(world: World, iommu: Iommu) {
    const { maxFrames, maxMaptrackFrames } = world.scenario.grants;
    this.#world = world;
    this.#iommu = iommu;
    this.#tables = world.guests.map(() => new GrantTable(maxFrames));
    this.#mappers = world.backends.map((backend) => ({
      backend,
      maptrack: new Maptrack(maxMaptrackFrames),
      p2mLock: new Lock(world.engine, world.recorder, LOCK.p2m, `p2m of backend ${backend.index}`),
    }));
  }

  /** Locks whose waits a result reports. */
  get locks(): readonly Lock[] {
    return this.#mappers.map((each) => each.p2mLock);
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

  /** `GNTTABOP_map_grant_ref` of all elements; each gets its own status. */
  *map(cpu: Cpu, elements: readonly MapElement[]): Steps {
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
    yield* hypercall(
      this.#world,
      cpu,
      K.unmapGrantRef,
      elements.length,
      NONE,
      this.#unmapAll(cpu, elements),
    );
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

  /** Checks what must hold between operations. */
  check(): void {
    for (const table of this.#tables) table.check();
  }

  *#mapAll(cpu: Cpu, elements: readonly MapElement[]): Steps<number> {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    const { maptrack, p2mLock, backend } = this.#mapperOf(cpu);
    const locked = flushesEach(this.#world);
    for (const element of elements) {
      const { ref, request, readonly } = element;
      const table = this.#tableOf(element.guest);
      const mfn = this.#frameOf(element);
      if (locked) yield* p2mLock.acquire(cpu, ACTOR.hypervisor, cpu.hypervisorTrack);
      const handle = maptrack.take(ref, mfn, readonly);
      element.status =
        handle === -1 ? GNTST.no_space : table.pin(ref, backend.domain, readonly, mfn);
      const okay = element.status === GNTST.okay;
      if (!okay && handle !== -1) maptrack.give(handle);
      element.handle = okay ? handle : -1;
      element.mfn = mfn;
      const dur = costs.grantMapElement + costs.pteWrite;
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
        oracle.map('backend', mfn, request, event);
        counters.add(COUNTERS.mappedPages, 1);
      }
      yield cpu.charge(ACTOR.hypervisor, dur);
      if (okay) yield* this.#iommuMap(cpu, mfn, readonly, request);
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
        const dur = costs.grantUnmapElement + costs.pteWrite;
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
        if (known) oracle.unmap('backend', element.mfn, true);
        if (known) yield* this.#iommuUnmap(cpu, element.mfn, element.request);
        if (each) {
          yield* flushElement(this.#world, cpu, backend, element.mfn, element.request);
          p2mLock.release();
          if (known) yield* this.#complete(cpu, element);
        }
      }
      if (each) continue;
      yield* tlbIpi(this.#world, cpu, backend);
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
      element.status = inPage ? table.pin(ref, domain, readonly, mfn) : GNTST.bad_copy_arg;
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

  /** A strict PV domain's IOMMU follows its grants: one entry for each mapped frame. */
  *#iommuMap(cpu: Cpu, mfn: number, readonly: boolean, request: number): Steps {
    if (!this.#followed()) return;
    const permission = readonly ? PERMISSION.read : PERMISSION.both;
    const track = cpu.hypervisorTrack;
    const { host } = this.#iommu;
    yield* this.#iommu.mapPages(
      cpu,
      ACTOR.hypervisor,
      track,
      host,
      mfn,
      mfn,
      1,
      permission,
      request,
    );
  }

  *#iommuUnmap(cpu: Cpu, mfn: number, request: number): Steps {
    if (!this.#followed()) return;
    const { host } = this.#iommu;
    const track = cpu.hypervisorTrack;
    yield* this.#iommu.unmapPages(cpu, ACTOR.hypervisor, track, host, mfn, 1, request);
    yield* this.#iommu.invalidate(cpu, ACTOR.hypervisor, track, host, mfn, 1, request);
  }

  /** Do grant operations also change the IOMMU's tables? */
  #followed(): boolean {
    return this.#world.costs.iommuSync === 'per-grant' && !this.#iommu.host.bypass;
  }

  #tableOf(guest: number): GrantTable {
    return this.#tables[guest] as GrantTable;
  }

  #mapperOf(cpu: Cpu): Mapper {
    const backend = exists(backendOf(this.#world, cpu), 'grants are mapped by a backend');
    return this.#mappers[backend.index] as Mapper;
  }

  #frameOf({ guest, ref }: { readonly guest: number; readonly ref: number }): number {
    return mfnOf(this.#world.guests[guest] as Guest, this.#tableOf(guest).gfnOf(ref));
  }
}
