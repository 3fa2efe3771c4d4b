/** Taking CPU mappings away for good: the TLB maintenance that follows a removed entry. */
import { K } from '../contract/kinds.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { NONE } from '../engine/recording.ts';
import type { World } from './world.ts';

/** Elements that one flush covers: `GNTTAB_UNMAP_BATCH_SIZE` of Xen. */
export const UNMAP_BATCH = 32;

/** `TLB.ipi`: one round of interrupts to every other CPU of the backend, and the local flush. */
export function* tlbIpi(world: World, cpu: Cpu): Steps {
  const others = world.backendCpus.filter((each) => each !== cpu).length;
  const { ipiRound, ipiPerCpu } = world.costs;
  const dur = others === 0 ? ipiPerCpu : ipiRound + others * ipiPerCpu;
  world.recorder.leaf(K.tlbIpi, cpu.hypervisorTrack, dur, NONE, NONE, NONE, NONE, NONE, others);
  yield cpu.charge(ACTOR.hypervisor, dur);
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
  yield cpu.charge(ACTOR.hypervisor, dur);
}
