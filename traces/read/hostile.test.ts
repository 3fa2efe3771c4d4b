/** A trace may come from a stranger: whatever is wrong with it must end in words, never worse. */
import Database from 'better-sqlite3';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../core/contract/errors.ts';
import { emitRun, head, madeResult } from '../testing/stream.ts';
import { errorOf, tempFolder } from '../testing/temp.ts';
import { createTraceWriter } from '../write/writer.ts';
import { openTrace, type TraceReader } from './reader.ts';

function goodTrace(batches = 20): string {
  const path = join(tempFolder(), 'good.mctrace');
  const writer = createTraceWriter(path, head);
  emitRun(writer, batches);
  writer.finish({ status: 'complete', result: madeResult(batches) });
  return path;
}

/** A good trace after `change`, which may do what no writer of ours would. */
function spoilt(change: (db: Database.Database) => void): string {
  const path = goodTrace();
  const db = new Database(path);
  db.unsafeMode();
  change(db);
  db.close();
  return path;
}

const sql = (text: string) => (db: Database.Database) => void db.exec(text);

/** Replaces a table by one without its constraints, with the same rows. */
function loosen(table: string) {
  return sql(
    `CREATE TABLE loose AS SELECT * FROM ${table}; DROP TABLE ${table}; ALTER TABLE loose RENAME TO ${table};`,
  );
}

/** Asks everything a viewer asks. */
function askAll(reader: TraceReader): void {
  reader.info('x');
  reader.summary();
  reader.describe('x');
  const everything = { from: 0, to: Number.MAX_SAFE_INTEGER, buckets: 100, maxEvents: 10 };
  reader.window(everything);
  reader.window({ ...everything, maxEvents: 50_000 });
  reader.window({ ...everything, from: 200_000_000, buckets: 10_000 });
  reader.counters(everything);
  reader.events(0, 1000);
  for (const id of [1, 12, 500]) reader.event(id);
  reader.at(1e8);
  for (const id of [1, 20]) reader.request(id);
  reader.hazards(10_000);
  for (const ts of [0, 1e8, Number.MAX_SAFE_INTEGER]) reader.state({ ts, limit: 100 });
  const search = { from: 0, limit: 10, failed: false } as const;
  reader.find({ ...search, direction: 'forward', text: 'zz' });
  reader.find({ ...search, direction: 'backward', request: 20 });
  reader.sequence(20);
  reader.subject('x');
}

describe('a file that is no trace', () => {
  it('is refused by what it is', () => {
    const folder = tempFolder();
    const text = join(folder, 'a.mctrace');
    writeFileSync(text, 'x'.repeat(5000));
    const short = join(folder, 'short.mctrace');
    writeFileSync(short, 'SQLite format 3\0');
    const other = join(folder, 'other.mctrace');
    new Database(other).exec('CREATE TABLE events (id)').close();
    mkdirSync(join(folder, 'sub'));
    const code = (name: string) => errorOf(() => openTrace(join(folder, name))).code;
    expect(code('gone.mctrace')).toBe('FILE_NOT_FOUND');
    expect(code('a.mctrace')).toBe('NOT_A_TRACE');
    expect(code('short.mctrace')).toBe('NOT_A_TRACE');
    expect(code('other.mctrace')).toBe('NOT_A_TRACE');
    expect(code('sub')).toBe('NOT_A_TRACE');
  });

  it('is not looked into while it is written', () => {
    const path = join(tempFolder(), 'run.mctrace');
    const writer = createTraceWriter(path, head);
    expect(errorOf(() => openTrace(`${path}.part`)).code).toBe('BUSY_FILE');
    writer.abandon();
  });
});

