/** Entering the hypervisor: by hypercall, or by a trap. */
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { World } from './world.ts';

/**
 * A hypercall from `cpu`: one event from entry to return, on the hypervisor's track of that CPU, with
 * what `work` records inside. `work` returns the bytes it moved, or NONE.
 */
export function* hypercall(
  world: World,
  cpu: Cpu,
  kind: number,
  n: number,
  request: number,
  work: Steps<number>,
): Steps {
  yield* enter(world, cpu, kind, n, request, world.costs.hypercall, work);
}

/** An exit that is not a hypercall. */
export function* trap(
  world: World,
  cpu: Cpu,
  kind: number,
  arg: number,
  request: number,
  work: Steps<number>,
): Steps {
  const track = cpu.hypervisorTrack;
  const event = world.recorder.begin(kind, track, request);
  yield cpu.charge(ACTOR.hypervisor, world.costs.trap);
  const bytes = yield* work;
  world.recorder.end(event, track, undefined, bytes, undefined, undefined, arg);
}

function* enter(
  world: World,
  cpu: Cpu,
  kind: number,
  n: number,
  request: number,
  entryPs: number,
  work: Steps<number>,
): Steps {
  const track = cpu.hypervisorTrack;
  const event = world.recorder.begin(kind, track, request);
  yield cpu.charge(ACTOR.hypervisor, entryPs);
  const bytes = yield* work;
  world.recorder.end(event, track, undefined, bytes, n);
}
