/**
 * A copy engine (I/OAT): one channel with a ring of descriptors, worked off in order; the hypervisor
 * writes descriptors and rings, and is told by an interrupt or finds out by polling.
 */
import { exists } from '../base/assert.ts';
import { K } from '../contract/kinds.ts';
import { Signal, type Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import type { EngineCosts } from '../machine/costs.ts';
import { busOf, nodeOf, type World } from '../primitives/world.ts';

/** One copy: within a page on either side. */
export interface CopyDescriptor {
  readonly source: number;
  readonly target: number;
  readonly bytes: number;
  readonly request: number;
}

interface Batch {
  readonly descriptors: readonly CopyDescriptor[];
  readonly done: () => void;
}

export class CopyEngineChannel {
  readonly #world: World;
  readonly costs: EngineCosts;
  readonly #batches: Batch[] = [];
  readonly #work: Signal;
  #used = 0;
  busyPs = 0;

  constructor(world: World) {
    this.#world = world;
    this.costs = exists(world.costs.engine, 'the strategy is refused where there is no engine');
    this.#work = new Signal(world.engine);
    world.engine.spawn(this.#run());
  }

  /** Descriptors that a copy of `bytes` bytes takes. */
  descriptorsFor(bytes: number): number {
    return Math.ceil(bytes / this.costs.descriptorBytesMax);
  }

  hasRoom(descriptors: number): boolean {
    return this.#used + descriptors <= this.costs.ringEntries;
  }

  /** Takes a batch; `done` is called when its last byte is in place. */
  submit(descriptors: readonly CopyDescriptor[], done: () => void): void {
    for (const { bytes } of descriptors) this.#used += this.descriptorsFor(bytes);
    this.#batches.push({ descriptors, done });
    this.#work.raise();
  }

  *#run(): Steps {
    const { recorder, tracks, cache, engine } = this.#world;
    for (;;) {
      const batch = this.#batches.shift();
      if (batch === undefined) {
        yield* this.#work.wait();
        continue;
      }
      for (const { source, target, bytes, request } of batch.descriptors) {
        const slots = this.descriptorsFor(bytes);
        let dur = slots * this.costs.perDescriptor + Math.round(bytes * this.costs.rate);
        // It reads through the caches, and writes as a device does: into DDIO's ways.
        const world = this.#world;
        if (!cache.deviceRead(source)) {
          dur += busOf(world, nodeOf(world, source)).draw(engine.now, bytes);
        }
        if (!cache.deviceWrite(target, bytes)) {
          dur += busOf(world, nodeOf(world, target)).draw(engine.now, bytes);
        }
        recorder.leaf(K.engineCopy, tracks.copyEngine, dur, request, source, bytes, NONE);
        this.busyPs += dur;
        yield dur;
        this.#used -= slots;
      }
      batch.done();
    }
  }
}
