import { Worker } from 'node:worker_threads';
import {
  LabError,
  type ChartRow,
  type Detail,
  type FigureFormat,
  type FigureProgress,
  type LabErrorData,
} from '../../core/contract/index.ts';
import type { ChartSource, ChartSpec } from '../../core/figures/chart/spec.ts';
import type { Places } from './places.ts';

/** What a thread is to do: plain data. */
export type FigureJob =
  | { readonly kind: 'rows'; readonly source: ChartSource; readonly details: readonly Detail[] }
  | {
      readonly kind: 'file';
      readonly spec: ChartSpec;
      readonly format: FigureFormat;
      readonly scale: number;
    };

export interface FigureAnswer {
  rows: readonly ChartRow[];
  file: Uint8Array;
}

/** What the thread says. */
export type FigureMessage =
  | { readonly type: 'progress'; readonly progress: FigureProgress }
  | { readonly type: 'done'; readonly answer: FigureAnswer[keyof FigureAnswer] }
  | { readonly type: 'failed'; readonly error: LabErrorData };

interface Watch {
  readonly onProgress: (progress: FigureProgress) => void;
  readonly signal: AbortSignal;
}

/** The bundled app has all entries side by side, under names of their own. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './figures-worker.js',
  import.meta.url,
);

/**
 * Reads or draws in a thread that ends with it. When the signal fires the thread is told, and killed
 * when it does not end: nothing that it has written is for keeps.
 */
export function figureInThread<Kind extends FigureJob['kind']>(
  job: FigureJob & { readonly kind: Kind },
  places: Places,
  { onProgress, signal }: Watch,
): Promise<FigureAnswer[Kind]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(ENTRY, { workerData: { job, places } });
    const cancel = () => {
      worker.postMessage('cancel');
      reject(new LabError('CANCELLED', 'the chart was cancelled', '', 'ask for it again'));
      setTimeout(() => void worker.terminate(), GRACE_MS).unref();
    };
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    worker.on('message', (message: FigureMessage) => {
      if (message.type === 'progress') onProgress(message.progress);
      else if (message.type === 'done') resolve(message.answer as FigureAnswer[Kind]);
      else reject(LabError.from(message.error));
    });
    worker.on('error', (error) => reject(error as Error));
    worker.on('exit', () => {
      signal.removeEventListener('abort', cancel);
      // Whoever settled first has the word: this is for a thread that ended without one.
      reject(new LabError('INTERNAL', 'the thread that draws ended', '', 'try again'));
    });
  });
}

/** Time to remove what it has written. */
const GRACE_MS = 2000;
