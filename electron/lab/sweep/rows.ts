/** Rows of the results database. */
import type Database from 'better-sqlite3';
import type { LabErrorData, RunResult, Scenario } from '../../../core/contract/index.ts';
import type { AxisValue } from '../../../core/sweep/index.ts';
import { FIGURES, type Cell } from './figures.ts';
import { COLUMN_NAMES } from './schema.ts';

/** How a run ended. */
export type Outcome =
  | { readonly status: 'done'; readonly result: RunResult }
  /** The pair does not exist, or the scenario asks for what the machine does not have. */
  | { readonly status: 'refused'; readonly error: LabErrorData }
  | { readonly status: 'failed'; readonly error: LabErrorData; readonly stack: string | null };

/** One run with its outcome. */
export interface FinishedRun {
  readonly id: string;
  readonly values: Readonly<Record<string, AxisValue>>;
  readonly scenario: Scenario;
  readonly outcome: Outcome;
  /** Relative to the folder of the database. */
  readonly trace: string | null;
}

/** When and where a run was made. */
export interface Execution {
  readonly shard: string;
  /** ISO 8601. */
  readonly finishedAt: string;
  readonly wallMs: number;
  /** System, processor and Node version. */
  readonly platform: string;
}

export interface Tally {
  readonly done: number;
  readonly refused: number;
  readonly failed: number;
}

/**
 * Writes rows. Those that come in one turn of the event loop are committed together at its end, so
 * that many short runs do not wait for the disk one by one.
 */
export class RowWriter {
  readonly #db: Database.Database;
  readonly #run: Database.Statement;
  readonly #execution: Database.Statement;
  readonly #onFailure: (thrown: unknown) => void;
  #waiting: (readonly [FinishedRun, Execution])[] = [];

  /** @param onFailure called when a commit at the end of a turn fails; the rows are lost then */
  constructor(db: Database.Database, onFailure: (thrown: unknown) => void) {
    this.#db = db;
    this.#onFailure = onFailure;
    const marks = COLUMN_NAMES.map(() => '?').join(', ');
    this.#run = db.prepare(
      `INSERT OR REPLACE INTO runs (${COLUMN_NAMES.join(', ')}) VALUES (${marks})`,
    );
    // A failed run that is tried again keeps count of its attempts.
    this.#execution = db.prepare(
      `INSERT INTO executions (run, shard, finished_at, wall_ms, platform, attempts, stack)
       VALUES (?, ?, ?, ?, ?, 1, ?)
       ON CONFLICT (run) DO UPDATE SET
         shard = excluded.shard, finished_at = excluded.finished_at, wall_ms = excluded.wall_ms,
         platform = excluded.platform, attempts = attempts + 1, stack = excluded.stack`,
    );
  }

  put(run: FinishedRun, execution: Execution): void {
    this.#waiting.push([run, execution]);
    if (this.#waiting.length > 1) return;
    setImmediate(() => {
      try {
        this.flush();
      } catch (thrown) {
        this.#onFailure(thrown);
      }
    });
  }

  /** Commits what waits. */
  flush(): void {
    const rows = this.#waiting;
    this.#waiting = [];
    if (rows.length === 0) return;
    this.#db.transaction(() => {
      for (const [run, execution] of rows) this.#write(run, execution);
    })();
  }

  #write(run: FinishedRun, { shard, finishedAt, wallMs, platform }: Execution): void {
    this.#run.run(...cellsOf(run));
    const stack = run.outcome.status === 'failed' ? run.outcome.stack : null;
    this.#execution.run(run.id, shard, finishedAt, wallMs, platform, stack);
  }
}

function cellsOf({ id, values, scenario, outcome, trace }: FinishedRun): Cell[] {
  const result = outcome.status === 'done' ? outcome.result : null;
  const error = outcome.status === 'done' ? null : outcome.error;
  const own = (kind: 'soc' | 'hypervisor') => {
    const profile = scenario.profiles[kind];
    return profile === null ? scenario[kind] : String(profile.id);
  };
  return [
    id,
    outcome.status,
    error?.code ?? null,
    error === null ? null : wordsOf(error),
    JSON.stringify(values),
    scenario.strategy,
    own('hypervisor'),
    own('soc'),
    scenario.workload,
    scenario.topology,
    scenario.payloadBytes,
    scenario.requests,
    scenario.seed,
    result?.pair ?? null,
    result?.pairReason ?? null,
    ...FIGURES.map(({ of }) => (result === null ? null : of(result))),
    trace,
    JSON.stringify(scenario),
    result === null ? null : JSON.stringify({ ...result, file: null, wallMs: 0 }),
  ];
}

/** A refused pair needs its reason alone; its ids are in the columns beside it. */
const wordsOf = ({ code, what, where, remedy }: LabErrorData) =>
  code === 'REFUSED_PAIR' ? what : [what, where, remedy].filter((part) => part !== '').join(', ');

/** Counts of rows by status. */
export function tally(db: Database.Database): Tally {
  const rows = new Map(
    db.prepare('SELECT status, count(*) FROM runs GROUP BY status').raw().all() as [
      string,
      number,
    ][],
  );
  const of = (status: string) => rows.get(status) ?? 0;
  return { done: of('done'), refused: of('refused'), failed: of('failed') };
}

/** Ids of the runs that are there, apart those that need not be made again and those that failed. */
export function idsByNeed(db: Database.Database): { settled: Set<string>; failed: Set<string> } {
  const ids = (condition: string) =>
    new Set(db.prepare(`SELECT id FROM runs WHERE ${condition}`).pluck().all() as string[]);
  return { settled: ids("status <> 'failed'"), failed: ids("status = 'failed'") };
}
