/**
 * Studies: many runs at once, sweeps with their databases, crossovers. All of them go on in the lab
 * when the caller goes away; `study.follow` tells whoever asks how they are getting on.
 */
import * as v from 'valibot';
import type { CrossoverFound } from '../crossover.ts';
import type { LabErrorData } from '../errors.ts';
import type { RunResult } from '../result.ts';
import { ScenarioSchema, type Scenario } from '../scenario.ts';
import type { RunProgress } from './experiment.ts';
import { count, id, method, nothing, row } from './method.ts';
import type { TrashItem } from './trash.ts';

/** One axis of a study: what was varied, and over which values. */
export interface StudyAxis {
  /** Path of the scenario's field, `seed`, or the name of an axis of variants. */
  readonly name: string;
  readonly kind: 'field' | 'variants' | 'seeds';
  readonly unit: string;
  readonly doc: string;
  readonly values: readonly (string | number | boolean)[];
}

/**
 * One study in the library: a sweep, the runs of a plan (the answer to a question among them) or a
 * crossover. Each has its results database.
 */
export interface StudyInfo {
  /** Name of its folder. */
  readonly id: string;
  readonly kind: 'sweep' | 'plan' | 'crossover';
  readonly name: string;
  /**
   * `partial`: it was ended early; `study.resume` makes the missing runs of a plan, a crossover is asked
   * again. `broken`: see `problem`.
   */
  readonly state: 'running' | 'complete' | 'partial' | 'broken';
  /** ISO 8601; empty for a broken one. */
  readonly createdAt: string;
  /** Version of the program that made it. */
  readonly version: string;
  readonly axes: readonly StudyAxis[];
  /** Runs of the plan, and how many ended in which way. */
  readonly runs: number;
  readonly done: number;
  readonly refused: number;
  readonly failed: number;
  /** While it runs: what has been made and is still to be made, and how long it has taken. */
  readonly live: { readonly made: number; readonly toMake: number; readonly ms: number } | null;
  /** The database, for people who open it elsewhere. */
  readonly database: string;
  readonly problem: LabErrorData | null;
}

/** One column of the results. */
export interface StudyColumn {
  readonly name: string;
  readonly unit: string;
  readonly doc: string;
  /** `axis`: what was varied. `figure`: a number that was found. `text`: anything else. */
  readonly role: 'axis' | 'figure' | 'text';
}

/** Rows of a results database, in the order of the axes' values. */
export interface StudyRows {
  readonly columns: readonly StudyColumn[];
  /** One value for each column; null where a run has no such figure, or does not check it. */
  readonly rows: readonly (readonly (string | number | null)[])[];
  /** Rows that there are, `offset` and `limit` aside. */
  readonly total: number;
}

/** One run of a study with all that it found, as a trace's `result` is. */
export interface StudyResult {
  readonly axes: Readonly<Record<string, string | number | boolean>>;
  readonly status: 'done' | 'refused' | 'failed';
  /** Why it is refused or failed; empty otherwise. */
  readonly reason: string;
  readonly scenario: Scenario;
  readonly result: RunResult | null;
  /** Trace in the library, while it is there. */
  readonly trace: string | null;
}

/** One run that was asked for by `study.run`. */
export interface RunJob {
  /** Grows; unique in the life of a lab. */
  readonly id: number;
  /** The first run of those that were asked for together with it. */
  readonly batch: number;
  readonly scenario: Scenario;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  /** Real time since it began to run. */
  readonly elapsedMs: number;
  readonly progress: RunProgress | null;
  readonly result: (RunResult & { readonly trace: string | null }) | null;
  readonly error: LabErrorData | null;
}

/** What a strategy gives away at one size. */
export interface SafetyAt {
  readonly exposure: RunResult['exposure'];
  readonly hazards: RunResult['hazards'];
  /** Requests and bytes each, to scale the exposure by. */
  readonly requests: number;
  readonly payloadBytes: number;
  readonly bottleneck: string;
}

/** A crossover with the safety of both sides at each size of the scenario as given. */
export interface CrossoverAnswer extends CrossoverFound {
  readonly safety: readonly {
    readonly bytes: number;
    readonly a: SafetyAt;
    readonly b: SafetyAt;
  }[];
}

/** One crossover that was asked for by `study.crossover`. */
export interface CrossoverJob {
  readonly id: number;
  /** The study that keeps its answer; null before there is one. */
  readonly study: string | null;
  readonly a: Scenario;
  readonly b: Scenario;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly elapsedMs: number;
  readonly runs: number;
  /** Runs that there will be in all, about; 0 before the first sample is done. */
  readonly runsExpected: number;
  /** Samples done, of how many; how many there are is known after the first. */
  readonly samplesDone: number;
  readonly samples: number;
  /** The answer so far: it rests on the samples done. Null before the first. */
  readonly found: CrossoverAnswer | null;
  readonly error: LabErrorData | null;
}

