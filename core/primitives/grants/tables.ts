/**
 * Whose grants there are: a table for each guest, what each backend has mapped, and the locks around
 * both. How the granter's lock is taken depends on Xen's age (`grants.lock`):
 *
 * global  a spinlock, held while an entry is checked and pinned, and again while it is unpinned; handles
 *         come from one list under a lock of its own (before 2015)
 * rwlock  readers do not shut each other out, but each moves the lock's word twice
 * percpu  readers do not meet at all; each vCPU has handles of its own
 */
import { exists } from '../../base/assert.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { Lock, LOCK } from '../../engine/lock.ts';
import { GNTST, GrantTable } from '../../memory/grant-table.ts';
import { Maptrack } from '../../memory/maptrack.ts';
import { mfnOf, type Backend, type Guest, type World } from '../world.ts';

/** A guest's table and the lock around it. */
interface Granter {
  readonly guest: Guest;
  readonly table: GrantTable;
  readonly lock: Lock;
}

/** What one backend has mapped. */
export interface Mapper {
  readonly backend: Backend;
  readonly maptrack: Maptrack;
  readonly maptrackLock: Lock;
  readonly p2mLock: Lock;
}

/** A backend's CPU, as the hypervisor knows it. */
export interface Caller {
  readonly mapper: Mapper;
  readonly vcpu: number;
}

/** An entry of a guest's table. */
export interface EntryName {
  readonly guest: number;
  readonly ref: number;
}

export class GrantTables {
  readonly #world: World;
  readonly #granters: readonly Granter[];
  readonly #callers = new Map<Cpu, Caller>();
  readonly locks: readonly Lock[];

