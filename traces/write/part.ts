/** The life of a file under construction: `NAME.mctrace.part` until it is sealed and renamed. */
import Database from 'better-sqlite3';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LabError } from '../../core/contract/errors.ts';
import {
  PART_SUFFIX,
  ROWS_SUFFIX,
  SIDE_SUFFIX,
  isTrace,
  markLive,
  removePart,
  unmarkLive,
} from '../files.ts';
import { PAGE_BYTES, createSchema } from '../schema.ts';

/** An open part. */
export interface Part {
  /** Open, but while another thread writes the part. */
  db: Database.Database;
  /** Where the finished trace will be. */
  readonly path: string;
  readonly part: string;
}

/**
 * How much a power cut or a kill may cost. A `recording` keeps everything up to the last commit; an
 * `import` can be run again, so it writes without a journal and loses everything.
 */
export type Durability = 'recording' | 'import';

/** Where rows wait on their way into a part, see `bulk/`. */
export function rowsBeside(part: string): string {
  return part + ROWS_SUFFIX;
}

/** A database beside a part, for what is written while another thread has the part. */
export function sideOf(part: string): string {
  return part + SIDE_SUFFIX;
}

/** The error for a place where a trace cannot be written. */
export function unwritable(path: string, what: string, remedy: string): LabError {
  return new LabError('UNWRITABLE', what, path, remedy);
}

/**
 * Says what went wrong while writing `path`; passes everything on that is not the disk's fault.
 *
 * @param further added to the remedy
 */
export function writeError(path: string, thrown: unknown, further = ''): unknown {
  const code = (thrown as { code?: unknown }).code;
  if (
    typeof code === 'string' &&
    /^(SQLITE_(FULL|IOERR|READONLY|CANTOPEN)|ENOSPC|EDQUOT|EFBIG|EIO|EROFS|ENOENT|EACCES|EPERM|EBUSY)/.test(
      code,
    )
  ) {
    const full = ['SQLITE_FULL', 'ENOSPC', 'EDQUOT'].includes(code);
    const remedy = full
      ? 'free some space or choose another folder'
      : 'check the folder and its permissions';
    const what = full ? 'the disk is full' : `the file cannot be written (${code})`;
    return unwritable(path, what, remedy + further);
  }
  return thrown;
}

/** @throws LabError UNWRITABLE unless a finished trace may be put at `path` */
function checkTarget(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw unwritable(path, 'its folder does not exist', 'create the folder or choose another');
  }
  if (!existsSync(path)) return;
  if (!statSync(path).isFile() || !isTrace(path)) {
    throw unwritable(
      path,
      'something that is not a Mapcopy trace is there already',
      'choose another name',
    );
  }
}

/**
 * Creates the part of a new trace with its schema in it, committed and checkpointed.
 *
 * @throws LabError UNWRITABLE; nothing is left behind then
 */
export function createPart(path: string, durability: Durability): Part {
  checkTarget(path);
  const part = path + PART_SUFFIX;
  try {
    // 'wx' makes sure that of two writers one fails, and that no left-over run is overwritten.
    closeSync(openSync(part, 'wx'));
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    throw code === 'EEXIST'
      ? unwritable(
          path,
          `an unfinished trace is there already (${part})`,
          'wait for its run to end, or turn it into a trace with "mapcopy recover", or delete it',
        )
      : unwritable(
          path,
          `the file cannot be created (${code ?? String(thrown)})`,
          'check the folder and its permissions',
        );
  }
  let db: Database.Database | undefined;
  try {
    markLive(part);
    const made = (db = openPart(part, durability));
    db.transaction(() => createSchema(made))();
    checkpoint(db);
    return { db, path, part };
  } catch (thrown) {
    db?.close();
    unmarkLive(part);
    removePart(part);
    throw writeError(path, thrown);
  }
}

/** Opens the database of a part, new or not, so that nobody else can. */
export function openPart(part: string, durability: Durability): Database.Database {
  const db = new Database(part);
  db.pragma(`page_size = ${PAGE_BYTES}`);
  // The lock is held until the file is closed, so that recovery can tell a live recorder from a
  // dead one; it also spares the shared-memory index of the log.
  db.pragma('main.locking_mode = EXCLUSIVE');
  db.pragma(durability === 'recording' ? 'journal_mode = WAL' : 'journal_mode = OFF');
  db.pragma(durability === 'recording' ? 'synchronous = NORMAL' : 'synchronous = OFF');
  // Rows of an import are appended: pages that are full are not needed again.
  db.pragma(`cache_size = ${durability === 'recording' ? -65_536 : -2048}`);
  db.pragma('foreign_keys = OFF');
  // At once: without a log, reading alone would leave room for others.
  db.exec('BEGIN EXCLUSIVE; COMMIT');
  return db;
}

/** Moves everything committed from the log into the file. */
export function checkpoint(db: Database.Database): void {
  db.pragma('wal_checkpoint(TRUNCATE)');
}

/**
 * Turns a part whose contents are complete and committed into a trace: out of WAL mode, closed, on
 * disk, renamed to `target`.
 */
export function sealPart(open: Part, target: string): void {
  try {
    checkpoint(open.db);
    open.db.pragma('journal_mode = DELETE');
    open.db.close();
    unmarkLive(open.part);
    const file = openSync(open.part, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    // Before it has its name: then nobody would look for what lies beside the part.
    rmSync(rowsBeside(open.part), { force: true });
    renameSync(open.part, target);
  } catch (thrown) {
    leavePart(open);
    throw writeError(target, thrown);
  }
}

/** Closes a part and touches nothing beside it: somebody else may be writing there. */
export function closePart(open: Part): void {
  if (open.db.open) {
    if (open.db.inTransaction) open.db.exec('ROLLBACK');
    open.db.close();
  }
  unmarkLive(open.part);
}

/** Closes a part of one's own and leaves it for recovery, with all that was committed. */
export function leavePart(open: Part): void {
  closePart(open);
  rmSync(rowsBeside(open.part), { force: true });
  rmSync(sideOf(open.part), { force: true });
}

/** Closes and removes a part. */
export function discardPart(open: Part): void {
  leavePart(open);
  removePart(open.part);
}
