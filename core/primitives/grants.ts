/**
 * Grant operations: what a frontend writes into its table, and the hypercalls by which a backend
 * maps, unmaps and copies. Xen's order of steps (`common/grant_table.c`): an unmap removes entries,
 * flushes, and only then drops references and tells the granter, so that a granter who sees its entry
 * free knows that nobody reaches the page any more.
 */
import { PAGE_SIZE } from '../base/brand.ts';
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { Lock, LOCK } from '../engine/lock.ts';
import { NONE } from '../engine/recording.ts';
import { GNTST, GrantTable, Maptrack } from '../memory/grant-table.ts';
import { copyDuration } from './copies.ts';
import { hypercall } from './hypercall.ts';
import { tlbiBroadcast, tlbIpi, UNMAP_BATCH } from './tlb.ts';
import { DOMAIN, gfnOf, type World } from './world.ts';

/** One element of `GNTTABOP_map_grant_ref`; `handle` and `status` are its answer. */
export interface MapElement {
  readonly ref: number;
  readonly request: number;
  handle: number;
  mfn: number;
  status: number;
}

/** One element of `GNTTABOP_copy`, from a granted page to a local one. */
export interface CopyElement {
  readonly ref: number;
  readonly offset: number;
  readonly bytes: number;
  /** Local frame of the backend, and offset in it. */
  readonly target: number;
  readonly targetOffset: number;
  readonly request: number;
  status: number;
}

export class Grants {
  readonly #world: World;
  readonly #table: GrantTable;
  readonly #maptrack: Maptrack;
  readonly #p2mLock: Lock;

  constructor(world: World) {
    this.#world = world;
    this.#table = new GrantTable(world.scenario.grants.maxFrames);
    this.#maptrack = new Maptrack(world.scenario.grants.maxMaptrackFrames);
    this.#p2mLock = new Lock(world.engine, world.recorder, LOCK.p2m, 'p2m of the backend');
  }

  /** Locks whose waits a result reports. */
  get locks(): readonly Lock[] {
    return [this.#p2mLock];
  }

  /** `GNT.grant`: permits the backend access to a frame. Returns the reference, or -1. */
  *grant(cpu: Cpu, mfn: number, readonly: boolean, request: number): Steps<number> {
    const world = this.#world;
    const gfn = gfnOf(world, mfn);
    const ref = this.#table.grant(DOMAIN.backend, gfn, readonly);
    const dur = world.costs.grantEntry;
    world.recorder.leaf(K.grantAccess, cpu.track, dur, request, gfn, NONE, NONE, NONE, ref);
    if (ref !== -1) world.oracle.authorise(mfn);
    yield cpu.charge(ACTOR.frontend, dur);
    return ref;
  }

  /** `GNT.end`: revokes a grant. False while the backend still has it mapped. */
  *end(cpu: Cpu, ref: number, request: number): Steps<boolean> {
    const world = this.#world;
    const gfn = this.#table.gfnOf(ref);
    const ended = this.#table.tryEnd(ref);
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
    if (ended) world.oracle.reclaim(this.#mfnOf(gfn), [event]);
    yield cpu.charge(ACTOR.frontend, dur);
    return ended;
  }

  /** `GNTTABOP_map_grant_ref`, read-only, of all elements; each gets its own status. */
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
    this.#table.check();
  }

  *#mapAll(cpu: Cpu, elements: readonly MapElement[]): Steps<number> {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    for (const element of elements) {
      const mfn = this.#mfnOf(this.#table.gfnOf(element.ref));
      const locked = costs.tlb === 'broadcast-per-element';
      if (locked) yield* this.#p2mLock.acquire(cpu, ACTOR.hypervisor, cpu.hypervisorTrack);
      const handle = this.#maptrack.take(element.ref, mfn, true);
      element.status =
        handle === -1 ? GNTST.no_space : this.#table.pin(element.ref, DOMAIN.backend, true, mfn);
      const okay = element.status === GNTST.okay;
      if (!okay && handle !== -1) this.#maptrack.give(handle);
      element.handle = okay ? handle : -1;
      element.mfn = mfn;
      const dur = costs.grantMapElement + costs.pteWrite;
      const event = recorder.leaf(
        K.grantMap,
        cpu.hypervisorTrack,
        dur,
        element.request,
        mfn,
        NONE,
        NONE,
        element.status,
        element.handle,
      );
      if (okay) {
        frames.get(mfn);
        oracle.map('backend', mfn, element.request, event);
        counters.add(COUNTERS.mappedPages, 1);
      }
      yield cpu.charge(ACTOR.hypervisor, dur);
      if (locked) this.#p2mLock.release();
    }
    return NONE;
  }

  *#unmapAll(cpu: Cpu, elements: readonly MapElement[]): Steps<number> {
    const { costs, recorder, oracle } = this.#world;
    const broadcast = costs.tlb === 'broadcast-per-element';
    for (let from = 0; from < elements.length; from += UNMAP_BATCH) {
      const chunk = elements.slice(from, from + UNMAP_BATCH);
      for (const element of chunk) {
        if (broadcast) yield* this.#p2mLock.acquire(cpu, ACTOR.hypervisor, cpu.hypervisorTrack);
        const known = this.#maptrack.give(element.handle);
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
        if (broadcast) {
          yield* tlbiBroadcast(this.#world, cpu, element.mfn, element.request);
          this.#p2mLock.release();
          if (known) yield* this.#complete(cpu, element);
        }
      }
      if (broadcast) continue;
      yield* tlbIpi(this.#world, cpu);
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
    this.#table.unpin(element.ref, true);
    counters.add(COUNTERS.mappedPages, -1);
  }

  *#copyAll(cpu: Cpu, elements: readonly CopyElement[]): Steps<number> {
    const world = this.#world;
    let copied = 0;
    for (const element of elements) {
      const mfn = this.#mfnOf(this.#table.gfnOf(element.ref));
      if (element.offset + element.bytes > PAGE_SIZE) element.status = GNTST.bad_copy_arg;
      else if (element.targetOffset + element.bytes > PAGE_SIZE)
        element.status = GNTST.bad_copy_arg;
      else element.status = this.#table.pin(element.ref, DOMAIN.backend, true, mfn);
      const okay = element.status === GNTST.okay;
      let dur = world.costs.grantCopyElement;
      if (okay) dur += copyDuration(world, mfn, element.target, element.bytes);
      world.recorder.leaf(
        K.grantCopyElement,
        cpu.hypervisorTrack,
        dur,
        element.request,
        mfn,
        okay ? element.bytes : NONE,
        NONE,
        element.status,
        element.ref,
      );
      yield cpu.charge(ACTOR.hypervisor, dur);
      if (!okay) continue;
      this.#table.unpin(element.ref, true);
      copied += element.bytes;
    }
    return copied;
  }

  #mfnOf(gfn: number): number {
    return gfn - this.#world.guest.firstGfn + this.#world.guest.first;
  }
}
