/** A user's SQL as the window asks it: whatever the SQL does, the lab goes on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LabError, type LabClient } from '../../../core/contract/index.ts';
import type { Lab } from '../handlers.ts';
import { testLab, type TestLab } from './testing.ts';

const TRACE = 'sample/copy-64k.mctrace';
const ENDLESS =
  'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';

let test: TestLab;
let lab: Lab;
let client: LabClient;
beforeEach(() => {
  test = testLab();
  ({ lab, client } = test);
});
afterEach(() => test.end());

const ask = (sql: string, signal?: AbortSignal) =>
  client.call(
    'query.run',
    { trace: TRACE, sql, limit: 10 },
    signal === undefined ? {} : { signal },
  );
const errorOf = async (call: Promise<unknown>) => {
  const thrown: unknown = await call.then(
    (answer) => answer,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(LabError);
  return (thrown as LabError).data;
};

describe('the lab goes on when a query', () => {
  afterEach(async () => {
    const { events } = await client.call('trace.open', { trace: TRACE });
    const { columns, rows } = await ask('SELECT count(*) AS n FROM events');
    expect({ columns, rows }).toEqual({ columns: ['n'], rows: [[events]] });
  });

  it.each([
    ['DELETE FROM events', /DELETE is refused/],
    [`ATTACH 'other.sqlite' AS other`, /ATTACH is refused/],
    [`VACUUM INTO 'copy.sqlite'`, /VACUUM is refused/],
    ['SELECT id FROM nowhere', /no such table: nowhere/],
  ])('is refused: %s', async (sql, what) => {
    const error = await errorOf(ask(sql));
    expect(error).toMatchObject({ code: 'BAD_ARGUMENT', where: sql });
    expect(error.what).toMatch(what);
  });

  it('names a trace that is not there', async () => {
    const call = client.call('query.run', { trace: 'user/no.mctrace', sql: 'SELECT 1', limit: 1 });
    expect((await errorOf(call)).code).toBe('NOT_FOUND');
  });

  it('runs for ever and is cancelled; others are answered meanwhile', async () => {
    const stop = new AbortController();
    const endless = errorOf(ask(ENDLESS, stop.signal));
    expect((await ask('SELECT 1')).rows).toEqual([[1]]);
    stop.abort();
    expect((await endless).code).toBe('CANCELLED');
  });
});

it('a lab that ends takes an endless query with it', async () => {
  const endless = errorOf(ask(ENDLESS));
  expect((await ask('SELECT 1')).rows).toEqual([[1]]);
  await lab.finish('the window was closed');
  expect((await endless).code).toBe('CANCELLED');
});
