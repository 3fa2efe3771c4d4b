/** The results database: opened with care, for it may be anybody's file. */
import Database from 'better-sqlite3';
import { LabError, VERSION } from '../../../core/contract/index.ts';
import { whereDiffer, type PlanIdentity } from '../../../core/sweep/index.ts';
import { createSchema, SWEEP_APPLICATION_ID, SWEEP_FORMAT, TABLES } from './schema.ts';

/** One axis as the database describes it. */
export interface AxisRow {
  readonly name: string;
  readonly kind: string;
  readonly unit: string;
  readonly doc: string;
  /** JSON: the list of values. */
  readonly choices: string;
}

/** What a results database is of. */
export interface Provenance {
  readonly version: string;
  readonly name: string;
  readonly plan: PlanIdentity;
  /** `I/N`, or empty for a whole plan. */
  readonly shard: string;
  /** Runs of the whole plan. */
  readonly planRuns: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Profile id -> hash of its numbers, of the whole plan. */
  readonly profiles: Readonly<Record<string, string>>;
  readonly axes: readonly AxisRow[];
}

const notASweep = (path: string) =>
  new LabError(
    'NOT_A_SWEEP',
    'this is not a results database of a sweep',
    path,
    'choose another folder',
  );

const corrupt = (path: string, what: string) =>
  new LabError('CORRUPT_FILE', what, path, 'take another copy, or make the sweep again elsewhere');

/** Turns a failure of SQLite into words; passes everything else on. */
export function databaseError(path: string, thrown: unknown): unknown {
  if (!(thrown instanceof Database.SqliteError)) return thrown;
  const { code } = thrown;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new LabError('BUSY_FILE', 'another program holds the database', path, 'close it there');
  }
  if (code === 'SQLITE_NOTADB') return notASweep(path);
  if (/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN)/.test(code)) {
    const full = code === 'SQLITE_FULL';
    return new LabError(
      'UNWRITABLE',
      full ? 'the disk is full' : `the database cannot be written (${code})`,
      path,
      full
        ? 'free some space and run the same command again'
        : 'check the folder and its permissions',
    );
  }
  return corrupt(path, `the database is damaged (${thrown.message})`);
}

/** Does `work`, with failures of SQLite in words. */
export function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw databaseError(path, thrown);
  }
}

/** How long to wait for a reader to let go, in milliseconds. */
const PATIENCE_MS = 120_000;

/**
 * Opens a results database that is there.
 *
 * @throws LabError NOT_A_SWEEP, NEWER_FORMAT, CORRUPT_FILE, UNWRITABLE
 */
export function openSweep(path: string): { db: Database.Database; about: Provenance } {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { fileMustExist: true, timeout: PATIENCE_MS });
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    checkFormat(db, path);
    return { db, about: readProvenance(db, path) };
  } catch (thrown) {
    db?.close();
    throw databaseError(path, thrown);
  }
}

/** Creates a results database, or takes an empty file for one. */
export function createSweep(path: string, about: Provenance): Database.Database {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { timeout: PATIENCE_MS });
    const made = db;
    db.transaction(() => {
      createSchema(made, about.axes);
      writeProvenance(made, about);
    })();
    return db;
  } catch (thrown) {
    db?.close();
    throw databaseError(path, thrown);
  }
}

function checkFormat(db: Database.Database, path: string): void {
  if (db.pragma('application_id', { simple: true }) !== SWEEP_APPLICATION_ID) throw notASweep(path);
  const format = db.pragma('user_version', { simple: true }) as number;
  if (format > SWEEP_FORMAT) {
    throw new LabError(
      'NEWER_FORMAT',
      `the database has format ${format}, this program knows up to ${SWEEP_FORMAT}`,
      path,
      'open it with a newer version of Mapcopy',
    );
  }
  const found = new Map(
    db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").raw().all() as [
      string,
      string,
    ][],
  );
  for (const [name, sql] of Object.entries(TABLES)) {
    if (found.get(name) === sql) continue;
    throw corrupt(path, `its table ${name} is not as the format says`);
  }
  const triggers = db.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").pluck();
  if (triggers.get() !== 0) throw corrupt(path, 'it has triggers, which do not belong there');
}

