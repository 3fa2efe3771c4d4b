/** Runs of a plan that are kept as they end: in a folder as a sweep has it, which can be resumed as one. */
import path from 'node:path';
import {
  VERSION,
  type LabErrorData,
  type RunJob,
  type RunResult,
  type Scenario,
} from '../../../core/contract/index.ts';
import { identify, judge } from '../../../core/experiment/index.ts';
import {
  expandPlan,
  identityOf,
  runAt,
  runId,
  type Plan,
  type SweepRun,
} from '../../../core/sweep/index.ts';
import { databaseError, openSweep } from '../sweep/database.ts';
import { idsByNeed, RowWriter, type Outcome } from '../sweep/rows.ts';
import { axisRow, openForWriting, PLATFORM, type Writing } from '../sweep/writing.ts';

export interface KeptPlanOptions {
  readonly folder: string;
  readonly plan: Plan;
  /** Runs that are about to be made. */
  readonly asked: readonly Scenario[];
  /** Databases in which runs of this plan may be already. */
  readonly others: readonly string[];
  readonly now: () => Date;
  /** Called when rows could not be written; the runs go on. */
  readonly onFailure: (thrown: unknown) => void;
}

const idOf = (scenario: Scenario) => runId(identify(scenario));

export class KeptPlan {
  readonly #options: KeptPlanOptions;
  readonly #writing: Writing;
  readonly #writer: RowWriter;
  /** Place of each run in the plan. */
  readonly #places: ReadonlyMap<string, number>;

  /** @throws LabError as `openForWriting`, and what is wrong with the plan */
  constructor(options: KeptPlanOptions) {
    this.#options = options;
    const { folder, plan, now, onFailure } = options;
    const { runs, profiles } = expandPlan(plan);
    this.#places = new Map(runs.map(({ id, index }) => [id, index]));
    this.#writing = openForWriting(folder, {
      version: VERSION,
      name: plan.name,
      plan: identityOf(plan),
      shard: '',
      planRuns: runs.length,
      createdAt: now().toISOString(),
      profiles,
      axes: plan.axes.map(axisRow),
    });
    const { db, folder: held } = this.#writing;
    this.#writer = new RowWriter(db, (thrown) => onFailure(databaseError(held.database, thrown)));
    this.#takeIn();
  }

  /** What a run came to; one that was cancelled has come to nothing. */
  put({ scenario, state, result, error, elapsedMs }: RunJob, trace: string | null): void {
    const outcome = outcomeOf(state, result, error);
    if (outcome !== null) this.#write(idOf(scenario), outcome, Math.round(elapsedMs), trace);
  }

  /** Commits all and lets go of the folder. */
  close(): void {
    try {
      this.#writer.flush();
    } catch (thrown) {
      this.#options.onFailure(databaseError(this.#writing.folder.database, thrown));
    }
    this.#writing.close();
  }

  /** What needs no run: pairs that do not exist, and runs that another study has. */
  #takeIn(): void {
    const { plan, asked, others } = this.#options;
    const { settled } = idsByNeed(this.#writing.db);
    const comes = new Set(asked.map(idOf));
    const missing = new Set<string>();
    for (const [id, index] of this.#places) {
      if (settled.has(id) || comes.has(id)) continue;
      const { scenario } = runAt(plan, index) as SweepRun;
      const { status, reason } = judge(scenario);
      if (status !== 'refused') missing.add(id);
      else this.#write(id, { status: 'refused', error: refusal(reason) }, 0, null);
    }
    for (const database of others) {
      if (missing.size === 0) break;
      this.#takeFrom(database, missing);
    }
    this.#writer.flush();
  }

  #takeFrom(database: string, missing: Set<string>): void {
    let open: ReturnType<typeof openSweep>;
    try {
      open = openSweep(database);
    } catch {
      return; // What is wrong with it is said where it is listed.
    }
    const { db, about } = open;
    try {
      if (about.version !== VERSION) return;
      const one = db.prepare("SELECT result, trace FROM runs WHERE id = ? AND status = 'done'");
      for (const id of [...missing]) {
        const row = one.get(id) as { result: string; trace: string | null } | undefined;
        if (row === undefined) continue;
        const trace = row.trace === null ? null : path.resolve(path.dirname(database), row.trace);
        const result = JSON.parse(row.result) as RunResult;
        this.#write(id, { status: 'done', result }, 0, trace);
        missing.delete(id);
      }
    } finally {
      db.close();
    }
  }

  #write(id: string, outcome: Outcome, wallMs: number, trace: string | null): void {
    const { plan, folder, now } = this.#options;
    const index = this.#places.get(id);
    if (index === undefined) return;
    const { values, scenario } = runAt(plan, index) as SweepRun;
    const relative = trace === null ? null : path.relative(folder, trace);
    const run = { id, values, scenario, outcome, trace: relative };
    const finishedAt = now().toISOString();
    this.#writer.put(run, { shard: '', finishedAt, wallMs, platform: PLATFORM });
  }
}

const refusal = (reason: string): LabErrorData => ({
  code: 'REFUSED_PAIR',
  what: reason.replace(/\.$/, ''),
  where: '',
  remedy: '',
});

function outcomeOf(
  state: RunJob['state'],
  result: RunJob['result'],
  error: LabErrorData | null,
): Outcome | null {
  if (state === 'done' && result !== null) {
    const { trace: _, ...found } = result;
    return { status: 'done', result: found };
  }
  if (state !== 'failed' || error === null) return null;
  const refused = error.code === 'REFUSED_PAIR' || error.code === 'BAD_SCENARIO';
  return refused ? { status: 'refused', error } : { status: 'failed', error, stack: null };
}
