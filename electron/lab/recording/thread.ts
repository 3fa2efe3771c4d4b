/** Runs recorded by another thread: one simulates, one writes. */
import { Worker } from 'node:worker_threads';
import { LabError, type LabErrorData } from '../../../core/contract/index.ts';
import { markLive, PART_SUFFIX, unmarkLive } from '../../../traces/index.ts';
import type { Recording, RecordingAbout, RecordingEnd } from '../parts.ts';
import { Gatherer, type Portion } from './portion.ts';

/** What the thread is told; each order is answered by one message. */
export type WriterOrder =
  | { readonly type: 'start'; readonly path: string; readonly head: RecordingAbout }
  | { readonly type: 'portion'; readonly portion: Portion }
  | { readonly type: 'finish'; readonly end: RecordingEnd }
  | { readonly type: 'abandon' };

/** What the thread says. */
export type WriterMessage =
  | { readonly type: 'taken' }
  | { readonly type: 'ended'; readonly file: { file: string; events: number } | null }
  | { readonly type: 'failed'; readonly error: LabErrorData };

/** The bundled app has all entries side by side, under names of their own. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './recording-worker.js',
  import.meta.url,
);

/** Portions on their way at most, each of some 8000 events and half a MiB. */
const MAX_PORTIONS = 8;

/** A thread without work, kept for the next recording. */
let spare: Worker | null = null;

/** Starts a recording; what is wrong with its place is told by the first `ready` or `finish` after it. */
export function recordInThread(path: string, about: RecordingAbout): Recording {
  const worker = spare ?? new Worker(ENTRY);
  spare = null;
  return new ThreadedRecording(worker, path, about);
}

class ThreadedRecording extends Gatherer implements Recording {
  readonly #worker: Worker;
  readonly #part: string;
  /** Orders without an answer. */
  #open = 0;
  #failure: Error | null = null;
  #ended = false;
  #file: { file: string; events: number } | null = null;
  /** Called when the run may go on, and when the last order was answered. */
  #onRoom: (() => void) | null = null;
  #onEnd: (() => void) | null = null;

  constructor(worker: Worker, path: string, head: RecordingAbout) {
    super((portion, transfer) => this.#order({ type: 'portion', portion }, transfer));
    this.#worker = worker;
    this.#part = path + PART_SUFFIX;
    // Its locks are those of the whole process: nobody here may open the file by hand meanwhile.
    markLive(this.#part);
    worker.ref();
    worker.on('message', this.#hear);
    worker.on('error', this.#lose);
    worker.on('exit', this.#lose);
    this.#order({ type: 'start', path, head });
  }

  ready(): Promise<void> | null {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#open <= MAX_PORTIONS) return null;
    return new Promise((resolve, reject) => {
      this.#onRoom = () => (this.#failure === null ? resolve() : reject(this.#failure));
    });
  }

  async finish(end: RecordingEnd): Promise<{ file: string; events: number }> {
    this.flush();
    await this.#end({ type: 'finish', end });
    if (this.#failure !== null) throw this.#failure;
    if (this.#file === null) throw lost(this.#part);
    return this.#file;
  }

  async abandon(): Promise<void> {
    if (!this.#ended) await this.#end({ type: 'abandon' });
  }

  async #end(order: WriterOrder): Promise<void> {
    this.#ended = true;
    await new Promise<void>((resolve) => {
      this.#onEnd = resolve;
      this.#order(order);
    });
    this.#worker.off('message', this.#hear);
    this.#worker.off('error', this.#lose);
    this.#worker.off('exit', this.#lose);
    unmarkLive(this.#part);
    if (this.#worker.threadId === -1) return;
    if (spare !== null) return void this.#worker.terminate();
    this.#worker.unref();
    spare = this.#worker;
  }

  #order(order: WriterOrder, transfer: ArrayBuffer[] = []): void {
    this.#open += 1;
    this.#worker.postMessage(order, transfer);
    if (this.#worker.threadId === -1) setImmediate(this.#lose);
  }

  readonly #hear = (message: WriterMessage): void => {
    this.#open -= 1;
    if (message.type === 'failed') this.#failure ??= LabError.from(message.error);
    if (message.type === 'ended') this.#file = message.file;
    this.#tell();
  };

  /** The thread has ended by itself. */
  readonly #lose = (): void => {
    this.#open = 0;
    this.#failure ??= lost(this.#part);
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

function lost(part: string): LabError {
  const remedy = 'what was written until then becomes a trace with "mapcopy recover"';
  return new LabError('INTERNAL', 'the thread that writes the trace ended', part, remedy);
}
