import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LabError, type LabClient } from '../../../core/contract/index.ts';
import { testLab, type TestLab } from './testing.ts';

let test: TestLab;
let home: string;
let client: LabClient;
beforeEach(() => {
  test = testLab();
  ({ home, client } = test);
});
afterEach(() => test.end());

const MAP = 'sample/map-64k.mctrace';
const COPY = 'sample/copy-64k.mctrace';
const spec = (...sections: object[]) => ({ format: 1, title: 'Map or copy?', sections });
const results = (...traces: string[]) => ({ kind: 'results', traces });
const refusal = async (call: Promise<unknown>) => {
  const thrown: unknown = await call.then(
    () => null,
    (error: unknown) => error,
  );
  return thrown instanceof LabError ? `${thrown.data.code} ${thrown.data.what}` : String(thrown);
};

it('refuses what is no report, and writes nothing', async () => {
  const call = client.call('report.save', { report: null, spec: { format: 1, title: '' } });
  expect(await refusal(call)).toContain('BAD_ARGUMENT this is no report: title');
  expect(readdirSync(home)).toEqual([]);
});

it('names no file outside its folder', async () => {
  writeFileSync(path.join(home, 'names.json'), '{}');
  for (const report of ['../names', 'nothing', '/etc/passwd']) {
    expect(await refusal(client.call('report.remove', { report }))).toContain('NOT_FOUND');
  }
  expect(readdirSync(home)).toEqual(['names.json']);
});

it('keeps reports: a new one, the same one changed, two of a name, one that somebody broke', async () => {
  const first = await client.call('report.save', { report: null, spec: spec(results(MAP)) });
  const changed = spec(results(MAP, COPY), { kind: 'text', markdown: 'So it is.' });
  await client.call('report.save', { report: first.id, spec: changed });
  const second = await client.call('report.save', { report: null, spec: spec(results(COPY)) });
  expect(second.id).not.toBe(first.id);
  writeFileSync(path.join(home, 'reports', 'broken.json'), '{"format": 1');
  const list = await client.call('report.list', {});
  expect(list).toHaveLength(3);
  const byId = Object.fromEntries(list.map((each) => [each.id, each]));
  expect(byId[first.id]).toMatchObject({ title: 'Map or copy?', sections: 2, problem: null });
  expect(byId['broken']).toMatchObject({ spec: null, problem: { what: 'this is no JSON' } });
  await client.call('report.remove', { report: 'broken' });
  expect(await client.call('report.list', {})).toHaveLength(2);
});

it('reads what a report needs; what is missing is said in its place', async () => {
  const document = await client.call('report.document', {
    spec: spec(
      results(MAP, COPY),
      results('user/gone.mctrace'),
      { kind: 'diff', a: MAP, b: COPY },
      { kind: 'hazards', trace: 'sample/map-lazy-host.mctrace' },
    ),
  });
  const [table, gone, diff, hazards] = document.sections;
  expect(table?.[0]).toMatchObject({ kind: 'table' });
  expect(JSON.stringify(gone)).toContain('user/gone.mctrace');
  expect(gone).toMatchObject([{ kind: 'note', tone: 'warning' }]);
  expect(JSON.stringify(diff)).toContain('Who a request waits for');
  expect(JSON.stringify(hazards)).toContain('H4');
  expect(JSON.stringify(document.closing)).toContain('simulated');
});
