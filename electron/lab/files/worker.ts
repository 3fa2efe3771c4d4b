/** A thread that writes one file, says so, and ends. */
import { writeFileSync } from 'node:fs';
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

async function write(work: FileJob): Promise<number> {
  switch (work.kind) {
    case 'export':
      return (await exportTrace({ ...work.job, ...watch })).events;
    case 'trim':
      return (await trimTrace({ ...work.job, ...watch })).events;
    case 'report': {
      // Loaded here alone: it draws, and so brings a canvas.
      const { buildReport } = await import('../../report/build.ts');
      writeFileSync(work.output, await buildReport(work.job, work.format, watch));
      return 0;
    }
  }
}

const work = workerData as FileJob;
try {
  say({ type: 'done', events: await write(work) });
} catch (thrown) {
  say({ type: 'failed', error: toErrorData(thrown) });
} finally {
  parentPort?.close();
}
