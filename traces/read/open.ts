/** Opens a trace as what it may be: a file from a stranger. */
import Database from 'better-sqlite3';
import { LabError } from '../../core/contract/errors.ts';
import { readHead } from '../files.ts';
import {
  APPLICATION_ID,
  FORMAT_VERSION,
  describeSchema,
  expectedSchema,
  upgrade,
} from '../schema.ts';

/** The error for a trace whose contents cannot be right. */
export function corrupt(path: string, what: string): LabError {
  return new LabError('CORRUPT_FILE', what, path, 'take another copy, or make the trace again');
}

/** Turns a failure of SQLite while reading `path` into words; passes everything else on. */
export function readError(path: string, thrown: unknown): unknown {
  if (!(thrown instanceof Database.SqliteError)) return thrown;
  if (/^SQLITE_(BUSY|LOCKED)/.test(thrown.code)) {
    return new LabError('BUSY_FILE', 'the file is locked by a writer', path, 'try again later');
  }
  if (thrown.code === 'SQLITE_NOTADB') {
    return new LabError('NOT_A_TRACE', 'this is not a Mapcopy trace', path, 'give a .mctrace file');
  }
  return corrupt(path, `the trace is damaged (${thrown.message})`);
}

/**
 * Opens a trace for reading after checking that it is one.
 *
 * @throws LabError FILE_NOT_FOUND, NOT_A_TRACE, NEWER_FORMAT, CORRUPT_FILE, BUSY_FILE
 */
export function openDatabase(path: string): Database.Database {
  const head = readHead(path);
  if (!head.isSqlite || head.applicationId !== APPLICATION_ID) {
    throw new LabError(
      'NOT_A_TRACE',
      'this is not a Mapcopy trace',
      path,
      'give a .mctrace file, or import a recording with "mapcopy import"',
    );
  }
  if (head.userVersion > FORMAT_VERSION) {
    throw new LabError(
      'NEWER_FORMAT',
      `the trace has format ${head.userVersion}, this program knows up to ${FORMAT_VERSION}`,
      path,
      'open it with a newer version of Mapcopy',
    );
  }
  if (head.userVersion < 1) throw corrupt(path, 'the trace has no format version');
  if (head.isWal) {
    throw new LabError(
      'CORRUPT_FILE',
      'the trace was never finished',
      path,
      'rename it to end in .mctrace.part and run "mapcopy recover" on it',
    );
  }
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true, timeout: 1000 });
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    db.pragma('cache_size = -65536');
    checkSchema(db, path, head.userVersion);
    upgrade(db, head.userVersion);
    db.pragma('query_only = ON');
    return db;
  } catch (thrown) {
    db?.close();
    throw readError(path, thrown);
  }
}

/** Tables and views must be those of the format to the letter; plain indexes are a user's right. */
function checkSchema(db: Database.Database, path: string, version: number): void {
  const found = new Map(
    describeSchema(db)
      .filter((object) => object.type !== 'index')
      .map((object) => [object.name, object]),
  );
  for (const wanted of expectedSchema(version)) {
    const object = found.get(wanted.name);
    if (object === undefined) throw corrupt(path, `the trace has no ${wanted.type} ${wanted.name}`);
    if (object.type !== wanted.type || object.shape !== wanted.shape) {
      throw corrupt(path, `the ${wanted.type} ${wanted.name} is not as the format says`);
    }
    found.delete(wanted.name);
  }
  for (const [name, object] of found) {
    throw corrupt(
      path,
      `the trace has a ${object.type} ${JSON.stringify(name)} that does not belong there`,
    );
  }
}
