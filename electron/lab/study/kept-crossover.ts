/** A crossover in the library: what was asked and found, and the runs of it that charts can show. */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import {
  LabError,
  profileIdOf,
  ScenarioSchema,
  toErrorData,
  type CrossoverJob,
  type RunResult,
  type Scenario,
  type StudyInfo,
} from '../../../core/contract/index.ts';
import type { CrossoverQuestion } from '../../../core/crossover/index.ts';
import { identify } from '../../../core/experiment/index.ts';
import { runId } from '../../../core/sweep/index.ts';
import { readJson, writeJson } from '../json-file.ts';
import { createSweep, type Provenance } from '../sweep/database.ts';
import { removeDatabase } from '../sweep/place.ts';
import { RowWriter } from '../sweep/rows.ts';
import { DATABASE } from '../sweep/schema.ts';
import { axisRow, PLATFORM } from '../sweep/writing.ts';
import { studyInfo } from './read-study.ts';

/** Name of its file in the folder of the study. */
export const CROSSOVER = 'crossover.json';

export interface KeptCrossover {
  readonly format: 1;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly version: string;
  readonly question: CrossoverQuestion;
  readonly job: Omit<CrossoverJob, 'id' | 'study' | 'a' | 'b'>;
}

/** One run of it on the machine as given. */
export interface CrossoverRun {
  readonly scenario: Scenario;
  readonly result: RunResult;
}

const range = v.tuple([v.number(), v.number()]);
const side = v.picklist(['a', 'b']);
const party = v.looseObject({
  strategy: v.string(),
  pair: v.picklist(['native', 'hypothetical', 'refused']),
  reason: v.string(),
});
const safety = v.looseObject({
  exposure: v.record(v.string(), v.record(v.string(), v.number())),
  hazards: v.record(v.string(), v.nullable(v.number())),
  requests: v.number(),
  payloadBytes: v.number(),
});
/** What sentences, chart and table rely on. */
const FoundSchema = v.looseObject({
  a: party,
  b: party,
  hypervisor: v.string(),
  soc: v.string(),
  workload: v.string(),
  metric: v.picklist(['cpuPerByte', 'throughput']),
  unit: v.string(),
  version: v.string(),
  caution: v.string(),
  verdict: v.picklist(['crosses', 'never', 'undecided']),
  reason: v.string(),
  runs: v.number(),
  points: v.array(
    v.looseObject({
      bytes: v.number(),
      onGrid: v.boolean(),
      a: v.number(),
      b: v.number(),
      winner: v.picklist(['a', 'b', 'tie']),
      aRange: range,
      bRange: range,
    }),
  ),
  crossings: v.array(
    v.looseObject({
      at: v.number(),
      low: v.number(),
      high: v.number(),
      from: side,
      to: side,
      share: v.number(),
      given: v.boolean(),
      break: v.nullable(v.number()),
      breakReason: v.string(),
    }),
  ),
  samples: v.array(v.looseObject({ kind: v.string(), leader: v.nullable(side) })),
  dependsOn: v.array(
    v.looseObject({ quantity: v.string(), value: v.number(), low: v.number(), high: v.number() }),
  ),
  safety: v.array(v.object({ bytes: v.number(), a: safety, b: safety })),
});
const KeptSchema = v.object({
  format: v.literal(1),
  name: v.string(),
  createdAt: v.string(),
  version: v.string(),
  question: v.object({
    a: ScenarioSchema,
    b: ScenarioSchema,
    metric: v.picklist(['cpuPerByte', 'throughput']),
    from: v.number(),
    to: v.number(),
    perDecade: v.number(),
    seeds: v.number(),
    samples: v.number(),
  }),
  job: v.object({
    state: v.picklist(['running', 'done', 'failed', 'cancelled']),
    elapsedMs: v.number(),
    runs: v.number(),
    runsExpected: v.number(),
    samplesDone: v.number(),
    samples: v.number(),
    found: FoundSchema,
    error: v.nullable(
      v.object({ code: v.string(), what: v.string(), where: v.string(), remedy: v.string() }),
    ),
  }),
});

