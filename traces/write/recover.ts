/** Turns what a killed recorder left into a trace. */
import Database from 'better-sqlite3';
import { existsSync, rmSync } from 'node:fs';
import { LabError } from '../../core/contract/errors.ts';
import { ScenarioSchema } from '../../core/contract/scenario.ts';
import type { TrackRecord } from '../../core/engine/recording.ts';
import * as v from 'valibot';
import { PART_SUFFIX, TRACE_EXTENSION, busy, markLive, refuseLive, removePart } from '../files.ts';
import {
  APPLICATION_ID,
  FORMAT_VERSION,
  describeSchema,
  expectedSchema,
  migrate,
} from '../schema.ts';
import { lanesOf } from '../state/live.ts';
import { closePart, sealPart, writeError, type Part } from './part.ts';
import { SUMMARY_COLUMNS, Summary, writeMeta } from './summary.ts';

const PAGE_ROWS = 10_000;

/**
 * Turns a left-over `NAME.mctrace.part` into `NAME.mctrace` (or `NAME-2.mctrace`, ... where that is
 * taken) with status `incomplete`, holding every event that was committed. A part whose recording
 * had ended, and which only lacked its final name, keeps the status it has.
 *
 * @throws LabError FILE_NOT_FOUND; BUSY_FILE while its recorder lives; NOT_A_TRACE, NEWER_FORMAT or
 * CORRUPT_FILE when there is nothing to recover, or when it is left over from an import
 */
export function recoverTrace(partPath: string): { file: string; events: number } {
  if (!existsSync(partPath)) {
    throw new LabError('FILE_NOT_FOUND', 'there is no such file', partPath, 'check the path');
  }
  if (!partPath.endsWith(PART_SUFFIX)) {
    throw new LabError(
      'NOT_A_TRACE',
      'this is not an unfinished trace',
      partPath,
      `give a file that ends in ${TRACE_EXTENSION}${PART_SUFFIX}`,
    );
  }
  refuseLive(partPath);
  const target = freeName(partPath.slice(0, -PART_SUFFIX.length));
  const part = openPart(partPath, target);
  let events: number;
  try {
    checkPart(part);
    events = complete(part);
  } catch (thrown) {
    closePart(part);
    throw recoveryError(partPath, thrown);
  }
  sealPart(part, target);
  return { file: target, events };
}

/**
 * Removes what an interrupted import or trim left: neither can be made whole, and both can be made again.
 *
 * @returns false, and removes nothing, when the part is of a recording or not ours, or still written
 */
export function removeUnfinished(partPath: string): boolean {
  let part: Part;
  try {
    refuseLive(partPath);
    part = openPart(partPath, partPath);
  } catch {
    return false;
  }
  let isOurs = false;
  try {
    const { db } = part;
    isOurs =
      db.pragma('application_id', { simple: true }) === APPLICATION_ID &&
      ['trimmed', 'source_name'].some((key) => metaOf(db, key) !== undefined);
  } catch {
    // Too damaged to say what it is.
  }
  closePart(part);
  if (!isOurs) return false;
  removePart(partPath);
  rmSync(`${partPath.slice(0, -PART_SUFFIX.length)}.data`, { force: true });
  return true;
}

/** `path`, or the first of `NAME-2`, `NAME-3`, ... that is not taken. */
function freeName(path: string): string {
  const stem = path.endsWith(TRACE_EXTENSION) ? path.slice(0, -TRACE_EXTENSION.length) : path;
  let free = stem + TRACE_EXTENSION;
  for (let i = 2; existsSync(free); i++) free = `${stem}-${i}${TRACE_EXTENSION}`;
  return free;
}

/** Opens with the recorder's own lock, through SQLite alone: see `files.ts` for the reason. */
function openPart(partPath: string, target: string): Part {
  markLive(partPath);
  let db: Database.Database | undefined;
  try {
    db = new Database(partPath, { fileMustExist: true, timeout: 0 });
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('foreign_keys = OFF');
    db.exec('BEGIN IMMEDIATE');
    return { db, path: target, part: partPath };
  } catch (thrown) {
    if (db !== undefined) closePart({ db, path: target, part: partPath });
    throw recoveryError(partPath, thrown);
  }
}

