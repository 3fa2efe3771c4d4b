import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapcopy } from './testing.ts';

let folder = '';
const at = (name: string) => path.join(folder, name);
function chart(document: unknown, name = 'chart.json'): string {
  writeFileSync(at(name), typeof document === 'string' ? document : JSON.stringify(document));
  return at(name);
}
const TWO = {
  kind: 'scenarios',
  scenarios: [
    { strategy: 'grant-map', requests: 200 },
    { strategy: 'grant-copy', requests: 200 },
  ],
};

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-chart-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('mapcopy chart, used wrongly', () => {
  it.each([
    [[], 'no file is named'],
    [['a.json'], 'no file to write is named'],
    [['a.json', '--out', 'a.gif'], 'ending says no format'],
    [['a.json', '--out', 'a.svg', '--scale', '2'], 'only a PNG has a scale'],
    [['a.json', '--out', 'a.png', '--scale', '3'], 'is no scale'],
  ])('%j is bad usage', async (args, what) => {
    const { status, err } = await mapcopy(['chart', ...args]);
    expect(status).toBe(2);
    expect(err).toMatch(/^error: BAD_USAGE: /);
    expect(err).toContain(what);
  });

  it.each([
    ['{', 'BAD_CHART'],
    [{ chart: 'pie', source: TWO }, 'BAD_CHART'],
    [{ chart: 'bars', source: { kind: 'traces', traces: ['none.mctrace'] } }, 'FILE_NOT_FOUND'],
    [{ chart: 'bars', source: { kind: 'traces', traces: ['chart.json'] } }, 'NOT_A_TRACE'],
    [{ chart: 'bars', source: { kind: 'sweep', database: 'none' } }, 'FILE_NOT_FOUND'],
    [{ chart: 'bars', source: TWO, metric: 'speed' }, 'BAD_CHART'],
    [{ chart: 'bars', source: { kind: 'scenarios', scenarios: [{ soc: 'z80' }] } }, 'UNKNOWN_ID'],
  ])('%j leaves nothing behind', async (document, code) => {
    const before = readdirSync(os.tmpdir()).filter((name) => name.startsWith('mapcopy-chart-'));
    const { status, err, out } = await mapcopy(['chart', chart(document), '--out', at('no.svg')]);
    expect(status).toBe(2);
    expect(err).toMatch(new RegExp(`^error: ${code}: .+, .+, .+\n$`));
    expect(out).toBe('');
    expect(existsSync(at('no.svg'))).toBe(false);
    const after = readdirSync(os.tmpdir()).filter((name) => name.startsWith('mapcopy-chart-'));
    expect(after).toEqual(before);
  });

  it('ends without a file when the user stops it', async () => {
    const scenarios = [{ requests: 1_000_000 }];
    const file = chart({ chart: 'bars', source: { kind: 'scenarios', scenarios } });
    const { status, err } = await mapcopy(['chart', file, '--out', at('stopped.svg')], 2);
    expect(status).toBe(1);
    expect(err).toContain('CANCELLED');
    expect(existsSync(at('stopped.svg'))).toBe(false);
  });
});

describe('mapcopy chart', () => {
  it('prints its schema', async () => {
    const { status, out } = await mapcopy(['chart', '--schema']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toHaveProperty('properties.chart');
  });

  it('draws scenarios that it runs, and says in words what comes out', async () => {
    const file = chart({ chart: 'stacked', by: 'component', source: TWO });
    const { status, out, err } = await mapcopy(['chart', file, '--out', at('parts.svg')]);
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain('takes the least CPU time per request');
    expect(readFileSync(at('parts.svg'), 'utf8')).toContain('>hypercall</text>');
  });

  it('draws traces beside the document, and says in JSON where', async () => {
    for (const strategy of ['grant-map', 'grant-copy']) {
      const out = at(`${strategy}.mctrace`);
      await mapcopy(['run', '--strategy', strategy, '--requests', '300', '--out', out]);
    }
    const source = { kind: 'traces', traces: ['grant-map.mctrace', 'grant-copy.mctrace'] };
    const file = chart({ chart: 'cdf', source });
    const { out } = await mapcopy(['chart', file, '--out', at('cdf.csv'), '--json']);
    expect(JSON.parse(out)).toEqual({ file: at('cdf.csv') });
    const lines = readFileSync(at('cdf.csv'), 'utf8').split('\r\n');
    const rows = lines.filter((line) => line.startsWith('grant-map,'));
    expect(rows).toHaveLength(300);
    expect(rows.at(-1)).toMatch(/,100,,,1,native$/);
  });

  it('draws a sweep, the same file each time', async () => {
    const plan = {
      base: { requests: 100 },
      axes: { strategy: ['grant-map', 'grant-copy'], payloadBytes: [64, 4096] },
    };
    await mapcopy(['sweep', chart(plan, 'plan.json'), '--out', at('study'), '--jobs', '1']);
    const file = chart({ chart: 'crossover', source: { kind: 'sweep', database: 'study' } });
    await mapcopy(['chart', file, '--out', at('one.svg')]);
    await mapcopy(['chart', file, '--out', at('two.svg')]);
    expect(readFileSync(at('one.svg'), 'utf8')).toBe(readFileSync(at('two.svg'), 'utf8'));
    expect(readFileSync(at('one.svg'), 'utf8')).toContain('CPU time per byte, ns/B');
  });
});
