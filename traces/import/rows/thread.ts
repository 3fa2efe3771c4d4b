/** The thread that writes the rows of an import, from the other side. */
import { Orders } from '../../threads/orders.ts';
import { Packer, type RowPortion } from './portion.ts';

/** What the thread is told; it alone has the part open from `open` to `close` or `drop`. */
export type RowsOrder =
  | { readonly type: 'open'; readonly part: string }
  | { readonly type: 'portion'; readonly portion: RowPortion }
  | { readonly type: 'close' }
  | { readonly type: 'drop' };

/** The bundled app has all entries side by side, under names of their own. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './import-rows-worker.js',
  import.meta.url,
);

/** Rows pass through: a small nursery keeps the thread small. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

/** Rows that another thread writes into a part. */
export class RowsThread {
  readonly #orders = new Orders<RowsOrder>(ENTRY, LIMITS);
  readonly rows = new Packer((portion) => {
    this.#orders.give({ type: 'portion', portion }, [portion.numbers.buffer, portion.texts]);
  });

  constructor(part: string) {
    this.#orders.give({ type: 'open', part });
  }

  /** Resolves when there is room for more rows; null when there is. Rejects with what went wrong. */
  ready(): Promise<void> | null {
    return this.#orders.ready();
  }

  /** All rows are in the part, and it is closed. */
  async close(): Promise<void> {
    this.rows.flush();
    await this.#orders.end({ type: 'close' });
  }

  /** The part is closed, whatever is in it. */
  async drop(): Promise<void> {
    // What went wrong is known: it is why nothing is kept.
    await this.#orders.end({ type: 'drop' }).catch(() => undefined);
  }
}
