/**
 * A CPU: runs one thread at a time, to the point where the thread gives it up; others queue. An
 * interrupt that arrives while a thread runs is taken at the thread's next interrupt point, as one
 * arriving in a section with interrupts off would be.
 */
import { assert } from '../base/assert.ts';
import { ACTOR_IDS } from '../contract/ids.ts';
import type { RandomStream } from './random.ts';
import { BLOCK, type Engine, type Steps } from './engine.ts';

/** Index of each actor, for arrays by actor. */
export const ACTOR = {
  frontend: 0,
  backend: 1,
  hypervisor: 2,
  vmm: 3,
  iommu: 4,
  device: 5,
  engine: 6,
} as const;

/** Track of what an actor does on a CPU: the hypervisor, and who works as a part of it, has its own. */
export function trackOf(cpu: Cpu, actor: number): number {
  return actor === ACTOR.hypervisor ? cpu.hypervisorTrack : cpu.track;
}

/** How a vCPU shares its physical CPU. */
export interface Turns {
  /** Other vCPUs on it, each of which always has work. */
  readonly others: number;
  /** A turn, picoseconds. */
  readonly slicePs: number;
  readonly random: RandomStream;
}

/** Work that an interrupt brings, run on the interrupted CPU. */
export type Handler = () => Steps;

export class Cpu {
  readonly name: string;
  /** Track of what runs here, and track of the hypervisor on this CPU. */
  readonly track: number;
  readonly hypervisorTrack: number;
  readonly #engine: Engine;
  readonly #ready: number[] = [];
  readonly #interrupts: Handler[] = [];
  readonly #busyPs = new Float64Array(ACTOR_IDS.length);
  #taken = false;
  /** When it was last given up. */
  #idleSincePs = -1;
  #stopped = false;
  #slowdown = 1;
  /** Since when the work has gone on that a slow CPU stretches. */
  #sincePs = 0;
  #turns: Turns | null = null;
  #turnEndsPs = 0;

  constructor(engine: Engine, name: string, track: number, hypervisorTrack: number) {
    this.#engine = engine;
    this.name = name;
    this.track = track;
    this.hypervisorTrack = hypervisorTrack;
  }

  /** Is nothing running here? */
  get idle(): boolean {
    return !this.#taken;
  }

  /** Is it idle since before this instant? One that has just taken an interrupt has not gone to sleep. */
  get asleep(): boolean {
    return !this.#taken && this.#idleSincePs < this.#engine.now;
  }

  /** Nothing runs here from now on: the domain has crashed, or its peer plays dead. */
  stop(): void {
    this.#stopped = true;
  }

  /** Work here takes `factor` times as long from now on, as if others had the CPU in between. */
  slow(factor: number): void {
    this.#slowdown = factor;
  }

  /** This is a vCPU that shares a physical CPU with others, which always have work. */
  shareCpu(turns: Turns): void {
    this.#turns = turns;
  }

  /** Accounts for `ps` of work by `actor`; returns it, so that a process can yield it. */
  charge(actor: number, ps: number): number {
    this.#busyPs[actor] = (this.#busyPs[actor] as number) + ps;
    return ps;
  }

  /**
   * Accounts for `ps` of work by `actor`, and lets it pass where `Engine.pass` can. False where it
   * cannot: then the process has to yield it.
   */
  passes(actor: number, ps: number): boolean {
    this.#busyPs[actor] = (this.#busyPs[actor] as number) + ps;
    return this.#engine.pass(ps);
  }

  /** Picoseconds of work by one actor so far. */
  busyOf(actor: number): number {
    return this.#busyPs[actor] as number;
  }

  /** Picoseconds of work by all actors so far. */
  get busyPs(): number {
    let sum = 0;
    for (const ps of this.#busyPs) sum += ps;
    return sum;
  }

  /** Waits until this CPU is free and takes it. */
  *acquire(): Steps {
    if (this.#stopped) {
      yield BLOCK;
      return;
    }
    if (!this.#taken) {
      this.#taken = true;
      this.#sincePs = this.#engine.now;
      if (this.#turns !== null) yield* this.#awaitTurn(this.#turns);
      return;
    }
    this.#ready.push(this.#engine.current);
    yield BLOCK;
  }

  /**
   * A vCPU that wakes up finds another in its turn, somewhere between its start and its end; one that
   * has used up its own turn waits for all the others.
   */
  *#awaitTurn({ others, slicePs, random }: Turns): Steps {
    if (this.#engine.now < this.#turnEndsPs) return;
    if (others > 0) yield random.below(slicePs / 1000) * 1000;
    this.#turnEndsPs = this.#engine.now + slicePs;
  }

  /** Takes pending interrupts, then hands the CPU to the next thread or leaves it idle. */
  *release(): Steps {
    if (this.#stopped) yield BLOCK;
    if (this.#slowdown > 1) yield* this.#stretch();
    if (this.#interrupts.length > 0) yield* this.interruptPoint();
    assert(this.#taken, 'a CPU was given up twice');
    const next = this.#ready.shift();
    if (next === undefined) {
      this.#taken = false;
      this.#idleSincePs = this.#engine.now;
    } else this.#engine.wake(next);
  }

  *#stretch(): Steps {
    yield (this.#slowdown - 1) * (this.#engine.now - this.#sincePs);
    this.#sincePs = this.#engine.now;
  }

  /** Is there anything for `relax` to do? */
  get isWanted(): boolean {
    return (
      this.#ready.length > 0 ||
      this.#interrupts.length > 0 ||
      this.#slowdown > 1 ||
      this.#turns !== null ||
      this.#stopped
    );
  }

  /** Lets other threads have a turn, and takes pending interrupts. */
  *relax(): Steps {
    if (this.#stopped) yield BLOCK;
    if (this.#slowdown > 1) yield* this.#stretch();
    const turns = this.#turns;
    if (turns !== null && turns.others > 0 && this.#engine.now >= this.#turnEndsPs) {
      yield turns.others * turns.slicePs;
      this.#turnEndsPs = this.#engine.now + turns.slicePs;
    }
    if (this.#ready.length > 0) {
      yield* this.release();
      yield* this.acquire();
    } else if (this.#interrupts.length > 0) {
      yield* this.interruptPoint();
    }
  }

  /** Takes the interrupts that have arrived. */
  *interruptPoint(): Steps {
    while (this.#interrupts.length > 0) {
      const handler = this.#interrupts.shift() as Handler;
      yield* handler();
    }
  }

  /** An interrupt arrives. An idle CPU takes it at once. */
  interrupt(handler: Handler): void {
    this.#interrupts.push(handler);
    if (!this.#taken && this.#interrupts.length === 1) this.#engine.spawn(this.#takeInterrupts());
  }

  *#takeInterrupts(): Steps {
    yield* this.acquire();
    yield* this.release();
  }
}
