/**
 * Indirect segments of blkif: a request of more than 11 pages names them in a page of descriptors, 8
 * bytes each, which the frontend grants and the backend has to read first. blkback maps that page,
 * parses it and unmaps it at once; a backend that copies has it copied.
 */
import { PAGE_SIZE } from '../base/brand.ts';
import { protocolOf, type Scenario } from '../contract/scenario.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { GNTST } from '../memory/grant-table.ts';
import type { CopyElement, Grants, MapElement } from '../primitives/grants/index.ts';
import { backendFor, type Guest, type World } from '../primitives/world.ts';
import { countFrames, type LocalPages, need, needless } from './support.ts';
import type { Transfer } from './types.ts';

/** `BLKIF_MAX_SEGMENTS_PER_REQUEST`. */
const DIRECT_SEGMENTS = 11;
const SEGMENT_BYTES = 8;
/** Requests of a ring of one page. */
const RING_REQUESTS = 32;

/** Does a request need a page of descriptors? */
export const isIndirect = ({ protocol, fragments }: Transfer): boolean =>
  protocol === 'blk' && countFrames(fragments) > DIRECT_SEGMENTS;

/** Pages of descriptors of one guest: one for each request that fits into its rings. */
const pagesOf = ({ blk }: Scenario): number => blk.queues * RING_REQUESTS * 2 ** blk.ringOrder;

/** Memory of a guest for them, KiB; none without block requests. */
export function indirectKiB(scenario: Scenario): number {
  const isBlk = protocolOf(scenario) === 'blk';
  return isBlk && scenario.blk.indirect ? (pagesOf(scenario) * PAGE_SIZE) / 1024 : 0;
}

interface Descriptors {
  readonly mfn: number;
  readonly ref: number;
}

export class IndirectPages {
  readonly #world: World;
  readonly #grants: Grants;
  /** Pages that are free, of each guest. */
  readonly #free: readonly number[][];
  readonly #used = new Map<Transfer, Descriptors>();
  /** Has the workload requests that may need a page? */
  readonly isUsed: boolean;

  constructor(world: World, grants: Grants) {
    const pages = indirectKiB(world.scenario) > 0 ? pagesOf(world.scenario) : 0;
    this.#world = world;
    this.#grants = grants;
    this.isUsed = pages > 0;
    this.#free = world.guests.map(({ memory }) => {
      const end = memory.first + memory.frames;
      return Array.from({ length: pages }, (_, i) => end - pages + i);
    });
  }

  /** Frontend: grants a page of descriptors where one is needed. False when the table is full. */
  *share(cpu: Cpu, transfer: Transfer): Steps<boolean> {
    if (!isIndirect(transfer)) return true;
    const { guest, request } = transfer;
    const free = this.#free[guest] as number[];
    const mfn = free.pop() as number;
    const owner = this.#world.guests[guest] as Guest;
    const backend = backendFor(this.#world, transfer);
    const ref = yield* this.#grants.grant(cpu, owner, backend, mfn, true, request);
    if (ref === -1) {
      free.push(mfn);
      return false;
    }
    need(this.#world, [{ mfn, offset: 0, bytes: PAGE_SIZE }]);
    this.#used.set(transfer, { mfn, ref });
    return true;
  }

  /** Backend: maps the page, parses it, unmaps it. False when it could not. */
  *map(cpu: Cpu, transfer: Transfer): Steps<boolean> {
    const page = this.#used.get(transfer);
    if (page === undefined) return true;
    const { guest, request } = transfer;
    const element: MapElement = {
      guest,
      ref: page.ref,
      readonly: true,
      kind: 'host',
      request,
      handle: -1,
      mfn: -1,
      status: GNTST.okay,
    };
    yield* this.#grants.map(cpu, [element]);
    const okay = element.status === GNTST.okay;
    if (okay) yield* this.#grants.unmap(cpu, [element]);
    this.#parsed(page);
    return okay;
  }

  /** Backend: has the descriptors of a batch copied into pages of its own, in one hypercall. */
  *copy(cpu: Cpu, batch: readonly Transfer[], local: LocalPages): Steps {
    const elements: CopyElement[] = [];
    for (const transfer of batch) {
      const page = this.#used.get(transfer);
      if (page === undefined) continue;
      const { guest, request, fragments } = transfer;
      const bytes = countFrames(fragments) * SEGMENT_BYTES;
      const own = (yield* local.take(cpu, transfer, bytes))?.[0];
      this.#parsed(page);
      if (own === undefined) {
        transfer.dropped = true;
        continue;
      }
      elements.push({
        guest,
        ref: page.ref,
        offset: 0,
        bytes,
        local: own.mfn,
        localOffset: 0,
        direction: 'out',
        request,
        status: GNTST.okay,
      });
    }
    if (elements.length > 0) yield* this.#grants.copy(cpu, elements);
  }

  #parsed({ mfn }: Descriptors): void {
    needless(this.#world, [{ mfn, offset: 0, bytes: PAGE_SIZE }]);
  }

  /** Frontend: ends the grant. */
  *reclaim(cpu: Cpu, transfer: Transfer): Steps {
    const page = this.#used.get(transfer);
    if (page === undefined) return;
    this.#used.delete(transfer);
    const guest = this.#world.guests[transfer.guest] as Guest;
    yield* this.#grants.end(cpu, guest, page.ref, transfer.request);
    (this.#free[transfer.guest] as number[]).push(page.mfn);
  }
}
