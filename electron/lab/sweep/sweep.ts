/** Carries out a plan, or a shard of one, into a folder; what is there already is not made again. */
import type Database from 'better-sqlite3';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { exists } from '../../../core/base/assert.ts';
import { fieldsOf, LabError, VERSION } from '../../../core/contract/index.ts';
import {
  expandInSlices,
  identityOf,
  runAt,
  runsOfShard,
  type Axis,
  type Expansion,
  type Plan,
  type RunKey,
  type Shard,
  type SweepRun,
} from '../../../core/sweep/index.ts';
import { nameOfRun } from '../file-names.ts';
import {
  createSweep,
  databaseError,
  guarded,
  openSweep,
  requireSame,
  type AxisRow,
  type Provenance,
} from './database.ts';
import { DATABASE } from './schema.ts';
import { holdFolder, removeDatabase, removeParts, traceOf, type HeldFolder } from './place.ts';
import { runPool } from './pool.ts';
import { idsByNeed, RowWriter, tally, type FinishedRun, type Tally } from './rows.ts';

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

const PLATFORM = `${process.platform} ${process.arch}, Node ${process.versions.node}`;

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
  const about: Provenance = {
    version: VERSION,
    name: plan.name,
    plan: identityOf(plan),
    shard: shardText(shard),
    planRuns: expansion.runs.length,
    createdAt: job.now().toISOString(),
    profiles: expansion.profiles,
    axes: plan.axes.map(axisRow),
  };
  const folder = path.resolve(job.folder);
  // Looked at before anything is written there, and again when nobody else can write.
  const database = path.join(folder, DATABASE);
  if (existsSync(database)) openFitting(database, about).close();
  const held = holdFolder(folder);
  try {
    if (!existsSync(database)) create(database, about);
    const db = prepared(openFitting(database, about), database);
    try {
      const outcome = await carryOut(job, runs, held, db);
      // So that no empty journal stays beside it.
      db.pragma('journal_mode = DELETE');
      return outcome;
    } finally {
      db.close();
    }
  } finally {
    held.release();
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

/** A kill while the tables are made leaves a part, which nobody takes for a database. */
function create(database: string, about: Provenance): void {
  const part = `${database}.part`;
  removeDatabase(part);
  createSweep(part, about).close();
  renameSync(part, database);
}

function axisRow({ name, kind, values, changes }: Axis): AxisRow {
  const field = fieldsOf().find((each) => each.path === name);
  return {
    name,
    kind,
    unit: field?.unit ?? '',
    doc: kind === 'variants' ? variantsDoc(values, changes) : (field?.doc ?? ''),
    choices: JSON.stringify(values),
  };
}

const variantsDoc = (values: Axis['values'], changes: Axis['changes']) =>
  `Changes to the base: ${values.map((value, i) => `${value} ${JSON.stringify(changes[i])}`).join('; ')}`;

/** @throws LabError for a database of something else */
function openFitting(database: string, about: Provenance): Database.Database {
  const { db, about: found } = openSweep(database);
  try {
    requireSame(database, found, about, 'this plan');
    if (found.shard === about.shard) return db;
    const name = (shard: string) => (shard === '' ? 'the whole plan' : `shard ${shard}`);
    throw new LabError(
      'OTHER_SWEEP',
      `it holds ${name(found.shard)}, not ${name(about.shard)}`,
      database,
      'give each shard a folder of its own, and merge them in the end',
    );
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/** A journal that works on file systems of clusters too, and commits that outlive a power cut. */
function prepared(db: Database.Database, database: string): Database.Database {
  return guarded(database, () => {
    db.pragma('journal_mode = TRUNCATE');
    db.pragma('synchronous = FULL');
    return db;
  });
}

async function carryOut(
  job: SweepJob,
  runs: readonly RunKey[],
  { database, traces }: HeldFolder,
  db: Database.Database,
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
