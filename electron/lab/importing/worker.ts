/** A thread that imports one recording, says so, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { toErrorData } from '../../../core/contract/index.ts';
import { importTrace } from '../../../traces/import/import.ts';
import type { ImportMessage, PlainImport } from './thread.ts';

const PROGRESS_MS = 50;

const say = (message: ImportMessage) => parentPort?.postMessage(message);
const stop = new AbortController();
parentPort?.once('message', () => stop.abort());

let told = 0;
try {
  const counts = await importTrace({
    ...(workerData as PlainImport),
    signal: stop.signal,
    onProgress(progress) {
      const now = performance.now();
      if (now - told < PROGRESS_MS && progress.bytesDone < progress.bytesTotal) return;
      told = now;
      say({ type: 'progress', progress });
    },
  });
  say({ type: 'done', counts });
} catch (thrown) {
  say({ type: 'failed', error: toErrorData(thrown) });
} finally {
  parentPort?.close();
}
