/**
 * The process of one query. The query has a thread to itself, so that the main thread still notices
 * when nobody waits for the answer any more; SQLite would not let it go.
 */
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { toErrorData, type LabErrorData } from '../../core/contract/errors.ts';
import { queryTrace, type QueryAnswer, type QueryJob } from './query.ts';

/** What the process says, once. */
export type HostReply = { readonly answer: QueryAnswer } | { readonly error: LabErrorData };

function reply(job: QueryJob): HostReply {
  try {
    return { answer: queryTrace(job) };
  } catch (thrown) {
    return { error: toErrorData(thrown) };
  }
}

if (isMainThread) {
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.once('message', (job) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: job });
    const answer = (said: HostReply) => process.send?.(said);
    thread.once('message', answer);
    thread.once('error', (error) => answer({ error: toErrorData(error) }));
  });
} else {
  parentPort?.postMessage(reply(workerData as QueryJob));
}
