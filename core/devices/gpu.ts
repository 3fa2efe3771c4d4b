/**
 * A graphics device: after each update of its table it accesses some of the pages that the table leads
 * to, to read and to write, through the IOMMU.
 */
import { BLOCK, Signal, type Steps } from '../engine/engine.ts';
import type { RandomStream } from '../engine/random.ts';
import type { Iommu, IommuContext } from '../primitives/iommu.ts';
import type { World } from '../primitives/world.ts';
import { moveSegment } from './dma.ts';

/** One entry of the shadow table. */
export interface ShadowEntry {
  /** Device frame, and the frame that it was translated from; -1 for the scratch page. */
  dfn: number;
  mfn: number;
}

/** Bytes of one access: a cache line of a texture or of a render target. */
const ACCESS_BYTES = 64;

export class Gpu {
  readonly #world: World;
  readonly #iommu: Iommu;
  readonly #context: IommuContext;
  readonly #random: RandomStream;
  readonly #work: Signal;
  readonly #orders: { readonly table: readonly ShadowEntry[]; readonly request: number }[] = [];
  busyPs = 0;

  constructor(world: World, iommu: Iommu, context: IommuContext) {
    this.#world = world;
    this.#iommu = iommu;
    this.#context = context;
    this.#random = world.random.stream('graphics accesses');
    this.#work = new Signal(world.engine);
    world.engine.spawn(this.#run());
  }

  /** Works with a table as it is then, while others change it. */
  draw(table: readonly ShadowEntry[], request: number): void {
    this.#orders.push({ table, request });
    this.#work.raise();
  }

  *#run(): Steps {
    const { dmaPerUpdate } = this.#world.scenario.gpu;
    for (;;) {
      const order = this.#orders.shift();
      if (order === undefined) {
        if (this.#work.waits()) yield BLOCK;
        continue;
      }
      for (let i = 0; i < dmaPerUpdate; i++) {
        const entry = order.table[this.#random.below(order.table.length)] as ShadowEntry;
        if (entry.mfn === -1) continue;
        const direction = this.#random.below(2) === 0 ? 'in' : 'out';
        const extent = { mfn: entry.mfn, offset: 0, bytes: ACCESS_BYTES };
        const segment = { context: this.#context, dfn: entry.dfn, extent, direction } as const;
        const moved = moveSegment(this.#world, this.#iommu, segment, order.request, ACCESS_BYTES);
        this.busyPs += (yield* moved).ps;
      }
    }
  }
}
