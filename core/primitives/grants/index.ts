/** Grant operations as their callers know them: a frontend's entries, and a backend's hypercalls. */
import { assert } from '../../base/assert.ts';
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import type { Lock } from '../../engine/lock.ts';
import { NONE } from '../../engine/recording.ts';
import { framesOf, type Extent } from '../copies.ts';
import { hypercall } from '../hypercall.ts';
import type { Iommu } from '../iommu.ts';
import { gfnOf, mfnOf, type Backend, type Guest, type World } from '../world.ts';
import { GrantCopier } from './copy.ts';
import type { CopyElement, MapElement } from './elements.ts';
import { GrantIommu } from './iommu.ts';
import { GrantMapper } from './map.ts';
import { GrantTables, type EntryName } from './tables.ts';

export type { CopyElement, MapElement } from './elements.ts';

/** Elements of one hypercall that gntdev makes of a process's copies: `GNTDEV_COPY_BATCH`. */
const GNTDEV_COPY_BATCH = 16;
/** Name of the resource that runs out with a guest's last reference. */
const ENTRIES = 'grant table';

export class Grants {
  readonly #world: World;
  readonly #tables: GrantTables;
  readonly #mapper: GrantMapper;
  readonly #copier: GrantCopier;

  constructor(world: World, iommu: Iommu) {
    this.#world = world;
    this.#tables = new GrantTables(world);
    this.#mapper = new GrantMapper(world, this.#tables, new GrantIommu(world, iommu));
    this.#copier = new GrantCopier(world, this.#tables);
  }

  /** Locks whose waits a result reports. */
  get locks(): readonly Lock[] {
    return this.#tables.locks;
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
    const ref = this.#grant(cpu, guest, backend, mfn, readonly, request);
    const dur = this.#world.costs.grantEntry;
    if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
    return ref;
  }

  /** The same for each frame of some extents. Null when there are too few entries: none is granted. */
  *grantAll(
    cpu: Cpu,
    guest: Guest,
    backend: Backend,
    extents: readonly Extent[],
    readonly: boolean,
    request: number,
  ): Steps<number[] | null> {
    const dur = this.#world.costs.grantEntry;
    const refs: number[] = [];
    for (const extent of extents) {
      const frames = framesOf(extent);
      for (let i = 0; i < frames; i++) {
        const ref = this.#grant(cpu, guest, backend, extent.mfn + i, readonly, request);
        if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
        if (ref === -1) {
          yield* this.endAll(cpu, guest, refs, request);
          return null;
        }
        refs.push(ref);
      }
    }
    return refs;
  }

  /** The same for several frames, by references in a row. Returns the first, or -1 and none is granted. */
  *grantRun(
    cpu: Cpu,
    guest: Guest,
    backend: Backend,
    mfns: readonly number[],
    readonly: boolean,
    request: number,
  ): Steps<number> {
    const gfns = mfns.map((mfn) => gfnOf(guest, mfn));
    const first = this.#tables.tableOf(guest.index).grantRun(backend.domain, gfns, readonly);
    const dur = this.#world.costs.grantEntry;
    for (let i = 0; i < mfns.length; i++) {
      const ref = first === -1 ? -1 : first + i;
      this.#granted(cpu, mfns[i] as number, gfns[i] as number, ref, request);
      if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
      if (ref === -1) break;
    }
    return first;
  }

