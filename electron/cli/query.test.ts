/** `mapcopy query` as a user types it. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { mapcopy } from './testing.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../traces/samples/copy-64k.mctrace');
const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c';

describe('mapcopy query, wrongly used', () => {
  it.each([
    [[], 'BAD_USAGE', 'no file is named'],
    [[SAMPLE], 'BAD_USAGE', 'there is no SQL'],
    [[SAMPLE, 'SELECT', '1'], 'BAD_USAGE', 'put the SQL in quotes'],
    [[SAMPLE, 'SELECT 1', '--csv', '--json'], 'BAD_USAGE', 'exclude each other'],
    [[SAMPLE, 'SELECT 1', '--limit', '0'], 'BAD_USAGE', 'give 1 to 100000'],
    [[SAMPLE, 'SELECT 1', '--limit', '1e9'], 'BAD_USAGE', 'give 1 to 100000'],
    [[SAMPLE, 'SELEKT 1'], 'BAD_ARGUMENT', 'this is no query'],
    [[SAMPLE, 'DROP TABLE events'], 'BAD_ARGUMENT', 'DROP is refused'],
    [['nowhere.mctrace', 'SELECT 1'], 'FILE_NOT_FOUND', 'nowhere.mctrace'],
    [[import.meta.filename, 'SELECT 1'], 'NOT_A_TRACE', 'not a Mapcopy trace'],
  ])('%j', async (args, code, words) => {
    const { status, out, err } = await mapcopy(['query', ...args]);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(new RegExp(`^error: ${code}: [^\n]*\n$`));
    expect(err).toContain(words);
  });

  it('endless SQL ends with Ctrl-C, status 1', async () => {
    const { status, out, err } = await mapcopy(
      ['query', SAMPLE, `SELECT count(*) FROM (${ENDLESS})`],
      2,
    );
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/^error: CANCELLED: the query was cancelled/);
  });
});

describe('mapcopy query', () => {
  const SQL = `SELECT 1 AS n, 'a "b", c' AS t, NULL AS missing, '' AS empty, 9007199254740993 AS big`;

  it('prints a table', async () => {
    const { status, out } = await mapcopy(['query', SAMPLE, `SELECT 12 AS n, 'a\u001b[31mb' AS t`]);
    expect(status).toBe(0);
    expect(out).toBe(' n  t\n--  -------\n12  a [31mb\n');
  });

  it('prints CSV', async () => {
    const { out } = await mapcopy(['query', SAMPLE, SQL, '--csv']);
    expect(out).toBe('n,t,missing,empty,big\n1,"a ""b"", c",,"",9007199254740993\n');
  });

  it('prints JSON', async () => {
    const { out, err } = await mapcopy(['query', SAMPLE, SQL, '--json']);
    expect(JSON.parse(out)).toEqual({
      columns: ['n', 't', 'missing', 'empty', 'big'],
      rows: [[1, 'a "b", c', null, '', '9007199254740993']],
      truncated: false,
    });
    expect(err).toBe('');
  });

  it('says aloud what it cuts', async () => {
    const { status, out, err } = await mapcopy([
      'query',
      SAMPLE,
      ENDLESS,
      '--limit',
      '2',
      '--json',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({ columns: ['x'], rows: [[1], [2]], truncated: true });
    expect(err).toBe('warning: truncated: these are the first 2 rows of more\n');
  });

  it('prints a hundred thousand rows', async () => {
    const { out } = await mapcopy(['query', SAMPLE, ENDLESS, '--limit', '100000']);
    expect(out.split('\n').length).toBe(100_003);
  });
});