  constructor(world: World) {
    const { engine, recorder, scenario, costs } = world;
    const { maxFrames, maxMaptrackFrames, lock } = scenario.grants;
    const lockOf = (code: number, name: string) =>
      new Lock(engine, recorder, code, name, costs.lockHandoff);
    this.#world = world;
    this.#granters = world.guests.map((guest) => ({
      guest,
      table: new GrantTable(maxFrames),
      lock: lockOf(LOCK.grantTable, nameOf('grant table', 'guest', guest.index, world.guests)),
    }));
    const mappers = world.backends.map((backend): Mapper => {
      const name = (what: string) => nameOf(what, 'backend', backend.index, world.backends);
      return {
        backend,
        maptrack: new Maptrack(maxMaptrackFrames, lock === 'global' ? 1 : backend.cpus.length),
        maptrackLock: lockOf(LOCK.maptrack, name('maptrack')),
        p2mLock: lockOf(LOCK.p2m, name('p2m')),
      };
    });
    for (const mapper of mappers) {
      mapper.backend.cpus.forEach((cpu, i) =>
        this.#callers.set(cpu, { mapper, vcpu: lock === 'global' ? 0 : i }),
      );
    }
    this.locks = [
      ...this.#granters.map((each) => each.lock),
      ...mappers.flatMap((each) => [each.maptrackLock, each.p2mLock]),
    ];
  }

  tableOf(guest: number): GrantTable {
    return (this.#granters[guest] as Granter).table;
  }

  callerOn(cpu: Cpu): Caller {
    return exists(this.#callers.get(cpu), 'grants are mapped and copied by a backend');
  }

  /** The frame behind an entry: what it was pinned with, or what the guest has written into it. */
  frameOf({ guest, ref }: EntryName): number {
    const { table, guest: owner } = this.#granters[guest] as Granter;
    return table.isPinned(ref) ? table.pinnedFrame(ref) : mfnOf(owner, table.gfnOf(ref));
  }

  /** Pins an entry for a backend: `GNTST.okay` or why not. The first pin looks the frame up. */
  pin(entry: EntryName, backend: Backend, kind: number): number {
    const { table, guest } = this.#granters[entry.guest] as Granter;
    const mfn = this.frameOf(entry);
    const isFirst = !table.isPinned(entry.ref);
    const status = table.pin(entry.ref, backend.domain, kind, mfn);
    if (status !== GNTST.okay || !isFirst) return status;
    const { frames } = this.#world;
    if (frames.ownerOf(mfn) === guest.domain && !frames.isSurrendered(mfn)) return status;
    table.unpin(entry.ref, kind);
    return GNTST.bad_page;
  }

  unpin(entry: EntryName, kind: number): void {
    this.tableOf(entry.guest).unpin(entry.ref, kind);
  }

  /** Is there a lock around a guest's entries that CPUs of backends meet at? */
  get isLocked(): boolean {
    return this.#world.scenario.grants.lock !== 'percpu';
  }

  /** Takes a guest's table to look at an entry and to change its pins. */
  *lock(cpu: Cpu, guest: number): Steps {
    const { lock } = this.#granters[guest] as Granter;
    if (this.#world.scenario.grants.lock === 'rwlock') yield* this.#moveWord(cpu, lock);
    else if (!lock.take()) yield* lock.acquire(cpu, ACTOR.hypervisor, cpu.hypervisorTrack);
  }

  /** Gives it up. */
  *unlock(cpu: Cpu, guest: number): Steps {
    const { lock } = this.#granters[guest] as Granter;
    if (this.#world.scenario.grants.lock === 'rwlock') {
      yield* this.#moveWord(cpu, lock);
      return;
    }
    if (!cpu.passes(ACTOR.hypervisor, this.#world.costs.grantLockHold))
      yield this.#world.costs.grantLockHold;
    lock.release();
  }

  /** What is left of `ps` of work on an entry when `unlock` has done the part of it under the lock. */
  unlocked(ps: number): number {
    const { scenario, costs } = this.#world;
    return scenario.grants.lock === 'global' ? Math.max(0, ps - costs.grantLockHold) : ps;
  }

  /** An atomic change of a word that other CPUs change as well. */
  *#moveWord(cpu: Cpu, word: Lock): Steps {
    if (!word.take()) yield* word.acquire(cpu, ACTOR.hypervisor, cpu.hypervisorTrack);
    if (!cpu.passes(ACTOR.hypervisor, this.#world.costs.lockUncontended))
      yield this.#world.costs.lockUncontended;
    word.release();
  }

  /** A maptrack handle for `ref` that is at hand without a lock; -1 when it takes `takeHandle`. */
  ownHandle(cpu: Cpu, ref: number): number {
    if (this.sharesHandles) return -1;
    const { mapper, vcpu } = this.callerOn(cpu);
    return mapper.maptrack.takeOwn(ref, vcpu);
  }

  /** A maptrack handle for `ref`, or -1. */
  *takeHandle(cpu: Cpu, ref: number): Steps<number> {
    const { costs, scenario } = this.#world;
    const { mapper, vcpu } = this.callerOn(cpu);
    const { maptrack, maptrackLock } = mapper;
    const { grown, stolen } = maptrack;
    if (scenario.grants.lock === 'global') {
      if (!maptrackLock.take())
        yield* maptrackLock.acquire(cpu, ACTOR.hypervisor, cpu.hypervisorTrack);
      const handle = maptrack.take(ref, vcpu);
      if (!cpu.passes(ACTOR.hypervisor, costs.lockUncontended)) yield costs.lockUncontended;
      maptrackLock.release();
      return handle;
    }
    const handle = maptrack.take(ref, vcpu);
    if (maptrack.grown > grown) {
      if (!maptrackLock.take())
        yield* maptrackLock.acquire(cpu, ACTOR.hypervisor, cpu.hypervisorTrack);
      if (!cpu.passes(ACTOR.hypervisor, costs.pageAllocate)) yield costs.pageAllocate;
      maptrackLock.release();
    } else if (maptrack.stolen > stolen) {
      // The lists of others have locks of their own.
      const others = maptrack.stolen - stolen;
      yield cpu.charge(ACTOR.hypervisor, others * costs.lockUncontended);
    }
    return handle;
  }

  /** Gives a handle back; false when it was none. Where handles are shared, `lockHandles` follows. */
  giveHandle(cpu: Cpu, handle: number): boolean {
    return this.callerOn(cpu).mapper.maptrack.give(handle);
  }

  /** Is there one list of handles, under a lock, for all vCPUs of a backend? */
  get sharesHandles(): boolean {
    return this.#world.scenario.grants.lock === 'global';
  }

  /** Takes the lock of that list and gives it up. */
  lockHandles(cpu: Cpu): Steps {
    return this.#moveWord(cpu, this.callerOn(cpu).mapper.maptrackLock);
  }

  /** Checks what must hold between operations. */
  check(): void {
    for (const { table } of this.#granters) table.check();
  }
}

/** Names tell guests, or backends, apart where there are several. */
function nameOf(what: string, of: string, index: number, all: readonly unknown[]): string {
  return all.length > 1 ? `${what} of ${of} ${index}` : what;
}
