/**
 * A copy engine (I/OAT): one channel with a ring of 64-byte descriptors, worked off in order; the
 * hypervisor writes descriptors and rings, and is told by an interrupt or finds out by polling. Its
 * context in the IOMMU is the hypervisor's own, which holds all memory. Linux's driver takes a channel
 * for dead that has not completed anything for 200 ms; here it always does.
 */
import { assert, exists } from '../base/assert.ts';
import { Fifo } from '../base/fifo.ts';
import { K } from '../contract/kinds.ts';
import { BLOCK, Signal, type Steps } from '../engine/engine.ts';
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
  readonly #batches = new Fifo<Batch>();
  readonly #work: Signal;
  /** Descriptors in the ring, and those that somebody is about to write. */
  #taken = 0;
  busyPs = 0;

  constructor(world: World) {
    this.#world = world;
    this.costs = exists(world.costs.engine, 'the strategy is refused where there is no engine');
    this.#work = new Signal(world.engine);
    world.engine.spawn(this.#run());
  }

  /** Descriptors that a copy of `bytes` bytes takes: one moves so much at most. */
  #descriptorsFor(bytes: number): number {
    return Math.ceil(bytes / this.costs.descriptorBytesMax);
  }

  /** Takes room in the ring for a copy of `bytes` bytes. False when there is too little. */
  reserve(bytes: number): boolean {
    const wanted = this.#descriptorsFor(bytes);
    if (this.#taken + wanted > this.costs.ringEntries) return false;
    this.#taken += wanted;
    return true;
  }

  /** Gives room back that a copy has reserved and does not need. */
  forgo(bytes: number): void {
    this.#taken -= this.#descriptorsFor(bytes);
    assert(this.#taken >= 0, 'a copy engine has fewer than no descriptors');
  }

  /** Takes a batch that has its room; `done` is called when its last byte is in place. */
  submit(descriptors: readonly CopyDescriptor[], done: () => void): void {
    this.#batches.push({ descriptors, done });
    this.#work.raise();
  }

  *#run(): Steps {
    const batches = this.#batches;
    for (;;) {
      if (batches.length === 0) {
        if (this.#work.waits()) yield BLOCK;
        continue;
      }
      const { descriptors, done } = batches.shift() as Batch;
      for (const each of descriptors) {
        yield* this.#copy(each);
        this.forgo(each.bytes);
      }
      done();
    }
  }

  /** It reads through the caches, and writes as a device does: into DDIO's ways. */
  *#copy({ source, target, bytes, request }: CopyDescriptor): Steps {
    const world = this.#world;
    const { recorder, tracks, cache, engine } = world;
    let dur = Math.round(bytes * this.costs.rate);
    if (!cache.deviceRead(source)) {
      dur += busOf(world, nodeOf(world, source)).draw(engine.now, bytes);
    }
    if (!cache.deviceWrite(target, bytes)) {
      dur += busOf(world, nodeOf(world, target)).draw(engine.now, bytes);
    }
    recorder.leaf(K.engineCopy, tracks.copyEngine, dur, request, source, bytes, NONE);
    this.busyPs += dur;
    yield dur;
  }
}
