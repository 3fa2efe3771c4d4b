/** Runs that somebody asked for: made on the pool, kept until the lab ends or newer ones come. */
import {
  toErrorData,
  type RunJob,
  type RunProgress,
  type Scenario,
} from '../../../core/contract/index.ts';
import { nameOfRun, stampOf } from '../file-names.ts';
import type { Library } from '../library.ts';
import type { Batch } from './batches.ts';
import type { RunPool } from './run-pool.ts';

/** Runs that are over and are kept for who comes later. */
const KEPT = 2000;

interface Held {
  job: RunJob;
  readonly stop: AbortController;
  startedAt: number;
}

export interface RunJobsOptions {
  readonly pool: RunPool;
  readonly library: Library;
  readonly now: () => Date;
  readonly onChange: (job: RunJob) => void;
  readonly onProgress: (job: Pick<RunJob, 'id' | 'progress' | 'elapsedMs'>) => void;
  readonly track: (work: Promise<unknown>) => void;
}

export class RunJobs {
  readonly #options: RunJobsOptions;
  readonly #held = new Map<number, Held>();
  #next = 1;

  constructor(options: RunJobsOptions) {
    this.#options = options;
  }

  list(): RunJob[] {
    return [...this.#held.values()].map(({ job }) => job);
  }

  /**
   * Takes runs in; they begin when threads are free.
   * @param keeper keeps what they come to; none for runs that nobody keeps
   */
  add(scenarios: readonly Scenario[], record: boolean, keeper: Batch | null = null): number[] {
    this.#forget();
    const batch = this.#next;
    const works: Promise<void>[] = [];
    const ids = scenarios.map((scenario) => {
      const id = this.#next++;
      const job: RunJob = {
        id,
        batch,
        scenario,
        state: 'waiting',
        elapsedMs: 0,
        progress: null,
        result: null,
        error: null,
      };
      const held: Held = { job, stop: new AbortController(), startedAt: 0 };
      this.#held.set(id, held);
      this.#options.onChange(job);
      works.push(this.#work(held, record, keeper));
      return id;
    });
    keeper?.signal.addEventListener('abort', () => this.cancel(ids));
    this.#options.track(Promise.all(works).then(() => keeper?.end()));
    return ids;
  }

  cancel(ids: readonly number[]): void {
    for (const id of ids) this.#held.get(id)?.stop.abort();
  }

  cancelAll(): void {
    this.cancel([...this.#held.keys()]);
  }

  async #work(held: Held, record: boolean, keeper: Batch | null): Promise<void> {
    const { pool, library, now, onProgress } = this.#options;
    const { scenario, id, batch } = held.job;
    const { strategy, hypervisor, soc, workload } = scenario;
    const slug = `${strategy} ${hypervisor} ${soc} ${workload} ${stampOf(now())}`;
    const place = record ? library.reserve(slug) : null;
    try {
      const result = await pool.run({
        scenario,
        output: place?.file ?? null,
        name: nameOfRun(scenario),
        group: `runs ${batch}`,
        signal: held.stop.signal,
        onStart: () => {
          held.startedAt = performance.now();
          this.#change(held, { state: 'running' });
        },
        onProgress: (progress: RunProgress) => {
          const elapsedMs = performance.now() - held.startedAt;
          held.job = { ...held.job, progress, elapsedMs };
          onProgress({ id, progress, elapsedMs });
        },
      });
      const trace = place === null ? null : library.entryOfFile(place.file).id;
      this.#change(held, { state: 'done', result: { ...result, trace } });
    } catch (thrown) {
      const error = toErrorData(thrown);
      this.#change(held, { state: error.code === 'CANCELLED' ? 'cancelled' : 'failed', error });
    } finally {
      place?.release();
    }
    keeper?.put(held.job, held.job.result?.trace == null ? null : (place?.file ?? null));
  }

  #change(held: Held, change: Partial<RunJob>): void {
    const elapsedMs = held.startedAt === 0 ? 0 : performance.now() - held.startedAt;
    held.job = { ...held.job, elapsedMs, ...change };
    this.#options.onChange(held.job);
  }

  #forget(): void {
    const over = [...this.#held.values()].filter(
      ({ job }) => job.state !== 'waiting' && job.state !== 'running',
    );
    for (const { job } of over.slice(0, -KEPT)) this.#held.delete(job.id);
  }
}
