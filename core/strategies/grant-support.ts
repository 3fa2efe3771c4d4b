/** What the strategies that start from grants have in common. */
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { GNTST } from '../memory/grant-table.ts';
import type { CopyElement, Grants, MapElement } from '../primitives/grants/index.ts';
import { pieces } from '../primitives/pieces.ts';
import { sleepFor } from '../primitives/sleep.ts';
import { backendFor, type Guest, type World } from '../primitives/world.ts';
import type { PairJudgement, Setting, Transfer } from './types.ts';

/**
 * Grants each page of a transfer: read-only where the backend only reads. Null when the table is
 * full, and nothing is granted then.
 */
export function grantPages(
  world: World,
  grants: Grants,
  cpu: Cpu,
  transfer: Transfer,
): Steps<number[] | null> {
  const { fragments, direction, request } = transfer;
  const guest = world.guests[transfer.guest] as Guest;
  const backend = backendFor(world, transfer);
  return grants.grantAll(cpu, guest, backend, fragments, direction === 'out', request);
}

/** The frontend ends the grants of a transfer; each must be free by now. */
export function endGrants(
  world: World,
  grants: Grants,
  cpu: Cpu,
  transfer: Transfer,
  refs: readonly number[],
): Steps {
  const guest = world.guests[transfer.guest] as Guest;
  return grants.endAll(cpu, guest, refs, transfer.request);
}

/** Elements that map each granted page of a transfer: read-only where the backend only reads. */
export function mapElements(
  transfer: Transfer,
  refs: readonly number[],
  kind: 'host' | 'device',
): MapElement[] {
  const { guest, request, direction } = transfer;
  return refs.map((ref) => ({
    guest,
    ref,
    readonly: direction === 'out',
    kind,
    request,
    handle: -1,
    mfn: -1,
    status: GNTST.okay,
  }));
}

/** Elements of one hypercall of blkback: `BLKIF_MAX_SEGMENTS_PER_REQUEST`. */
const MAP_BATCH = 11;

export function* mapInBatches(grants: Grants, cpu: Cpu, elements: readonly MapElement[]): Steps {
  for (let from = 0; from < elements.length; from += MAP_BATCH) {
    yield* grants.map(cpu, elements.slice(from, from + MAP_BATCH));
  }
}

/** First delay of a deferred unmap: `GNTTAB_UNMAP_REFS_DELAY`, 5 ms, and as much more each time. */
const UNMAP_DELAY_PS = 5_000_000_000;

/**
 * Takes mappings away as `grants.unmapPolicy` says. `async` waits, off the CPU, until nobody else
 * refers to any of the pages; there is no limit to that.
 */
export function* unmapByPolicy(
  world: World,
  grants: Grants,
  cpu: Cpu,
  mapped: readonly MapElement[],
): Steps {
  if (mapped.length === 0) return;
  const { unmapPolicy } = world.scenario.grants;
  if (unmapPolicy === 'replace') {
    yield* grants.replace(cpu, mapped);
    return;
  }
  if (unmapPolicy === 'async') {
    const isHeld = () => mapped.some((each) => world.pageRefs.count(each.mfn) > 1);
    for (let age = 0; isHeld(); age++) {
      yield* sleepFor(world, cpu, UNMAP_DELAY_PS * (age + 1));
    }
  }
  yield* grants.unmap(cpu, mapped);
}

/** How long a receiving backend without a handle waits before it tries again: a tenth of a second. */
const RETRY_PS = 100_000_000_000;

/**
 * Tries to make a buffer reachable until there are handles for it, the CPU free meanwhile. False when
 * it never will be, since the page is gone or the grant is none.
 *
 * @param attempt returns a status of GNTST
 */
export function* untilMapped(world: World, cpu: Cpu, attempt: () => Steps<number>): Steps<boolean> {
  for (;;) {
    const status = yield* attempt();
    if (status === GNTST.okay) return true;
    if (status !== GNTST.no_space) return false;
    yield* sleepFor(world, cpu, RETRY_PS);
  }
}

/** Elements that netback hands over in one hypercall on receive: `COPY_BATCH_SIZE`. */
const RECEIVE_BATCH = 64;

/** What has arrived in the backend is copied into the granted pages of its buffers. */
export function* copyIntoGrants(
  copy: (cpu: Cpu, elements: readonly CopyElement[]) => Steps,
  cpu: Cpu,
  batch: readonly Transfer[],
  refsOf: (transfer: Transfer) => readonly number[],
): Steps {
  const elements: CopyElement[] = [];
  for (const transfer of batch) {
    const { guest, request, bytes, fragments, protocol, arrived, device } = transfer;
    const refs = refsOf(transfer);
    for (const piece of pieces(protocol === 'net' ? arrived : device, fragments, bytes)) {
      elements.push({
        guest,
        ref: refs[piece.toIndex] as number,
        offset: piece.toOffset,
        local: piece.from,
        localOffset: piece.fromOffset,
        bytes: piece.bytes,
        direction: 'in',
        request,
        status: GNTST.okay,
      });
    }
  }
  for (let from = 0; from < elements.length; from += RECEIVE_BATCH) {
    yield* copy(cpu, elements.slice(from, from + RECEIVE_BATCH));
  }
  for (const { status, request } of elements) {
    if (status === GNTST.okay) continue;
    for (const transfer of batch) if (transfer.request === request) transfer.dropped = true;
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
