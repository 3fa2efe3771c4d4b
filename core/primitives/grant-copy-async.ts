/**
 * `GNTTABOP_copy_async` (proposal): the hypervisor checks and pins each element as GNTTABOP_copy does
 * and hands the copying to an engine of its own. Pins go when the last byte is in place. Copies below
 * `offload.thresholdBytes`, and what the engine's ring has no room for, are done by the CPU at once.
 */
import { K } from '../contract/kinds.ts';
import type { CopyDescriptor, CopyEngineChannel } from '../devices/copy-engine.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import { Signal, type Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import type { CopyElement, Grants } from './grants.ts';
import { hypercall } from './hypercall.ts';
import { sleepUntil } from './sleep.ts';
import type { World } from './world.ts';

/** Copies all elements; returns when they are in place. The CPU is free in between. */
export function* copyAsync(
  world: World,
  grants: Grants,
  channel: CopyEngineChannel,
  cpu: Cpu,
  elements: readonly CopyElement[],
): Steps {
  const { thresholdBytes, completion } = world.scenario.offload;
  const large = elements.filter((each) => each.bytes >= thresholdBytes);
  const wanted = large.reduce((sum, each) => sum + channel.descriptorsFor(each.bytes), 0);
  const offloaded = channel.hasRoom(wanted) ? large : [];
  const byCpu = elements.filter((each) => !offloaded.includes(each));
  if (byCpu.length > 0) yield* grants.copy(cpu, byCpu);
  if (offloaded.length === 0) return;

  const descriptors: CopyDescriptor[] = [];
  const done = new Signal(world.engine);
  const submit = (function* (): Steps<number> {
    const { costs, recorder } = world;
    for (const element of offloaded) {
      const mfn = yield* grants.pinForCopy(cpu, element);
      if (mfn === -1) continue;
      const out = element.direction === 'out';
      descriptors.push({
        source: out ? mfn : element.local,
        target: out ? element.local : mfn,
        bytes: element.bytes,
        request: element.request,
      });
    }
    const dur = channel.costs.submit + costs.doorbell;
    const n = descriptors.length;
    recorder.leaf(K.engineSubmit, cpu.hypervisorTrack, dur, NONE, NONE, NONE, n);
    yield cpu.charge(ACTOR.hypervisor, dur);
    channel.submit(descriptors, () => done.raise());
    return NONE;
  })();
  yield* hypercall(world, cpu, K.grantCopyAsync, offloaded.length, NONE, submit);
  if (completion === 'poll') yield* poll(world, channel, cpu, done);
  else yield* awaitInterrupt(world, channel, cpu, done);
  for (const element of offloaded) grants.unpinAfterCopy(element);
}

/** The hypervisor looks again and again: the CPU is busy until the engine is done. */
function* poll(world: World, channel: CopyEngineChannel, cpu: Cpu, done: Signal): Steps {
  const { recorder, engine } = world;
  const from = engine.now;
  const event = recorder.begin(K.lockWait, cpu.track, NONE);
  yield* done.wait();
  yield channel.costs.completionPoll;
  cpu.charge(ACTOR.hypervisor, engine.now - from);
  recorder.end(event, cpu.track);
}

/** The engine interrupts the hypervisor, which notifies the backend. */
function* awaitInterrupt(world: World, channel: CopyEngineChannel, cpu: Cpu, done: Signal): Steps {
  const { recorder, tracks, costs } = world;
  const until = (function* (): Steps {
    yield* done.wait();
    recorder.leaf(K.engineIrq, tracks.copyEngine, 0);
    yield channel.costs.completionIrq;
  })();
  yield* sleepUntil(world, cpu, until);
  recorder.leaf(K.upcall, cpu.track, costs.upcall);
  yield cpu.charge(ACTOR.backend, costs.upcall);
}
