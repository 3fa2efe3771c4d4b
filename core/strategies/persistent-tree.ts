/**
 * The backend's tree of persistent grants of one ring (Linux `xen-blkback`), and the thread that purges
 * it: every 100 ms, first whatever has been idle for too long; then, if the tree had overflowed, idle
 * entries in the order of their references until 5 % are free. Never least recently used.
 */
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { GNTST } from '../memory/grant-table.ts';
import type { Grants, MapElement } from '../primitives/grants/index.ts';
import type { Backend, World } from '../primitives/world.ts';
import { mapElements } from './grant-support.ts';
import type { Transfer } from './types.ts';

const PURGE_INTERVAL_PS = 100_000_000_000;
const PURGE_BATCH = 11;
/** Twentieth of the maximum that a purge after an overflow makes free: `LRU_PERCENT_CLEAN` 5. */
const CLEAN_PERCENT = 5;
const PS_PER_S = 1e12;

interface Entry {
  readonly map: MapElement;
  active: number;
  lastUsedPs: number;
}

export class PersistentTree {
  readonly #world: World;
  readonly #grants: Grants;
  readonly #backend: Backend;
  readonly #entries = new Map<number, Entry>();
  #overflowed = false;
  /** Why `use` could not map something the last time, a status of GNTST. */
  failure: number = GNTST.okay;

  constructor(world: World, grants: Grants, backend: Backend) {
    this.#world = world;
    this.#grants = grants;
    this.#backend = backend;
    world.engine.spawn(this.#purger());
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Makes references usable, and active. Returns what had to be mapped for this request alone, since the
   * tree was full or the reference in use already; or null when something could not be mapped, and then
   * nothing is.
   */
  *use(cpu: Cpu, transfer: Transfer, refs: readonly number[]): Steps<MapElement[] | null> {
    const fresh: MapElement[] = [];
    const oneShot: MapElement[] = [];
    const { max } = this.#world.scenario.persistent;
    for (const ref of refs) {
      const known = this.#entries.get(ref);
      if (known !== undefined && known.active === 0) {
        known.active++;
        continue;
      }
      // With persistent grants every mapping is writable.
      const [made] = mapElements({ ...transfer, direction: 'in' }, [ref], 'host');
      const element = made as MapElement;
      fresh.push(element);
      if (known === undefined && this.#entries.size < max) {
        this.#entries.set(ref, { map: element, active: 1, lastUsedPs: 0 });
        continue;
      }
      if (known === undefined) {
        this.#overflowed = true;
        this.#world.oracle.exhausted('backend', 'persistent grants of a ring', transfer.request);
      }
      oneShot.push(element);
    }
    for (let from = 0; from < fresh.length; from += PURGE_BATCH) {
      yield* this.#grants.map(cpu, fresh.slice(from, from + PURGE_BATCH));
    }
    this.failure = fresh.find(({ status }) => status !== GNTST.okay)?.status ?? GNTST.okay;
    if (this.failure === GNTST.okay) return oneShot;
    for (const { ref, status } of fresh) {
      if (status !== GNTST.okay && !oneShot.some((each) => each.ref === ref)) {
        this.#entries.delete(ref);
      }
    }
    this.idle(refs);
    const mapped = oneShot.filter(({ status }) => status === GNTST.okay);
    if (mapped.length > 0) yield* this.#grants.unmap(cpu, mapped);
    return null;
  }

  /** The request that used these references is done. */
  idle(refs: readonly number[]): void {
    for (const ref of refs) {
      const entry = this.#entries.get(ref);
      if (entry === undefined || entry.active === 0) continue;
      entry.active--;
      entry.lastUsedPs = this.#world.engine.now;
    }
  }

  *#purger(): Steps {
    for (;;) {
      yield PURGE_INTERVAL_PS;
      const victims = this.#victims();
      if (victims.length === 0) continue;
      // A work item, on whatever CPU; the last has least else to do.
      const cpu = this.#backend.cpus[this.#backend.cpus.length - 1] as Cpu;
      yield* cpu.acquire();
      yield* this.#purge(cpu, victims);
      yield* cpu.release();
    }
  }

  #victims(): number[] {
    const { max, unusedSeconds } = this.#world.scenario.persistent;
    const limit = this.#world.engine.now - unusedSeconds * PS_PER_S;
    const idle = [...this.#entries].filter(([, entry]) => entry.active === 0);
    const old = idle.filter(([, entry]) => entry.lastUsedPs < limit).map(([ref]) => ref);
    const count = this.#entries.size;
    const overflow = count > max || (count === max && this.#overflowed);
    const wanted = overflow
      ? Math.min(count, count - max + Math.floor(max / 100) * CLEAN_PERCENT)
      : 0;
    const chosen = new Set(old);
    const inOrder = idle.map(([ref]) => ref).sort((a, b) => a - b);
    for (const ref of inOrder) {
      if (chosen.size >= wanted) break;
      chosen.add(ref);
    }
    return [...chosen];
  }

  *#purge(cpu: Cpu, refs: readonly number[]): Steps {
    const { recorder, oracle } = this.#world;
    const span = recorder.begin(K.purge, cpu.track, NONE);
    if (!cpu.passes(ACTOR.backend, this.#world.costs.contextSwitch))
      yield this.#world.costs.contextSwitch;
    const elements: MapElement[] = [];
    for (const ref of refs) {
      const entry = this.#entries.get(ref);
      if (entry === undefined || entry.active > 0) continue;
      this.#entries.delete(ref);
      elements.push(entry.map);
    }
    for (let from = 0; from < elements.length; from += PURGE_BATCH) {
      yield* this.#grants.unmap(cpu, elements.slice(from, from + PURGE_BATCH));
    }
    this.#overflowed = false;
    oracle.available('backend', 'persistent grants of a ring');
    recorder.end(span, cpu.track, NONE, NONE, elements.length);
  }
}
