/** Names and heads of trace files on disk, without opening them as databases. */
import { closeSync, fstatSync, openSync, readSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LabError } from '../core/contract/errors.ts';
import { APPLICATION_ID } from './schema.ts';

/** Extension of a finished trace. */
export const TRACE_EXTENSION = '.mctrace';
/** What is added to the name of a trace while it is written. */
export const PART_SUFFIX = '.part';

/** What is added to the name of a part for the rows that are on their way into it. */
export const ROWS_SUFFIX = '-rows';

/** What is added to the name of a part for the tables of an import that are not yet in it. */
export const SIDE_SUFFIX = '-side';

const MAGIC = 'SQLite format 3\0';
const HEAD_BYTES = 100;

/** What the first 100 bytes of a file say. */
export interface FileHead {
  readonly bytes: number;
  readonly isSqlite: boolean;
  readonly applicationId: number;
  readonly userVersion: number;
  /** In write-ahead log mode: never true of a finished trace. */
  readonly isWal: boolean;
}

/**
 * Parts that this thread is writing, or one that it has started. Reading such a file by hand is forbidden: closing any
 * descriptor of a file drops all POSIX locks that the process holds on it, those of SQLite too.
 */
const live = new Set<string>();

/** This thread, or one that it has started, writes `part` from now on. */
export function markLive(part: string): void {
  live.add(resolve(part));
}

/** `part` is written no more. */
export function unmarkLive(part: string): void {
  live.delete(resolve(part));
}

/** @throws LabError BUSY_FILE when this thread is writing `path` */
export function refuseLive(path: string): void {
  if (live.has(resolve(path))) throw busy(path);
}

/** The error for a file that somebody is still writing. */
export function busy(path: string): LabError {
  return new LabError(
    'BUSY_FILE',
    'the trace is still being written',
    path,
    'wait until its run ends, or cancel the run',
  );
}

/**
 * Reads the head of a file.
 *
 * @throws LabError FILE_NOT_FOUND when it is not there or may not be read, NOT_A_TRACE when it is no
 * plain file, BUSY_FILE when this thread is writing it
 */
export function readHead(path: string): FileHead {
  refuseLive(path);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) {
      throw new LabError('NOT_A_TRACE', 'this is not a file', path, 'give a .mctrace file');
    }
    const head = Buffer.alloc(HEAD_BYTES);
    const got = readSync(file, head, 0, HEAD_BYTES, 0);
    const isSqlite = got === HEAD_BYTES && head.toString('latin1', 0, 16) === MAGIC;
    return {
      bytes: stat.size,
      isSqlite,
      applicationId: head.readUInt32BE(68),
      userVersion: head.readUInt32BE(60),
      isWal: head.readUInt8(18) === 2 || head.readUInt8(19) === 2,
    };
  } finally {
    closeSync(file);
  }
}

/** The error for a file that cannot be opened for reading. */
export function unreadable(path: string, thrown: unknown): LabError {
  const code = (thrown as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? new LabError('FILE_NOT_FOUND', 'there is no such file', path, 'check the path')
    : new LabError(
        'FILE_NOT_FOUND',
        `the file cannot be read (${code ?? String(thrown)})`,
        path,
        'check its permissions',
      );
}

/** Is there a Mapcopy trace, of whatever version, at `path`? */
export function isTrace(path: string): boolean {
  const head = readHead(path);
  return head.isSqlite && head.applicationId === APPLICATION_ID;
}

/** Left-over parts of traces in a folder, in name order. An absent folder has none. */
export function findParts(directory: string): string[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(TRACE_EXTENSION + PART_SUFFIX))
    .sort()
    .map((name) => join(directory, name));
}

/** Removes a part with all that lies beside it. */
export function removePart(part: string): void {
  const side = [SIDE_SUFFIX, `${SIDE_SUFFIX}-journal`];
  for (const suffix of ['', '-wal', '-shm', '-journal', ROWS_SUFFIX, ...side]) {
    rmSync(part + suffix, { force: true });
  }
}
