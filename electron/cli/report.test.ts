import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../figures/chromium.ts';
import { mapcopy } from './testing.ts';

let folder = '';
const at = (name: string) => path.join(folder, name);
function report(document: unknown): string {
  writeFileSync(
    at('report.json'),
    typeof document === 'string' ? document : JSON.stringify(document),
  );
  return at('report.json');
}
const of = (...sections: object[]) => ({ format: 1, title: 'Map or copy', sections });
const TRACES = ['map.mctrace', 'copy.mctrace'];
const WHOLE = of(
  { kind: 'text', markdown: '# Question\n\nMap, or **copy**?' },
  { kind: 'results', traces: TRACES },
  { kind: 'chart', chart: { chart: 'stacked', source: { kind: 'traces', traces: TRACES } } },
  { kind: 'chart', chart: { chart: 'cdf', source: { kind: 'traces', traces: TRACES } } },
  { kind: 'diff', a: 'map.mctrace', b: 'copy.mctrace' },
  { kind: 'hazards', trace: 'map.mctrace' },
);

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-report-test-'));
  for (const name of ['map', 'copy']) {
    const args = [
      '--strategy',
      `grant-${name}`,
      '--requests',
      '200',
      '--out',
      at(`${name}.mctrace`),
    ];
    expect((await mapcopy(['run', ...args])).status).toBe(0);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('mapcopy report, used wrongly', () => {
  it.each([
    [[], 'no file is named'],
    [['a.json'], 'no file to write is named'],
    [['a.json', '--out', 'a.docx'], 'ending says no format'],
  ])('%j is bad usage', async (args, what) => {
    const { status, err } = await mapcopy(['report', ...args]);
    expect(status).toBe(2);
    expect(err).toContain(what);
  });

  it.each([
    ['{', 'BAD_ARGUMENT', 'report.json'],
    [{ ...of(), title: 'x' }, 'BAD_ARGUMENT', 'sections'],
    [of({ kind: 'results', traces: ['none.mctrace'] }), 'FILE_NOT_FOUND', 'none.mctrace'],
    [of({ kind: 'hazards', trace: 'report.json' }), 'NOT_A_TRACE', 'report.json'],
    [of({ kind: 'chart', chart: { chart: 'pie' } }), 'BAD_CHART', 'sections.0.chart'],
  ])('%j leaves nothing behind', async (document, code, says) => {
    const { status, err } = await mapcopy(['report', report(document), '--out', at('no.html')]);
    expect(status).toBe(2);
    expect(err).toMatch(new RegExp(`^error: ${code}: `));
    expect(err).toContain(says);
    expect(existsSync(at('no.html'))).toBe(false);
  });
});

describe('mapcopy report', () => {
  it('writes one file with charts inside that is the same when nothing has changed', async () => {
    const file = report(WHOLE);
    const first = await mapcopy(['report', file, '--out', at('a.html'), '--json']);
    expect(JSON.parse(first.out)).toEqual({ file: at('a.html') });
    await mapcopy(['report', file, '--out', at('b.html')]);
    const html = readFileSync(at('a.html'), 'utf8');
    expect(readFileSync(at('b.html'), 'utf8')).toBe(html);
    // Two charts by name, and those of the diff: latency, who pays, the change of each request.
    expect(html.match(/<svg/g)).toHaveLength(5);
    expect(html).toContain('Hazards that vanish');
    // One page: what a chart's parts are called must not meet.
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(html).not.toMatch(/<image|<script|(src|href)="https?:/);
    expect(html).toContain('The results are simulated');
    expect(html).toContain('Who a request waits for');
  });

  it('follows a trace that was recorded again', async () => {
    const file = report(of({ kind: 'results', traces: ['map.mctrace'] }));
    await mapcopy(['report', file, '--out', at('old.html')]);
    const again = ['--strategy', 'grant-map', '--requests', '300', '--out', at('map2.mctrace')];
    await mapcopy(['run', ...again]);
    writeFileSync(at('map.mctrace'), readFileSync(at('map2.mctrace')));
    await mapcopy(['report', file, '--out', at('new.html')]);
    expect(readFileSync(at('new.html'), 'utf8')).not.toBe(readFileSync(at('old.html'), 'utf8'));
  });

  it('prints its schema', async () => {
    const { out } = await mapcopy(['report', '--schema']);
    expect(JSON.parse(out)).toMatchObject({
      type: 'object',
      required: ['format', 'title', 'sections'],
    });
  });

  it.skipIf(findChromium() === undefined)('writes a PDF by Chromium', async () => {
    const { status, err } = await mapcopy(['report', report(WHOLE), '--out', at('a.pdf')]);
    expect([status, err]).toEqual([0, '']);
    expect(readFileSync(at('a.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
  });
});
