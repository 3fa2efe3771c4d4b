/** Notes of a user on a trace, in a file beside it. */
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import * as v from 'valibot';
import { LabError } from '../../core/contract/errors.ts';
import { NotesSchema, type Notes } from '../../core/contract/methods/index.ts';
import { unwritable } from '../write/part.ts';

/** Version of the notes file. */
const NOTES_FORMAT = 1;
/** Far more than all that the schema allows. */
const MAX_BYTES = 64 * 1024 * 1024;

const FileSchema = v.object({ mapcopyNotes: v.literal(NOTES_FORMAT), ...NotesSchema.entries });

/** The file with the notes on a trace. */
export function notesFileOf(trace: string): string {
  return `${trace}.notes.json`;
}

/** No notes at all. */
export function noNotes(): Notes {
  return v.parse(NotesSchema, {});
}

/**
 * Reads a notes file; one that is not there holds no notes.
 *
 * @throws LabError CORRUPT_FILE, NEWER_FORMAT
 */
export function readNotes(file: string): Notes {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return noNotes();
  if (!stats.isFile() || stats.size > MAX_BYTES) throw corrupt(file, 'this is no notes file');
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw corrupt(file, 'the notes are not JSON');
  }
  const version = versionOf(document);
  if (version > NOTES_FORMAT) {
    throw new LabError(
      'NEWER_FORMAT',
      `the notes have format ${version}, this program knows up to ${NOTES_FORMAT}`,
      file,
      'open them with a newer version of Mapcopy',
    );
  }
  const parsed = v.safeParse(FileSchema, document);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw corrupt(
      file,
      `the notes are not as they should be (${v.getDotPath(issue) ?? 'at the top'})`,
    );
  }
  const { text, tags, bookmarks, views } = parsed.output;
  return { text, tags, bookmarks, views };
}

/**
 * Writes a notes file, whole or not at all; no notes are no file.
 *
 * @throws LabError UNWRITABLE; CORRUPT_FILE or NEWER_FORMAT when there is a file that cannot be read,
 * which stays
 */
export function writeNotes(file: string, notes: Notes): void {
  readNotes(file);
  const isEmpty = JSON.stringify(notes) === JSON.stringify(noNotes());
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    if (isEmpty) {
      rmSync(file, { force: true });
      return;
    }
    const handle = openSync(temporary, 'w');
    try {
      writeSync(handle, `${JSON.stringify({ mapcopyNotes: NOTES_FORMAT, ...notes }, null, 2)}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw unwritable(
      file,
      `the notes cannot be written (${code})`,
      'see that there is room, and that the folder may be written to',
    );
  }
}

/** What applies to a part of a trace: all but the bookmarks outside it. Ticks; `to` is outside. */
export function notesOfPart(notes: Notes, from = -Infinity, to = Infinity): Notes {
  const bookmarks = notes.bookmarks.filter(({ tick }) => tick >= from && tick < to);
  return { ...notes, bookmarks };
}

function versionOf(document: unknown): number {
  const isObject = typeof document === 'object' && document !== null;
  const version = isObject && 'mapcopyNotes' in document ? document.mapcopyNotes : 0;
  return typeof version === 'number' ? version : 0;
}

function corrupt(file: string, what: string): LabError {
  return new LabError('CORRUPT_FILE', what, file, 'mend the file, or remove it');
}
