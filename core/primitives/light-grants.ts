/**
 * `GNTTABOP_light_map` and its expiry (proposal): a granted page made reachable for the device alone,
 * for a limited time. The granter's entry is pinned as for a device mapping; there is no CPU mapping,
 * no handle and no TLB to flush; the entries of a batch expire with one invalidation.
 */
import { K } from '../contract/kinds.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import { GNTST } from '../memory/grant-table.ts';
import { PERMISSION } from '../memory/page-table.ts';
import type { Grants } from './grants.ts';
import { hypercall } from './hypercall.ts';
import type { Iommu } from './iommu.ts';
import { sleepFor } from './sleep.ts';
import type { World } from './world.ts';

/** One lease. */
export interface Lease {
  readonly guest: number;
  readonly ref: number;
  readonly readonly: boolean;
  readonly request: number;
  mfn: number;
  status: number;
  /** `ending`: somebody is taking it away. */
  state: 'live' | 'ending' | 'ended';
}

export class LightGrants {
  readonly #world: World;
  readonly #grants: Grants;
  readonly #iommu: Iommu;

  constructor(world: World, grants: Grants, iommu: Iommu) {
    this.#world = world;
    this.#grants = grants;
    this.#iommu = iommu;
  }

  /** `GNTTABOP_light_map` of all leases; each gets its own status. */
  *map(cpu: Cpu, leases: readonly Lease[]): Steps {
    yield* hypercall(this.#world, cpu, K.lightMap, leases.length, NONE, this.#mapAll(cpu, leases));
  }

  /** Ends leases; when it returns, the device reaches the pages no more. */
  *expire(cpu: Cpu, leases: readonly Lease[]): Steps {
    const open = leases.filter((each) => each.state === 'live' && each.status === GNTST.okay);
    for (const lease of open) lease.state = 'ending';
    if (open.length > 0) {
      const work = this.#expireAll(cpu, open);
      yield* hypercall(this.#world, cpu, K.lightExpire, open.length, NONE, work);
    }
    // The hypervisor's timer may have been first, and not be done yet.
    while (leases.some((each) => each.state === 'ending')) {
      yield* sleepFor(this.#world, cpu, this.#world.costs.hypercall);
    }
  }

  *#mapAll(cpu: Cpu, leases: readonly Lease[]): Steps<number> {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    const track = cpu.hypervisorTrack;
    for (const lease of leases) {
      const { readonly, request } = lease;
      const { mfn, status } = this.#grants.pinFor(cpu, lease);
      lease.mfn = mfn;
      lease.status = status;
      const dur = costs.grantMapElement;
      const none = NONE;
      recorder.leaf(K.grantLightMap, track, dur, request, mfn, none, none, status, lease.ref);
      yield cpu.charge(ACTOR.hypervisor, dur);
      if (status !== GNTST.okay) continue;
      frames.get(mfn);
      oracle.lease(mfn, 1);
      counters.add(COUNTERS.mappedPages, 1);
      if (!this.#follows) continue;
      const permission = readonly ? PERMISSION.read : PERMISSION.write;
      const { host } = this.#iommu;
      const hv = ACTOR.hypervisor;
      yield* this.#iommu.mapPages(cpu, hv, track, host, mfn, mfn, 1, permission, request);
    }
    return NONE;
  }

  *#expireAll(cpu: Cpu, leases: readonly Lease[]): Steps<number> {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    const track = cpu.hypervisorTrack;
    const { host } = this.#iommu;
    const hv = ACTOR.hypervisor;
    for (const lease of leases) {
      const { mfn, request, ref } = lease;
      const dur = costs.grantUnmapElement;
      recorder.leaf(K.grantLightExpire, track, dur, request, mfn, NONE, NONE, GNTST.okay, ref);
      yield cpu.charge(hv, dur);
      oracle.lease(mfn, -1);
      if (this.#follows) yield* this.#iommu.unmapPages(cpu, hv, track, host, mfn, 1, request);
    }
    if (this.#follows) {
      const first = leases[0] as Lease;
      const whole = leases.length > 1;
      const dfn = whole ? -1 : first.mfn;
      yield* this.#iommu.invalidate(cpu, hv, track, host, dfn, whole ? 0 : 1, NONE);
    }
    // The invalidation comes before the references go.
    for (const lease of leases) {
      yield cpu.charge(hv, costs.grantUnmapComplete);
      frames.put(lease.mfn);
      this.#grants.unpinFor(lease);
      lease.state = 'ended';
      counters.add(COUNTERS.mappedPages, -1);
    }
    return NONE;
  }

  /** Does the IOMMU hold only what is mapped, so that a lease must be written there? */
  get #follows(): boolean {
    const { hypervisor, hostDma } = this.#world;
    if (hostDma !== 'passthrough' || this.#iommu.host.bypass) return false;
    return hypervisor.passthroughReach === 'own-domain';
  }
}
