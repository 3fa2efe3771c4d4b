/** What a virtio backend does with payload that it can reach: use it in place, or copy it. */
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import { cpuCopy, type Extent } from '../primitives/copies.ts';
import type { World } from '../primitives/world.ts';
import { LocalPages, pieces } from './support.ts';
import type { RespondAt, Transfer } from './types.ts';

/**
 * `bytes` bytes from some extents to others, one CPU.copy for each extent of the source.
 *
 * @param actor index in ACTOR of who copies
 */
export function* copyExtents(
  world: World,
  cpu: Cpu,
  actor: number,
  from: readonly Extent[],
  to: readonly Extent[],
  bytes: number,
  request: number,
): Steps {
  const targets: number[] = [];
  for (const piece of pieces(from, to, bytes)) {
    if (targets.at(-1) !== piece.to) targets.push(piece.to);
  }
  let left = bytes;
  let next = 0;
  for (const extent of from) {
    if (left === 0) return;
    const part = Math.min(left, extent.bytes);
    const source = part === extent.bytes ? extent : { ...extent, bytes: part };
    const count = Math.max(1, Math.ceil(part / PAGE_SIZE));
    const own = targets.slice(next, next + count + 1);
    yield* cpuCopy(world, cpu, actor, source, own, request);
    next += count;
    left -= part;
  }
}

/** The backend's part of a virtio transfer whose payload lies in `extents`, where it can reach it. */
export class VirtioBackend {
  readonly #world: World;
  readonly #local: LocalPages;

  constructor(world: World) {
    this.#world = world;
    this.#local = new LocalPages(world);
  }

  /** A network backend that copies has no more need of the guest once it has done so. */
  respondAt({ protocol, direction }: Transfer): RespondAt {
    const early = protocol === 'net' && direction === 'out' && this.#world.backendCopies;
    return early ? 'accepted' : 'transmitted';
  }

  /** Fills in `device`: the extents themselves, or pages of the backend's own. */
  *accept(cpu: Cpu, transfer: Transfer, extents: readonly Extent[]): Steps {
    if (!this.#world.backendCopies) {
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

  *transmitted(cpu: Cpu, transfer: Transfer): Steps {
    yield* this.#local.give(cpu, transfer);
  }
}
