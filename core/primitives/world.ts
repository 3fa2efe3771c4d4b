import type { DomId } from '../base/brand.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { Counters } from '../engine/counters.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Engine } from '../engine/engine.ts';
import type { RandomSource } from '../engine/random.ts';
import type { Recorder } from '../engine/recorder.ts';
import type { Costs } from '../machine/costs.ts';
import type { HypervisorProfile } from '../machine/hypervisor/profile.ts';
import type { SocProfile } from '../machine/soc/profile.ts';
import type { FrameCache } from '../memory/cache.ts';
import type { FrameTable } from '../memory/frames.ts';
import type { Oracle } from '../safety/oracle.ts';

/** Domain ids of a mediated run: the backend is dom0 or the host, the frontend a guest. */
export const DOMAIN = { backend: 0 as DomId, frontend: 1 as DomId } as const;

/** Tracks that are not a CPU's. */
export interface DeviceTracks {
  readonly iommu: number;
  readonly dmaEngine: number;
  readonly wire: number;
  readonly oracle: number;
}

/** Memory of the guest: `frames` frames from mfn `first`. */
export interface GuestMemory {
  readonly first: number;
  readonly frames: number;
  /** gfn of the first frame; equal to `first` for a PV guest. */
  readonly firstGfn: number;
}

/** Everything that a run has, for primitives to work on. */
export interface World {
  readonly scenario: Scenario;
  readonly soc: SocProfile;
  readonly hypervisor: HypervisorProfile;
  readonly costs: Costs;
  readonly hostDma: 'passthrough' | 'lazy' | 'strict';
  /** Does a virtio backend copy the payload before it sends it? */
  readonly backendCopies: boolean;
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly counters: Counters;
  readonly random: RandomSource;
  readonly frames: FrameTable;
  readonly cache: FrameCache;
  readonly oracle: Oracle;
  readonly guest: GuestMemory;
  readonly frontendCpu: Cpu;
  readonly backendCpus: readonly Cpu[];
  readonly tracks: DeviceTracks;
}

/** Guest frame number of a frame of the guest. */
export function gfnOf(world: World, mfn: number): number {
  return mfn - world.guest.first + world.guest.firstGfn;
}
