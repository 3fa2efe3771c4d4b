/** Steps that several strategies share. */
import { PAGE_SIZE } from '../base/brand.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { assert } from '../base/assert.ts';
import { bytesInFrame, cpuCopy, framesOf, type Extent } from '../primitives/copies.ts';
import { DOMAIN, type World } from '../primitives/world.ts';
import type { Packet } from './types.ts';

/** Each frame of some extents with the payload bytes in it. */
export function* framesWithBytes(
  extents: readonly Extent[],
): Generator<{ mfn: number; bytes: number; extent: Extent; index: number }> {
  for (const extent of extents) {
    for (let index = 0; index < framesOf(extent); index++) {
      yield { mfn: extent.mfn + index, bytes: bytesInFrame(extent, index), extent, index };
    }
  }
}

/** Frames that some extents touch: the grants, and so the ring slots, of a packet on netif. */
export function countFrames(extents: readonly Extent[]): number {
  let frames = 0;
  for (const extent of extents) frames += framesOf(extent);
  return frames;
}

/** A request in flight needs these bytes from now on. */
export function need(world: World, extents: readonly Extent[]): void {
  for (const { mfn, bytes } of framesWithBytes(extents)) world.oracle.need(mfn, bytes);
}

/** The last access that the request needs has happened. */
export function needless(world: World, extents: readonly Extent[]): void {
  for (const { mfn, bytes } of framesWithBytes(extents)) world.oracle.needless(mfn, bytes);
}

/** Pages of the backend's own, taken for packets and given back when these are sent. */
export class LocalPages {
  readonly #world: World;
  readonly #held = new Map<Packet, Extent[]>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes pages for `bytes` bytes, as one extent for each page. */
  *take(cpu: Cpu, packet: Packet, bytes: number): Steps<Extent[]> {
    const { frames, costs, counters } = this.#world;
    const pages = Math.ceil(bytes / PAGE_SIZE);
    const extents: Extent[] = [];
    for (let i = 0; i < pages; i++) {
      const mfn = frames.allocate(DOMAIN.backend);
      assert(mfn !== -1, 'the host keeps enough pages for what a ring can hold');
      extents.push({ mfn, offset: 0, bytes: Math.min(PAGE_SIZE, bytes - i * PAGE_SIZE) });
    }
    this.#held.set(packet, [...(this.#held.get(packet) ?? []), ...extents]);
    counters.add(COUNTERS.backendPages, pages);
    yield cpu.charge(ACTOR.backend, pages * costs.pageAllocate);
    return extents;
  }

  /** Gives back what a packet took. */
  *give(cpu: Cpu, packet: Packet): Steps {
    const { frames, costs, counters } = this.#world;
    const extents = this.#held.get(packet);
    if (extents === undefined) return;
    this.#held.delete(packet);
    for (const { mfn } of extents) frames.release(mfn);
    counters.add(COUNTERS.backendPages, -extents.length);
    yield cpu.charge(ACTOR.backend, extents.length * costs.pageAllocate);
  }

  /** A virtio backend that copies: the payload into pages of its own, one `CPU.copy` an extent. */
  *copyIn(cpu: Cpu, packet: Packet, payload: readonly Extent[]): Steps<Extent[]> {
    const local: Extent[] = [];
    for (const extent of payload) {
      const pages = yield* this.take(cpu, packet, extent.bytes);
      const targets = pages.map((each) => each.mfn);
      yield* cpuCopy(this.#world, cpu, ACTOR.backend, extent, targets, packet.request);
      local.push(...pages);
    }
    return local;
  }
}
