/**
 * Receive pages of a driver that owns its device, and whether it may use one again.
 *
 * Reused (ixgbevf, ixgbe): a page stays mapped; its two halves take turns. The half that a packet lies
 * in goes up the stack while the other one goes back on the ring, if the stack has freed that one by
 * then; otherwise the page is unmapped and replaced. The device could still write to the half that is
 * being read: that is accepted by design.
 *
 * Not reused: each page is unmapped when its packet has come, and replaced.
 */
import { PAGE_SIZE } from '../../../base/brand.ts';
import { ACTOR, type Cpu } from '../../../engine/cpu.ts';
import type { Steps } from '../../../engine/engine.ts';
import { NONE } from '../../../engine/recording.ts';
import type { NicBuffer } from '../../../devices/nic-queue.ts';
import type { DmaApi, DmaMapping } from '../../../primitives/dma-api.ts';
import type { World } from '../../../primitives/world.ts';
import type { BufferArena } from '../../buffers.ts';

/** A page of the driver's, and how many parts of it the stack has. */
interface DriverPage {
  readonly mfn: number;
  readonly mapping: DmaMapping;
  inStack: number;
  /** Has the driver given it up? It is free once the stack is done with it. */
  retired: boolean;
}

/** A page, or half of one, that waits for a packet. */
export interface PageBuffer extends NicBuffer {
  readonly page: DriverPage;
}

export class ReceivePages {
  readonly #world: World;
  readonly #dma: DmaApi;
  readonly #arena: BufferArena;
  readonly #reuse: boolean;
  /** Bytes of each buffer. */
  readonly bufferBytes: number;

  constructor(world: World, dma: DmaApi, arena: BufferArena) {
    this.#world = world;
    this.#dma = dma;
    this.#arena = arena;
    this.#reuse = world.scenario.net.rxReuse;
    this.bufferBytes = this.#reuse ? PAGE_SIZE / 2 : PAGE_SIZE;
  }

  /** `dma_map` of a new page. */
  *take(cpu: Cpu): Steps<PageBuffer> {
    const { costs, oracle } = this.#world;
    const mfn = this.#arena.take(1);
    if (!cpu.passes(ACTOR.frontend, costs.pageAllocate)) yield costs.pageAllocate;
    oracle.need(mfn, this.bufferBytes);
    oracle.authorise(mfn);
    const extent = { mfn, offset: 0, bytes: PAGE_SIZE };
    const mapping = yield* this.#dma.map(cpu, ACTOR.frontend, extent, 'in', NONE);
    return this.#buffer({ mfn, mapping, inStack: 0, retired: false }, 0);
  }

  /**
   * A packet lies in a buffer and goes up the stack. Returns the buffer that takes its place on the
   * ring without more ado; null when the driver has to take a new page.
   */
  *passUp(cpu: Cpu, { page, mapping }: PageBuffer, request: number): Steps<PageBuffer | null> {
    const { oracle } = this.#world;
    oracle.needless(page.mfn, this.bufferBytes);
    page.inStack++;
    if (this.#reuse && page.inStack === 1) {
      oracle.need(page.mfn, this.bufferBytes);
      return this.#buffer(page, mapping.extent.offset === 0 ? this.bufferBytes : 0);
    }
    yield* this.#retire(cpu, page, request);
    return null;
  }

  /** Back on the ring as it was: the packet in it could not be written. */
  again({ page, mapping }: PageBuffer): PageBuffer {
    return this.#buffer(page, mapping.extent.offset);
  }

  /** The stack has freed its part of a page. */
  free({ page }: PageBuffer): void {
    page.inStack--;
    this.#release(page);
  }

  *#retire(cpu: Cpu, page: DriverPage, request: number): Steps {
    const { oracle, recorder } = this.#world;
    yield* this.#dma.unmap(cpu, ACTOR.frontend, page.mapping, request);
    oracle.reclaim(page.mfn, [recorder.lastId]);
    page.retired = true;
    this.#release(page);
  }

  #release({ mfn, inStack, retired }: DriverPage): void {
    if (retired && inStack === 0) this.#arena.give(mfn, 1);
  }

  #buffer(page: DriverPage, offset: number): PageBuffer {
    const extent = { mfn: page.mfn, offset, bytes: this.bufferBytes };
    return { page, mapping: { ...page.mapping, extent } };
  }
}
