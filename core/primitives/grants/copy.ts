/** `GNTTABOP_copy`, element by element, and the two halves of a copy that an engine does in between. */
import { PAGE_SIZE } from '../../base/brand.ts';
import { K } from '../../contract/kinds.ts';
import { COUNTERS } from '../../engine/counters.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import { GNTST, pinKind } from '../../memory/grant-table.ts';
import { copyDuration } from '../copies.ts';
import type { Backend, World } from '../world.ts';
import type { CopyElement } from './elements.ts';
import type { GrantTables } from './tables.ts';

export class GrantCopier {
  readonly #world: World;
  readonly #tables: GrantTables;

  constructor(world: World, tables: GrantTables) {
    this.#world = world;
    this.#tables = tables;
  }

  /** Copies each element; each gets its own status. Returns the bytes of those that were copied. */
  *copyAll(cpu: Cpu, elements: readonly CopyElement[]): Steps<number> {
    const world = this.#world;
    const track = cpu.hypervisorTrack;
    const { backend } = this.#tables.callerOn(cpu).mapper;
    const locked = this.#tables.isLocked;
    let copied = 0;
    for (const element of elements) {
      const { ref, bytes, local, request } = element;
      const outward = element.direction === 'out';
      const span = world.recorder.begin(K.grantCopyElement, track, request);
      if (locked) yield* this.#tables.lock(cpu, element.guest);
      this.#claim(backend, element);
      if (locked) yield* this.#tables.unlock(cpu, element.guest);
      const mfn = this.#tables.frameOf(element);
      const okay = element.status === GNTST.okay;
      let left = this.#unlockedPs;
      if (okay) {
        left += outward
          ? copyDuration(world, mfn, local, bytes)
          : copyDuration(world, local, mfn, bytes);
      }
      if (!cpu.passes(ACTOR.hypervisor, left)) yield left;
      if (okay) {
        if (locked) yield* this.#tables.lock(cpu, element.guest);
        if (locked) yield* this.#tables.unlock(cpu, element.guest);
        this.#tables.unpin(element, pinKind(outward, 'host'));
        copied += bytes;
      }
      world.recorder.end(span, track, mfn, okay ? bytes : NONE, NONE, element.status, ref);
    }
    return copied;
  }

  /**
   * The first half of a copy that an engine will do: checks, and both frames held. Returns the granted
   * frame, or -1 with the element's status saying why not.
   */
  *pin(cpu: Cpu, element: CopyElement): Steps<number> {
    const { recorder, frames } = this.#world;
    const { guest, ref, request, local } = element;
    const track = cpu.hypervisorTrack;
    // What GNTTABOP_copy does for an element apart from the copying itself.
    const span = recorder.begin(K.grantPin, track, request);
    const { backend } = this.#tables.callerOn(cpu).mapper;
    const locked = this.#tables.isLocked;
    if (locked) yield* this.#tables.lock(cpu, guest);
    this.#claim(backend, element);
    const mfn = this.#tables.frameOf(element);
    const { status } = element;
    // With the pin: from here on the frame goes to nobody else.
    if (status === GNTST.okay) frames.get(mfn);
    if (locked) yield* this.#tables.unlock(cpu, guest);
    if (!cpu.passes(ACTOR.hypervisor, this.#unlockedPs)) yield this.#unlockedPs;
    recorder.end(span, track, mfn, NONE, NONE, status, ref);
    if (status !== GNTST.okay) return -1;
    frames.get(local);
    this.#world.counters.add(COUNTERS.mappedPages, 1);
    return mfn;
  }

  /** The second half: the engine is done with both frames. */
  unpin(element: CopyElement): void {
    if (element.status !== GNTST.okay) return;
    const { frames } = this.#world;
    this.#world.counters.add(COUNTERS.mappedPages, -1);
    frames.put(this.#tables.frameOf(element));
    frames.put(element.local);
    this.#tables.unpin(element, pinKind(element.direction === 'out', 'host'));
  }

  /** Work on an element apart from copying and from what is done under the lock, before and after. */
  get #unlockedPs(): number {
    return this.#tables.unlocked(this.#tables.unlocked(this.#world.costs.grantCopyElement));
  }

  /** Checks an element and pins its entry. */
  #claim(backend: Backend, element: CopyElement): void {
    const { offset, localOffset, bytes, direction } = element;
    const inPage = offset + bytes <= PAGE_SIZE && localOffset + bytes <= PAGE_SIZE;
    element.status = inPage
      ? this.#tables.pin(element, backend, pinKind(direction === 'out', 'host'))
      : GNTST.bad_copy_arg;
  }
}
