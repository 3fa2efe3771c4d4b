/** Carries out a plan, or a shard of one, into a folder; what is there already is not made again. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { exists } from '../../../core/base/assert.ts';
import { LabError, VERSION } from '../../../core/contract/index.ts';
import {
  expandInSlices,
  identityOf,
  runAt,
  runsOfShard,
  type Expansion,
  type Plan,
  type RunKey,
  type Shard,
  type SweepRun,
} from '../../../core/sweep/index.ts';
import { nameOfRun } from '../file-names.ts';
import { databaseError } from './database.ts';
import { removeParts, traceOf } from './place.ts';
import { runPool } from './pool.ts';
import { idsByNeed, RowWriter, tally, type FinishedRun, type Tally } from './rows.ts';
import { axisRow, openForWriting, PLATFORM, type Writing } from './writing.ts';

/** How far a sweep has come. */
export interface SweepProgress extends Tally {
  /** Runs of this plan or shard. */
  readonly runs: number;
  /** Runs made since this process began, of those that it has to make. */
  readonly made: number;
  readonly toMake: number;
}

export interface SweepJob {
  readonly plan: Plan;
  /** File that the plan came from, for messages. */
  readonly where: string;
  readonly folder: string;
  readonly jobs: number;
  /** Null for the whole plan. */
  readonly shard: Shard | null;
  readonly onProgress: (progress: SweepProgress) => void;
  /** Ends it early; what is done is kept. */
  readonly signal: AbortSignal;
  /** Wall clock. */
  readonly now: () => Date;
  /** What the threads run; tests give their own. */
  readonly entry?: URL;
}

export interface SweepOutcome extends Tally {
  readonly runs: number;
  /** Runs that are not there, because the sweep was ended early. */
  readonly missing: number;
  readonly database: string;
}

/** Text of a shard in the database and in messages. */
const shardText = (shard: Shard | null) => (shard === null ? '' : `${shard.index}/${shard.count}`);

/**
 * @throws LabError BAD_PLAN for a plan without runs; UNWRITABLE, BUSY_FILE, NOT_A_SWEEP, OTHER_SWEEP,
 *   NEWER_FORMAT, CORRUPT_FILE for the folder, which is then as it was
 */
export async function runSweep(job: SweepJob): Promise<SweepOutcome> {
  const { plan, shard, where } = job;
  const expansion = await expand(plan, where, job.signal);
  const runs = shard === null ? expansion.runs : runsOfShard(expansion.runs, shard);
  const writing = openForWriting(path.resolve(job.folder), {
    version: VERSION,
    name: plan.name,
    plan: identityOf(plan),
    shard: shardText(shard),
    planRuns: expansion.runs.length,
    createdAt: job.now().toISOString(),
    profiles: expansion.profiles,
    axes: plan.axes.map(axisRow),
  });
  try {
    return await carryOut(job, runs, writing);
  } finally {
    writing.close();
  }
}

/** Lets others have their turn, Ctrl-C above all. */
async function expand(plan: Plan, where: string, signal: AbortSignal): Promise<Expansion> {
  const slices = expandInSlices(plan, where);
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (signal.aborted) {
      const what = 'the sweep was stopped before its first run';
      throw new LabError('CANCELLED', what, where, 'start it again');
    }
  }
}

async function carryOut(
  job: SweepJob,
  runs: readonly RunKey[],
  { db, folder: { database, traces } }: Writing,
): Promise<SweepOutcome> {
  const { plan } = job;
  const { settled, failed } = idsByNeed(db);
  const pending = runs.filter(({ id }) => !settled.has(id));
  const counts = { ...tally(db) };
  let made = 0;
  const report = () =>
    job.onProgress({ ...counts, runs: runs.length, made, toMake: pending.length });
  report();

  const recording = plan.record === 'all';
  if (recording) {
    mkdirSync(traces, { recursive: true });
    removeParts(traces);
  }
  const broken = new AbortController();
  const writer = new RowWriter(db, (thrown) => broken.abort(thrown));
  const finished = (run: FinishedRun, wallMs: number) => {
    const finishedAt = job.now().toISOString();
    writer.put(run, { shard: shardText(job.shard), finishedAt, wallMs, platform: PLATFORM });
    if (failed.delete(run.id)) counts.failed--;
    counts[run.outcome.status]++;
    made++;
    report();
  };
  let taken = 0;
  try {
    await runPool<RunKey & SweepRun>({
      jobs: Math.min(job.jobs, pending.length),
      next: () => {
        const key = pending[taken++];
        if (key === undefined) return undefined;
        return { ...key, ...exists(runAt(plan, key.index), 'a run that is not excluded') };
      },
      jobOf: ({ id, scenario }) => ({
        scenario,
        output: recording ? path.join(path.dirname(database), traceOf(id)) : null,
        name: nameOfRun(scenario),
      }),
      settle: ({ id, values, scenario }, outcome, wallMs) => {
        const trace = recording && outcome.status === 'done' ? traceOf(id) : null;
        finished({ id, values, scenario, outcome, trace }, wallMs);
      },
      signal: AbortSignal.any([job.signal, broken.signal]),
      ...(job.entry === undefined ? {} : { entry: job.entry }),
    });
    broken.signal.throwIfAborted();
    writer.flush();
  } catch (thrown) {
    throw databaseError(database, thrown);
  } finally {
    if (recording) removeParts(traces);
  }
  const missing = runs.length - counts.done - counts.refused - counts.failed;
  return { runs: runs.length, ...counts, missing, database };
}