function recoveryError(partPath: string, thrown: unknown): unknown {
  if (!(thrown instanceof Database.SqliteError)) return thrown;
  if (/^SQLITE_(BUSY|LOCKED)/.test(thrown.code)) return busy(partPath);
  if (thrown.code === 'SQLITE_NOTADB') return notAPart(partPath, 'this is not a Mapcopy trace');
  if (/^SQLITE_CORRUPT/.test(thrown.code)) {
    return new LabError(
      'CORRUPT_FILE',
      'the unfinished trace is damaged',
      partPath,
      'delete it and run again',
    );
  }
  return writeError(partPath, thrown);
}

function notAPart(partPath: string, what: string): LabError {
  return new LabError('NOT_A_TRACE', what, partPath, 'delete the file if you do not need it');
}

function checkPart({ db, part }: Part): void {
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw notAPart(part, 'this is not a Mapcopy trace, or nothing was written to it');
  }
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > FORMAT_VERSION) {
    throw new LabError(
      'NEWER_FORMAT',
      `the trace has format ${version}, this program knows up to ${FORMAT_VERSION}`,
      part,
      'recover it with a newer version of Mapcopy',
    );
  }
  if (JSON.stringify(describeSchema(db)) !== JSON.stringify(expectedSchema(version))) {
    throw notAPart(part, 'its tables are not those of a trace');
  }
  if (metaOf(db, 'trimmed') !== undefined) {
    throw notAPart(
      part,
      'this is what an interrupted trim left; the trace is trimmed again instead',
    );
  }
  if (metaOf(db, 'source_name') !== undefined || metaOf(db, 'status') === undefined) {
    throw notAPart(part, 'this is what an interrupted import left; an import is run again instead');
  }
}

function metaOf(db: Database.Database, key: string): string | undefined {
  const value = db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(key);
  return typeof value === 'string' ? value : undefined;
}

/** Writes what the recorder would have written at its end; commits. Returns the events there are. */
function complete({ db }: Part): number {
  const last = Number(db.prepare('SELECT coalesce(max(id), 0) FROM events').pluck().get());
  if (metaOf(db, 'status') !== 'recording') {
    db.exec('COMMIT');
    return last;
  }
  migrate(db, Number(db.pragma('user_version', { simple: true })));
  mendRequests(db, last);
  db.prepare('DELETE FROM hazard_causes WHERE event > ?').run(last);
  db.exec('DELETE FROM lod');
  const summary = new Summary(db, 1);
  const tracks = db.prepare('SELECT id, actor, name FROM tracks ORDER BY id');
  summary.lanes.push(...lanesOf(tracks.all() as TrackRecord[]));
  const page = db
    .prepare(
      `SELECT ${SUMMARY_COLUMNS} FROM events
       WHERE id > ? ORDER BY id LIMIT ${PAGE_ROWS}`,
    )
    .raw();
  for (let after = 0; after < last;) {
    const rows = page.all(after) as Parameters<Summary['add']>[];
    if (rows.length === 0) break;
    for (const row of rows) summary.add(...row);
    after = rows[rows.length - 1]?.[0] ?? last;
  }
  summary.write(db);
  writeMeta(db, {
    status: 'incomplete',
    interrupted: 'the recorder was stopped before it could finish the file',
  });
  db.exec('COMMIT');
  return summary.events;
}

/**
 * A request is reported when it completes, its events perhaps a little later. So the last requests
 * may point beyond the last event, and those in flight have events but no row.
 */
function mendRequests(db: Database.Database, last: number): void {
  db.prepare('DELETE FROM requests WHERE first_event > ?').run(last);
  db.prepare('UPDATE requests SET last_event = ? WHERE last_event > ?').run(last, last);
  db.prepare(
    `INSERT INTO requests (id, submitted, completed, bytes, first_event, last_event)
     SELECT request, min(ts), NULL, ?, min(id), max(id) FROM events
     WHERE request IS NOT NULL AND request NOT IN (SELECT id FROM requests) GROUP BY request`,
  ).run(payloadBytes(db));
}

/** Every request of a scenario has the same size. */
function payloadBytes(db: Database.Database): number {
  try {
    const scenario = v.safeParse(ScenarioSchema, JSON.parse(metaOf(db, 'scenario') ?? ''));
    return scenario.success ? scenario.output.payloadBytes : 0;
  } catch {
    return 0;
  }
}
