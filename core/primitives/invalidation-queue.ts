/**
 * The IOMMU's queue of invalidation commands as CPUs share it. One invalidation has two stages, which
 * other CPUs' pass through at the same time: its commands are put into the queue, one CPU after the
 * other; then the hardware carries out what is queued, in order, and the sender spins until its wait
 * descriptor is done. What takes turns, and who stands in whose way, differs:
 *
 * VT-d    `qi_submit_sync`: a spinlock around 256 descriptors. A waiter drops the lock and takes it again
 *         for each look at its status, so whoever waits also delays those that submit.
 * AMD-Vi  a spinlock around 512 commands; waiters look at a word in memory (COMPLETION_WAIT) and leave
 *         the lock alone.
 * SMMUv3  no lock: CPUs take slots by compare-and-swap of one word that holds both ends of the queue.
 *         A swap fails when anybody else's has succeeded, or when a waiter has moved the other end, so
 *         each success costs a move of the line for every CPU present. Here: turns, first come first
 *         served, that grow longer with the CPUs present.
 * SMMUv2  no queue: one register, a lock around it, held until the hardware is done.
 *
 * Sources: Linux 6.1 drivers/iommu: intel/dmar.c, amd/iommu.c, arm/arm-smmu-v3, arm/arm-smmu. Measured
 * on SMMUv3 (B. Song, iommu list, May 2020): the rate of all CPUs together peaks near 16 and falls.
 */
import { K } from '../contract/kinds.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { Lock, LOCK } from '../engine/lock.ts';
import type { IommuKind } from '../machine/soc/profile.ts';
import type { World } from './world.ts';

interface Mechanism {
  /** Commands that the queue holds. */
  readonly entries: number;
  /** Who makes a submission longer: every CPU that submits or waits, or only those that submit. */
  readonly contenders: 'present' | 'submitting';
  /** Does a waiter take the lock again when it is done? */
  readonly retakes: boolean;
  /** Does a CPU keep its turn until the hardware is done? */
  readonly holds: boolean;
  /** Commands that a CPU writes in one turn. */
  readonly batch: number;
}

/**
 * Sizes are Linux's; an SMMUv3 states its own, which is not published for any here: a page of 16-byte
 * commands stands for it. `CMDQ_BATCH_ENTRIES` is 64.
 */
const MECHANISMS: Readonly<Record<IommuKind, Mechanism>> = {
  'VT-d': { entries: 256, contenders: 'present', retakes: true, holds: false, batch: 1 },
  'AMD-Vi': { entries: 512, contenders: 'submitting', retakes: false, holds: false, batch: 1 },
  SMMUv3: { entries: 256, contenders: 'present', retakes: false, holds: false, batch: 64 },
  SMMUv2: { entries: 1, contenders: 'submitting', retakes: false, holds: true, batch: Infinity },
};

/** Commands that the hardware has not yet carried out. */
interface Queued {
  readonly entries: number;
  readonly donePs: number;
}

export class InvalidationQueue {
  readonly #world: World;
  readonly #mechanism: Mechanism;
  readonly lock: Lock;
  /** CPUs that are submitting or waiting, and those of them that are submitting. */
  #present = 0;
  #submitting = 0;
  readonly #queued: Queued[] = [];
  #occupied = 0;
  /** When the hardware will have carried out all that is queued. */
  #freeAtPs = 0;
  /** Invalidations so far. */
  commands = 0;
  #bookedPs = 0;

  constructor(world: World, name: string) {
    this.#world = world;
    this.#mechanism = MECHANISMS[world.soc.iommu];
    this.lock = new Lock(world.engine, world.recorder, LOCK.invalidation, name);
  }

  /** Picoseconds that the hardware has been busy so far. */
  get busyPs(): number {
    return this.#bookedPs - Math.max(0, this.#freeAtPs - this.#world.engine.now);
  }

  /**
   * `commands` invalidation commands and one wait descriptor: returns when the sender has seen that
   * the hardware has carried them out.
   *
   * @param track the CPU's or the hypervisor's, by who spins
   * @param carryOut what holds from the moment on at which the hardware is done
   */
  *submit(
    cpu: Cpu,
    actor: number,
    track: number,
    request: number,
    commands: number,
    carryOut: () => void,
  ): Steps {
    const { costs, recorder, engine } = this.#world;
    const { holds, retakes, batch } = this.#mechanism;
    this.#present++;
    let left = commands;
    for (; left > batch; left -= batch) {
      // A batch without a wait descriptor: nobody waits for it by itself.
      yield* this.#put(cpu, actor, track, request, batch, batch, 0);
      this.lock.release();
    }
    const entries = holds ? 1 : left + 1;
    yield* this.#put(cpu, actor, track, request, left, entries, costs.iotlbInvService);
    this.commands++;
    if (!holds) this.lock.release();

    const wait = this.#freeAtPs - engine.now;
    recorder.leaf(K.iotlbWait, track, wait + costs.iotlbInvLatency, request);
    if (!cpu.passes(actor, wait)) yield wait;
    carryOut();
    if (!cpu.passes(actor, costs.iotlbInvLatency)) yield costs.iotlbInvLatency;
    if (retakes && !this.lock.take()) yield* this.lock.acquire(cpu, actor, track);
    if (holds || retakes) this.lock.release();
    this.#present--;
  }

  /** Takes its turn and writes commands; returns with the turn still its own. */
  *#put(
    cpu: Cpu,
    actor: number,
    track: number,
    request: number,
    commands: number,
    entries: number,
    servicePs: number,
  ): Steps {
    const { costs, engine } = this.#world;
    this.#submitting++;
    if (!this.lock.take()) yield* this.lock.acquire(cpu, actor, track);
    yield* this.#awaitRoom(cpu, actor, track, request, entries);
    const { contenders } = this.#mechanism;
    const others = (contenders === 'present' ? this.#present : this.#submitting) - 1;
    const writing = costs.iotlbInvSubmit + (commands - 1) * costs.descriptorPost;
    yield cpu.charge(actor, writing + others * costs.iotlbInvContention);
    this.#freeAtPs = Math.max(engine.now, this.#freeAtPs) + servicePs;
    this.#queued.push({ entries, donePs: this.#freeAtPs });
    this.#occupied += entries;
    this.#bookedPs += servicePs;
    this.#submitting--;
  }

  /** A full queue: spins until the hardware has taken enough out of it. The lock is free meanwhile. */
  *#awaitRoom(cpu: Cpu, actor: number, track: number, request: number, entries: number): Steps {
    const { engine, recorder } = this.#world;
    for (;;) {
      this.#retire();
      const oldest = this.#queued[0];
      if (oldest === undefined || this.#occupied + entries <= this.#mechanism.entries) return;
      const wait = oldest.donePs - engine.now;
      this.lock.release();
      recorder.leaf(K.iotlbWait, track, wait, request);
      if (!cpu.passes(actor, wait)) yield wait;
      if (!this.lock.take()) yield* this.lock.acquire(cpu, actor, track);
    }
  }

  #retire(): void {
    for (;;) {
      const oldest = this.#queued[0];
      if (oldest === undefined || oldest.donePs > this.#world.engine.now) return;
      this.#queued.shift();
      this.#occupied -= oldest.entries;
    }
  }
}
