/** What a virtio backend does with payload that it can reach: use it in place, or copy it. */
import { PAGE_SIZE } from '../base/brand.ts';
import { largestRequestOf, protocolOf, type Scenario } from '../contract/scenario.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { copyExtents, framesOf, type Extent } from '../primitives/copies.ts';
import type { World } from '../primitives/world.ts';
import { LocalPages } from './support.ts';
import type { RespondAt, Transfer } from './types.ts';

/** virtio-blk: seg_max that QEMU offers. */
export const VIRTIO_BLK_SEGMENTS = 254;

/** Bytes of the largest piece that a virtio ring carries of a scenario's requests. */
export function largestPieceOf(scenario: Scenario): number {
  const most = protocolOf(scenario) === 'net' ? 65_536 : VIRTIO_BLK_SEGMENTS * PAGE_SIZE;
  return Math.min(largestRequestOf(scenario), most);
}

/** The backend's part of a virtio transfer whose payload lies in `extents`, where it can reach it. */
export class VirtioBackend {
  readonly #world: World;
  readonly #local: LocalPages;

  constructor(world: World) {
    this.#world = world;
    this.#local = new LocalPages(world, 'runs');
  }

  /** A network backend that copies has no more need of the guest once it has done so. */
  respondAt({ protocol, direction }: Transfer): RespondAt {
    const early = protocol === 'net' && direction === 'out' && this.#world.backendCopies;
    return early ? 'accepted' : 'transmitted';
  }

  /** Fills in `device`: the extents themselves, or pages of the backend's own. */
  *accept(cpu: Cpu, transfer: Transfer, extents: readonly Extent[]): Steps {
    if (!this.#world.backendCopies) {
      yield* this.#pin(cpu, extents);
      transfer.device = [...extents];
      return;
    }
    const out = transfer.direction === 'out';
    const own = out
      ? yield* this.#local.copyIn(cpu, transfer, extents)
      : yield* this.#local.take(cpu, transfer, transfer.bytes);
    if (own === null) transfer.dropped = true;
    else transfer.device = own;
  }

  /**
   * A host kernel finds and holds each page of its user's before a device may have it (zero-copy
   * sockets, direct I/O). A driver domain's pages are its own already.
   */
  *#pin(cpu: Cpu, extents: readonly Extent[]): Steps {
    const { hypervisor, costs } = this.#world;
    if (hypervisor.backend !== 'vhost') return;
    let pages = 0;
    for (const extent of extents) pages += framesOf(extent);
    yield cpu.charge(ACTOR.backend, pages * costs.vfioPinPage);
  }

  /** Moves what has arrived to the extents; nothing to do where the device has put it there. */
  *deliver(cpu: Cpu, transfer: Transfer, extents: readonly Extent[]): Steps {
    const { protocol, arrived, device, bytes, request } = transfer;
    if (protocol === 'blk' && !this.#world.backendCopies) return;
    const from = protocol === 'net' ? arrived : device;
    yield* copyExtents(this.#world, cpu, ACTOR.backend, from, extents, bytes, request);
  }

  /** Has the backend, when it has accepted, taken all that it needs of the guest's memory? */
  get takesAtOnce(): boolean {
    return this.#world.backendCopies;
  }

  transmitted(cpu: Cpu, transfer: Transfer): Steps {
    return this.#local.give(cpu, transfer);
  }
}
