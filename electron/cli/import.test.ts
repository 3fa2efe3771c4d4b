/** What a user says of a recording on the command line: the mapping of a CSV file, a clock rate. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { mapcopy } from './testing.ts';

function folder(): string {
  const made = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-import-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const FIGURES = 'when,what,amount\n1.5,flush,4\n2.5,flush,8\n';

it('a mapping that is wrong ends with its file and line, and leaves nothing', async () => {
  const at = folder();
  const [input, mapping, out] = ['f.csv', 'm.json', 'o.mctrace'].map((name) => path.join(at, name));
  writeFileSync(input ?? '', FIGURES);
  writeFileSync(mapping ?? '', '{\n"delimiter": ",",\n"header": 1\n}');
  const args = ['import', input ?? '', '--mapping', mapping ?? '', '--out', out ?? ''];
  const { status, err } = await mapcopy(args);
  expect(status).toBe(2);
  expect(err).toMatch(/^error: BAD_ARGUMENT: header: .*m\.json:3/);
  expect(existsSync(out ?? '')).toBe(false);
});

it('options that do not go together, or mean nothing, are refused', async () => {
  for (const args of [
    ['--guess', '--out', 'x.mctrace'],
    ['--out', 'x.mctrace', '--clock-hz', 'fast'],
    ['--out', 'x.mctrace', '--clock-hz', '12'],
    ['--out', 'x.mctrace', '--mapping', 'not-there.json'],
  ]) {
    expect((await mapcopy(['import', 'f.csv', ...args])).status).toBe(2);
  }
  const input = path.join(folder(), 'trace.txt');
  writeFileSync(input, ' kvm-1 [000] 5.000001: map: IOMMU: iova=0x1000 paddr=0x2000 size=4096\n');
  expect((await mapcopy(['import', input, '--guess'])).err).toContain('no CSV file');
});

it('a guess is written, edited and used', async () => {
  const at = folder();
  const input = path.join(at, 'f.csv');
  const mapping = path.join(at, 'm.json');
  const out = path.join(at, 'o.mctrace');
  writeFileSync(input, FIGURES);
  const guess = await mapcopy(['import', input, '--guess']);
  expect(guess.status).toBe(0);
  expect(JSON.parse(guess.out)).toMatchObject({
    timeUnit: 's',
    columns: { when: 'time', what: 'detail', amount: 'detail' },
  });
  const edited = guess.out
    .replace('"what": "detail"', '"what": "name"')
    .replace('"amount": "detail"', '"amount": "n"')
    .replace('"kinds": {}', '"kinds": {"flush": "iotlb.flush"}');
  writeFileSync(mapping, edited);
  const imported = await mapcopy(['import', input, '--mapping', mapping, '--out', out, '--json']);
  expect(JSON.parse(imported.out)).toMatchObject({ format: 'csv', events: 2, typed: 2 });
  expect(readFileSync(input, 'utf8')).toBe(FIGURES);
});

it.each(['utf8', 'utf16le'] as const)(
  'a mapping may begin with a byte order mark: %s',
  async (as) => {
    const at = folder();
    const [input = '', mapping = '', out = ''] = ['f', 'm', 'o'].map((name) => path.join(at, name));
    writeFileSync(input, 'a;b\n1,5;x\n');
    const columns = { a: 'time', b: 'name' };
    const said = { delimiter: ';', header: true, timeUnit: 'us', decimal: ',', columns };
    writeFileSync(mapping, `\ufeff${JSON.stringify(said)}`, as);
    const { status, err } = await mapcopy(['import', input, '--mapping', mapping, '--out', out]);
    expect([status, err]).toEqual([0, '']);
  },
);
