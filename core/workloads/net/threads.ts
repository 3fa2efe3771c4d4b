/** How threads sleep and wake. */
import { K } from '../../contract/kinds.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import type { Signal, Steps } from '../../engine/engine.ts';
import type { World } from '../../primitives/world.ts';

/** A running thread gives up its CPU until the signal is raised. */
export function* sleepOn(world: World, cpu: Cpu, actor: number, signal: Signal): Steps {
  yield* cpu.release();
  yield* signal.wait();
  yield* cpu.acquire();
  yield* contextSwitch(world, cpu, actor);
}

/** A running thread gives up its CPU until an instant. */
export function* sleepUntil(world: World, cpu: Cpu, ps: number): Steps {
  yield* cpu.release();
  yield ps - world.engine.now;
  yield* cpu.acquire();
}

/** A sleeping thread of the backend gets its CPU: out of idle, and a context switch. */
export function* wakeThread(world: World, cpu: Cpu): Steps {
  const { costs, backendKind } = world;
  if (cpu.idle) yield costs.idleExit;
  // A process comes back from its event loop's system call.
  if (backendKind === 'user') yield costs.userWake;
  yield* cpu.acquire();
  yield* contextSwitch(world, cpu, ACTOR.backend);
}

function* contextSwitch(world: World, cpu: Cpu, actor: number): Steps {
  const { costs, recorder } = world;
  recorder.leaf(K.sched, cpu.track, costs.contextSwitch);
  yield cpu.charge(actor, costs.contextSwitch);
}
