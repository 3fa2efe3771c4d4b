import { Worker } from 'node:worker_threads';
import {
  LabError,
  type ImportCounts,
  type ImportProgress,
  type LabErrorData,
} from '../../../core/contract/index.ts';
import type { ImportJob } from '../parts.ts';

/** What a thread is to import: plain data. */
export type PlainImport = Omit<ImportJob, 'onProgress' | 'signal'>;

/** What the thread says. */
export type ImportMessage =
  | { readonly type: 'progress'; readonly progress: ImportProgress }
  | { readonly type: 'done'; readonly counts: ImportCounts }
  | { readonly type: 'failed'; readonly error: LabErrorData };

/** The bundled app has all entries side by side, under names of their own. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './import-worker.js',
  import.meta.url,
);

/** Lines are short-lived: a small nursery keeps the thread small. The rest is enough for a million open spans. */
const LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 1024 };

/**
 * Imports a recording in a thread that ends with it. When the signal fires the thread is told, not
 * killed: it removes what it has written.
 *
 * @throws LabError as `importTrace` does
 */
export function importInThread({ onProgress, signal, ...job }: ImportJob): Promise<ImportCounts> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(ENTRY, { workerData: job, resourceLimits: LIMITS });
    const cancel = () => worker.postMessage('cancel');
    if (signal?.aborted === true) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    worker.on('message', (message: ImportMessage) => {
      if (message.type === 'progress') onProgress?.(message.progress);
      else if (message.type === 'done') resolve(message.counts);
      else reject(LabError.from(message.error));
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      signal?.removeEventListener('abort', cancel);
      // Whoever settled first has the word: this is for a thread that ended without one.
      reject(new LabError('INTERNAL', 'the thread that imports ended', job.input, 'try again'));
    });
  });
}
