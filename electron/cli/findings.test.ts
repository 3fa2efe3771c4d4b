/** `validate` and `claims`: what the lab finds about the world's figures and the field's claims. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mapcopy } from './testing.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const point = (id: string, changes: object = {}) => ({
  id,
  kind: 'validation',
  what: 'transmit of large packets',
  where: 'our rack',
  source: 'our notes',
  tag: 'user',
  measure: 'value',
  metric: 'throughputGbps',
  scenarios: [{ requests: 100 }],
  published: 1e6,
  ...changes,
});
const file = (name: string, ...points: readonly object[]): string => {
  const place = path.join(folder, name);
  writeFileSync(place, JSON.stringify({ format: 1, points }));
  return place;
};

interface Found {
  readonly points: readonly { id: string; kind: string; pass: boolean; reason: string }[];
  readonly passed: number;
  readonly total: number;
  readonly profiles: Readonly<Record<string, string>>;
}

describe('wrong usage', () => {
  it.each([
    [['validate', 'mine.json'], 'BAD_USAGE', 'write --points mine.json'],
    [['validate', '--points'], 'BAD_USAGE', 'lacks its value'],
    [['validate', '--points', 'none.json'], 'FILE_NOT_FOUND', 'none.json'],
    [['validate', '--only', 'V-N55'], 'UNKNOWN_ID', 'did you mean V-N5?'],
    [['validate', '--points', 'shipped', '--points', 'shipped'], 'BAD_ARGUMENT', 'already'],
    [['claims', '17'], 'BAD_USAGE', 'write --only 17'],
    [['claims', '--only', '36'], 'UNKNOWN_ID', 'from 1 to 35'],
    [['claims', '--only', '1.0'], 'UNKNOWN_ID', '"1.0"'],
  ])('%j is %s', async (args, code, words) => {
    const { status, out, err } = await mapcopy(args);
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(new RegExp(`^error: ${code}: `));
    expect(err).toContain(words);
  });

  it('names file, entry and field of a wrong point, and runs none', async () => {
    const mine = file('mine.json', point('a'), point('b', { metric: 'gbps' }));
    const { status, out, err, progress } = await mapcopy(['validate', '--points', mine]);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(`${mine}: points[1] "b": metric, use one of throughputGbps`);
    expect(progress.filter((line) => line !== '')).toEqual([]);
  });

  it('refuses one id in two files, and names both', async () => {
    const [one, two] = [file('one.json', point('a')), file('two.json', point('a'))];
    const { status, err } = await mapcopy(['validate', '--points', one, '--points', two]);
    expect(status).toBe(2);
    expect(err).toContain(`in ${one} already, ${two}: points`);
  });
});

describe('validate', () => {
  it('prints the schema of a points file', async () => {
    const { status, out } = await mapcopy(['validate', '--schema']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ type: 'object', required: ['format', 'points'] });
  });

  it('takes points of the user in place of ours; a failing one is no failure of the program', async () => {
    const mine = file(
      'mine.json',
      point('out of reach', { lacks: 'such a link' }),
      point('easy', { published: 1, tolerance: 1e6 }),
      point('unasked', { kind: 'prediction' }),
    );
    const { status, out, progress } = await mapcopy(['validate', '--points', mine, '--json']);
    expect(status).toBe(0);
    const found = JSON.parse(out) as Found;
    expect(found.points.map(({ id, pass, reason }) => [id, pass, reason])).toEqual([
      ['out of reach', false, 'such a link'],
      ['easy', true, ''],
      ['unasked', false, ''],
    ]);
    expect([found.passed, found.total]).toEqual([1, 2]);
    expect(Object.keys(found.profiles).sort()).toEqual(['xen-pv-dom0', 'xeon-2020']);
    expect(progress).toContain('2 of 3: easy');
  });

  it('reads as a table, with what the model lacks where it fails', async () => {
    const mine = file('mine.json', point('a', { lacks: 'such a link' }));
    const { out } = await mapcopy(['validate', '--points', mine]);
    expect(out).toMatch(/^a +validation +1,000,000 .* Gb\/s +35\.0 % +FAIL$/m);
    expect(out).toContain('such a link');
    expect(out).toContain('0 of 1 validation points pass');
  });

  it('runs ours beside the user’s when both are named, and only what is asked for', async () => {
    const mine = file('mine.json', point('a'));
    const args = ['validate', '--points', 'shipped', '--points', mine];
    const { status, out } = await mapcopy([...args, '--only', 'a', '--only', 'V-N5', '--json']);
    expect(status).toBe(0);
    expect((JSON.parse(out) as Found).points.map(({ id }) => id)).toEqual(['V-N5', 'a']);
  });

  it('that is interrupted prints nothing and ends with 1', async () => {
    const mine = file('mine.json', point('a', { scenarios: [{ requests: 10_000_000 }] }));
    const { status, out, err } = await mapcopy(['validate', '--points', mine], 3);
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(/^error: CANCELLED: /);
  });
});

describe('claims', () => {
  it('gives finding, verdict and counts', async () => {
    const { status, out } = await mapcopy(['claims', '--only', '35', '--only', '24', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      claims: [
        { number: 24, thread: '002', verdict: 'not decidable here' },
        { number: 35, thread: '004', verdict: 'not decidable here' },
      ],
      verdicts: { reproduced: 0, contradicted: 0, depends: 0, 'not decidable here': 2 },
    });
  });

  it('runs an experiment, and reads as text in lines of readable length', async () => {
    const { out, progress } = await mapcopy(['claims', '--only', '12']);
    expect(out).toMatch(/^12\. \[thread 001\] (REPRODUCED|CONTRADICTED|DEPENDS)\n {4}/);
    expect(out).toContain('Found: ');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(90);
    expect(progress).toContain('1 of 1: claim 12');
  });

  it('that is interrupted prints nothing and ends with 1', async () => {
    const { status, out, err } = await mapcopy(['claims', '--only', '22'], 2);
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(/^error: CANCELLED: /);
  });
});
