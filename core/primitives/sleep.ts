/** A thread that gives up its CPU in the middle of what it does, and goes on later. */
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { World } from './world.ts';

/** Lets others have `cpu` until `until` is over, then takes it again. */
export function* sleepUntil(world: World, cpu: Cpu, until: Steps): Steps {
  const spans = world.recorder.suspend(cpu.track);
  yield* cpu.release();
  yield* until;
  yield* cpu.acquire();
  world.recorder.resume(cpu.track, spans);
}

/** The same for so many picoseconds. */
export function* sleepFor(world: World, cpu: Cpu, ps: number): Steps {
  yield* sleepUntil(
    world,
    cpu,
    (function* (): Steps {
      yield ps;
    })(),
  );
}
