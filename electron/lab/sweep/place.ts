/** The folder of a sweep: one writer at a time, never two plans. */
import Database from 'better-sqlite3';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { LabError } from '../../../core/contract/index.ts';
import { PART_SUFFIX, TRACE_EXTENSION } from '../../../traces/index.ts';
import { DATABASE, TRACES } from './schema.ts';

/** A folder that this process may write to until it lets go. */
export interface HeldFolder {
  readonly database: string;
  readonly traces: string;
  release(): void;
}

/**
 * Takes a folder, making it where it is not there. The system lets go of it when the process dies.
 *
 * @throws LabError UNWRITABLE, BUSY_FILE when another sweep writes there
 */
export function holdFolder(folder: string): HeldFolder {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    const what = `the folder cannot be made (${code})`;
    throw new LabError('UNWRITABLE', what, folder, 'choose another folder');
  }
  // An empty database that is nothing but its lock; readers of the results are not kept out by it.
  // It stays, for removing it would let two others take one each.
  const file = path.join(folder, 'sweep.lock');
  let lock: Database.Database | undefined;
  try {
    lock = new Database(file, { timeout: 0 });
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (thrown) {
    lock?.close();
    if (!(thrown instanceof Database.SqliteError)) throw thrown;
    throw /^SQLITE_BUSY/.test(thrown.code)
      ? new LabError(
          'BUSY_FILE',
          'another sweep is writing there',
          folder,
          'wait for it to end, or choose another folder',
        )
      : new LabError(
          'UNWRITABLE',
          `the folder cannot be locked (${thrown.code})`,
          folder,
          'check its permissions, or choose another folder',
        );
  }
  const held = lock;
  return {
    database: path.join(folder, DATABASE),
    traces: path.join(folder, TRACES),
    release: () => held.close(),
  };
}

/** Removes a database with its journal. */
export function removeDatabase(file: string): void {
  for (const suffix of ['', '-journal']) rmSync(file + suffix, { force: true });
}

/** Name of a run's trace, relative to the folder. */
export const traceOf = (id: string) => `${TRACES}/${id}${TRACE_EXTENSION}`;

/** Removes what runs that were killed have left of their traces. Whoever holds the folder may. */
export function removeParts(traces: string): void {
  let names: string[];
  try {
    names = readdirSync(traces);
  } catch {
    return;
  }
  for (const name of names) {
    if (!name.includes(TRACE_EXTENSION + PART_SUFFIX)) continue;
    rmSync(path.join(traces, name), { force: true });
  }
}
