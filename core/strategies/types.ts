/**
 * What a strategy is to the rest of the lab: a record that explains it, a judgement of where it
 * exists, and the steps that it contributes to a packet's way.
 */
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { Lock } from '../engine/lock.ts';
import type { PairStatus, StrategyId } from '../contract/ids.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { HypervisorProfile } from '../machine/hypervisor/profile.ts';
import type { Extent } from '../primitives/copies.ts';
import type { Iommu } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';

/** A packet on its way from the frontend's socket to the wire. */
export interface Packet {
  readonly request: number;
  readonly bytes: number;
  /** The payload in the frontend's memory; each fragment is contiguous. */
  readonly fragments: readonly Extent[];
  /** What the device is to read: filled in by `accept`. */
  device: Extent[];
  /** The backend could not make the payload ready; it is answered without being sent. */
  dropped: boolean;
}

/**
 * When the frontend may be told that its packet is done: as soon as the backend has accepted it,
 * when the device has sent it, or when the backend has also released what it held.
 */
export type RespondAt = 'accepted' | 'transmitted' | 'released';

/** One strategy in one run. Every method takes place in virtual time, on the CPU it is given. */
export interface StrategyRun {
  readonly respondAt: RespondAt;
  readonly locks: readonly Lock[];
  /** Memory that the strategy sets aside for the whole run, bytes. */
  readonly reservedBytes: { readonly frontend: number; readonly backend: number };
  /** Ring slots that a packet takes. */
  slotsOf(packet: Packet): number;
  /**
   * Frontend: makes the payload reachable for the backend. False when a table or pool is full and
   * nothing was done: the queue then stops until a packet has been reclaimed.
   */
  share(cpu: Cpu, packet: Packet): Steps<boolean>;
  /** Backend: makes a batch of packets ready for the device, and fills in `device`. */
  accept(cpu: Cpu, batch: readonly Packet[]): Steps;
  /** Backend, when the device has sent a packet: frees what was local. */
  transmitted(cpu: Cpu, packet: Packet): Steps;
  /** Backend, some time later and in batches, when `respondAt` is `released`. */
  release(cpu: Cpu, batch: readonly Packet[]): Steps;
  /** Frontend, after the response: takes its memory back. */
  reclaim(cpu: Cpu, packet: Packet): Steps;
  /** Checks what must hold between operations. */
  check(): void;
}

/** Does the strategy exist there? */
export interface PairJudgement {
  readonly status: PairStatus;
  /** One sentence; empty for native. */
  readonly reason: string;
}

export interface Strategy {
  readonly id: StrategyId;
  readonly name: string;
  /** One paragraph. */
  readonly explanation: string;
  readonly source: string;
  readonly standing: 'merged' | 'proposal';
  /** Ring and drivers that carry it: netfront and netback, or virtio-net and vhost-net. */
  readonly ring: 'netif' | 'virtio';
  judge(hypervisor: HypervisorProfile, scenario: Scenario): PairJudgement;
  start(world: World, iommu: Iommu): StrategyRun;
}
