/**
 * Mapping and unmapping grants, element by element, as `GNTTABOP_map_grant_ref` and
 * `GNTTABOP_unmap_grant_ref` do it. An unmap removes entries, flushes, and only then drops references and
 * tells the granter, so that a granter who sees its entry free knows that nobody reaches the page.
 */
import { K } from '../../contract/kinds.ts';
import { COUNTERS } from '../../engine/counters.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import { GNTST, pinKind } from '../../memory/grant-table.ts';
import { flushElement, flushesEach, tlbIpi, UNMAP_BATCH } from '../tlb.ts';
import type { Backend, World } from '../world.ts';
import type { MapElement } from './elements.ts';
import type { GrantIommu } from './iommu.ts';
import type { GrantTables } from './tables.ts';

/** Name of the resource that runs out with the last handle. */
const HANDLES = 'maptrack';

export class GrantMapper {
  readonly #world: World;
  readonly #tables: GrantTables;
  readonly #iommu: GrantIommu;

  constructor(world: World, tables: GrantTables, iommu: GrantIommu) {
    this.#world = world;
    this.#tables = tables;
    this.#iommu = iommu;
  }

  /** `GT.map` of each element; each gets its own status, and an error does not stop the others. */
  *mapAll(cpu: Cpu, elements: readonly MapElement[]): Steps<number> {
    const { costs, recorder, oracle, counters } = this.#world;
    const { mapper } = this.#tables.callerOn(cpu);
    const track = cpu.hypervisorTrack;
    for (const element of elements) {
      const { ref, readonly, kind, request, guest } = element;
      const isHost = kind === 'host';
      const span = recorder.begin(K.grantMap, track, request);
      let left = costs.grantMapElement + (isHost ? costs.pteWrite : 0);
      let handle = this.#tables.ownHandle(cpu, ref);
      if (handle === -1) handle = yield* this.#tables.takeHandle(cpu, ref);
      if (handle === -1) {
        element.status = GNTST.no_space;
        oracle.exhausted('backend', HANDLES, request);
      } else if (this.#tables.isLocked) {
        yield* this.#tables.lock(cpu, guest);
        this.#pin(element, mapper.backend);
        yield* this.#tables.unlock(cpu, guest);
        left = this.#tables.unlocked(left);
      } else this.#pin(element, mapper.backend);
      const mfn = this.#tables.frameOf(element);
      element.mfn = mfn;
      if (element.status !== GNTST.okay) {
        if (handle !== -1) {
          this.#tables.giveHandle(cpu, handle);
          if (this.#tables.sharesHandles) yield* this.#tables.lockHandles(cpu);
        }
        element.handle = -1;
        if (!cpu.passes(ACTOR.hypervisor, left)) yield left;
        recorder.end(span, track, mfn, NONE, NONE, element.status, -1);
        continue;
      }
      element.handle = handle;
      if (isHost) oracle.map('backend', mfn, request, span, !readonly);
      else {
        oracle.lease(mfn, 1);
        oracle.holds.take(mfn);
      }
      counters.add(COUNTERS.mappedPages, 1);
      const locked = isHost && flushesEach(this.#world);
      if (locked && !mapper.p2mLock.take())
        yield* mapper.p2mLock.acquire(cpu, ACTOR.hypervisor, track);
      if (!cpu.passes(ACTOR.hypervisor, left)) yield left;
      recorder.end(span, track, mfn, NONE, NONE, GNTST.okay, handle);
      if (this.#iommu.follows) yield* this.#iommu.map(cpu, mfn, readonly, request);
      if (locked) mapper.p2mLock.release();
    }
    return NONE;
  }

  /** Pins the entry, and with it holds the frame: it goes to nobody else from here on. */
  #pin(element: MapElement, backend: Backend): void {
    const { readonly, kind } = element;
    element.status = this.#tables.pin(element, backend, pinKind(readonly, kind));
    if (element.status === GNTST.okay) this.#world.frames.get(this.#tables.frameOf(element));
  }

  /**
   * `GT.unmap` of each element, in chunks of 32. A PV caller's chunk is flushed as a whole; of any other,
   * each entry when it goes.
   *
   * @param scratch another page takes the place of each, whose own entry is written again
   */
  *unmapAll(cpu: Cpu, elements: readonly MapElement[], scratch = false): Steps<number> {
    const { mapper } = this.#tables.callerOn(cpu);
    const inChunks = !flushesEach(this.#world);
    for (let from = 0; from < elements.length; from += UNMAP_BATCH) {
      const end = Math.min(elements.length, from + UNMAP_BATCH);
      const chunk = elements.slice(from, end);
      yield* this.#removeEntries(cpu, chunk, scratch);
      if (inChunks && !this.#elidesFlush(chunk)) yield* tlbIpi(this.#world, cpu, mapper.backend);
      yield* this.#complete(cpu, chunk);
    }
    return NONE;
  }

  *#removeEntries(cpu: Cpu, elements: readonly MapElement[], scratch: boolean): Steps {
    const { costs, recorder, oracle } = this.#world;
    const { mapper } = this.#tables.callerOn(cpu);
    const track = cpu.hypervisorTrack;
    for (const element of elements) {
      const { mfn, request, guest, handle, readonly } = element;
      const isHost = element.kind === 'host';
      const span = recorder.begin(scratch ? K.grantReplace : K.grantUnmap, track, request);
      let left = costs.grantUnmapElement + (isHost ? costs.pteWrite : 0);
      // The entry that the scratch page had before is gone, and is made again.
      if (scratch) left += costs.pteWrite;
      const known = this.#tables.giveHandle(cpu, handle);
      if (this.#tables.sharesHandles) yield* this.#tables.lockHandles(cpu);
      element.status = known ? GNTST.okay : GNTST.bad_handle;
      if (known) oracle.available('backend', HANDLES);
      if (known && this.#tables.isLocked) {
        yield* this.#tables.lock(cpu, guest);
        yield* this.#tables.unlock(cpu, guest);
        left = this.#tables.unlocked(left);
      }
      const locked = known && isHost && flushesEach(this.#world);
      if (locked && !mapper.p2mLock.take())
        yield* mapper.p2mLock.acquire(cpu, ACTOR.hypervisor, track);
      if (!cpu.passes(ACTOR.hypervisor, left)) yield left;
      recorder.end(span, track, mfn, NONE, NONE, element.status, handle);
      if (!known) continue;
      if (isHost) oracle.unmap('backend', mfn, true);
      else {
        oracle.lease(mfn, -1);
        oracle.holds.drop(mfn);
      }
      if (locked) {
        yield* flushElement(this.#world, cpu, mapper.backend, mfn, request);
        oracle.flushed('backend', mfn);
      }
      if (this.#iommu.follows) yield* this.#iommu.unmap(cpu, mfn, readonly, request);
      if (locked) mapper.p2mLock.release();
    }
  }

  /** After the flush: references dropped, `GTF_reading` cleared, and so the granter told. */
  *#complete(cpu: Cpu, elements: readonly MapElement[]): Steps {
    const { costs, frames, oracle, counters } = this.#world;
    const inChunks = !flushesEach(this.#world);
    for (const element of elements) {
      if (element.status !== GNTST.okay) continue;
      const { mfn, guest, kind, readonly } = element;
      if (kind === 'host' && inChunks) oracle.flushed('backend', mfn);
      let left = costs.grantUnmapComplete;
      if (this.#tables.isLocked) {
        yield* this.#tables.lock(cpu, guest);
        yield* this.#tables.unlock(cpu, guest);
        left = this.#tables.unlocked(left);
      }
      if (!cpu.passes(ACTOR.hypervisor, left)) yield left;
      frames.put(mfn);
      this.#tables.unpin(element, pinKind(readonly, kind));
      counters.add(COUNTERS.mappedPages, -1);
    }
  }

  /** Stock Xen flushes even where no CPU had a mapping; the proposal does not. */
  #elidesFlush(elements: readonly MapElement[]): boolean {
    const { elideFlushIfNoHostMap } = this.#world.scenario.grants;
    return elideFlushIfNoHostMap && elements.every((each) => each.kind !== 'host');
  }
}