  /** `grant` without the time for it. */
  #grant(
    cpu: Cpu,
    guest: Guest,
    backend: Backend,
    mfn: number,
    readonly: boolean,
    request: number,
  ): number {
    const gfn = gfnOf(guest, mfn);
    const ref = this.#tables.tableOf(guest.index).grant(backend.domain, gfn, readonly);
    this.#granted(cpu, mfn, gfn, ref, request);
    return ref;
  }

  /** An entry has been written, or there was none left. */
  #granted(cpu: Cpu, mfn: number, gfn: number, ref: number, request: number): void {
    const { recorder, costs, oracle } = this.#world;
    const status = ref === -1 ? 1 : NONE;
    const { track } = cpu;
    recorder.leaf(K.grantAccess, track, costs.grantEntry, request, gfn, NONE, NONE, status, ref);
    if (ref === -1) oracle.exhausted('frontend', ENTRIES, request);
    else oracle.authorise(mfn);
  }

  /** `GNT.end`: revokes a grant. False while the backend still has it mapped. */
  *end(cpu: Cpu, guest: Guest, ref: number, request: number): Steps<boolean> {
    const ended = this.#end(cpu, guest, ref, request);
    const dur = this.#world.costs.grantEntry;
    if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
    return ended;
  }

  /** The same for several grants, each of which must be free by now. */
  *endAll(cpu: Cpu, guest: Guest, refs: readonly number[], request: number): Steps {
    const dur = this.#world.costs.grantEntry;
    for (let i = 0; i < refs.length; i++) {
      const ended = this.#end(cpu, guest, refs[i] as number, request);
      assert(ended, 'the backend answered while it still had the grant mapped');
      if (!cpu.passes(ACTOR.frontend, dur)) yield dur;
    }
  }

  #end(cpu: Cpu, guest: Guest, ref: number, request: number): boolean {
    const { recorder, costs, oracle } = this.#world;
    const table = this.#tables.tableOf(guest.index);
    const gfn = table.gfnOf(ref);
    const ended = table.tryEnd(ref);
    const dur = costs.grantEntry;
    const status = ended ? NONE : 1;
    const track = cpu.track;
    const event = recorder.leaf(K.grantEnd, track, dur, request, gfn, NONE, NONE, status, ref);
    if (ended) {
      oracle.reclaim(mfnOf(guest, gfn), [event]);
      oracle.available('frontend', ENTRIES);
    } else oracle.refused(mfnOf(guest, gfn), request, event);
    return ended;
  }

  /**
   * `GNTTABOP_map_grant_ref` of all elements; each gets its own status. A backend that is a process
   * goes through gntdev.
   */
  *map(cpu: Cpu, elements: readonly MapElement[]): Steps {
    const work = this.#mapper.mapAll(cpu, elements);
    const call = hypercall(this.#world, cpu, K.mapGrantRef, elements.length, NONE, work);
    yield* this.#throughGntdev(cpu, elements.length, elements.length, call);
  }

  /** `GNTTABOP_unmap_grant_ref` of all handles, flushed as the hypervisor does it. */
  *unmap(cpu: Cpu, elements: readonly MapElement[]): Steps {
    const work = this.#mapper.unmapAll(cpu, elements);
    const call = hypercall(this.#world, cpu, K.unmapGrantRef, elements.length, NONE, work);
    yield* this.#throughGntdev(cpu, elements.length, elements.length, call);
  }

  /**
   * `GNTTABOP_unmap_and_replace`, one hypercall an element: each needs a scratch page of its own, whose
   * mapping it takes away.
   */
  *replace(cpu: Cpu, elements: readonly MapElement[]): Steps {
    const n = elements.length;
    yield* this.#throughGntdev(cpu, n, n, this.#replaceEach(cpu, elements));
  }

  *#replaceEach(cpu: Cpu, elements: readonly MapElement[]): Steps {
    for (const element of elements) {
      const work = this.#mapper.unmapAll(cpu, [element], true);
      yield* hypercall(this.#world, cpu, K.unmapAndReplace, 1, element.request, work);
    }
  }

  /** `GNTTABOP_copy` of all elements; each gets its own status. */
  *copy(cpu: Cpu, elements: readonly CopyElement[]): Steps {
    const n = elements.length;
    if (this.#world.backendKind === 'kernel') {
      yield* hypercall(this.#world, cpu, K.grantCopy, n, NONE, this.#copier.copyAll(cpu, elements));
    } else yield* this.#throughGntdev(cpu, n, 0, this.#copyInBatches(cpu, elements));
  }

  *#copyInBatches(cpu: Cpu, elements: readonly CopyElement[]): Steps {
    for (let from = 0; from < elements.length; from += GNTDEV_COPY_BATCH) {
      const part = elements.slice(from, from + GNTDEV_COPY_BATCH);
      const work = this.#copier.copyAll(cpu, part);
      yield* hypercall(this.#world, cpu, K.grantCopy, part.length, NONE, work);
    }
  }

  /**
   * The first half of a copy that an engine will do: checks, and both frames held. Returns the granted
   * frame, or -1 with the element's status saying why not.
   */
  pinForCopy(cpu: Cpu, element: CopyElement): Steps<number> {
    return this.#copier.pin(cpu, element);
  }

  /** The second half: the engine is done with both frames. */
  unpinAfterCopy(element: CopyElement): void {
    this.#copier.unpin(element);
  }

  /** Pins an entry without a mapping of its own, by one of `GNTPIN`: `GNTST.okay` or why not. */
  pin(cpu: Cpu, entry: EntryName, kind: number): number {
    return this.#tables.pin(entry, this.#tables.callerOn(cpu).mapper.backend, kind);
  }

  unpin(entry: EntryName, kind: number): void {
    this.#tables.unpin(entry, kind);
  }

  frameOf(entry: EntryName): number {
    return this.#tables.frameOf(entry);
  }

  /** A process makes a system call of it for `n` elements, and has `pages` in its own tables too. */
  *#throughGntdev(cpu: Cpu, n: number, pages: number, call: Steps): Steps {
    const { backendKind, costs, recorder } = this.#world;
    if (backendKind === 'kernel') {
      yield* call;
      return;
    }
    const event = recorder.begin(K.gntdevIoctl, cpu.track, NONE);
    yield cpu.charge(ACTOR.backend, costs.gntdevIoctl + pages * costs.gntdevPage);
    yield* call;
    recorder.end(event, cpu.track, NONE, NONE, n);
  }

  /** Checks what must hold between operations. */
  check(): void {
    this.#tables.check();
  }
}
