/** A part of a trace as a new trace. */
import type Database from 'better-sqlite3';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { LabError } from '../../core/contract/errors.ts';
import { NONE } from '../../core/engine/recording.ts';
import { VERSION } from '../../core/contract/version.ts';
import { checkOutput, type OutputJob } from '../export/output.ts';
import { PART_SUFFIX } from '../files.ts';
import { readLanes } from '../read/state.ts';
import { TraceStore } from '../read/store.ts';
import { ticksOf, type TimeRange } from '../read/time-range.ts';
import { notesFileOf, notesOfPart, readNotes, writeNotes } from '../notes/notes.ts';
import { createPart, discardPart, sealPart, writeError } from '../write/part.ts';
import { removeUnfinished } from '../write/recover.ts';
import { RowInserter, type Value } from '../write/rows.ts';
import { Summary, writeMeta } from '../write/summary.ts';
import { findTracks, keptEvents, type Selection } from './keep.ts';

/** Events between two looks at the signal. */
const STEP = 5000;
/** What does not hold of a part, and what is written anew. */
const LEFT_OUT = [
  'status',
  'result',
  'fingerprint',
  'interrupted',
  'trimmed',
  'span',
  'events',
  'requests',
];

export interface TrimJob extends OutputJob {
  readonly selection: Omit<Selection, 'tracks' | 'from' | 'to'> &
    TimeRange & {
      /** Tracks by id, name or actor. */
      readonly tracks?: readonly string[];
    };
  readonly onProgress?: (events: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Says how far it is, and lets others have their turn. */
type Step = (events: number) => Promise<void>;

/**
 * Writes a new trace with the selected events and all that belongs to them.
 *
 * @throws LabError as opening a trace does; UNWRITABLE; BAD_ARGUMENT for a track that is not there;
 * NO_EVENTS when nothing is left; CANCELLED. No file is left then.
 */
export async function trimTrace(job: TrimJob): Promise<{ file: string; events: number }> {
  const store = new TraceStore(job.input);
  try {
    checkOutput(job);
    // One transaction for all reading: without, the file is locked anew for each row.
    store.db.exec('BEGIN');
    const selection = resolve(store, job);
    const notes = readNotes(notesFileOf(job.input));
    removeUnfinished(job.output + PART_SUFFIX);
    const part = createPart(job.output, 'import');
    let events: number;
    try {
      begin(part.db, store, job, selection);
      const step = async (passed: number) => {
        job.onProgress?.(Math.floor(passed), store.lastId);
        await setImmediate();
        if (job.signal?.aborted === true) {
          throw new LabError('CANCELLED', 'the trim was cancelled', job.output, 'nothing is left');
        }
      };
      part.db.exec('BEGIN');
      await choose(part.db, store, selection, (last) => step(last / 2));
      events = await copyEvents(part.db, store, selection, (last) =>
        step((store.lastId + last) / 2),
      );
      if (events === 0) {
        throw new LabError('NO_EVENTS', 'no event is left', job.input, 'select more of the trace');
      }
      copyHazards(part.db, store, selection);
      copySamples(part.db, store, selection);
      copyMeta(part.db, store, job);
      part.db.exec('COMMIT');
      end(part.db, store, job);
    } catch (thrown) {
      discardPart(part);
      throw writeError(job.output, thrown);
    }
    sealPart(part, job.output);
    writeNotes(notesFileOf(job.output), notesOfPart(notes, selection.from, selection.to));
    return { file: job.output, events };
  } catch (thrown) {
    throw store.explain(thrown);
  } finally {
    store.db.close();
  }
}

function resolve(store: TraceStore, { selection }: TrimJob): Selection {
  const { requests } = selection;
  const tracks = selection.tracks?.flatMap((wanted) => {
    const found = findTracks(store, wanted);
    if (found !== undefined) return found;
    throw new LabError(
      'BAD_ARGUMENT',
      'there is no such track',
      wanted,
      'see SELECT * FROM tracks, with "mapcopy query"',
    );
  });
  return {
    ...ticksOf(selection, store.tickPs),
    ...(requests === undefined ? {} : { requests }),
    ...(tracks === undefined ? {} : { tracks }),
  };
}

/** Leaves old and new ids of the events that stay in the TEMP table `renamed`. */
async function choose(
  db: Database.Database,
  store: TraceStore,
  selection: Selection,
  step: Step,
): Promise<void> {
  db.exec(`CREATE TEMP TABLE chosen (old INTEGER PRIMARY KEY);
    CREATE TEMP TABLE renamed (old INTEGER PRIMARY KEY, new INTEGER NOT NULL)`);
  const keep = db.prepare('INSERT OR IGNORE INTO chosen VALUES (?)');
  for (const { last, kept } of keptEvents(store, selection)) {
    for (const id of kept) keep.run(id);
    await step(last);
  }
  db.exec('INSERT INTO renamed SELECT old, row_number() OVER (ORDER BY old) FROM chosen');
}

/** All rows of a query on the whole, exact. */
function exactRows(
  store: TraceStore,
  sql: string,
  ...values: (number | bigint)[]
): Iterable<Value[]> {
  return store.db
    .prepare(sql)
    .raw()
    .safeIntegers()
    .iterate(...values) as Iterable<Value[]>;
}

async function copyEvents(
  db: Database.Database,
  store: TraceStore,
  selection: Selection,
  step: Step,
): Promise<number> {
  for (const [table, width] of [
    ['actors', 3],
    ['tracks', 6],
    ['kinds', 7],
    ['counters', 3],
    ['guests', 5],
    ['standing_reach', 5],
    ['warnings', 4],
  ] as const) {
    db.exec(`DELETE FROM ${table}`);
    copyRows(db, table, width, exactRows(store, `SELECT * FROM ${table}`));
  }
  db.exec('UPDATE tracks SET levels = 0, events = 0');
  const summary = new Summary(db, store.tickPs);
  summary.lanes.push(...readLanes(store));
  const events = new RowInserter(db, 'events', 12);
  const page = db.prepare('SELECT old, new FROM renamed WHERE old > ? ORDER BY old LIMIT ?').raw();
  const get = (table: string, key: string) =>
    store.db.prepare(`SELECT * FROM ${table} WHERE ${key} = ?`).raw().safeIntegers();
  const event = get('events', 'id');
  // Simulated events have neither; looking for them all the same costs as much as the events.
  const used = (['details', 'source'] as const).filter(
    (table) => store.rows(`SELECT 1 FROM ${table} LIMIT 1`).length > 0,
  );
  const beside = used.map((table) => ({
    one: get(table, 'event'),
    rows: new RowInserter(db, table, table === 'details' ? 2 : 3),
  }));
  for (let after = 0; ;) {
    const ids = page.all(after, STEP) as [number, number][];
    if (ids.length === 0) break;
    for (const [old, id] of ids) {
      const [, ...values] = event.get(old) as Value[];
      events.add(id, ...values);
      const [ts, dur, kind, track, level, , frame, bytes, n, status, arg] = values.map(orNone);
      summary.add(
        id,
        ts ?? 0,
        dur ?? 0,
        kind ?? 0,
        track ?? 0,
        level ?? 0,
        bytes === NONE ? 0 : (bytes ?? 0),
        frame ?? NONE,
        n ?? NONE,
        status ?? NONE,
        arg ?? NONE,
      );
      for (const { one, rows } of beside) {
        const row = one.get(old) as Value[] | undefined;
        if (row !== undefined) rows.add(id, ...row.slice(1));
      }
      after = old;
    }
    await step(after);
  }
  events.flush();
  for (const { rows } of beside) rows.flush();
  // The requests are counted by what writes the summaries, so they come first.
  copyRequests(db, store);
  copyMemory(db, store, selection);
  summary.write(db);
  return summary.events;
}

function orNone(value: Value): number {
  return value === null ? NONE : Number(value);
}

function copyRows(
  db: Database.Database,
  table: string,
  width: number,
  rows: Iterable<Value[]>,
): void {
  const inserter = new RowInserter(db, table, width);
  for (const row of rows) inserter.add(...row);
  inserter.flush();
}

/** Requests that still have events; they point to the first and the last that are left. */
function copyRequests(db: Database.Database, store: TraceStore): void {
  const whole = store.db
    .prepare('SELECT submitted, completed, bytes FROM requests WHERE id = ?')
    .raw()
    .safeIntegers();
  const left = db
    .prepare(
      `SELECT request, min(id), max(id) FROM events WHERE request IS NOT NULL GROUP BY request`,
    )
    .raw();
  const insert = db.prepare('INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?)');
  for (const [id, first, end] of left.all() as [number, number, number][]) {
    const row = whole.get(id) as Value[] | undefined;
    if (row !== undefined) insert.run(id, ...row, first, end);
  }
}

/** Hazards that touch the selection, with those of their causes that are left. */
function copyHazards(db: Database.Database, store: TraceStore, selection: Selection): void {
  const { from = 0, to = Number.MAX_SAFE_INTEGER, requests } = selection;
  const [first, last] = requests ?? [0, 0];
  const which = `opened < ? AND (closed IS NULL OR closed >= ?)
    ${requests === undefined ? '' : `AND request BETWEEN ${first} AND ${last}`}`;
  copyRows(db, 'hazards', 9, exactRows(store, `SELECT * FROM hazards WHERE ${which}`, to, from));
  const cause = db.prepare('INSERT INTO hazard_causes SELECT ?, ?, new FROM renamed WHERE old = ?');
  const causes = `SELECT * FROM hazard_causes
    WHERE hazard IN (SELECT id FROM hazards WHERE ${which})`;
  for (const row of exactRows(store, causes, to, from)) cause.run(...row);
}

/** Who reached and needed what in the time that is left; rows stay in the order of ends. */
function copyMemory(db: Database.Database, store: TraceStore, selection: Selection): void {
  const { from = 0, to = Number.MAX_SAFE_INTEGER } = selection;
  for (const [table, columns, width, end] of [
    ['reach', 'actor, frame, write, ts, mapped, stale', 7, 'ts + mapped + stale'],
    ['needs', 'frame, frames, ts, dur', 5, 'ts + dur'],
  ] as const) {
    const sql = `SELECT NULL, ${columns} FROM ${table}
      WHERE ts < ? AND coalesce(${end} >= ?, 1) ORDER BY id`;
    copyRows(db, table, width, exactRows(store, sql, to, from));
  }
}

/** Samples of the time that is left, with the value that each counter has at its beginning. */
function copySamples(db: Database.Database, store: TraceStore, selection: Selection): void {
  const { from = 0, to = Number.MAX_SAFE_INTEGER } = selection;
  const sql = `SELECT * FROM samples AS s WHERE ts < ? AND ts >= coalesce(
    (SELECT max(ts) FROM samples AS b WHERE b.counter = s.counter AND b.ts <= ?), 0)`;
  copyRows(db, 'samples', 3, exactRows(store, sql, to, from));
}

/**
 * Says what the file is before anything else is in it; it has no status before its last commit, and
 * without one nobody takes it for a trace. `FULL` keeps the commits apart on disk.
 */
function begin(
  db: Database.Database,
  store: TraceStore,
  { input }: TrimJob,
  selection: Selection,
): void {
  db.pragma('synchronous = FULL');
  const trimmed = { of: basename(input), events: store.lastId, ...selection };
  const earlier = store.meta.get('trimmed');
  writeMeta(db, {
    trimmed: JSON.stringify(earlier === undefined ? trimmed : { ...trimmed, earlier }),
  });
}

function copyMeta(db: Database.Database, store: TraceStore, { input }: TrimJob): void {
  const kept = [...store.meta].filter(
    ([key]) => !LEFT_OUT.includes(key) && !/^(lod|keyframe)_/.test(key),
  );
  writeMeta(db, Object.fromEntries(kept));
  writeMeta(db, {
    name: `${store.meta.get('name') ?? basename(input)} (part)`,
    program: `mapcopy ${VERSION}`,
  });
}

function end(db: Database.Database, store: TraceStore, { input }: TrimJob): void {
  if (store.meta.get('status') === 'imported') return writeMeta(db, { status: 'imported' });
  const before = store.meta.get('interrupted');
  const why = `it is a part of ${basename(input)}`;
  writeMeta(db, {
    interrupted: before === undefined ? why : `${why}; and before that: ${before}`,
    status: 'incomplete',
  });
}
