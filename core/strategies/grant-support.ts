/** What the strategies that start from grants have in common. */
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { HypervisorProfile } from '../machine/hypervisor/profile.ts';
import type { Grants } from '../primitives/grants.ts';
import { framesWithBytes } from './support.ts';
import type { Packet, PairJudgement } from './types.ts';

/** Grants each page of a packet, read-only. Null when the table is full, and nothing is granted. */
export function* grantPages(grants: Grants, cpu: Cpu, packet: Packet): Steps<number[] | null> {
  const refs: number[] = [];
  for (const { mfn } of framesWithBytes(packet.fragments)) {
    const ref = yield* grants.grant(cpu, mfn, true, packet.request);
    if (ref === -1) {
      for (const each of refs) yield* grants.end(cpu, each, packet.request);
      return null;
    }
    refs.push(ref);
  }
  return refs;
}

/** Grant tables are Xen's. */
export function judgeGrants(hypervisor: HypervisorProfile): PairJudgement {
  if (hypervisor.notification === 'event-channel') return { status: 'native', reason: '' };
  return {
    status: 'hypothetical',
    reason:
      'KVM has no grant tables; the primitives are charged at its hypercall and page-table costs, as for a backend in a guest of its own.',
  };
}
