/** Crossovers that somebody asked for, their runs made on the pool. */
import {
  toErrorData,
  type ArgsOf,
  type CrossoverAnswer,
  type CrossoverJob,
  type RunResult,
  type SafetyAt,
  type Scenario,
} from '../../../core/contract/index.ts';
import {
  crossover,
  scenarioAt,
  usualRange,
  type CrossoverFound,
  type CrossoverQuestion,
} from '../../../core/crossover/index.ts';
import { canonicalJson, hashText } from '../../../core/engine/fingerprint.ts';
import type { RunPool } from './run-pool.ts';

/** Crossovers that are over and are kept for who comes later. */
const KEPT = 30;
/** Runs whose results are kept: the same question, asked again more finely, makes only what is new. */
const RESULTS_KEPT = 20_000;

interface Held {
  job: CrossoverJob;
  readonly stop: AbortController;
  readonly startedAt: number;
}

/** What of a run is kept. */
type Kept = Pick<
  RunResult,
  | 'cpuNsPerByte'
  | 'throughputGbps'
  | 'profiles'
  | 'exposure'
  | 'hazards'
  | 'requests'
  | 'payloadBytes'
  | 'bottleneck'
  | 'strategy'
>;

export interface CrossoversOptions {
  readonly pool: RunPool;
  readonly onChange: (job: CrossoverJob) => void;
  readonly track: (work: Promise<unknown>) => void;
}

const keyOf = (scenario: Scenario) => hashText(canonicalJson(scenario));

export class Crossovers {
  readonly #options: CrossoversOptions;
  readonly #held = new Map<number, Held>();
  readonly #results = new Map<string, Kept>();
  #next = 1;

  constructor(options: CrossoversOptions) {
    this.#options = options;
  }

  list(): CrossoverJob[] {
    return [...this.#held.values()].map(({ job }) => job);
  }

  start(asked: ArgsOf<'study.crossover'>): number {
    const over = [...this.#held.values()].filter(({ job }) => job.state !== 'running');
    for (const { job } of over.slice(0, -KEPT)) this.#held.delete(job.id);
    const id = this.#next++;
    const job: CrossoverJob = {
      id,
      a: asked.a,
      b: asked.b,
      state: 'running',
      elapsedMs: 0,
      runs: 0,
      samplesDone: 0,
      samples: 0,
      found: null,
      error: null,
    };
    const held: Held = { job, stop: new AbortController(), startedAt: performance.now() };
    this.#held.set(id, held);
    this.#options.onChange(job);
    this.#options.track(this.#work(held, asked));
    return id;
  }

  cancel(id: number): void {
    this.#held.get(id)?.stop.abort();
  }

  cancelAll(): void {
    for (const id of this.#held.keys()) this.cancel(id);
  }

  async #work(held: Held, asked: ArgsOf<'study.crossover'>): Promise<void> {
    const { pool } = this.#options;
    const { signal } = held.stop;
    let runs = 0;
    const run = async (scenario: Scenario): Promise<RunResult> => {
      const key = keyOf(scenario);
      const known = this.#results.get(key);
      if (known !== undefined) return known as RunResult;
      const group = `crossover ${held.job.id}`;
      const result = await pool.run({ scenario, output: null, name: '', group, signal });
      this.#keep(key, result);
      runs++;
      if (runs % 4 === 0) this.#change(held, { runs });
      return result;
    };
    try {
      const [from, to] = usualRange(asked.a);
      const question: CrossoverQuestion = {
        ...asked,
        from: asked.from ?? from,
        to: asked.to ?? to,
      };
      const found = await crossover(question, run, {
        lanes: 2 * pool.size,
        onPartial: (partial) =>
          this.#change(held, {
            runs,
            samplesDone: partial.found.samples.length,
            samples: partial.samples,
            found: this.#withSafety(question, partial.found),
          }),
      });
      this.#change(held, { state: 'done', runs, found: this.#withSafety(question, found) });
    } catch (thrown) {
      const error = toErrorData(thrown);
      const state = error.code === 'CANCELLED' ? 'cancelled' : 'failed';
      this.#change(held, { state, error, runs });
      held.stop.abort();
    }
  }

  /** What each side gives away at each size of the scenario as given. */
  #withSafety(question: CrossoverQuestion, found: CrossoverFound): CrossoverAnswer {
    const at = (side: 'a' | 'b', bytes: number): SafetyAt | undefined => {
      const result = this.#results.get(keyOf(scenarioAt(question[side], bytes)));
      if (result === undefined) return undefined;
      const { exposure, hazards, requests, payloadBytes, bottleneck } = result;
      return { exposure, hazards, requests, payloadBytes, bottleneck };
    };
    const safety = found.points.flatMap(({ bytes }) => {
      const [a, b] = [at('a', bytes), at('b', bytes)];
      return a === undefined || b === undefined ? [] : [{ bytes, a, b }];
    });
    return { ...found, safety };
  }

  #keep(key: string, result: RunResult): void {
    const { cpuNsPerByte, throughputGbps, profiles, exposure, hazards } = result;
    const { requests, payloadBytes, bottleneck, strategy } = result;
    const first = this.#results.keys().next().value;
    if (this.#results.size >= RESULTS_KEPT && first !== undefined) this.#results.delete(first);
    this.#results.set(key, {
      cpuNsPerByte,
      throughputGbps,
      profiles,
      exposure,
      hazards,
      requests,
      payloadBytes,
      bottleneck,
      strategy,
    });
  }

  #change(held: Held, change: Partial<CrossoverJob>): void {
    const elapsedMs = Math.round(performance.now() - held.startedAt);
    held.job = { ...held.job, elapsedMs, ...change };
    this.#options.onChange(held.job);
  }
}
