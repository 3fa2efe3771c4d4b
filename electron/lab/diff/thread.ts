import { Worker } from 'node:worker_threads';
import { LabError, type LabErrorData } from '../../../core/contract/index.ts';
import type { TraceDiff } from '../../../core/diff/index.ts';
import type { CompareJob } from '../parts.ts';

/** What the thread says. */
export type CompareMessage =
  | { readonly type: 'progress'; readonly events: number }
  | { readonly type: 'done'; readonly diff: TraceDiff }
  | { readonly type: 'failed'; readonly error: LabErrorData };

/** The bundled app has all entries side by side, under names of their own. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './diff-worker.js',
  import.meta.url,
);

/** Compares two traces in a thread that ends with the comparison, or when the signal fires. */
export function compareInThread({ a, b, onProgress, signal }: CompareJob): Promise<TraceDiff> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled());
      return;
    }
    const worker = new Worker(ENTRY, { workerData: { a, b } });
    const cancel = () => {
      reject(cancelled());
      void worker.terminate();
    };
    signal.addEventListener('abort', cancel, { once: true });
    worker.on('message', (message: CompareMessage) => {
      if (message.type === 'progress') onProgress(message.events);
      else if (message.type === 'done') resolve(message.diff);
      else reject(LabError.from(message.error));
    });
    worker.on('error', (error) => reject(died(error)));
    worker.on('exit', () => {
      signal.removeEventListener('abort', cancel);
      // Whoever settled first has the word: this is for a thread that ended without one.
      reject(died(new Error('the thread ended')));
    });
  });
}

function cancelled(): LabError {
  return new LabError('CANCELLED', 'the comparison was cancelled', '', 'start it again');
}

function died(cause: unknown): LabError {
  const memory = (cause as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new LabError(
    'INTERNAL',
    memory
      ? 'the comparison needs more memory than there is'
      : `the comparison failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    '',
    memory ? 'compare parts of the traces: see "mapcopy trim"' : 'please report it',
  );
}
