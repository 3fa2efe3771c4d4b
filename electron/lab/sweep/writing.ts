/** The results database of a plan, held for writing. */
import type Database from 'better-sqlite3';
import { existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import { fieldsOf, LabError } from '../../../core/contract/index.ts';
import type { Axis } from '../../../core/sweep/index.ts';
import {
  createSweep,
  guarded,
  openSweep,
  requireSame,
  type AxisRow,
  type Provenance,
} from './database.ts';
import { holdFolder, removeDatabase, type HeldFolder } from './place.ts';
import { DATABASE } from './schema.ts';

/** Where runs of this process are made. */
export const PLATFORM = `${process.platform} ${process.arch}, Node ${process.versions.node}`;

export interface Writing {
  readonly db: Database.Database;
  readonly folder: HeldFolder;
  close(): void;
}

/**
 * Holds a folder and opens the database in it; makes both where they are not there.
 *
 * @throws LabError UNWRITABLE, BUSY_FILE, NOT_A_SWEEP, OTHER_SWEEP, NEWER_FORMAT, CORRUPT_FILE for the
 *   folder, which is then as it was
 */
export function openForWriting(folder: string, about: Provenance): Writing {
  // Looked at before anything is written there, and again when nobody else can write.
  const database = path.join(folder, DATABASE);
  if (existsSync(database)) openFitting(database, about).close();
  const held = holdFolder(folder);
  try {
    if (!existsSync(database)) create(database, about);
    const db = prepared(openFitting(database, about), database);
    return {
      db,
      folder: held,
      close() {
        try {
          // So that no empty journal stays beside it.
          db.pragma('journal_mode = DELETE');
        } catch {
          // It does no harm, and what went wrong with the disk has been said.
        }
        db.close();
        held.release();
      },
    };
  } catch (thrown) {
    held.release();
    throw thrown;
  }
}

/** A kill while the tables are made leaves a part, which nobody takes for a database. */
function create(database: string, about: Provenance): void {
  const part = `${database}.part`;
  removeDatabase(part);
  createSweep(part, about).close();
  renameSync(part, database);
}

/** One axis of a plan as the database describes it. */
export function axisRow({ name, kind, values, changes }: Axis): AxisRow {
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
