import { closeSync, constants, openSync, readdirSync, readSync } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { LabError, type ImportCounts, type Source } from '../../core/contract/index.ts';
import type { ImportJob, LabParts } from './parts.ts';

const SQLITE_MAGIC = 'SQLite format 3\0';

/** Is this file a database, and so a trace rather than a recording to be imported? */
export function looksLikeDatabase(file: string): boolean {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new LabError(
      'FILE_NOT_FOUND',
      `the file cannot be read (${code})`,
      file,
      'check its name and whether you may read it',
    );
  }
  try {
    const head = Buffer.alloc(SQLITE_MAGIC.length);
    const length = readSync(handle, head, 0, head.length, 0);
    return length === head.length && head.toString('latin1') === SQLITE_MAGIC;
  } catch {
    return false; // A folder, for example: the importer says what is wrong with it.
  } finally {
    closeSync(handle);
  }
}

/**
 * Brings a file into the library: a trace is checked and copied as it is, anything else goes
 * through the importer for its format.
 * @returns what the importer counted; null for a trace
 */
export async function bringIn(job: ImportJob, parts: LabParts): Promise<ImportCounts | null> {
  if (!looksLikeDatabase(job.input)) return await parts.traces.importTrace(job);
  const reader = parts.traces.openTrace(job.input);
  try {
    reader.summary();
  } finally {
    reader.close();
  }
  const temporary = `${job.output}.copy`;
  try {
    await copyFile(job.input, temporary, constants.COPYFILE_FICLONE);
    await rename(temporary, job.output);
  } catch (error) {
    await rm(temporary, { force: true });
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new LabError(
      'UNWRITABLE',
      `the trace cannot be copied into the library (${code})`,
      job.output,
      'make room or choose another library with MAPCOPY_HOME',
    );
  }
  return null;
}

/** Notes that lie beside a trace come with it; those that cannot be read stay where they are. */
export function bringNotes(input: string, output: string, parts: LabParts): void {
  const { traces } = parts;
  try {
    traces.writeNotes(traces.notesFileOf(output), traces.readNotes(traces.notesFileOf(input)));
  } catch {
    // The trace is what was asked for.
  }
}

/** A source resolved to a file. */
export interface SourceFile {
  readonly input: string;
  readonly name: string;
  /** Folder to remove when the import has ended, for an upload. */
  readonly discard: string | null;
}

const UPLOAD_ID = /^[0-9a-f]{32}$/;

/**
 * Finds the file that a source means. An upload is the only file in the folder `uploads/ID`; its
 * id comes from the page, so it must look like one before it becomes part of a path.
 */
export function resolveSource(source: Source, uploads: string | null): SourceFile {
  if (source.kind === 'path') {
    const input = path.resolve(source.path);
    return { input, name: path.basename(input), discard: null };
  }
  const folder =
    uploads !== null && UPLOAD_ID.test(source.upload) ? path.join(uploads, source.upload) : null;
  const file = folder === null ? undefined : readdirIfThere(folder)[0];
  if (folder === null || file === undefined) {
    throw new LabError(
      'NOT_FOUND',
      'there is no such upload',
      source.name,
      'choose the file again',
    );
  }
  return { input: path.join(folder, file), name: source.name, discard: folder };
}

function readdirIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