describe('a trace of another make', () => {
  it('is refused by its number when it is newer', () => {
    const path = spoilt((db) => void db.pragma('user_version = 12'));
    const error = errorOf(() => openTrace(path));
    expect(error.code).toBe('NEWER_FORMAT');
    expect(error.what).toContain('12');
  });

  it('is refused when it was never finished', () => {
    const path = spoilt((db) => void db.pragma('journal_mode = WAL'));
    expect(errorOf(() => openTrace(path))).toMatchObject({ code: 'CORRUPT_FILE' });
    expect(readdirSync(join(path, '..'))).toEqual(['good.mctrace']);
  });

  it.each<[string, (db: Database.Database) => void]>([
    ['no version', (db) => void db.pragma('user_version = 0')],
    ['a table missing', sql('DROP VIEW counts; DROP TABLE lod')],
    [
      'a view in place of a table',
      sql(`ALTER TABLE hazards RENAME TO h; CREATE VIEW hazards AS SELECT * FROM h`),
    ],
    [
      'a view that runs another query',
      sql(`DROP VIEW copies; CREATE VIEW copies AS SELECT randomblob(1000000000)`),
    ],
    ['a trigger', sql('CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM events; END')],
    ['a table of its own', sql('CREATE TABLE mine (a)')],
    ['a virtual table', sql('CREATE VIRTUAL TABLE mine USING fts5(a)')],
    ['a column more', sql('ALTER TABLE events ADD COLUMN more INTEGER')],
    ['a generated column', sql('ALTER TABLE tracks ADD COLUMN more INTEGER AS (id * 2)')],
    ['a column of another name', sql('ALTER TABLE requests RENAME COLUMN bytes TO octets')],
    ['columns that hold anything', loosen('samples')],
    ['no tick length', sql(`DELETE FROM meta WHERE key = 'tick_ps'`)],
    ['an absurd tick length', sql(`UPDATE meta SET value = '-1e300' WHERE key = 'tick_ps'`)],
    ['absurd summaries', sql(`UPDATE meta SET value = '1e9' WHERE key = 'lod_levels'`)],
    ['ids that do not begin at 1', sql('DELETE FROM events WHERE id < 5')],
    [
      'ids beyond any file',
      sql('UPDATE events SET id = 9007199254740991 WHERE id = (SELECT max(id) FROM events)'),
    ],
  ])('is refused when it has %s', (_what, change) => {
    expect(errorOf(() => openTrace(spoilt(change))).code).toBe('CORRUPT_FILE');
  });

  it('may have indexes and statistics of its owner', () => {
    const reader = openTrace(spoilt(sql('CREATE INDEX by_kind ON events (kind); ANALYZE')));
    askAll(reader);
    reader.close();
  });
});

describe('a trace with absurd contents', () => {
  it.each<[string, string]>([
    [
      'times at the ends of 64 bits',
      'UPDATE events SET ts = CASE WHEN id % 2 THEN 9223372036854775807 ELSE -9223372036854775808 END',
    ],
    ['endless durations', 'UPDATE events SET dur = 9223372036854775807'],
    ['summaries that reach everywhere', 'UPDATE lod SET longest = 9223372036854775807'],
    ['buckets out of this world', 'UPDATE OR IGNORE lod SET bucket = bucket + 9000000000000000000'],
    ['levels out of this world', 'UPDATE events SET level = -id'],
    ['tracks that are not there', 'DELETE FROM tracks'],
    ['kinds that are not there', 'DELETE FROM kinds; UPDATE events SET kind = 77777'],
    [
      'requests that span everything',
      'UPDATE requests SET first_event = 1, last_event = 9223372036854775807',
    ],
    ['requests that begin nowhere', 'UPDATE requests SET first_event = -9, last_event = -1'],
    ['hazards without number', 'UPDATE hazards SET frames = 9223372036854775807'],
    ['no events', 'DELETE FROM events'],
    ['gaps between ids', 'DELETE FROM events WHERE id % 3 = 0'],
    [
      'documents that are none',
      `UPDATE meta SET value = '{' WHERE key IN ('scenario', 'result', 'import')`,
    ],
    [
      'documents of another shape',
      `UPDATE meta SET value = '{"__proto__": [1]}' WHERE key IN ('scenario', 'result', 'import')`,
    ],
    ['a span that is no number', `UPDATE meta SET value = 'NaN' WHERE key = 'span'`],
    ['details that are none', `INSERT INTO details VALUES (1, '[[[[')`],
    ['a status of its own', `UPDATE meta SET value = 'splendid' WHERE key = 'status'`],
  ])('answers or refuses, and ends: %s', (_what, change) => {
    const path = spoilt(sql(change));
    try {
      const reader = openTrace(path);
      try {
        askAll(reader);
      } finally {
        reader.close();
      }
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(LabError);
      expect(['CORRUPT_FILE', 'NOT_FOUND']).toContain((thrown as LabError).data.code);
    }
  });

  it('survives any single torn page, and any cut', () => {
    const path = goodTrace(200);
    const bytes = readFileSync(path);
    const folder = tempFolder();
    const torn = join(folder, 'torn.mctrace');
    const page = 16_384;
    let answered = 0;
    for (let at = 0; at < bytes.length; at += page) {
      for (const offset of [0, 100, 8000]) {
        const copy = Buffer.from(bytes);
        copy.fill(0xa5, at + offset, Math.min(at + offset + 64, at + page));
        writeFileSync(torn, copy);
        answered += survives(torn) ? 1 : 0;
      }
      writeFileSync(torn, bytes.subarray(0, at));
      answered += survives(torn) ? 1 : 0;
    }
    expect(answered).toBeGreaterThan(0);
    copyFileSync(path, torn);
    expect(survives(torn)).toBe(true);
  });
});

/** True when everything was answered, false when it was refused in words. */
function survives(path: string): boolean {
  try {
    const reader = openTrace(path);
    try {
      askAll(reader);
      return true;
    } finally {
      reader.close();
    }
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(LabError);
    return false;
  }
}
