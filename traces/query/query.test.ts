/** SQL of strangers on a trace: first what must not pass, then what must. */
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorOf, rejectionOf, tempFolder } from '../testing/temp.ts';
import { queryTrace } from './query.ts';
import { startQuery } from './start.ts';

const SAMPLE = join(import.meta.dirname, '../samples/copy-64k.mctrace');
const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c';

const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** A copy of a sample, alone in its folder, beside another database. */
function place() {
  const folder = tempFolder();
  const file = join(folder, 'a.mctrace');
  copyFileSync(SAMPLE, file);
  const other = new Database(join(folder, 'other.sqlite'));
  other.exec(`CREATE TABLE secret (word TEXT); INSERT INTO secret VALUES ('xyzzy')`);
  other.close();
  return { folder, file };
}

describe('a query may not', () => {
  const HOSTILE: readonly (readonly [sql: (folder: string) => string, what: RegExp])[] = [
    [(at) => `ATTACH '${at}/other.sqlite' AS other`, /ATTACH is refused/],
    [(at) => `;; /* a */ -- b\n\uFEFF AtTaCh '${at}/new.sqlite' AS other`, /ATTACH is refused/],
    [(at) => `EXPLAIN ATTACH '${at}/other.sqlite' AS other`, /ATTACH is refused/],
    [() => 'DETACH main', /DETACH is refused/],
    [(at) => `VACUUM INTO '${at}/copy.sqlite'`, /VACUUM is refused/],
    [() => 'VACUUM', /VACUUM is refused/],
    [() => 'PRAGMA query_only = OFF', /PRAGMA is refused/],
    [() => 'EXPLAIN PRAGMA query_only = 0', /PRAGMA is refused/],
    [() => 'EXPLAIN QUERY PLAN PRAGMA journal_mode = WAL', /PRAGMA is refused/],
    [() => 'PRAGMA user_version = 9', /PRAGMA is refused/],
    [() => 'PRAGMA writable_schema = ON', /PRAGMA is refused/],
    [() => `INSERT INTO meta VALUES ('a', 'b')`, /INSERT is refused/],
    [() => `INSERT INTO meta VALUES ('a', 'b') RETURNING key`, /INSERT is refused/],
    [() => `REPLACE INTO meta VALUES ('status', 'complete')`, /REPLACE is refused/],
    [() => `UPDATE events SET ts = 0`, /UPDATE is refused/],
    [() => `WITH x AS (SELECT 1) DELETE FROM events RETURNING id`, /it writes|readonly/],
    [() => `WITH x AS (SELECT 1) UPDATE events SET ts = 0`, /it writes|readonly/],
    [() => 'DROP TABLE events', /DROP is refused/],
    [() => 'CREATE TABLE t (x)', /CREATE is refused/],
    [() => 'CREATE TEMP TABLE t (x)', /CREATE is refused/],
    [() => `CREATE VIRTUAL TABLE t USING fts5(x)`, /CREATE is refused/],
    [() => 'BEGIN IMMEDIATE', /BEGIN is refused/],
    [() => 'REINDEX', /REINDEX is refused/],
    [() => 'ANALYZE', /ANALYZE is refused/],
    [(at) => `SELECT 1; VACUUM INTO '${at}/copy.sqlite'`, /more than one statement/],
    [(at) => `SELECT load_extension('${at}/evil.so')`, /load_extension is refused/],
    [(at) => `SELECT readfile('${at}/other.sqlite')`, /no such function: readfile/],
    [(at) => `SELECT writefile('${at}/evil', 'x')`, /no such function: writefile/],
    [() => `SELECT * FROM other.secret`, /no such table/],
    [() => `SELECT zeroblob(2000000000)`, /too big/],
    [() => `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`, /the query fails/],
    [() => `SELECT '${'x'.repeat(1_000_000)}'`, /longer than a million/],
    [() => 'SELECT ?', /the query fails/],
    [() => 'SELEC 1', /this is no query/],
    [() => '', /there is no SQL/],
    [() => ' ; -- nothing', /there is no SQL/],
    [() => '/* and no end', /there is no SQL/],
  ];
  it.each(HOSTILE.map(([sql, what]) => [sql('...').slice(0, 60), sql, what] as const))(
    '%s',
    (_, sql, what) => {
      const { folder, file } = place();
      const before = hash(file);
      const error = errorOf(() => queryTrace({ file, sql: sql(folder), limit: 10 }));
      expect(error.code).toBe('BAD_ARGUMENT');
      expect(error.what).toMatch(what);
      expect(hash(file)).toBe(before);
      expect(readdirSync(folder).sort()).toEqual(['a.mctrace', 'other.sqlite']);
    },
  );

  it('be asked of something that is no trace', () => {
    const { folder } = place();
    const file = join(folder, 'other.sqlite');
    const error = errorOf(() => queryTrace({ file, sql: 'SELECT * FROM secret', limit: 10 }));
    expect(error.code).toBe('NOT_A_TRACE');
  });

  it('run for ever: it is killed inside SQLite, and the next one is answered', async () => {
    const stop = new AbortController();
    const sql = `SELECT count(*) FROM (${ENDLESS})`;
    const asked = rejectionOf(startQuery({ file: SAMPLE, sql, limit: 10 }, stop.signal));
    // Long enough for the process to be inside; were it not, killing it would be easier still.
    setTimeout(() => stop.abort(), 700);
    expect((await asked).code).toBe('CANCELLED');
    const next = await startQuery({ file: SAMPLE, sql: 'SELECT 1 AS one', limit: 10 });
    expect(next).toEqual({ columns: ['one'], rows: [[1]], truncated: false });
  });

  it('start when it is cancelled already', async () => {
    const job = { file: SAMPLE, sql: 'SELECT 1', limit: 1 };
    expect((await rejectionOf(startQuery(job, AbortSignal.abort()))).code).toBe('CANCELLED');
  });

  it('fail without a word: errors cross from its process', async () => {
    const error = await rejectionOf(startQuery({ file: SAMPLE, sql: 'SELECT nope', limit: 1 }));
    expect(error).toMatchObject({ code: 'BAD_ARGUMENT', where: 'SELECT nope' });
    expect(error.what).toContain('no such column: nope');
  });
});