function writeProvenance(db: Database.Database, about: Provenance): void {
  const meta = db.prepare('INSERT INTO meta VALUES (?, ?)');
  const { version, name, plan, shard, planRuns, createdAt } = about;
  meta.run('version', version);
  meta.run('name', name);
  meta.run('plan', JSON.stringify(plan));
  meta.run('shard', shard);
  meta.run('plan_runs', String(planRuns));
  meta.run('created_at', createdAt);
  const profile = db.prepare('INSERT INTO profiles VALUES (?, ?)');
  for (const [id, hash] of Object.entries(about.profiles)) profile.run(id, hash);
  const axis = db.prepare('INSERT INTO axes VALUES (?, ?, ?, ?, ?, ?)');
  about.axes.forEach((each, i) =>
    axis.run(i, each.name, each.kind, each.unit, each.doc, each.choices),
  );
}

function readProvenance(db: Database.Database, path: string): Provenance {
  const meta = new Map(db.prepare('SELECT key, value FROM meta').raw().all() as [string, string][]);
  const text = (key: string): string => {
    const value = meta.get(key);
    if (value === undefined) throw corrupt(path, `its meta has no ${key}`);
    return value;
  };
  let plan: PlanIdentity;
  try {
    plan = JSON.parse(text('plan')) as PlanIdentity;
    whereDiffer(plan, plan);
  } catch (thrown) {
    throw thrown instanceof LabError ? thrown : corrupt(path, 'its plan is no plan');
  }
  return {
    version: text('version'),
    name: text('name'),
    plan,
    shard: text('shard'),
    planRuns: Number(text('plan_runs')),
    createdAt: text('created_at'),
    profiles: Object.fromEntries(
      db.prepare('SELECT id, hash FROM profiles ORDER BY id').raw().all() as [string, string][],
    ),
    axes: db
      .prepare('SELECT name, kind, unit, doc, choices FROM axes ORDER BY position')
      .all() as AxisRow[],
  };
}

const DIFFERENCES_SHOWN = 5;
const other = (what: string, where: string, remedy: string) =>
  new LabError('OTHER_SWEEP', what, where, remedy);

/**
 * Results are only ever put together when the same program and the same numbers made them for the
 * same plan.
 *
 * @param path database that must fit
 * @param wanted what it must fit, and `than` where that comes from, for messages
 * @throws LabError OTHER_SWEEP
 */
export function requireSame(
  path: string,
  found: Provenance,
  wanted: Pick<Provenance, 'version' | 'plan' | 'profiles'>,
  than: string,
): void {
  const differences = whereDiffer(found.plan, wanted.plan);
  if (differences.length > 0) {
    const shown = differences.slice(0, DIFFERENCES_SHOWN).join(', ');
    const more = differences.length > DIFFERENCES_SHOWN ? ', ...' : '';
    throw other(
      `it holds another plan’s sweep, which differs from ${than} in ${shown}${more}`,
      path,
      'choose another folder for this plan',
    );
  }
  if (found.version !== wanted.version) {
    throw other(
      `it was made by mapcopy ${found.version}, ${than} by ${wanted.version}`,
      path,
      `use one version for a sweep${wanted.version === VERSION ? ', or make this part again' : ''}`,
    );
  }
  const ids = [...new Set([...Object.keys(found.profiles), ...Object.keys(wanted.profiles)])];
  const changed = ids.filter((id) => found.profiles[id] !== wanted.profiles[id]);
  if (changed.length > 0) {
    const name = (hash: string | undefined) => hash ?? 'none';
    throw other(
      `its numbers are not those of ${than}: ${changed
        .map((id) => `${id} ${name(found.profiles[id])} and ${name(wanted.profiles[id])}`)
        .join(', ')}`,
      path,
      'make all parts of a sweep with the same profiles',
    );
  }
}
