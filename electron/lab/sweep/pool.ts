/** Worker threads that share out runs; a run that kills its thread fails alone. */
import { Worker } from 'node:worker_threads';
import { LabError } from '../../../core/contract/index.ts';
import type { Outcome } from './rows.ts';
import type { WorkerJob, WorkerMessage } from './run-worker.ts';
import { RUN_WORKER } from './worker-entry.ts';

export interface PoolOptions<Task> {
  /** Most threads at a time. */
  readonly jobs: number;
  /** The next run to be made, or undefined when there is none left. */
  readonly next: () => Task | undefined;
  readonly jobOf: (task: Task) => WorkerJob;
  readonly settle: (task: Task, outcome: Outcome, wallMs: number) => void;
  readonly signal: AbortSignal;
  /** What the threads run; tests give their own. */
  readonly entry?: URL;
}

/**
 * Makes runs until there are none left or the signal fires. The threads are gone when it resolves.
 *
 * @throws LabError INTERNAL when a thread cannot even start; what `settle` throws
 */
export async function runPool<Task>(options: PoolOptions<Task>): Promise<void> {
  const { jobs, signal, entry = RUN_WORKER } = options;
  const problem = new AbortController();
  const stop = AbortSignal.any([signal, problem.signal]);
  const lane = async () => {
    try {
      let task: Task | undefined;
      while (!stop.aborted && (task = options.next()) !== undefined) {
        await liveOf(entry, task, options, stop);
      }
    } catch (thrown) {
      problem.abort(thrown);
      throw thrown;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: jobs }, lane));
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
}

/** The life of one thread: from its first task until there is none left, or until it dies. */
function liveOf<Task>(
  entry: URL,
  first: Task,
  { next, jobOf, settle }: PoolOptions<Task>,
  stop: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry);
    let task: Task | undefined = first;
    let ready = false;
    let cause: Error | undefined;
    let problem: Error | undefined;
    let started = 0;
    const end = () => void worker.terminate();
    const give = () => {
      if (task === undefined || stop.aborted) return end();
      started = performance.now();
      worker.postMessage(jobOf(task));
    };
    const finish = (outcome: Outcome) => {
      const settled = task as Task;
      task = undefined;
      settle(settled, outcome, Math.round(performance.now() - started));
    };
    const orStop = (work: () => void) => {
      try {
        work();
      } catch (thrown) {
        problem = thrown as Error;
        end();
      }
    };
    stop.addEventListener('abort', end, { once: true });
    worker.on('error', (error) => (cause = error as Error));
    worker.on('message', (message: WorkerMessage) =>
      orStop(() => {
        if (message.type === 'progress') return;
        if (message.type === 'outcome') {
          finish(message.outcome);
          task = stop.aborted ? undefined : next();
        } else ready = true;
        give();
      }),
    );
    worker.on('exit', (code) => {
      stop.removeEventListener('abort', end);
      if (!ready && !stop.aborted) problem ??= cannotStart(cause, code);
      if (task !== undefined && ready && !stop.aborted && problem === undefined) {
        orStop(() => finish(died(cause, code)));
      }
      if (problem === undefined) resolve();
      else reject(problem);
    });
  });
}

const wordsOf = (cause: Error | undefined, code: number) =>
  cause === undefined ? `it ended with status ${code}` : `${cause.name}: ${cause.message}`;

function died(cause: Error | undefined, code: number): Outcome {
  const memory = (cause as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const { data } = new LabError(
    'INTERNAL',
    memory ? 'the run needs more memory than there is' : `the run died: ${wordsOf(cause, code)}`,
    '',
    memory ? 'make it smaller, or use fewer jobs at a time' : 'please report it with its scenario',
  );
  return { status: 'failed', error: data, stack: cause?.stack ?? null };
}

function cannotStart(cause: Error | undefined, code: number): LabError {
  const what = `a thread for runs does not start: ${wordsOf(cause, code)}`;
  return new LabError('INTERNAL', what, '', 'try fewer --jobs; otherwise please report it');
}
