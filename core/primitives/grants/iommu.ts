/**
 * What mapping and unmapping a grant does to the IOMMU in front of the backend's device: a strict PV
 * domain gets an entry for each frame; a table that is shared with the CPUs has it already, and each
 * removal takes an invalidation; an Arm SMMU drops the whole domain with every change.
 *
 * Frames are counted by readers and writers (Xen's radix tree of a mapper, keyed by MFN): the first
 * writer makes the entry writable, the last takes that back, and the last of all takes it away. A change
 * of an entry that was there is invalidated and waited for; a new one is not.
 */
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import type { IommuSync } from '../../machine/hypervisor/profile.ts';
import { PERMISSION } from '../../memory/page-table.ts';
import type { Iommu } from '../iommu.ts';
import type { World } from '../world.ts';

const WRITER = 1 << 16;
const READERS = WRITER - 1;

export class GrantIommu {
  readonly #world: World;
  readonly #iommu: Iommu;
  /** Readers and, in units of `WRITER`, writers of each frame. */
  readonly #users = new Map<number, number>();
  readonly #sync: IommuSync;
  readonly #forWriters: number;

  /**
   * @param sync what changes of the backend's memory do to the IOMMU
   * @param forWriters what an entry permits that was made for a writer
   */
  constructor(
    world: World,
    iommu: Iommu,
    sync: IommuSync = syncOf(world, iommu),
    forWriters: number = PERMISSION.both,
  ) {
    this.#world = world;
    this.#forWriters = forWriters;
    this.#iommu = iommu;
    this.#sync = sync;
  }

  /** Does anything follow from changes at all? Where not, `map` and `unmap` may be left out. */
  get follows(): boolean {
    return this.#sync !== 'none';
  }

  *map(cpu: Cpu, mfn: number, readonly: boolean, request: number): Steps {
    if (this.#sync === 'none') return;
    const before = this.#users.get(mfn) ?? 0;
    this.#users.set(mfn, before + (readonly ? 1 : WRITER));
    const hv = ACTOR.hypervisor;
    const track = cpu.hypervisorTrack;
    const { host } = this.#iommu;
    const permission = readonly ? PERMISSION.read : this.#forWriters;
    if (before === 0) {
      if (this.#sync === 'per-grant') {
        yield* this.#iommu.mapPages(cpu, hv, track, host, mfn, mfn, 1, permission, request);
      } else this.#iommu.share(host, mfn, permission, request);
    } else if (!readonly && before < WRITER)
      yield* this.#permit(cpu, mfn, PERMISSION.both, request);
    if (this.#sync === 'domain-per-change') {
      yield* this.#iommu.invalidate(cpu, hv, track, host, -1, 0, request);
    }
  }

  /** Takes a user of a frame away, and waits until no device reaches the frame by it. */
  *unmap(cpu: Cpu, mfn: number, readonly: boolean, request: number): Steps {
    if (this.#sync === 'none') return;
    const changed = yield* this.drop(cpu, mfn, readonly, request);
    const hv = ACTOR.hypervisor;
    const track = cpu.hypervisorTrack;
    const { host } = this.#iommu;
    if (this.#sync === 'domain-per-change') {
      yield* this.#iommu.invalidate(cpu, hv, track, host, -1, 0, request);
    } else if (changed || this.#sync === 'shared-table') {
      // Where the table is shared, each p2m entry that goes is flushed, whoever else has the frame.
      yield* this.#iommu.invalidate(cpu, hv, track, host, mfn, 1, request);
    }
  }

  /** The same without the wait: true when the caller is to invalidate. */
  *drop(cpu: Cpu, mfn: number, readonly: boolean, request: number): Steps<boolean> {
    if (this.#sync === 'none') return false;
    const left = (this.#users.get(mfn) ?? 0) - (readonly ? 1 : WRITER);
    if (left > 0) {
      this.#users.set(mfn, left);
      if (readonly || left > READERS) return false;
      yield* this.#permit(cpu, mfn, PERMISSION.read, request);
      return false;
    }
    this.#users.delete(mfn);
    const { host } = this.#iommu;
    if (this.#sync === 'per-grant') {
      const hv = ACTOR.hypervisor;
      yield* this.#iommu.unmapPages(cpu, hv, cpu.hypervisorTrack, host, mfn, 1, request);
    } else this.#iommu.unshare(host, mfn);
    return true;
  }

  /** An entry that is there permits something else; where it is the IOMMU's own, that is a change of it. */
  *#permit(cpu: Cpu, mfn: number, permission: number, request: number): Steps {
    const hv = ACTOR.hypervisor;
    const track = cpu.hypervisorTrack;
    const { host } = this.#iommu;
    this.#iommu.permit(host, mfn, permission);
    if (this.#sync !== 'per-grant') return;
    const { recorder, costs } = this.#world;
    const dur = costs.iommuMapFixed + costs.iommuPteWrite;
    recorder.leaf(K.iommuMap, track, dur, request, mfn, NONE, 1, NONE, mfn);
    if (!cpu.passes(hv, dur)) yield dur;
    yield* this.#iommu.invalidate(cpu, hv, track, host, mfn, 1, request);
  }
}

/** What changes of the backend's memory do to the IOMMU, where it holds that alone. */
function syncOf({ costs, hostDma }: World, iommu: Iommu): IommuSync {
  return hostDma !== 'passthrough' || iommu.host.bypass ? 'none' : costs.iommuSync;
}
