import type { DomId } from '../base/brand.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { Counters } from '../engine/counters.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lock } from '../engine/lock.ts';
import type { RandomSource } from '../engine/random.ts';
import type { Recorder } from '../engine/recorder.ts';
import type { Costs } from '../machine/costs.ts';
import type { RecentDma } from '../devices/recent-dma.ts';
import type { HypervisorProfile } from '../machine/hypervisor/profile.ts';
import type { SocProfile } from '../machine/soc/profile.ts';
import type { MemoryBudget } from '../memory/budget.ts';
import type { MemoryBus } from '../memory/bus.ts';
import type { FrameCache } from '../memory/cache.ts';
import type { FrameTable } from '../memory/frames.ts';
import type { PageRefs } from '../memory/page-refs.ts';
import type { Oracle } from '../safety/oracle.ts';

/** Tracks that are not a CPU's. */
export interface DeviceTracks {
  readonly iommu: number;
  /** The device reads memory, and writes it: two directions of its link. */
  readonly dmaEngine: number;
  readonly dmaEngineIn: number;
  readonly wire: number;
  /** The link's other direction. */
  readonly wireIn: number;
  readonly disk: number;
  readonly copyEngine: number;
  readonly oracle: number;
}

/** Memory of a guest: `frames` frames from mfn `first`. */
export interface GuestMemory {
  readonly first: number;
  readonly frames: number;
  /** gfn of the first frame; equal to `first` for a PV guest. */
  readonly firstGfn: number;
}

/** A domain that owns payload. In the native topology it is the host itself. */
export interface Guest {
  readonly index: number;
  readonly domain: DomId;
  readonly memory: GuestMemory;
  readonly cpus: readonly Cpu[];
}

/** A domain, or a part of the host, that stands between guests and device. */
export interface Backend {
  readonly index: number;
  readonly domain: DomId;
  readonly cpus: readonly Cpu[];
  /** What it may spend on payload. */
  readonly budget: MemoryBudget;
}

/** What a monitor of dirty pages is told. */
export interface DirtyMonitor {
  /** An entry that lets the device write to a frame has been made. */
  writable(mfn: number): void;
  /** All of a range is writable for the device, and stays so. */
  alwaysWritable(first: number, frames: number): void;
  /** An entry is gone from the table; `writable` says what it permitted. */
  unmapped(mfn: number, writable: boolean): void;
  /** Nothing cached of an entry that was writable is left. */
  flushed(mfn: number): void;
  /** The device has written to a frame: the truth that the monitor is judged by. */
  written(mfn: number): void;
  /** The guest stops; what may still be written counts as dirty. */
  stopAndCopy(): void;
  summary(): { readonly dirty: number; readonly missed: number; readonly needless: number };
}

/** Everything that a run has, for primitives to work on. */
export interface World {
  readonly scenario: Scenario;
  readonly soc: SocProfile;
  readonly hypervisor: HypervisorProfile;
  readonly costs: Costs;
  readonly hostDma: 'passthrough' | 'lazy' | 'strict';
  /** Does the backend run in the kernel or as a process? */
  readonly backendKind: 'kernel' | 'user';
  /** Does a virtio backend copy the payload before it sends it? */
  readonly backendCopies: boolean;
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly counters: Counters;
  readonly random: RandomSource;
  readonly frames: FrameTable;
  /** Addresses that devices were given last. */
  readonly recentDma: RecentDma;
  readonly pageRefs: PageRefs;
  readonly cache: FrameCache;
  /** Memory of each NUMA node. */
  readonly buses: readonly MemoryBus[];
  readonly oracle: Oracle;
  /** Around each round of interrupts that flushes other CPUs' TLBs: one in all of Xen. */
  readonly flushLock: Lock;
  /** Tells dirty pages for a live migration from what the IOMMU is asked; null without one. */
  readonly dirty: DirtyMonitor | null;
  readonly guests: readonly Guest[];
  /** Empty where no backend stands between. */
  readonly backends: readonly Backend[];
  readonly tracks: DeviceTracks;
}

/** All CPUs of a run, guests' first. */
export function cpusOf(world: World): readonly Cpu[] {
  return [...world.guests, ...world.backends].flatMap((each) => each.cpus);
}

/** The backend that a CPU belongs to, or undefined for a guest's. */
export function backendOf(world: World, cpu: Cpu): Backend | undefined {
  return world.backends.find((each) => each.cpus.includes(cpu));
}

/** The guest that a frame was given to at the start, or undefined for the host's own. */
export function guestOf(world: World, mfn: number): Guest | undefined {
  const { first, frames } = (world.guests[0] as Guest).memory;
  return world.guests[Math.floor((mfn - first) / frames)];
}

/** The NUMA node of a frame: guests' memory lies with the guests, all other with the backend. */
export function nodeOf(world: World, mfn: number): number {
  const { frontendNode, backendNode } = world.scenario.placement;
  if (frontendNode === backendNode) return backendNode;
  return world.oracle.watches(mfn) ? frontendNode : backendNode;
}

/** Memory of a node. */
export function busOf(world: World, node: number): MemoryBus {
  return world.buses[node] as MemoryBus;
}

/** Guest frame number of a frame of a guest. */
export function gfnOf(guest: Guest, mfn: number): number {
  return mfn - guest.memory.first + guest.memory.firstGfn;
}

/** The frame behind a guest frame number. */
export function mfnOf(guest: Guest, gfn: number): number {
  return gfn - guest.memory.firstGfn + guest.memory.first;
}

/** The backend that a transfer goes through: queues are dealt to backends in turn. */
export function backendFor(world: World, transfer: { readonly queue: number }): Backend {
  return world.backends[transfer.queue % world.backends.length] as Backend;
}

/** The CPU of a guest that serves one of its queues. */
export function queueCpu(guest: Guest, queue: number): Cpu {
  return guest.cpus[queue % guest.cpus.length] as Cpu;
}

/** CPUs of the backend for a guest's queue: the one that polls it, and one for a second thread. */
export function queueBackendCpus(
  world: World,
  guest: number,
  queue: number,
  queues: number,
): { readonly cpu: Cpu; readonly other: Cpu } {
  const { cpus } = backendFor(world, { queue });
  const turn = guest * queues + queue;
  return {
    cpu: cpus[turn % cpus.length] as Cpu,
    other: cpus[(turn + 1) % cpus.length] as Cpu,
  };
}
