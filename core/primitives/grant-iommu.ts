/**
 * What mapping and unmapping a grant does to the IOMMU in front of the backend's device: a strict PV
 * domain gets an entry for each frame; a table that is shared with the CPUs has it already, and each
 * removal takes an invalidation; an Arm SMMU drops the whole domain with every change.
 */
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { IommuSync } from '../machine/hypervisor/profile.ts';
import { PERMISSION } from '../memory/page-table.ts';
import type { Iommu } from './iommu.ts';
import type { World } from './world.ts';

export class GrantIommu {
  readonly #world: World;
  readonly #iommu: Iommu;

  constructor(world: World, iommu: Iommu) {
    this.#world = world;
    this.#iommu = iommu;
  }

  *map(cpu: Cpu, mfn: number, readonly: boolean, request: number): Steps {
    const sync = this.#sync;
    if (sync === 'none') return;
    const permission = readonly ? PERMISSION.read : PERMISSION.both;
    const track = cpu.hypervisorTrack;
    const iommu = this.#iommu;
    const { host } = iommu;
    const hv = ACTOR.hypervisor;
    if (sync === 'per-grant') {
      yield* iommu.mapPages(cpu, hv, track, host, mfn, mfn, 1, permission, request);
      return;
    }
    iommu.share(host, mfn, permission, request);
    if (sync === 'domain-per-change') {
      yield* iommu.invalidate(cpu, hv, track, host, -1, 0, request);
    }
  }

  *unmap(cpu: Cpu, mfn: number, request: number): Steps {
    const sync = this.#sync;
    if (sync === 'none') return;
    const iommu = this.#iommu;
    const { host } = iommu;
    const hv = ACTOR.hypervisor;
    const track = cpu.hypervisorTrack;
    if (sync === 'per-grant') yield* iommu.unmapPages(cpu, hv, track, host, mfn, 1, request);
    else iommu.unshare(host, mfn);
    const whole = sync === 'domain-per-change';
    yield* iommu.invalidate(cpu, hv, track, host, whole ? -1 : mfn, whole ? 0 : 1, request);
  }

  /** What changes of the backend's memory do to the IOMMU, where it holds that alone. */
  get #sync(): IommuSync {
    const { costs, hostDma } = this.#world;
    return hostDma !== 'passthrough' || this.#iommu.host.bypass ? 'none' : costs.iommuSync;
  }
}