export const nameOfCrossover = ({ a, b }: Pick<CrossoverQuestion, 'a' | 'b'>): string => {
  const [hypervisor, soc] = [profileIdOf(a, 'hypervisor'), profileIdOf(a, 'soc')];
  return `${a.strategy} or ${b.strategy}, ${hypervisor}, ${soc}, ${a.workload}`;
};

/** @throws LabError CORRUPT_FILE naming what is wrong, BAD_ARGUMENT for a file that is no JSON */
export function readCrossover(folder: string): KeptCrossover {
  const file = path.join(folder, CROSSOVER);
  const outcome = v.safeParse(KeptSchema, readJson(file));
  if (outcome.success) return outcome.output as unknown as KeptCrossover;
  const [issue] = outcome.issues;
  const at = (issue.path ?? []).map(({ key }) => String(key)).join('.');
  throw new LabError(
    'CORRUPT_FILE',
    `this is no crossover: ${at === '' ? 'the whole document' : at} is not as it should be`,
    file,
    'remove it, and ask again',
  );
}

/** @throws LabError UNWRITABLE */
export function writeCrossover(folder: string, kept: KeptCrossover): void {
  writeJson(path.join(folder, CROSSOVER), kept);
}

/** What is in a folder, without its answer. */
export function crossoverInfo(id: string, folder: string): StudyInfo {
  const database = path.join(folder, DATABASE);
  const none = { runs: 0, done: 0, refused: 0, failed: 0, axes: [], live: null };
  try {
    const { name, createdAt, version, job } = readCrossover(folder);
    const rows = existsSync(database) ? studyInfo(id, database) : none;
    const { runs, done, refused, failed, axes } = rows;
    return {
      id,
      kind: 'crossover',
      name,
      state: job.state === 'done' ? 'complete' : 'partial',
      createdAt,
      version,
      axes,
      runs,
      done,
      refused,
      failed,
      live: null,
      database,
      problem: null,
    };
  } catch (thrown) {
    const broken = { kind: 'crossover', state: 'broken', createdAt: '', version: '' } as const;
    return { ...none, ...broken, id, name: id, database, problem: toErrorData(thrown) };
  }
}

/** Writes the results database anew, whole or not at all. */
export function writeRuns(
  folder: string,
  { name, createdAt, version, question }: KeptCrossover,
  runs: readonly CrossoverRun[],
): void {
  const valuesOf = ({ scenario: { strategy, payloadBytes, seed } }: CrossoverRun) => ({
    strategy,
    payloadBytes,
    seed,
  });
  const axis = (at: 'strategy' | 'payloadBytes' | 'seed', kind: 'field' | 'seeds') => {
    const values = [...new Set(runs.map((run) => valuesOf(run)[at]))].sort((x, y) =>
      typeof x === 'number' && typeof y === 'number' ? x - y : 0,
    );
    return axisRow({ name: at, kind, values, changes: [] });
  };
  const axes = [axis('strategy', 'field'), axis('payloadBytes', 'field'), axis('seed', 'seeds')];
  const about: Provenance = {
    version,
    name,
    // Not a plan that is carried out: large requests are fewer, and sizes were found on the way.
    plan: {
      base: question.a,
      axes: Object.fromEntries(axes.map((each) => [each.name, JSON.parse(each.choices)])),
      exclude: [],
      record: 'none',
    },
    shard: '',
    planRuns: runs.length,
    createdAt,
    profiles: Object.assign({}, ...runs.map(({ result }) => result.profiles)) as Record<
      string,
      string
    >,
    axes,
  };
  const database = path.join(folder, DATABASE);
  const part = `${database}.part`;
  mkdirSync(folder, { recursive: true });
  removeDatabase(part);
  const db = createSweep(part, about);
  try {
    const writer = new RowWriter(db, () => undefined);
    for (const run of runs) {
      const { scenario, result } = run;
      const id = runId(identify(scenario));
      const finished = { id, scenario, trace: null, values: valuesOf(run) };
      writer.put(
        { ...finished, outcome: { status: 'done', result } },
        { shard: '', finishedAt: createdAt, wallMs: result.wallMs, platform: PLATFORM },
      );
    }
    writer.flush();
  } finally {
    db.close();
  }
  renameSync(part, database);
}
