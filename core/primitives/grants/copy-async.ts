/**
 * `GNTTABOP_copy_async` (proposal): the hypervisor checks and pins each element as GNTTABOP_copy does
 * and hands the copying to an engine of its own. Pins go when the last byte is in place. Copies below
 * `offload.thresholdBytes`, and what the engine's ring has no room for, are done by the CPU at once.
 */
import { K } from '../../contract/kinds.ts';
import type { CopyDescriptor, CopyEngineChannel } from '../../devices/copy-engine.ts';
import { ACTOR, type Cpu } from '../../engine/cpu.ts';
import { BLOCK, Signal, type Steps } from '../../engine/engine.ts';
import { LOCK } from '../../engine/lock.ts';
import { NONE } from '../../engine/recording.ts';
import { hypercall } from '../hypercall.ts';
import { sleepUntil } from '../sleep.ts';
import type { World } from '../world.ts';
import type { CopyElement, Grants } from './index.ts';

/** Copies all elements; returns when they are in place. The CPU is free in between. */
export function* copyAsync(
  world: World,
  grants: Grants,
  channel: CopyEngineChannel,
  cpu: Cpu,
  elements: readonly CopyElement[],
): Steps {
  const { thresholdBytes, completion } = world.scenario.offload;
  const byEngine: CopyElement[] = [];
  const byCpu: CopyElement[] = [];
  for (const element of elements) {
    const { bytes } = element;
    const offloaded = bytes > 0 && bytes >= thresholdBytes && channel.reserve(bytes);
    (offloaded ? byEngine : byCpu).push(element);
  }
  const done = new Signal(world.engine);
  if (byEngine.length > 0) {
    const work = submit(world, grants, channel, cpu, byEngine, () => done.raise());
    yield* hypercall(world, cpu, K.grantCopyAsync, byEngine.length, NONE, work);
  }
  // The CPU copies its part while the engine is at work.
  if (byCpu.length > 0) yield* grants.copy(cpu, byCpu);
  if (byEngine.length === 0) return;
  if (completion === 'poll') yield* poll(world, channel, cpu, done);
  else yield* awaitInterrupt(world, channel, cpu, done);
  for (const element of byEngine) grants.unpinAfterCopy(element);
}

/** The hypervisor's part: pins, descriptors, doorbell. */
function* submit(
  world: World,
  grants: Grants,
  channel: CopyEngineChannel,
  cpu: Cpu,
  elements: readonly CopyElement[],
  done: () => void,
): Steps<number> {
  const { recorder } = world;
  const descriptors: CopyDescriptor[] = [];
  for (const element of elements) {
    const { bytes, request, local, direction } = element;
    const mfn = yield* grants.pinForCopy(cpu, element);
    if (mfn === -1) {
      channel.forgo(bytes);
      continue;
    }
    const out = direction === 'out';
    descriptors.push({ source: out ? mfn : local, target: out ? local : mfn, bytes, request });
  }
  // Writing a descriptor, and taking it out of the ring later, is the CPU's; `submit` has the doorbell.
  const dur = channel.costs.submit + descriptors.length * channel.costs.perDescriptor;
  recorder.leaf(K.engineSubmit, cpu.hypervisorTrack, dur, NONE, NONE, NONE, descriptors.length);
  if (!cpu.passes(ACTOR.hypervisor, dur)) yield dur;
  channel.submit(descriptors, done);
  return NONE;
}

/** The hypervisor looks again and again: the CPU is busy until the engine is done. */
function* poll(world: World, channel: CopyEngineChannel, cpu: Cpu, done: Signal): Steps {
  const { recorder, engine } = world;
  const from = engine.now;
  const track = cpu.hypervisorTrack;
  const event = recorder.begin(K.lockWait, track, NONE);
  if (done.waits()) yield BLOCK;
  yield channel.costs.completionPoll;
  cpu.charge(ACTOR.hypervisor, engine.now - from);
  recorder.end(event, track, NONE, NONE, NONE, NONE, LOCK.copyEngine);
}

/** The engine interrupts the hypervisor, which drops the pins and notifies the backend. */
function* awaitInterrupt(world: World, channel: CopyEngineChannel, cpu: Cpu, done: Signal): Steps {
  const { recorder, tracks, costs } = world;
  const until = (function* (): Steps {
    if (done.waits()) yield BLOCK;
    recorder.leaf(K.engineIrq, tracks.copyEngine, 0);
    yield channel.costs.completionIrq;
  })();
  yield* sleepUntil(world, cpu, until);
  recorder.leaf(K.hardirq, cpu.track, costs.hardirq + costs.sendWork);
  yield cpu.charge(ACTOR.hypervisor, costs.hardirq + costs.sendWork);
  // A VIRQ: nobody has made a hypercall to send it.
  recorder.leaf(K.hardirq, cpu.track, costs.upcall);
  if (!cpu.passes(ACTOR.backend, costs.upcall)) yield costs.upcall;
}
