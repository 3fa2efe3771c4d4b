/**
 * The IOMMU's queue of invalidation commands as CPUs share it: a lock around submission, and a
 * submitter that spins until its wait descriptor is done. How long a submission takes depends on how
 * many other CPUs are at the queue: they fight for its lines, or for its lock.
 */
import { K } from '../contract/kinds.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { Lock, LOCK } from '../engine/lock.ts';
import type { World } from './world.ts';

export class InvalidationQueue {
  readonly #world: World;
  readonly lock: Lock;
  /** CPUs that are submitting or waiting. */
  #present = 0;
  /** Commands so far. */
  commands = 0;
  busyPs = 0;

  constructor(world: World, name: string) {
    this.#world = world;
    this.lock = new Lock(world.engine, world.recorder, LOCK.invalidation, name);
  }

  /**
   * One command with its wait descriptor: returns when the hardware has carried it out.
   *
   * @param track the CPU's or the hypervisor's, by who spins
   */
  *submit(cpu: Cpu, actor: number, track: number, request: number): Steps {
    const { costs, recorder } = this.#world;
    this.#present++;
    yield* this.lock.acquire(cpu, actor, track);
    const contended = (this.#present - 1) * costs.iotlbInvContention;
    yield cpu.charge(actor, costs.iotlbInvSubmit + contended);
    recorder.leaf(K.iotlbWait, track, costs.iotlbInvService + costs.iotlbInvLatency, request);
    yield cpu.charge(actor, costs.iotlbInvService);
    this.commands++;
    this.busyPs += costs.iotlbInvSubmit + contended + costs.iotlbInvService;
    this.lock.release();
    // The rest of the wait overlaps with other CPUs' commands.
    yield cpu.charge(actor, costs.iotlbInvLatency);
    this.#present--;
  }
}
