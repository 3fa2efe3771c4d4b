/**
 * The DMA API of a driver that owns a device: what it maps before the device may touch a buffer, and
 * when it takes that away again.
 *
 * `HostDma` is Linux's own over an IOMMU of the machine:
 *
 * passthrough  device frame = machine frame; through identity superpages where the hypervisor keeps
 *              them in the IOMMU, else untranslated
 * strict       each mapping gets an IOVA and entries; unmapping invalidates and waits
 * lazy         unmapping clears the entries and queues the IOVA; one invalidation of the whole domain
 *              follows when 255 have gathered on a CPU or 10 ms have passed: see `flush-queue.ts`
 *
 * A scattered buffer (`mapAll`, Linux's `dma_map_sg`) takes one range of IOVA for all its parts, and one
 * invalidation when it goes.
 */
import { NONE } from '../engine/recording.ts';
import { trackOf, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import type { Lock } from '../engine/lock.ts';
import { assert } from '../base/assert.ts';
import type { IovaSpace } from '../memory/iova.ts';
import { PERMISSION } from '../memory/page-table.ts';
import { framesOf, type Extent } from './copies.ts';
import { FlushQueue } from './flush-queue.ts';
import type { Iommu, IommuContext } from './iommu.ts';
import { IovaAllocator } from './iova-allocator.ts';
import type { World } from './world.ts';

/** `DMA_TO_DEVICE`, `DMA_FROM_DEVICE`, `DMA_BIDIRECTIONAL`. */
export type DmaDirection = 'out' | 'in' | 'both';

/** What the device may do with a buffer that is mapped so. */
export function permissionFor(direction: DmaDirection): number {
  if (direction === 'both') return PERMISSION.both;
  return direction === 'out' ? PERMISSION.read : PERMISSION.write;
}

/** What the device is given for one extent. */
export interface DmaMapping {
  readonly context: IommuContext;
  /** First device frame. */
  readonly dfn: number;
  readonly extent: Extent;
  readonly direction: DmaDirection;
}

/** `dma_map` and `dma_unmap` of a driver. */
export interface DmaApi {
  readonly locks: readonly Lock[];
  /**
   * The device's context where device frames are machine frames: then mapping and unmapping do nothing,
   * and a driver may leave both out.
   */
  readonly identity?: IommuContext | undefined;
  /** Makes an extent reachable for the device: to read (`out`), to write (`in`), or `both`. */
  map(
    cpu: Cpu,
    actor: number,
    extent: Extent,
    direction: DmaDirection,
    request: number,
  ): Steps<DmaMapping>;
  /** Ends that. When it returns, the caller may give the memory to another use. */
  unmap(cpu: Cpu, actor: number, mapping: DmaMapping, request: number): Steps;
  /** `dma_map_sg`: a scattered buffer at once; its mappings come in the order of its extents. */
  mapAll(
    cpu: Cpu,
    actor: number,
    extents: readonly Extent[],
    direction: DmaDirection,
    request: number,
  ): Steps<DmaMapping[]>;
  /** `dma_unmap_sg`: all mappings of one `mapAll`. */
  unmapAll(cpu: Cpu, actor: number, mappings: readonly DmaMapping[], request: number): Steps;
  /** Memory was added from frame `first` on: what is mapped at all times must grow by it. */
  extend?(cpu: Cpu, first: number, frames: number): Steps;
  check(): void;
}

/** Pages of IOVA that several extents take, each from a page boundary. */
export function pagesOf(extents: readonly Extent[]): number {
  let pages = 0;
  for (const extent of extents) pages += framesOf(extent);
  return pages;
}

/** The mapping of an extent that begins at device frame `dfn`. */
export function mappingIn(
  context: IommuContext,
  dfn: number,
  extent: Extent,
  direction: DmaDirection,
): DmaMapping {
  return { context, dfn, extent, direction };
}

/** Mappings of extents that lie one after the other from device frame `dfn` on. */
export function mappingsFrom(
  context: IommuContext,
  dfn: number,
  extents: readonly Extent[],
  direction: DmaDirection,
): DmaMapping[] {
  let next = dfn;
  return extents.map((extent) => {
    const mapping = mappingIn(context, next, extent, direction);
    next += framesOf(extent);
    return mapping;
  });
}

/** How a `HostDma` maps. */
export type DmaMode = 'passthrough' | 'lazy' | 'strict';

export class HostDma implements DmaApi {
  readonly #iommu: Iommu;
  readonly #context: IommuContext;
  readonly #mode: DmaMode;
  readonly #iova: IovaAllocator;
  readonly #queue: FlushQueue;

  /** @param space pages that IOVAs are taken from, where not from all of the context */
  constructor(
    world: World,
    iommu: Iommu,
    mode: DmaMode = world.hostDma,
    context: IommuContext = iommu.host,
    space?: IovaSpace,
  ) {
    this.#iommu = iommu;
    this.#mode = mode;
    this.#context = context;
    this.#iova = new IovaAllocator(world, space);
    this.#queue = new FlushQueue(world, this.#iova, (cpu, actor) =>
      iommu.invalidate(cpu, actor, trackOf(cpu, actor), context, -1, 0, NONE),
    );
  }

  get locks(): readonly Lock[] {
    return [...this.#iommu.locks, this.#iova.lock];
  }

  get identity(): IommuContext | undefined {
    return this.#mode === 'passthrough' ? this.#context : undefined;
  }

  *map(
    cpu: Cpu,
    actor: number,
    extent: Extent,
    direction: DmaDirection,
    request: number,
  ): Steps<DmaMapping> {
    const [mapping] = yield* this.mapAll(cpu, actor, [extent], direction, request);
    assert(mapping !== undefined, 'one extent is one mapping');
    return mapping;
  }

  *mapAll(
    cpu: Cpu,
    actor: number,
    extents: readonly Extent[],
    direction: DmaDirection,
    request: number,
  ): Steps<DmaMapping[]> {
    const context = this.#context;
    if (this.#mode === 'passthrough') {
      return extents.map((extent) => mappingIn(context, extent.mfn, extent, direction));
    }
    const dfn = yield* this.#iova.take(cpu, actor, pagesOf(extents), request);
    assert(dfn !== -1, 'a space of 48 bits has room for all that fits into memory');
    const permission = permissionFor(direction);
    const mappings = mappingsFrom(context, dfn, extents, direction);
    for (const { dfn: page, extent } of mappings) {
      const pages = framesOf(extent);
      const { mfn } = extent;
      const track = trackOf(cpu, actor);
      yield* this.#iommu.mapPages(
        cpu,
        actor,
        track,
        context,
        page,
        mfn,
        pages,
        permission,
        request,
      );
    }
    return mappings;
  }

  *unmap(cpu: Cpu, actor: number, mapping: DmaMapping, request: number): Steps {
    yield* this.unmapAll(cpu, actor, [mapping], request);
  }

  *unmapAll(cpu: Cpu, actor: number, mappings: readonly DmaMapping[], request: number): Steps {
    const [first] = mappings;
    if (this.#mode === 'passthrough' || first === undefined) return;
    const { dfn } = first;
    const pages = pagesOf(mappings.map((each) => each.extent));
    const track = trackOf(cpu, actor);
    yield* this.#iommu.unmapPages(cpu, actor, track, this.#context, dfn, pages, request);
    if (this.#mode === 'lazy') {
      yield* this.#queue.add(cpu, actor, dfn, pages);
      return;
    }
    yield* this.#iommu.invalidate(cpu, actor, track, this.#context, dfn, pages, request);
    yield* this.#iova.give(cpu, actor, dfn, pages, request);
  }

  check(): void {
    // Tables and allocator check themselves with every operation.
  }
}
