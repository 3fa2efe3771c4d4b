/** What the strategies that start from grants have in common. */
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { assert } from '../base/assert.ts';
import type { Grants } from '../primitives/grants.ts';
import { backendFor, type Guest, type World } from '../primitives/world.ts';
import { framesWithBytes } from './support.ts';
import type { PairJudgement, Setting, Transfer } from './types.ts';

/**
 * Grants each page of a transfer: read-only where the backend only reads. Null when the table is
 * full, and nothing is granted then.
 */
export function* grantPages(
  world: World,
  grants: Grants,
  cpu: Cpu,
  transfer: Transfer,
): Steps<number[] | null> {
  const guest = world.guests[transfer.guest] as Guest;
  const backend = backendFor(world, transfer);
  const readonly = transfer.direction === 'out';
  const refs: number[] = [];
  for (const { mfn } of framesWithBytes(transfer.fragments)) {
    const ref = yield* grants.grant(cpu, guest, backend, mfn, readonly, transfer.request);
    if (ref === -1) {
      for (const each of refs) yield* grants.end(cpu, guest, each, transfer.request);
      return null;
    }
    refs.push(ref);
  }
  return refs;
}

/** The frontend ends the grants of a transfer; each must be free by now. */
export function* endGrants(
  world: World,
  grants: Grants,
  cpu: Cpu,
  transfer: Transfer,
  refs: readonly number[],
): Steps {
  const guest = world.guests[transfer.guest] as Guest;
  for (const ref of refs) {
    const ended = yield* grants.end(cpu, guest, ref, transfer.request);
    assert(ended, 'the backend answered while it still had the grant mapped');
  }
}

/** Grant tables are Xen's. */
export function judgeGrants({ hypervisor }: Setting): PairJudgement {
  if (hypervisor.notification === 'event-channel') return { status: 'native', reason: '' };
  return {
    status: 'hypothetical',
    reason:
      'KVM has no grant tables; the primitives are charged at its hypercall and page-table costs, as for a backend in a guest of its own.',
  };
}
