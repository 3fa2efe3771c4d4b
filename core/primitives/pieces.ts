/** Copies between extents, cut where either side changes page. */
import { assert } from '../base/assert.ts';
import { PAGE_SIZE } from '../base/brand.ts';
import type { Extent } from './copies.ts';

/** A copy that crosses no page boundary on either side. */
export interface Piece {
  readonly from: number;
  readonly fromOffset: number;
  readonly to: number;
  readonly toOffset: number;
  /** Which frame of all `to` extents, counted from 0. */
  readonly toIndex: number;
  /** Which frame of all `from` extents. */
  readonly fromIndex: number;
  readonly bytes: number;
}

/** The pieces that copy `bytes` bytes from some extents to others, in order. */
export function pieces(from: readonly Extent[], to: readonly Extent[], bytes: number): Piece[] {
  const found: Piece[] = [];
  const source = new PageWalk(from);
  const target = new PageWalk(to);
  for (let left = bytes; left > 0;) {
    const size = Math.min(left, source.room, target.room);
    assert(size > 0, 'a copy has a source and a target for each of its bytes');
    found.push({
      from: source.mfn,
      fromOffset: source.offset,
      to: target.mfn,
      toOffset: target.offset,
      fromIndex: source.index,
      toIndex: target.index,
      bytes: size,
    });
    source.advance(size);
    target.advance(size);
    left -= size;
  }
  return found;
}

/** Goes through extents page by page. */
class PageWalk {
  readonly #extents: readonly Extent[];
  #extent = 0;
  #done = 0;
  index = 0;

  constructor(extents: readonly Extent[]) {
    this.#extents = extents;
  }

  get #at(): number {
    return (this.#extents[this.#extent]?.offset ?? 0) + this.#done;
  }
  get mfn(): number {
    return (this.#extents[this.#extent]?.mfn ?? 0) + Math.floor(this.#at / PAGE_SIZE);
  }
  get offset(): number {
    return this.#at % PAGE_SIZE;
  }
  /** Bytes up to the end of this page or extent; 0 beyond the last. */
  get room(): number {
    const extent = this.#extents[this.#extent];
    if (extent === undefined) return 0;
    return Math.min(extent.bytes - this.#done, PAGE_SIZE - this.offset);
  }

  advance(bytes: number): void {
    const extent = this.#extents[this.#extent] as Extent;
    const leavesPage = this.offset + bytes === PAGE_SIZE;
    this.#done += bytes;
    if (this.#done === extent.bytes) {
      this.#extent++;
      this.#done = 0;
      this.index++;
    } else if (leavesPage) this.index++;
  }
}
