/** Queries that can be cancelled, whatever they do. */
import { fork } from 'node:child_process';
import { LabError } from '../../core/contract/errors.ts';
import type { QueryAnswer } from '../../core/contract/methods/query.ts';
import type { QueryJob } from './query.ts';
import type { QueryReply } from './reply.ts';

/** The process of one query, whatever started it. */
export interface QueryProcess {
  /** Ends it at once; its exit is told as any other. */
  kill(): void;
}

/** What a process tells whoever started it. */
export interface QueryListener {
  readonly onReply: (reply: QueryReply) => void;
  /** Once, when it has gone. @param how status or signal, in words */
  readonly onExit: (how: string) => void;
}

/** Starts a process that answers one query. */
export type StartProcess = (job: QueryJob, listener: QueryListener) => QueryProcess;

/**
 * Answers a query in a process of its own, which ends with it.
 *
 * @param signal kills the process at once
 * @param start how processes are started here
 * @throws LabError as `queryTrace`; CANCELLED; HOST_LOST when the process dies, of memory for example
 */
export function startQuery(
  job: QueryJob,
  signal?: AbortSignal,
  start: StartProcess = forkNode,
): Promise<QueryAnswer> {
  const cancelled = () => new LabError('CANCELLED', 'the query was cancelled', job.file, '');
  if (signal?.aborted === true) return Promise.reject(cancelled());
  return new Promise((resolve, reject) => {
    let said: QueryReply | undefined;
    const host = start(job, {
      onReply: (reply) => {
        said = reply;
        kill();
      },
      onExit: (how) => {
        signal?.removeEventListener('abort', kill);
        if (said !== undefined && 'answer' in said) resolve(said.answer);
        else if (said !== undefined) reject(LabError.from(said.error));
        else if (signal?.aborted === true) reject(cancelled());
        else reject(lost(job, how));
      },
    });
    const kill = () => host.kill();
    signal?.addEventListener('abort', kill, { once: true });
  });
}

/** A process of Node's. */
const forkNode: StartProcess = (job, { onReply, onExit }) => {
  const host = fork(new URL('./host.ts', import.meta.url), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  host.once('message', (message) => onReply(message as QueryReply));
  // Without a process there is no exit either.
  host.once('error', (error) => host.pid === undefined && onExit(error.message));
  host.once('exit', (code, by) => onExit(by ?? `status ${code}`));
  host.send(job);
  return { kill: () => void host.kill('SIGKILL') };
};

function lost(job: QueryJob, how: string): LabError {
  return new LabError(
    'HOST_LOST',
    `the process of the query ended (${how})`,
    job.file,
    'ask for less at a time',
  );
}
