/**
 * References to pages that are lent to others beside the one that a mapping stands for: a clone in a
 * retransmission queue, an skb on its way (`page_count` of Linux).
 */
import { assert } from '../base/assert.ts';

export class PageRefs {
  readonly #extra = new Map<number, number>();

  /** Somebody else holds the page as well. */
  get(mfn: number): void {
    this.#extra.set(mfn, (this.#extra.get(mfn) ?? 0) + 1);
  }

  put(mfn: number): void {
    const extra = this.#extra.get(mfn);
    assert(extra !== undefined, 'a page reference was put that nobody has');
    if (extra === 1) this.#extra.delete(mfn);
    else this.#extra.set(mfn, extra - 1);
  }

  /** References to the page: 1 when only its mapping holds it. */
  count(mfn: number): number {
    return 1 + (this.#extra.get(mfn) ?? 0);
  }
}
