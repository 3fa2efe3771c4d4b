/** Steps that several strategies share. */
import { PAGE_SIZE } from '../base/brand.ts';
import { COUNTERS } from '../engine/counters.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { assert } from '../base/assert.ts';
import { bytesInFrame, cpuCopy, framesOf, type Extent } from '../primitives/copies.ts';
import { backendFor, type World } from '../primitives/world.ts';
import { PageRuns } from './page-runs.ts';
import type { Transfer } from './types.ts';

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

/** Frames of some extents, in order. */
function pagesIn(extents: readonly Extent[]): number[] {
  return extents.flatMap((extent) =>
    Array.from({ length: framesOf(extent) }, (_, i) => extent.mfn + i),
  );
}

/** A request in flight needs these bytes from now on. */
export function need({ oracle }: World, extents: readonly Extent[]): void {
  for (const extent of extents) {
    const frames = framesOf(extent);
    for (let i = 0; i < frames; i++) oracle.need(extent.mfn + i, bytesInFrame(extent, i));
  }
}

/** The last access that the request needs has happened. */
export function needless({ oracle }: World, extents: readonly Extent[]): void {
  for (const extent of extents) {
    const frames = framesOf(extent);
    for (let i = 0; i < frames; i++) oracle.needless(extent.mfn + i, bytesInFrame(extent, i));
  }
}

/** Pages of the backend's own, taken for packets and given back when these are sent. */
export class LocalPages {
  readonly #world: World;
  readonly #inRuns: boolean;
  readonly #runs = new Map<number, PageRuns>();
  readonly #held = new Map<Transfer, Extent[]>();

  /** @param how `runs` for a socket's buffer, allocated some pages at a time; else page by page */
  constructor(world: World, how: 'pages' | 'runs' = 'pages') {
    this.#world = world;
    this.#inRuns = how === 'runs';
  }

  /**
   * Takes pages for `bytes` bytes, as one extent for each page, or for each run of pages. Null when the
   * backend has spent what it may spend: the payload must be dropped then.
   */
  *take(cpu: Cpu, transfer: Transfer, bytes: number): Steps<Extent[] | null> {
    const extents = this.allocate(transfer, bytes);
    if (extents === null) return null;
    const dur = this.allocationPs(extents);
    if (!cpu.passes(ACTOR.backend, dur)) yield dur;
    return extents;
  }

  /** What taking some pages costs the backend's CPU, picoseconds. */
  allocationPs(extents: readonly Extent[]): number {
    return extents.length * this.#world.costs.pageAllocate;
  }

  /** `take` without the time for it, which its caller charges. */
  allocate(transfer: Transfer, bytes: number): Extent[] | null {
    const { counters, oracle } = this.#world;
    const { budget, domain } = backendFor(this.#world, transfer);
    const pages = Math.ceil(bytes / PAGE_SIZE);
    if (!budget.take(pages)) {
      oracle.exhausted('backend', 'memory of the backend', transfer.request);
      return null;
    }
    const extents = this.#inRuns
      ? this.#takeRuns(domain, pages, bytes)
      : this.#takePages(domain, pages, bytes);
    const held = this.#held.get(transfer);
    if (held === undefined) this.#held.set(transfer, extents.slice());
    else held.push(...extents);
    counters.add(COUNTERS.backendPages, pages);
    return extents;
  }

  #takePages(domain: number, pages: number, bytes: number): Extent[] {
    const { frames } = this.#world;
    const extents: Extent[] = [];
    for (let i = 0; i < pages; i++) {
      const mfn = frames.allocate(domain);
      assert(mfn !== -1, 'the host keeps as many pages as its backends may spend');
      extents.push({ mfn, offset: 0, bytes: Math.min(bytes - i * PAGE_SIZE, PAGE_SIZE) });
    }
    return extents;
  }

  #takeRuns(domain: number, pages: number, bytes: number): Extent[] {
    let left = bytes;
    return this.#runsOf(domain)
      .take(pages)
      .map((run) => {
        const part = Math.min(left, run.pages * PAGE_SIZE);
        left -= part;
        return { mfn: run.first, offset: 0, bytes: part };
      });
  }

  #runsOf(domain: number): PageRuns {
    const known = this.#runs.get(domain);
    if (known !== undefined) return known;
    const made = new PageRuns(this.#world.frames, domain);
    this.#runs.set(domain, made);
    return made;
  }

  /** Gives back what a transfer took. */
  *give(cpu: Cpu, transfer: Transfer): Steps {
    const { frames, costs, counters } = this.#world;
    const extents = this.#held.get(transfer);
    if (extents === undefined) return;
    this.#held.delete(transfer);
    const { budget, domain } = backendFor(this.#world, transfer);
    let pages = 0;
    for (const extent of extents) {
      const run = { first: extent.mfn, pages: framesOf(extent) };
      pages += run.pages;
      if (this.#inRuns) this.#runsOf(domain).give(run);
      else frames.release(extent.mfn);
    }
    budget.give(pages);
    counters.add(COUNTERS.backendPages, -pages);
    const dur = extents.length * costs.pageAllocate;
    if (!cpu.passes(ACTOR.backend, dur)) yield dur;
  }

  /**
   * A virtio backend that copies: the payload into pages of its own, one `CPU.copy` an extent. Null
   * when it has no memory left.
   */
  *copyIn(cpu: Cpu, transfer: Transfer, payload: readonly Extent[]): Steps<Extent[] | null> {
    const local: Extent[] = [];
    for (const extent of payload) {
      const pages = yield* this.take(cpu, transfer, extent.bytes);
      if (pages === null) return null;
      const targets = pagesIn(pages);
      yield* cpuCopy(this.#world, cpu, ACTOR.backend, extent, targets, transfer.request);
      local.push(...pages);
    }
    return local;
  }
}
