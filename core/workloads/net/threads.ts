/** How threads sleep and wake. */
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { BLOCK, Signal, type Engine, type Steps } from '../../engine/engine.ts';
import type { World } from '../../primitives/world.ts';

/**
 * Something that a thread sleeps for. What happens between its decision to sleep and its sleep (an
 * interrupt that is taken as it gives up its CPU) wakes it all the same; what happens while nobody
 * wants it is forgotten.
 */
export class Wakeup {
  readonly #signal: Signal;
  #wanted = false;

  constructor(engine: Engine) {
    this.#signal = new Signal(engine);
  }

  /** A running thread gives up its CPU until `ring`. */
  *sleep(world: World, cpu: Cpu, actor: number): Steps {
    this.#wanted = true;
    yield* cpu.release();
    if (this.#signal.waits()) yield BLOCK;
    yield* cpu.acquire();
    yield* contextSwitch(world, cpu, actor);
  }

  /** The same for what has no CPU here, or has given it up after `want`. */
  *wait(): Steps {
    this.#wanted = true;
    if (this.#signal.waits()) yield BLOCK;
    this.#wanted = false;
  }

  /** From now on a `ring` counts, also before `wait`. */
  want(): void {
    this.#wanted = true;
  }

  /** Has nothing rung since `want`? */
  get isWanted(): boolean {
    return this.#wanted;
  }

  ring(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#signal.raise();
  }
}

/** A running thread gives up its CPU until an instant. */
export function* sleepUntil(world: World, cpu: Cpu, ps: number): Steps {
  yield* cpu.release();
  // Interrupts that came as the CPU was given up may have taken longer than that.
  yield Math.max(0, ps - world.engine.now);
  yield* cpu.acquire();
}

/** A sleeping thread of the backend gets its CPU: out of idle, and a context switch. */
export function* wakeThread(world: World, cpu: Cpu): Steps {
  const { costs, backendKind } = world;
  if (cpu.asleep) yield costs.idleExit;
  // A process comes back from its event loop's system call.
  if (backendKind === 'user') yield costs.userWake;
  yield* cpu.acquire();
  yield* contextSwitch(world, cpu, ACTOR.backend);
}

function* contextSwitch(world: World, cpu: Cpu, actor: number): Steps {
  const { costs, recorder } = world;
  recorder.leaf(K.sched, cpu.track, costs.contextSwitch);
  if (!cpu.passes(actor, costs.contextSwitch)) yield costs.contextSwitch;
}
