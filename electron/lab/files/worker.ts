/** A thread that writes one file, says so, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { toErrorData } from '../../../core/contract/index.ts';
import { exportTrace } from '../../../traces/export/export.ts';
import { trimTrace } from '../../../traces/trim/trim.ts';
import type { FileJob, FileMessage } from './thread.ts';

const PROGRESS_MS = 50;

const say = (message: FileMessage) => parentPort?.postMessage(message);
const stop = new AbortController();
parentPort?.once('message', () => stop.abort());

let told = 0;
const watch = {
  onProgress(events: number, total: number) {
    const now = performance.now();
    if (now - told < PROGRESS_MS) return;
    told = now;
    say({ type: 'progress', progress: { events, total } });
  },
  signal: stop.signal,
};

const work = workerData as FileJob;
try {
  const { events } =
    work.kind === 'export'
      ? await exportTrace({ ...work.job, ...watch })
      : await trimTrace({ ...work.job, ...watch });
  say({ type: 'done', events });
} catch (thrown) {
  say({ type: 'failed', error: toErrorData(thrown) });
} finally {
  parentPort?.close();
}
