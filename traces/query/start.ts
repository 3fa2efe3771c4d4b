/** Queries that can be cancelled, whatever they do. */
import { fork } from 'node:child_process';
import { LabError } from '../../core/contract/errors.ts';
import type { HostReply } from './host.ts';
import type { QueryAnswer, QueryJob } from './query.ts';

/**
 * Answers a query in a process of its own, which ends with it.
 *
 * @param signal kills the process at once
 * @throws LabError as `queryTrace`; CANCELLED; HOST_LOST when the process dies, of memory for example
 */
export function startQuery(job: QueryJob, signal?: AbortSignal): Promise<QueryAnswer> {
  const cancelled = () => new LabError('CANCELLED', 'the query was cancelled', job.file, '');
  if (signal?.aborted === true) return Promise.reject(cancelled());
  return new Promise((resolve, reject) => {
    const host = fork(new URL('./host.ts', import.meta.url), {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const kill = () => void host.kill('SIGKILL');
    signal?.addEventListener('abort', kill, { once: true });
    let said: HostReply | undefined;
    host.once('message', (message) => {
      said = message as HostReply;
      kill();
    });
    host.once('error', reject);
    host.once('exit', (code, by) => {
      signal?.removeEventListener('abort', kill);
      if (said !== undefined && 'answer' in said) resolve(said.answer);
      else if (said !== undefined) reject(LabError.from(said.error));
      else if (signal?.aborted === true) reject(cancelled());
      else reject(lost(job, by ?? `status ${code}`));
    });
    host.send(job);
  });
}

function lost(job: QueryJob, how: string): LabError {
  return new LabError(
    'HOST_LOST',
    `the process of the query ended (${how})`,
    job.file,
    'ask for less at a time',
  );
}
