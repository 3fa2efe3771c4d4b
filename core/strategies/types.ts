/**
 * What a strategy is to the rest of the lab: a record that explains it, a judgement of where it
 * exists, and the steps that it contributes to a payload's way.
 *
 * A strategy appears in one or more of three roles. As a *carrier* it takes payload across between a
 * guest and a backend (topology `mediated`). As a *DMA mode* it maps buffers for the driver that owns
 * the device (`assigned`, `native`). As a *GTT mapper* it translates guest pages for a graphics
 * emulator (workload `gpu-gtt`).
 */
import type { PairStatus, StrategyId, TopologyId } from '../contract/ids.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { Lock } from '../engine/lock.ts';
import type { HypervisorProfile } from '../machine/hypervisor/profile.ts';
import type { SocProfile } from '../machine/soc/profile.ts';
import type { Extent } from '../primitives/copies.ts';
import type { DmaApi } from '../primitives/dma-api.ts';
import type { Iommu, IommuContext } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';

/** Out of the guest (network transmit, block write) or into it (network receive, block read). */
export type Direction = 'out' | 'in';

/** A payload on its way across: one network packet, or one block request. */
export interface Transfer {
  readonly request: number;
  readonly guest: number;
  readonly queue: number;
  readonly protocol: 'net' | 'blk' | 'display';
  readonly direction: Direction;
  readonly bytes: number;
  /** Where the payload is, or is to arrive, in the frontend's memory; each part is contiguous. */
  readonly fragments: readonly Extent[];
  /** What the device is to read or write: filled in by `accept`. */
  device: Extent[];
  /** Network receive: where the payload lies in the backend's memory, for `deliver`. */
  arrived: readonly Extent[];
  /** The backend could not make the payload ready; the request is answered with an error. */
  dropped: boolean;
}

/**
 * When the frontend may be told that its transfer is done: as soon as the backend has accepted it,
 * when the device has done its part, or when the backend has also released what it held.
 */
export type RespondAt = 'accepted' | 'transmitted' | 'released';

/**
 * One strategy in one run, carrying for all guests and queues. Every method takes place in virtual
 * time, on the CPU it is given. The order for one transfer:
 *
 *   out        share, accept, (device), transmitted, release, reclaim
 *   in, block  share, accept, (device), deliver, transmitted, release, reclaim
 *   in, net    posted: share at refill, then deliver when a packet has arrived in the backend, reclaim
 *              direct: share and accept at refill, (device), deliver, transmitted, release, reclaim
 *              pushed: deliver when a packet has arrived, reclaim; nothing is shared before
 *
 * The response falls where `respondAt` says, for `in` never before `deliver`.
 */
export interface Carrier {
  readonly locks: readonly Lock[];
  /** Memory set aside for the whole run, bytes, of all guests together. */
  readonly reservedBytes: { readonly frontend: number; readonly backend: number };
  /**
   * `ring`: the workload publishes on a ring and notifies. `own`: `share`, `deliver` and `respond`
   * carry the message and its notification themselves (Argo).
   */
  readonly signalling: 'ring' | 'own';
  respondAt(transfer: Transfer): RespondAt;
  /** Ring slots that a transfer takes; 0 where its place is elsewhere. */
  slotsOf(transfer: Transfer): number;
  /**
   * Frontend: makes the payload, or the buffer, reachable for the backend. False when a table or pool
   * is full and nothing was done: the queue then stops until a transfer has been reclaimed.
   */
  share(cpu: Cpu, transfer: Transfer): Steps<boolean>;
  /** Backend: makes a batch ready for the device, and fills in `device`. */
  accept(cpu: Cpu, batch: readonly Transfer[]): Steps;
  /**
   * Backend, direction `in`: moves what has arrived to where the frontend finds it. Returns how many
   * of the batch, in order, there was room for; the rest is tried again after a reclaim.
   */
  deliver(cpu: Cpu, batch: readonly Transfer[]): Steps<number>;
  /** Backend, when the device is done with a transfer: frees what was local. */
  transmitted(cpu: Cpu, transfer: Transfer): Steps;
  /** Backend, some time later and in batches, when `respondAt` is `released`. */
  release(cpu: Cpu, batch: readonly Transfer[]): Steps;
  /** Backend: the response as a message of the strategy's own, where `signalling` is `own`. */
  respond?(cpu: Cpu, batch: readonly Transfer[]): Steps;
  /** Frontend, after the response: takes its memory back, or its payload out. */
  reclaim(cpu: Cpu, transfer: Transfer): Steps;
  /** Checks what must hold between operations. */
  check(): void;
}

/** How a carrier receives packets: see `Carrier`. */
export type ReceiveWay = 'posted' | 'direct' | 'pushed';

/** For which workloads the fact sheet gives the strategy a sequence, or why not. */
export interface Sequences {
  readonly netOut: true | string;
  readonly netIn: ReceiveWay | { readonly refused: string };
  readonly blk: true | string;
  readonly gpu: true | string;
  /** `keep`: the picture is mapped once and stays; `copy`: each frame crosses by itself. */
  readonly display: 'keep' | 'copy' | { readonly refused: string };
}

/** One emulator's translation of guest pages for a graphics device; see workloads/gpu. */
export interface GttMapper {
  readonly locks: readonly Lock[];
  /** The graphics device's IOMMU domain. */
  readonly context: IommuContext;
  /** Translates and maps pages of a guest; the answers are device frames, in order. */
  map(cpu: Cpu, guest: number, mfns: readonly number[], request: number): Steps<number[]>;
  /** Gives up device frames that no shadow entry leads to any more. */
  unmap(cpu: Cpu, guest: number, dfns: readonly number[], request: number): Steps;
  check(): void;
}

/** Does the strategy exist there? */
export interface PairJudgement {
  readonly status: PairStatus;
  /** One sentence; empty for native. */
  readonly reason: string;
}

/** What a judgement is about. */
export interface Setting {
  readonly hypervisor: HypervisorProfile;
  readonly soc: SocProfile;
  readonly scenario: Scenario;
}

export interface Strategy {
  readonly id: StrategyId;
  readonly name: string;
  /** One paragraph. */
  readonly explanation: string;
  readonly source: string;
  /** Upstream somewhere, in a product without being upstream, or neither. */
  readonly standing: 'merged' | 'shipped' | 'proposal';
  readonly topologies: readonly TopologyId[];
  /** Rings and drivers that carry it: Xen's PV rings, virtqueues, or a message area of its own. */
  readonly ring: 'xen' | 'virtio' | 'argo';
  readonly sequences: Sequences;
  /** How it receives packets, where that depends on the scenario. */
  receiveWay?(scenario: Scenario): ReceiveWay;
  /** Does the crash of an emulator leave references that only the end of the guest clears? */
  readonly leaksOnCrash?: boolean;
  /** Memory of each guest that is set aside at its top, KiB. */
  reservedKiB?(scenario: Scenario): number;
  judge(setting: Setting): PairJudgement;
  carrier?(world: World, iommu: Iommu): Carrier;
  dma?(world: World, iommu: Iommu): DmaApi;
  gtt?(world: World, iommu: Iommu): GttMapper;
}