/** What `study.follow` tells: everything at first, then what has changed. */
export interface StudyNews {
  /** The first of its kind: forget what was known before. */
  readonly all: boolean;
  /** Runs that are made at a time. */
  readonly threads: number;
  readonly runs: readonly RunJob[];
  readonly progress: readonly Pick<RunJob, 'id' | 'progress' | 'elapsedMs'>[];
  readonly crossovers: readonly CrossoverJob[];
  readonly studies: readonly StudyInfo[];
}

/** A profile of the user's own in the library. */
export interface OwnProfile {
  /** Its id, which is also the name of its file. */
  readonly id: string;
  readonly kind: 'soc' | 'hypervisor';
  /** Shipped profile that it was made from; empty when it cannot be read. */
  readonly base: string;
  readonly name: string;
  /** Its JSON document, as `--soc FILE.json` takes it. */
  readonly document: Readonly<Record<string, unknown>> | null;
  readonly hash: string;
  readonly file: string;
  readonly problem: LabErrorData | null;
}

const plan = v.record(v.string(), v.unknown());

/** How the runs of a plan are kept. */
const KeepSchema = v.strictObject({
  /** The document that `mapcopy sweep` takes, of which the runs are a part. */
  plan,
  /** What the window needs to show the plan again. */
  asked: v.record(v.string(), v.unknown()),
});
export type Keep = v.InferOutput<typeof KeepSchema>;
/** Most runs of one request, and kept results of runs that nobody has fetched. */
const RUNS_MAX = 5000;

export const STUDY_METHODS = {
  /** Every study in the library, the newest first. */
  'study.list': method<readonly StudyInfo[]>()(nothing),
  'study.rows': method<StudyRows>()(
    v.strictObject({
      id,
      /** Names; all when left out. */
      columns: v.optional(v.nullable(v.array(v.string())), null),
      offset: v.optional(row, 0),
      limit: v.optional(count(50_000), 50_000),
    }),
  ),
  'study.results': method<{ readonly results: readonly StudyResult[]; readonly total: number }>()(
    v.strictObject({
      id,
      offset: v.optional(row, 0),
      limit: v.optional(count(2000), 2000),
    }),
  ),
  /** Checks a plan, the document that `mapcopy sweep` takes. */
  'study.check': method<{ readonly runs: number; readonly refused: number }>()(
    v.strictObject({ plan }),
  ),
  'study.start': method<StudyInfo>()(v.strictObject({ plan })),
  /** Makes what is missing, and tries again what failed. */
  'study.resume': method<StudyInfo>()(v.strictObject({ id })),
  'study.stop': method<null>()(v.strictObject({ id })),
  /** Moves a study to the trash. */
  'study.remove': method<TrashItem>()(v.strictObject({ id })),
  /** Brings one back, under another id where its own has been taken since. */
  'study.restore': method<StudyInfo>()(v.strictObject({ item: id })),
  /** The plan's document. */
  'study.plan': method<{ readonly plan: Readonly<Record<string, unknown>> }>()(
    v.strictObject({ id }),
  ),
  /** What a window asked for that had runs of a plan kept. */
  'study.asked': method<{ readonly asked: Readonly<Record<string, unknown>> }>()(
    v.strictObject({ id }),
  ),

  /**
   * Runs scenarios on all CPUs; they go on when the caller goes away. With `keep` they are a study of the
   * library, each as soon as it is over: `study` is its id.
   */
  'study.run': method<{ readonly ids: readonly number[]; readonly study: string | null }>()(
    v.strictObject({
      scenarios: v.pipe(v.array(ScenarioSchema), v.minLength(1), v.maxLength(RUNS_MAX)),
      record: v.boolean(),
      keep: v.optional(v.nullable(KeepSchema), null),
    }),
  ),
  /** Cancels runs; those that are over stay as they are. */
  'study.cancel': method<null>()(v.strictObject({ ids: v.array(row) })),
  'study.crossover': method<{ readonly id: number }>()(
    v.strictObject({
      a: ScenarioSchema,
      b: ScenarioSchema,
      metric: v.picklist(['cpuPerByte', 'throughput']),
      from: v.optional(v.nullable(count(4_194_304)), null),
      to: v.optional(v.nullable(count(4_194_304)), null),
      perDecade: v.optional(count(100), 4),
      seeds: v.optional(count(100), 3),
      samples: v.optional(row, 8),
    }),
  ),
  'study.cancelCrossover': method<null>()(v.strictObject({ id: row })),
  /** Tells a crossover of the library to who follows, as if it had just been found. */
  'study.openCrossover': method<CrossoverJob>()(v.strictObject({ id })),
  /** Tells of runs, crossovers and sweeps until the caller cancels it. */
  'study.follow': method<null, StudyNews>()(nothing),

  /** The user's own profiles. */
  'profile.list': method<readonly OwnProfile[]>()(nothing),
  /** Checks and writes a profile; one of the same id is replaced. */
  'profile.save': method<OwnProfile>()(
    v.strictObject({ document: v.record(v.string(), v.unknown()) }),
  ),
  'profile.remove': method<null>()(v.strictObject({ id })),
} as const;
