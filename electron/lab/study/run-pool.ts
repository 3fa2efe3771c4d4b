/** Worker threads that make runs for everybody in the lab, as many at a time as there are CPUs. */
import { Worker } from 'node:worker_threads';
import {
  LabError,
  type RunProgress,
  type RunResult,
  type Scenario,
} from '../../../core/contract/index.ts';
import type { WorkerJob, WorkerMessage } from '../sweep/run-worker.ts';
import { RUN_WORKER } from '../sweep/worker-entry.ts';

/** One run to be made. */
export interface PoolJob extends WorkerJob {
  readonly scenario: Scenario;
  /** Who asks: the threads are shared out fairly among groups. */
  readonly group: string;
  readonly signal: AbortSignal;
  readonly onStart?: () => void;
  readonly onProgress?: (progress: RunProgress) => void;
}

interface Task {
  readonly job: PoolJob;
  readonly resolve: (result: RunResult) => void;
  readonly reject: (error: LabError) => void;
}

interface Thread {
  readonly worker: Worker;
  task: Task | null;
}

/** Threads without work end after this. */
const IDLE_MS = 30_000;

export class RunPool {
  readonly size: number;
  readonly #entry: URL;
  #waiting: Task[] = [];
  #threads: Thread[] = [];
  #idle: NodeJS.Timeout | undefined;

  /** @param entry what the threads run; tests give their own */
  constructor(size: number, entry = RUN_WORKER) {
    this.size = size;
    this.#entry = entry;
  }

  /**
   * Makes a run as soon as a thread is free.
   *
   * @throws LabError CANCELLED when the signal fired, those of `runScenario`, INTERNAL when the thread
   *   died
   */
  run(job: PoolJob): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      const task: Task = { job, resolve, reject };
      if (job.signal.aborted) return reject(cancelled());
      job.signal.addEventListener('abort', () => this.#abort(task), { once: true });
      this.#waiting.push(task);
      this.#share();
    });
  }

  /** Ends all threads; what they were making is lost. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const threads = this.#threads;
    this.#threads = [];
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  #abort(task: Task): void {
    const thread = this.#threads.find((each) => each.task === task);
    if (thread !== undefined) return thread.worker.postMessage('cancel');
    if (!this.#waiting.includes(task)) return;
    this.#waiting = this.#waiting.filter((each) => each !== task);
    task.reject(cancelled());
  }

  /** Gives what waits to free threads. */
  #share(): void {
    clearTimeout(this.#idle);
    while (this.#waiting.length > 0) {
      const free = this.#threads.find((each) => each.task === null);
      if (free === undefined && this.#threads.length >= this.size) return;
      this.#give(free ?? this.#spawn(), this.#next());
    }
    if (this.#threads.every(({ task }) => task === null)) {
      this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref();
    }
  }

  /** The first of the group that has the fewest threads. */
  #next(): Task {
    const busy = (group: string) =>
      this.#threads.filter((each) => each.task?.job.group === group).length;
    const groups = [...new Set(this.#waiting.map(({ job }) => job.group))];
    const least = groups.reduce((a, b) => (busy(b) < busy(a) ? b : a));
    const at = this.#waiting.findIndex(({ job }) => job.group === least);
    return this.#waiting.splice(at, 1)[0] as Task;
  }

  #give(thread: Thread, task: Task): void {
    thread.task = task;
    const { scenario, output, name, onStart } = task.job;
    thread.worker.postMessage({ scenario, output, name } satisfies WorkerJob);
    onStart?.();
  }

  #spawn(): Thread {
    const thread: Thread = { worker: new Worker(this.#entry), task: null };
    this.#threads.push(thread);
    let cause: Error | undefined;
    const settle = (work: (task: Task) => void) => {
      const { task } = thread;
      thread.task = null;
      if (task !== null) work(task);
    };
    thread.worker.on('error', (error) => (cause = error as Error));
    thread.worker.on('message', (message: WorkerMessage) => {
      if (message.type === 'progress') thread.task?.job.onProgress?.(message.progress);
      if (message.type !== 'outcome') return;
      const { outcome } = message;
      settle(({ resolve, reject }) =>
        outcome.status === 'done' ? resolve(outcome.result) : reject(LabError.from(outcome.error)),
      );
      this.#share();
    });
    thread.worker.on('exit', (code) => {
      this.#threads = this.#threads.filter((each) => each !== thread);
      const why = cause === undefined ? `it ended with status ${code}` : cause.message;
      settle(({ reject }) =>
        reject(
          new LabError(
            'INTERNAL',
            `the thread of this run died: ${why}`,
            '',
            'make the run smaller; otherwise please report it with its scenario',
          ),
        ),
      );
      this.#share();
    });
    return thread;
  }
}

const cancelled = () => new LabError('CANCELLED', 'the run was cancelled', '', 'run it again');
