/** Runs recorded by another thread: one simulates, one writes. */
import { LabError } from '../../../core/contract/index.ts';
import { markLive, PART_SUFFIX, unmarkLive } from '../../../traces/index.ts';
import { Orders } from '../../../traces/threads/orders.ts';
import type { Recording, RecordingAbout, RecordingEnd } from '../parts.ts';
import { Gatherer, type Portion } from './portion.ts';

/** What the thread is told. `finish` and `abandon` end a recording. */
export type WriterOrder =
  | { readonly type: 'start'; readonly path: string; readonly head: RecordingAbout }
  | { readonly type: 'portion'; readonly portion: Portion }
  | { readonly type: 'finish'; readonly end: RecordingEnd }
  | { readonly type: 'abandon' };

/** The answer to `finish`. */
export interface Finished {
  readonly file: string;
  readonly events: number;
}

/** The bundled app has all entries side by side, under names of their own. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './recording-worker.js',
  import.meta.url,
);

/** Starts a recording; what is wrong with its place is told by the first `ready` or `finish` after it. */
export function recordInThread(path: string, about: RecordingAbout): Recording {
  return new ThreadedRecording(path, about, new Orders(ENTRY));
}

class ThreadedRecording extends Gatherer implements Recording {
  readonly #orders: Orders<WriterOrder>;
  readonly #part: string;

  constructor(path: string, head: RecordingAbout, orders: Orders<WriterOrder>) {
    // A portion is some 8000 events and half a MiB.
    super((portion, transfer) => orders.give({ type: 'portion', portion }, transfer));
    this.#orders = orders;
    this.#part = path + PART_SUFFIX;
    // Its locks are those of the whole process: nobody here may open the file by hand meanwhile.
    markLive(this.#part);
    orders.give({ type: 'start', path, head });
  }

  ready(): Promise<void> | null {
    return this.#orders.ready();
  }

  async finish(end: RecordingEnd): Promise<Finished> {
    this.flush();
    try {
      const finished = (await this.#orders.end({ type: 'finish', end })) as Finished | null;
      if (finished !== null) return finished;
    } finally {
      unmarkLive(this.#part);
    }
    throw new LabError('INTERNAL', 'the recording has ended already', this.#part, '');
  }

  async abandon(): Promise<void> {
    // What went wrong is known: it is why the recording is abandoned.
    await this.#orders.end({ type: 'abandon' }).catch(() => undefined);
    unmarkLive(this.#part);
  }
}
