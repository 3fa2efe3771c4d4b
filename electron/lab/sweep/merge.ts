/** Databases of shards, made on whatever machines, put together into one. */
import type Database from 'better-sqlite3';
import { closeSync, existsSync, fsyncSync, openSync, realpathSync, renameSync } from 'node:fs';
import path from 'node:path';
import { exists } from '../../../core/base/assert.ts';
import { LabError } from '../../../core/contract/index.ts';
import { createSweep, databaseError, openSweep, requireSame, type Provenance } from './database.ts';
import { holdFolder, removeDatabase } from './place.ts';
import { tally, type Tally } from './rows.ts';
import { COLUMN_NAMES, DATABASE } from './schema.ts';

export interface MergeJob {
  /** Folders of sweeps. */
  readonly sources: readonly string[];
  readonly folder: string;
  readonly now: () => Date;
}

export interface MergeOutcome extends Tally {
  /** Runs of the whole plan. */
  readonly runs: number;
  /** Runs of the plan that no source has. */
  readonly missing: number;
  readonly database: string;
}

/**
 * Merges sweeps of one plan. What the folder itself holds of the plan already is merged too, so that
 * shards may be added as they come. A failed run gives way to one that did not fail.
 *
 * @throws LabError FILE_NOT_FOUND, NOT_A_SWEEP, NEWER_FORMAT, CORRUPT_FILE for a source; OTHER_SWEEP
 *   when plan, program or profiles are not the same; RESULTS_DIFFER when a run has two results; the
 *   folder is then as it was
 */
export function mergeSweeps({ sources, folder, now }: MergeJob): MergeOutcome {
  const target = path.join(path.resolve(folder), DATABASE);
  const files = unique([...(existsSync(target) ? [target] : []), ...sources.map(databaseOf)]);
  const about = whatTheyAreOf(files);
  const held = holdFolder(path.resolve(folder));
  const part = `${target}.part`;
  try {
    removeDatabase(part);
    const merged = { ...about, shard: '', createdAt: now().toISOString() };
    const counts = writeMerged(part, merged, files, path.dirname(target));
    sync(part);
    renameSync(part, target);
    const missing = about.planRuns - counts.done - counts.refused - counts.failed;
    return { runs: about.planRuns, ...counts, missing, database: target };
  } catch (thrown) {
    removeDatabase(part);
    throw databaseError(target, thrown);
  } finally {
    held.release();
  }
}

function databaseOf(source: string): string {
  const file = path.join(path.resolve(source), DATABASE);
  if (existsSync(file)) return file;
  throw existsSync(source)
    ? new LabError(
        'FILE_NOT_FOUND',
        `it holds no ${DATABASE}`,
        source,
        'give the folder of a sweep',
      )
    : new LabError('FILE_NOT_FOUND', 'there is no such folder', source, 'check the path');
}

const unique = (files: readonly string[]) => [
  ...new Map(files.map((file) => [realpathSync(file), file])).values(),
];

/** @throws LabError OTHER_SWEEP unless all are of the same */
function whatTheyAreOf(files: readonly string[]): Provenance {
  let first: { readonly file: string; readonly about: Provenance } | undefined;
  for (const file of files) {
    const { db, about } = openSweep(file);
    db.close();
    first ??= { file, about };
    requireSame(file, about, first.about, first.file);
  }
  return exists(first, 'a source').about;
}

function sync(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function writeMerged(
  part: string,
  about: Provenance,
  files: readonly string[],
  folder: string,
): Tally {
  const db = createSweep(part, about);
  try {
    db.pragma('trusted_schema = OFF');
    // The part is worth nothing until it is whole.
    db.pragma('journal_mode = OFF');
    db.pragma('synchronous = OFF');
    db.exec('CREATE TEMP TABLE origin (run TEXT PRIMARY KEY, source INTEGER) WITHOUT ROWID');
    files.forEach((file, source) => addSource(db, files, source, prefixOf(folder, file)));
    return tally(db);
  } finally {
    db.close();
  }
}

/** From the merged database to the traces of a source. */
function prefixOf(folder: string, file: string): string {
  const way = path.relative(folder, path.dirname(file)).split(path.sep).join('/');
  return way === '' ? '' : `${way}/`;
}

function addSource(
  db: Database.Database,
  files: readonly string[],
  source: number,
  prefix: string,
): void {
  const file = files[source] as string;
  db.prepare('ATTACH ? AS source').run(file);
  try {
    db.transaction(() => {
      refuseConflict(db, files, file);
      const columns = COLUMN_NAMES.map((name) => (name === 'trace' ? '@prefix || trace' : name));
      const wanted = `FROM source.runs AS new WHERE NOT EXISTS (
        SELECT 1 FROM main.runs AS old
        WHERE old.id = new.id AND (old.status <> 'failed' OR new.status = 'failed'))`;
      db.prepare(`INSERT OR REPLACE INTO origin SELECT id, @source ${wanted}`).run({ source });
      db.prepare(
        `INSERT OR REPLACE INTO main.runs (${COLUMN_NAMES.join(', ')})
         SELECT ${columns.join(', ')} ${wanted}`,
      ).run({ prefix });
      db.prepare(
        `INSERT OR REPLACE INTO main.executions SELECT new.* FROM source.executions AS new
         JOIN origin ON origin.run = new.run WHERE origin.source = ?`,
      ).run(source);
    })();
  } catch (thrown) {
    throw databaseError(file, thrown);
  } finally {
    db.exec('DETACH source');
  }
}

/** @throws LabError RESULTS_DIFFER when a run that is there already has another result here */
function refuseConflict(db: Database.Database, files: readonly string[], file: string): void {
  const conflict = db
    .prepare(
      `SELECT old.id AS id, coalesce(old.fingerprint, old.status) AS old,
              coalesce(new.fingerprint, new.status) AS new, origin.source AS source
       FROM main.runs AS old JOIN source.runs AS new USING (id)
       JOIN origin ON origin.run = old.id
       WHERE old.status <> 'failed' AND new.status <> 'failed'
         AND (old.status <> new.status OR old.fingerprint IS NOT new.fingerprint)
       LIMIT 1`,
    )
    .get() as { id: string; old: string; new: string; source: number } | undefined;
  if (conflict === undefined) return;
  throw new LabError(
    'RESULTS_DIFFER',
    `run ${conflict.id} has the fingerprint ${conflict.old} in ${files[conflict.source]} and ${conflict.new} here`,
    file,
    'make both shards again with the same program; if they still differ, please report it',
  );
}
