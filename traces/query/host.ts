/**
 * The process of one query. The query has a thread to itself, so that the main thread still notices
 * when nobody waits for the answer any more; SQLite would not let it go.
 */
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { toErrorData } from '../../core/contract/errors.ts';
import type { QueryJob } from './query.ts';
import type { QueryReply } from './reply.ts';

if (isMainThread) {
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.once('message', (job) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: job });
    const answer = (said: QueryReply) => process.send?.(said);
    thread.once('message', answer);
    thread.once('error', (error) => answer({ error: toErrorData(error) }));
  });
} else {
  // Here only: the main thread needs no SQLite, and whoever asked waits for it to load.
  const { replyTo } = await import('./reply.ts');
  parentPort?.postMessage(replyTo(workerData as QueryJob));
}
