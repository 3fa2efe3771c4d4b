import { Worker } from 'node:worker_threads';
import { LabError, type ExportProgress, type LabErrorData } from '../../../core/contract/index.ts';
import type { ExportJob } from '../../../traces/export/export.ts';
import type { TrimJob } from '../../../traces/trim/trim.ts';
import type { ReportFormat } from '../../report/formats.ts';
import type { ReportJob } from '../../report/needs.ts';

/** What a thread is to write: plain data. */
export type FileJob =
  | { readonly kind: 'export'; readonly job: Omit<ExportJob, 'onProgress' | 'signal'> }
  | { readonly kind: 'trim'; readonly job: Omit<TrimJob, 'onProgress' | 'signal'> }
  | {
      readonly kind: 'report';
      readonly job: ReportJob;
      readonly format: ReportFormat;
      readonly output: string;
    };

/** Told while it is written: of a report, its steps instead of events. */
export interface FileWatch {
  readonly onProgress: (progress: ExportProgress) => void;
  readonly signal: AbortSignal;
}

/** What the thread says. */
export type FileMessage =
  | { readonly type: 'progress'; readonly progress: ExportProgress }
  | { readonly type: 'done'; readonly events: number }
  | { readonly type: 'failed'; readonly error: LabErrorData };

/** The bundled app has all entries side by side, under names of their own. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './files-worker.js',
  import.meta.url,
);

/**
 * Writes a file in a thread that ends with it. When the signal fires the thread is told, not killed:
 * it removes what it has written.
 *
 * @returns how many events the file has; 0 for a report
 */
export function writeInThread(work: FileJob, { onProgress, signal }: FileWatch): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(ENTRY, { workerData: work });
    const cancel = () => worker.postMessage('cancel');
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    worker.on('message', (message: FileMessage) => {
      if (message.type === 'progress') onProgress(message.progress);
      else if (message.type === 'done') resolve(message.events);
      else reject(LabError.from(message.error));
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      signal.removeEventListener('abort', cancel);
      // Whoever settled first has the word: this is for a thread that ended without one.
      reject(new LabError('INTERNAL', 'the thread that writes the file ended', '', 'try again'));
    });
  });
}
