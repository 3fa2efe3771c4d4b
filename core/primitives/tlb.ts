/**
 * Taking CPU mappings away for good: the TLB maintenance that follows a removed entry. Xen on x86 has
 * one round of interrupts at a time, whoever's (`flush_lock` in arch/x86/smp.c, `call_lock` in
 * common/smp.c): who waits for all to answer keeps the others waiting. Linux's rounds overlap.
 */
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import type { Backend, World } from './world.ts';

/** Elements that one flush covers: `GNTTAB_UNMAP_BATCH_SIZE` of Xen. */
export const UNMAP_BATCH = 32;

/** Does each removed entry cost a flush of its own, or one for each chunk of 32? */
export function flushesEach(world: World): boolean {
  return world.costs.tlb !== 'ipi-per-chunk';
}

/** `TLB.ipi`: one round of interrupts to every other CPU of the backend, and the local flush. */
export function* tlbIpi(world: World, cpu: Cpu, backend: Backend): Steps {
  const others = backend.cpus.filter((each) => each !== cpu);
  const alone = yield* takeTurn(world, cpu, others);
  const dur = roundPs(world, others.length);
  const none = NONE;
  world.recorder.leaf(
    K.tlbIpi,
    cpu.hypervisorTrack,
    dur,
    none,
    none,
    none,
    none,
    none,
    others.length,
  );
  interruptAll(world, others);
  if (!cpu.passes(ACTOR.hypervisor, dur)) yield dur;
  if (alone) world.flushLock.release();
}

/** The flush for one removed entry, where each costs one: an INVEPT round, or a broadcast TLBI. */
export function* flushElement(
  world: World,
  cpu: Cpu,
  backend: Backend,
  mfn: number,
  request: number,
): Steps {
  if (world.costs.tlb === 'ept-per-element') yield* eptSync(world, cpu, backend, mfn, request);
  else yield* tlbiBroadcast(world, cpu, mfn, request);
}

/** `EPT.sync`: INVEPT on every CPU that may hold the backend's translations. */
export function* eptSync(
  world: World,
  cpu: Cpu,
  backend: Backend,
  mfn: number,
  request: number,
): Steps {
  const others = backend.cpus.filter((each) => each !== cpu);
  const alone = yield* takeTurn(world, cpu, others);
  const dur = roundPs(world, others.length);
  world.recorder.leaf(
    K.eptSync,
    cpu.hypervisorTrack,
    dur,
    request,
    mfn,
    NONE,
    NONE,
    NONE,
    others.length,
  );
  interruptAll(world, others);
  if (!cpu.passes(ACTOR.hypervisor, dur)) yield dur;
  if (alone) world.flushLock.release();
}

/** `TLBI` and DSB for one removed entry: the whole VMID under Xen, one page of a host kernel. */
export function* tlbiBroadcast(world: World, cpu: Cpu, mfn: number, request: number): Steps {
  const dur = world.costs.tlbiBroadcast;
  const operation = world.hypervisor.notification === 'event-channel' ? 0 : 1;
  world.recorder.leaf(
    K.tlbiBroadcast,
    cpu.hypervisorTrack,
    dur,
    request,
    mfn,
    NONE,
    NONE,
    NONE,
    operation,
  );
  if (!cpu.passes(ACTOR.hypervisor, dur)) yield dur;
}

/** Takes the lock for a round that reaches other CPUs, where there is one lock for all. */
function* takeTurn(world: World, cpu: Cpu, others: readonly Cpu[]): Steps<boolean> {
  if (others.length === 0 || world.hypervisor.notification !== 'event-channel') return false;
  if (!world.flushLock.take())
    yield* world.flushLock.acquire(cpu, ACTOR.hypervisor, cpu.hypervisorTrack);
  return true;
}

function roundPs(world: World, others: number): number {
  const { ipiRound, ipiPerCpu } = world.costs;
  return others === 0 ? ipiPerCpu : ipiRound + others * ipiPerCpu;
}

/** What the round takes from CPUs that run something; an idle one loses nothing by it. */
function interruptAll(world: World, others: readonly Cpu[]): void {
  const dur = world.costs.ipiHandler;
  for (const other of others) {
    if (other.idle) continue;
    other.interrupt(function* () {
      world.recorder.leaf(K.tlbHandler, other.track, dur);
      if (!other.passes(ACTOR.hypervisor, dur)) yield dur;
    });
  }
}
