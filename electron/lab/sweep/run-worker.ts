/**
 * A thread that makes runs, one after another. It may die of one without harm to the others.
 *
 * It says `ready` once, then answers each job with its progress and its outcome. `cancel` ends the
 * job under way.
 */
import { parentPort } from 'node:worker_threads';
import {
  toErrorData,
  type ErrorCode,
  type RunProgress,
  type Scenario,
} from '../../../core/contract/index.ts';
import { realParts } from '../real-parts.ts';
import { runScenario } from '../runs.ts';
import type { Outcome } from './rows.ts';

/** One run to be made. */
export interface WorkerJob {
  readonly scenario: Scenario;
  /** Trace to write, or null. */
  readonly output: string | null;
  readonly name: string;
}

/** What a worker says. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly progress: RunProgress }
  | { readonly type: 'outcome'; readonly outcome: Outcome };

/** Errors that say that there is no such run, rather than that it went wrong. */
const REFUSALS: readonly ErrorCode[] = ['REFUSED_PAIR', 'NOT_IN_THIS_VERSION', 'BAD_SCENARIO'];

async function outcomeOf(job: WorkerJob, signal: AbortSignal): Promise<Outcome> {
  try {
    const onProgress = (progress: RunProgress) => say({ type: 'progress', progress });
    const result = await runScenario({ ...job, onProgress, signal }, realParts);
    return { status: 'done', result };
  } catch (thrown) {
    const error = toErrorData(thrown);
    if (REFUSALS.includes(error.code)) return { status: 'refused', error };
    const stack = thrown instanceof Error ? (thrown.stack ?? null) : null;
    return { status: 'failed', error, stack };
  }
}

const say = (message: WorkerMessage) => parentPort?.postMessage(message);

let stop = new AbortController();
parentPort?.on('message', (job: WorkerJob | 'cancel') => {
  if (job === 'cancel') return stop.abort();
  stop = new AbortController();
  void outcomeOf(job, stop.signal).then((outcome) => say({ type: 'outcome', outcome }));
});
say({ type: 'ready' });
