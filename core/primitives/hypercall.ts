/** Entering the hypervisor: by hypercall, or by a trap. */
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { World } from './world.ts';

/**
 * A hypercall from `cpu` with `n` elements: one event from entry to return, on the hypervisor's track
 * of that CPU, with what `work` records inside. `work` returns the bytes it moved, or NONE.
 */
export function* hypercall(
  world: World,
  cpu: Cpu,
  kind: number,
  n: number,
  request: number,
  work: Steps<number>,
): Steps {
  const event = world.recorder.begin(kind, cpu.hypervisorTrack, request);
  if (!cpu.passes(ACTOR.hypervisor, world.costs.hypercall)) yield world.costs.hypercall;
  const bytes = yield* work;
  world.recorder.end(event, cpu.hypervisorTrack, undefined, bytes, n);
}

/** A trap from `cpu`, likewise; `arg` is its reason. */
export function* trap(
  world: World,
  cpu: Cpu,
  kind: number,
  arg: number,
  request: number,
  work: Steps,
): Steps {
  const event = world.recorder.begin(kind, cpu.hypervisorTrack, request);
  if (!cpu.passes(ACTOR.hypervisor, world.costs.trap)) yield world.costs.trap;
  yield* work;
  const none = undefined;
  world.recorder.end(event, cpu.hypervisorTrack, none, none, none, none, arg);
}
