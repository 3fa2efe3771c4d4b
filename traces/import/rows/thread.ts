/** The thread that writes the rows of an import, from the other side. */
import { Worker } from 'node:worker_threads';
import { LabError, type LabErrorData } from '../../../core/contract/errors.ts';
import { Packer, type RowPortion } from './portion.ts';

/** What the thread is told; each order is answered by one message. */
export type RowsOrder =
  | { readonly type: 'open'; readonly part: string }
  | { readonly type: 'portion'; readonly portion: RowPortion }
  | { readonly type: 'close' }
  | { readonly type: 'drop' };

/** What the thread says: done, or what went wrong. */
export interface RowsMessage {
  readonly error: LabErrorData | null;
}

/** The bundled app has all entries side by side, under names of their own. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './import-rows-worker.js',
  import.meta.url,
);

/** Rows pass through: a small nursery keeps the thread small. */
const LIMITS = { maxYoungGenerationSizeMb: 8 };

/** Portions on their way at most, each of some half a MiB. */
const MAX_PORTIONS = 8;

/** A thread without work, kept for the next import. */
let spare: Worker | null = null;

/** Rows that another thread writes into a part, which it alone has open until `close` or `drop`. */
export class RowsThread {
  readonly rows = new Packer((portion) => this.#order({ type: 'portion', portion }));
  readonly #worker = spare ?? new Worker(ENTRY, { resourceLimits: LIMITS });
  /** Orders without an answer. */
  #open = 0;
  #failure: Error | null = null;
  #onRoom: (() => void) | null = null;
  #onEnd: (() => void) | null = null;

  constructor(part: string) {
    spare = null;
    this.#worker.ref();
    this.#worker.on('message', this.#hear);
    this.#worker.on('error', this.#lose);
    this.#worker.on('exit', this.#lose);
    this.#order({ type: 'open', part });
  }

  /** Resolves when there is room for more rows; null when there is. Rejects with what went wrong. */
  ready(): Promise<void> | null {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#open <= MAX_PORTIONS) return null;
    return new Promise((resolve, reject) => {
      this.#onRoom = () => (this.#failure === null ? resolve() : reject(this.#failure));
    });
  }

  /** All rows are in the part, and it is closed. */
  async close(): Promise<void> {
    this.rows.flush();
    await this.#end({ type: 'close' });
    if (this.#failure !== null) throw this.#failure;
  }

  /** The part is closed, whatever is in it. */
  drop(): Promise<void> {
    return this.#end({ type: 'drop' });
  }

  async #end(order: RowsOrder): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onEnd = resolve;
      this.#order(order);
    });
    this.#worker.off('message', this.#hear);
    this.#worker.off('error', this.#lose);
    this.#worker.off('exit', this.#lose);
    if (this.#worker.threadId === -1) return;
    if (spare !== null) return void this.#worker.terminate();
    this.#worker.unref();
    spare = this.#worker;
  }

  #order(order: RowsOrder): void {
    this.#open += 1;
    const transfer =
      order.type === 'portion' ? [order.portion.numbers.buffer, order.portion.texts] : [];
    this.#worker.postMessage(order, transfer);
    if (this.#worker.threadId === -1) setImmediate(this.#lose);
  }

  readonly #hear = ({ error }: RowsMessage): void => {
    this.#open -= 1;
    if (error !== null) this.#failure ??= LabError.from(error);
    this.#tell();
  };

  /** The thread has ended by itself. */
  readonly #lose = (): void => {
    this.#open = 0;
    this.#failure ??= new Error('the thread that writes rows ended');
    this.#tell();
  };

  #tell(): void {
    if (this.#open <= MAX_PORTIONS / 2 || this.#failure !== null) {
      this.#onRoom?.();
      this.#onRoom = null;
    }
    if (this.#open === 0) this.#onEnd?.();
  }
}
