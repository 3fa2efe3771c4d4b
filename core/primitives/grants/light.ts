/**
 * `GNTTABOP_light_map` and its expiry (proposal): a granted page made reachable for the device alone,
 * for a limited time. The granter's entry is pinned as for a device mapping; there is no CPU mapping,
 * no handle and no TLB to flush; the entries of a batch expire with one invalidation.
 */
import { K } from '../../contract/kinds.ts';
import { COUNTERS } from '../../engine/counters.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { NONE } from '../../engine/recording.ts';
import { GNTST, pinKind } from '../../memory/grant-table.ts';
import { PERMISSION } from '../../memory/page-table.ts';
import { hypercall } from '../hypercall.ts';
import type { Iommu } from '../iommu.ts';
import { sleepFor } from '../sleep.ts';
import type { World } from '../world.ts';
import type { Grants } from './index.ts';
import { GrantIommu } from './iommu.ts';

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
  readonly #entries: GrantIommu;

  constructor(world: World, grants: Grants, iommu: Iommu) {
    const { hypervisor, hostDma } = world;
    // Does the IOMMU hold only what is mapped, so that a lease must be written there?
    const follows =
      hostDma === 'passthrough' &&
      !iommu.host.bypass &&
      hypervisor.passthroughReach === 'own-domain';
    this.#world = world;
    this.#grants = grants;
    this.#iommu = iommu;
    const sync = follows ? 'per-grant' : 'none';
    this.#entries = new GrantIommu(world, iommu, sync, PERMISSION.write);
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

  /** The hypervisor's timer ends what is still leased, unasked. */
  *timeOut(cpu: Cpu, leases: readonly Lease[]): Steps {
    const open = leases.filter((each) => each.state === 'live' && each.status === GNTST.okay);
    if (open.length === 0) return;
    for (const lease of open) lease.state = 'ending';
    const span = this.#world.recorder.begin(K.hardirq, cpu.track, NONE);
    yield* this.#expireAll(cpu, open);
    this.#world.recorder.end(span, cpu.track);
  }

  *#mapAll(cpu: Cpu, leases: readonly Lease[]): Steps<number> {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    const track = cpu.hypervisorTrack;
    for (const lease of leases) {
      const { readonly, request, ref } = lease;
      const status = this.#grants.pin(cpu, lease, pinKind(readonly, 'device'));
      const mfn = this.#grants.frameOf(lease);
      lease.mfn = mfn;
      lease.status = status;
      // With the pin: from here on the frame goes to nobody else.
      if (status === GNTST.okay) frames.get(mfn);
      const dur = costs.grantMapElement;
      recorder.leaf(K.grantLightMap, track, dur, request, mfn, NONE, NONE, status, ref);
      if (!cpu.passes(ACTOR.hypervisor, dur)) yield dur;
      if (status !== GNTST.okay) continue;
      oracle.lease(mfn, 1);
      oracle.holds.take(mfn);
      counters.add(COUNTERS.mappedPages, 1);
      yield* this.#entries.map(cpu, mfn, readonly, request);
    }
    return NONE;
  }

  *#expireAll(cpu: Cpu, leases: readonly Lease[]): Steps<number> {
    const { costs, recorder, frames, oracle, counters } = this.#world;
    const track = cpu.hypervisorTrack;
    const hv = ACTOR.hypervisor;
    const gone: number[] = [];
    for (const { mfn, request, ref, readonly } of leases) {
      const dur = costs.grantUnmapElement;
      recorder.leaf(K.grantLightExpire, track, dur, request, mfn, NONE, NONE, GNTST.okay, ref);
      if (!cpu.passes(hv, dur)) yield dur;
      oracle.lease(mfn, -1);
      oracle.holds.drop(mfn);
      if (yield* this.#entries.drop(cpu, mfn, readonly, request)) gone.push(mfn);
    }
    const { host } = this.#iommu;
    const [first = -1] = gone;
    if (gone.length === 1) yield* this.#iommu.invalidate(cpu, hv, track, host, first, 1, NONE);
    else if (gone.length > 1) yield* this.#iommu.invalidate(cpu, hv, track, host, -1, 0, NONE);
    // The invalidation comes before the references go.
    for (const lease of leases) {
      if (!cpu.passes(hv, costs.grantUnmapComplete)) yield costs.grantUnmapComplete;
      frames.put(lease.mfn);
      this.#grants.unpin(lease, pinKind(lease.readonly, 'device'));
      lease.state = 'ended';
      counters.add(COUNTERS.mappedPages, -1);
    }
    return NONE;
  }
}
