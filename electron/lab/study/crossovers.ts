/** Crossovers that somebody asked for, their runs made on the pool; each answer is kept in the library. */
import {
  LabError,
  toErrorData,
  VERSION,
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
import {
  nameOfCrossover,
  readCrossover,
  writeCrossover,
  writeRuns,
  type CrossoverRun,
  type KeptCrossover,
} from './kept-crossover.ts';
import type { RunPool } from './run-pool.ts';
import type { Studies } from './studies.ts';

/** Crossovers that are over and are kept for who comes later. */
const KEPT = 30;
/** Runs of another sample, for each of the first: that one is looked at more closely. */
const OTHER_SAMPLES = 0.7;
/** Crossovers of the library that are told without being asked for, the latest. */
const TOLD = 12;
/** Results on machines as given that are kept whole, for charts. */
const WHOLE_KEPT = 3000;
/** Runs whose figures are kept: the same question, asked again more finely, makes only what is new. */
const RESULTS_KEPT = 20_000;

interface Held {
  job: CrossoverJob;
  readonly stop: AbortController;
  readonly startedAt: number;
  readonly createdAt: string;
  /** Runs on the machine as given, by their ids. */
  readonly runs: Map<string, CrossoverRun>;
  /** How many of them are in the database. */
  written: number;
  /** There is a whole answer to the same question; it is written over by a whole one alone. */
  answered: boolean;
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
  /** Where answers are kept. */
  readonly studies: Studies;
  readonly now: () => Date;
  readonly onChange: (job: CrossoverJob) => void;
  readonly track: (work: Promise<unknown>) => void;
}

/** A map with room for one more: the oldest goes. */
function bound<T>(map: Map<string, T>, most: number): Map<string, T> {
  const first = map.keys().next().value;
  if (map.size >= most && first !== undefined) map.delete(first);
  return map;
}

const keyOf = (scenario: Scenario) => hashText(canonicalJson(scenario));

export class Crossovers {
  readonly #options: CrossoversOptions;
  readonly #held = new Map<number, Held>();
  readonly #results = new Map<string, Kept>();
  readonly #whole = new Map<string, RunResult>();
  /** Those of the library have been looked at. */
  #looked = false;
  #next = 1;

  constructor(options: CrossoversOptions) {
    this.#options = options;
  }

  list(): CrossoverJob[] {
    if (!this.#looked) {
      this.#looked = true;
      const kept = this.#options.studies.list().filter(({ kind }) => kind === 'crossover');
      for (const { id, problem } of kept.slice(0, TOLD).reverse()) {
        if (problem === null && !this.#isHeld(id)) this.#take(id);
      }
    }
    return [...this.#held.values()].map(({ job }) => job);
  }

  /** One of the library, told as if it had just been found. @throws LabError NOT_FOUND, CORRUPT_FILE */
  open(study: string): CrossoverJob {
    const held = [...this.#held.values()].find(({ job }) => job.study === study);
    const { job } = held ?? this.#take(study);
    this.#options.onChange(job);
    return job;
  }

  /** Drops one whose study was removed. */
  forget(study: string): void {
    for (const [id, { job }] of this.#held) if (job.study === study) this.#held.delete(id);
  }

  start(asked: ArgsOf<'study.crossover'>): number {
    const over = [...this.#held.values()].filter(({ job }) => job.state !== 'running');
    for (const { job } of over.slice(0, -KEPT)) this.#held.delete(job.id);
    const { a, b } = asked;
    const found = { runs: 0, runsExpected: 0, samplesDone: 0, samples: 0, found: null };
    const held = this.#hold({
      job: { a, b, study: null, state: 'running', elapsedMs: 0, ...found, error: null },
      createdAt: this.#options.now().toISOString(),
      answered: false,
    });
    this.#options.onChange(held.job);
    this.#options.track(this.#work(held, asked));
    return held.job.id;
  }

  cancel(id: number): void {
    this.#held.get(id)?.stop.abort();
  }

  cancelAll(): void {
    for (const id of this.#held.keys()) this.cancel(id);
  }

  #isHeld(study: string): boolean {
    return [...this.#held.values()].some(({ job }) => job.study === study);
  }

  #hold({
    job,
    createdAt,
    answered,
  }: Pick<Held, 'createdAt' | 'answered'> & { readonly job: Omit<CrossoverJob, 'id'> }): Held {
    const id = this.#next++;
    const held: Held = {
      job: { ...job, id },
      stop: new AbortController(),
      startedAt: performance.now(),
      createdAt,
      runs: new Map(),
      written: 0,
      answered,
    };
    this.#held.set(id, held);
    return held;
  }

  /** One from the library. A lab that was killed has left it running: it is not any more. */
  #take(study: string): Held {
    const { job, question, createdAt } = readCrossover(this.#options.studies.place(study));
    const { a, b } = question;
    const whole: Omit<CrossoverJob, 'id'> = { ...job, a, b, study };
    const ended = job.state === 'running' ? { ...whole, state: 'cancelled' as const } : whole;
    return this.#hold({ job: ended, createdAt, answered: job.state === 'done' });
  }

  async #work(held: Held, asked: ArgsOf<'study.crossover'>): Promise<void> {
    const { pool } = this.#options;
    const { signal } = held.stop;
    let runs = 0;
    let firstRuns = 0;
    const [from, to] = [asked.from ?? 0, asked.to ?? 0];
    let question: CrossoverQuestion = { ...asked, from, to };
    const given = canonicalJson(asked.a.profiles);
    const run = async (scenario: Scenario): Promise<RunResult> => {
      const key = keyOf(scenario);
      const asGiven = canonicalJson(scenario.profiles) === given;
      const known = asGiven ? this.#whole.get(key) : this.#results.get(key);
      if (known !== undefined) {
        if (asGiven) held.runs.set(key, { scenario, result: known as RunResult });
        return known as RunResult;
      }
      const group = `crossover ${held.job.id}`;
      const result = await pool.run({ scenario, output: null, name: '', group, signal });
      this.#keep(key, result);
      if (asGiven) {
        bound(this.#whole, WHOLE_KEPT).set(key, result);
        held.runs.set(key, { scenario, result });
      }
      runs++;
      if (runs % 4 === 0) this.#change(held, { runs });
      return result;
    };
    try {
      const usual = usualRange(asked.a);
      question = { ...asked, from: asked.from ?? usual[0], to: asked.to ?? usual[1] };
      const found = await crossover(question, run, {
        lanes: 2 * pool.size,
        onPartial: (partial) => {
          const samplesDone = partial.found.samples.length;
          if (samplesDone === 1) firstRuns = runs;
          const others = OTHER_SAMPLES * (partial.samples - 1);
          this.#change(held, {
            runs,
            runsExpected: Math.round(firstRuns * (1 + others)),
            samplesDone,
            samples: partial.samples,
            found: this.#withSafety(question, partial.found),
          });
          this.#write(held, question);
        },
      });
      this.#change(held, { state: 'done', runs, found: this.#withSafety(question, found) });
    } catch (thrown) {
      const error = toErrorData(thrown);
      const state = error.code === 'CANCELLED' ? 'cancelled' : 'failed';
      this.#change(held, { state, error, runs });
      held.stop.abort();
    }
    this.#write(held, question);
    if (held.job.study !== null) this.#options.studies.end(held.job.study);
  }

  /** Keeps what there is of an answer, and its runs when there are more of them. */
  #write(held: Held, question: CrossoverQuestion): void {
    const { studies } = this.#options;
    if (held.job.found === null) return;
    try {
      if (held.job.study === null) this.#change(held, { study: this.#begin(held, question) });
      const study = held.job.study as string;
      const { id: _i, study: _s, a: _a, b: _b, ...job } = held.job;
      if (held.answered && job.state !== 'done') return studies.tell(study);
      const folder = studies.folderOf(study);
      const kept: KeptCrossover = {
        format: 1,
        name: nameOfCrossover(question),
        createdAt: held.createdAt,
        version: VERSION,
        question,
        job,
      };
      const runs = [...held.runs.values()];
      if (runs.length > held.written) writeRuns(folder, kept, runs);
      held.written = runs.length;
      writeCrossover(folder, kept);
      studies.tell(study);
    } catch (thrown) {
      // The answer stays on the screen; that it is not kept must be known.
      const error = LabError.from(toErrorData(thrown)).data;
      this.#change(held, { error });
    }
  }

  /** The study of an answer: that of the same question asked before by this version, or a new one. */
  #begin(held: Held, question: CrossoverQuestion): string {
    const { studies } = this.#options;
    const wanted = canonicalJson(question);
    const before = studies.list().find(({ id, kind, problem }) => {
      if (kind !== 'crossover' || problem !== null || studies.isLive(id)) return false;
      const kept = readCrossover(studies.place(id));
      if (kept.version !== VERSION || canonicalJson(kept.question) !== wanted) return false;
      held.answered = kept.job.state === 'done';
      return true;
    });
    const study = before?.id ?? studies.freeId(nameOfCrossover(question));
    const live = studies.begin(study);
    live.stop.signal.addEventListener('abort', () => held.stop.abort());
    return study;
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
    bound(this.#results, RESULTS_KEPT).set(key, {
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
    const { study, samplesDone, samples } = held.job;
    if (study !== null) this.#options.studies.progress(study, samplesDone, samples);
    this.#options.onChange(held.job);
  }
}
