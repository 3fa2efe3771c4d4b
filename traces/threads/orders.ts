/** Orders to another thread, each of which it answers. */
import { Worker, type ResourceLimits } from 'node:worker_threads';
import { LabError, type LabErrorData } from '../../core/contract/errors.ts';

/** What a thread says of one order. */
export interface Answer {
  readonly error: LabErrorData | null;
  /** Plain data. */
  readonly value: unknown;
}

/** Orders on their way at most: enough that neither side waits for the other's every step. */
const MAX_OPEN = 8;

/** Threads without work, by their entry: starting one takes as long as a few thousand orders. */
const spares = new Map<string, Worker>();

export class Orders<Order> {
  readonly #entry: string;
  readonly #worker: Worker;
  /** Orders without an answer. */
  #open = 0;
  #failure: Error | null = null;
  #value: unknown = null;
  #hasEnded = false;
  #onRoom: (() => void) | null = null;
  #onEnd: (() => void) | null = null;

  /** @param entry a module that calls `obeyOrders` */
  constructor(entry: URL, resourceLimits: ResourceLimits = {}) {
    this.#entry = entry.href;
    const spare = spares.get(entry.href);
    spares.delete(entry.href);
    this.#worker =
      spare === undefined || spare.threadId === -1 ? new Worker(entry, { resourceLimits }) : spare;
    this.#worker.ref();
    this.#worker.on('message', this.#hear);
    this.#worker.on('error', this.#blame);
    this.#worker.on('exit', this.#lose);
  }

  /** @param transfer buffers that are handed over for good */
  give(order: Order, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(order, transfer);
    this.#open += 1;
    if (this.#worker.threadId === -1) setImmediate(this.#lose);
  }

  /** Resolves when there is room for more orders; null when there is. Rejects with what went wrong. */
  ready(): Promise<void> | null {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#open <= MAX_OPEN) return null;
    return new Promise((resolve, reject) => {
      this.#onRoom = () => (this.#failure === null ? resolve() : reject(this.#failure));
    });
  }

  /**
   * Gives the last order and lets go of the thread when all are answered. Does nothing the second time.
   *
   * @returns the answer to the last order
   * @throws what went wrong first
   */
  async end(order: Order): Promise<unknown> {
    if (this.#hasEnded) return null;
    this.#hasEnded = true;
    await new Promise<void>((resolve) => {
      this.#onEnd = resolve;
      this.give(order);
    });
    this.#worker.off('message', this.#hear);
    this.#worker.off('error', this.#blame);
    this.#worker.off('exit', this.#lose);
    this.#spare();
    if (this.#failure !== null) throw this.#failure;
    return this.#value;
  }

  #spare(): void {
    if (this.#worker.threadId === -1) return;
    if (spares.has(this.#entry)) return void this.#worker.terminate();
    this.#worker.unref();
    spares.set(this.#entry, this.#worker);
  }

  readonly #hear = ({ error, value }: Answer): void => {
    this.#open -= 1;
    this.#value = value;
    if (error !== null) this.#failure ??= LabError.from(error);
    this.#tell();
  };

  /** The thread is about to end by itself; until it has, what it holds open stays open. */
  readonly #blame = ({ message }: Error): void => {
    const what = `the thread that writes failed: ${message}`;
    this.#failure ??= new LabError('INTERNAL', what, '', 'try again');
  };

  /** The thread has ended by itself. */
  readonly #lose = (): void => {
    this.#open = 0;
    this.#failure ??= new LabError('INTERNAL', 'the thread that writes ended', '', 'try again');
    this.#tell();
  };

  #tell(): void {
    if (this.#open <= MAX_OPEN / 2 || this.#failure !== null) {
      this.#onRoom?.();
      this.#onRoom = null;
    }
    if (this.#open === 0) this.#onEnd?.();
  }
}