describe('a query', () => {
  const ask = (sql: string, limit = 100) => queryTrace({ file: SAMPLE, sql, limit });

  it('is cut at its limit and says so', () => {
    expect(ask(ENDLESS, 3)).toEqual({ columns: ['x'], rows: [[1], [2], [3]], truncated: true });
    expect(ask(`${ENDLESS} LIMIT 3`, 3).truncated).toBe(false);
    expect(ask('SELECT 1 WHERE 0', 3)).toEqual({ columns: ['1'], rows: [], truncated: false });
  });

  it('is cut at 64 MiB whatever its limit', () => {
    const wide = `SELECT printf('%.*c', 1000000, 'x') FROM (${ENDLESS})`;
    const answer = ask(wide, 100_000);
    expect(answer.truncated).toBe(true);
    expect(answer.rows.length).toBe(68);
  });

  it('has values exact to the last bit', () => {
    const sql = `SELECT 9007199254740991, 9007199254740992, -9223372036854775808, 1.5, 9e999,
      'text', NULL, x'00ff'`;
    const row = [9007199254740991, '9007199254740992', '-9223372036854775808', 1.5, 'Infinity'];
    expect(ask(sql).rows).toEqual([[...row, 'text', null, `x'00ff'`]]);
  });

  it('finds functions for times and addresses', () => {
    const sql = `SELECT to_hex(-1), u64(-1), ns(1500), seconds(9007199254740993), duration(1234567),
      clock(1), to_hex('a'), ns(NULL)`;
    expect(ask(sql).rows).toEqual([
      [
        '0xffffffffffffffff',
        '18446744073709551615',
        1.5,
        '9007.199254740993',
        '1.235 µs',
        '0.000000000001',
        null,
        null,
      ],
    ]);
  });

  it('finds views besides those of the file', () => {
    const sql = `SELECT (SELECT count(*) FROM latencies) = (SELECT count(*) FROM requests),
      (SELECT count(*) FROM waits) = (SELECT count(*) FROM named_events WHERE category = 'wait'),
      (SELECT count(*) FROM traps) = (SELECT n FROM counts WHERE name = 'trap'),
      (SELECT count(*) FROM faults) = (SELECT n FROM counts WHERE name = 'fault'),
      (SELECT count(*) FROM hazard_windows) = (SELECT count(*) FROM hazards)`;
    expect(ask(sql).rows).toEqual([[1, 1, 1, 1, 1]]);
  });

  it('may explain itself and look at the schema', () => {
    expect(ask('EXPLAIN QUERY PLAN SELECT * FROM events WHERE id = 1').rows.length).toBe(1);
    expect(ask(`SELECT name FROM pragma_table_info('meta')`).rows).toEqual([['key'], ['value']]);
    expect(ask('VALUES (1), (2)').rows).toEqual([[1], [2]]);
  });
});
