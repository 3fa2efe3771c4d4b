/** Addresses that devices were given last: where a rogue one goes back to. */
import type { IommuContext } from '../primitives/iommu.ts';

const SIZE = 256;

export interface KnownAddress {
  readonly context: IommuContext;
  readonly dfn: number;
  readonly mfn: number;
}

export class RecentDma {
  readonly size = SIZE;
  readonly #known: KnownAddress[] = [];
  #next = 0;

  add(address: KnownAddress): void {
    this.#known[this.#next++ % SIZE] = address;
  }

  /** One of them, by a number below `size`; null while there are fewer. */
  pick(choice: number): KnownAddress | null {
    return this.#known[choice] ?? null;
  }
}
