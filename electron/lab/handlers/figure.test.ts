import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabClient } from '../../../core/contract/index.ts';
import { codeOf, testLab, type TestLab } from './testing.ts';

const TRACES = { kind: 'traces', traces: ['sample/map-64k.mctrace', 'sample/copy-64k.mctrace'] };
const BARS = { chart: 'bars', source: TRACES };

describe('charts of a library', () => {
  let test: TestLab;

  let client: LabClient;
  beforeAll(() => {
    test = testLab();
    ({ client } = test);
  });
  afterAll(() => test.end());
  const rows = (source: Record<string, unknown>) =>
    client.call('figure.rows', { source, details: [] });

  it('name nothing outside it', async () => {
    for (const trace of [
      '../secret.mctrace',
      '/etc/passwd',
      'sample/../x.mctrace',
      'user/no.mctrace',
    ]) {
      expect(await codeOf(rows({ kind: 'traces', traces: [trace] }))).toBe('NOT_FOUND');
    }
    for (const database of ['..', '../x', '/tmp', 'none']) {
      expect(await codeOf(rows({ kind: 'sweep', database }))).toBe('NOT_FOUND');
    }
    expect(await codeOf(rows({ kind: 'web' }))).toBe('BAD_CHART');
  });

  it('are of its traces, with what only a trace tells', async () => {
    const details = ['latency' as const, 'counters' as const, 'components' as const];
    const found = await client.call('figure.rows', { source: TRACES, details });
    expect(found.map(({ axes }) => axes['strategy'])).toEqual(['grant-map', 'grant-copy']);
    for (const { detail, result } of found) {
      expect(detail?.latency?.requests).toBe(result?.requests);
      expect(detail?.latency?.ns).toEqual(detail?.latency?.ns.toSorted((a, b) => a - b));
      expect(detail?.counters.map(({ name }) => name)).toContain('Transmit ring');
      // Components are the CPU time of the whole run, results that of its steady state.
      const parts = Object.values(detail?.components ?? {}).reduce((sum, each) => sum + each, 0);
      const whole = Object.values(result?.cpuNsPerRequest ?? {}).reduce(
        (sum, each) => sum + each,
        0,
      );
      expect(parts / whole).toBeGreaterThan(0.8);
      expect(parts / whole).toBeLessThan(1.25);
    }
  });

  it('are drawn as files', async () => {
    const draw = { spec: BARS, scale: 2 as const };
    const svg = await client.call('figure.draw', { ...draw, format: 'svg' });
    expect(svg.mime).toBe('image/svg+xml');
    expect(Buffer.from(svg.base64, 'base64').toString()).toContain('>grant-map</text>');
    const png = await client.call('figure.draw', { ...draw, format: 'png' });
    expect(Buffer.from(png.base64, 'base64').toString('latin1', 1, 4)).toBe('PNG');
    const wrong = { spec: { ...BARS, group: 'colour' }, format: 'csv' as const, scale: 2 as const };
    expect(await codeOf(client.call('figure.draw', wrong))).toBe('BAD_CHART');
  });

  it('can be cancelled while their runs are made', async () => {
    const abort = new AbortController();
    const source = { kind: 'scenarios', scenarios: [{ requests: 5_000_000 }] };
    const options = { signal: abort.signal, onProgress: () => abort.abort() };
    const call = client.call('figure.rows', { source, details: [] }, options);
    expect(await codeOf(call)).toBe('CANCELLED');
  });

  it('are kept, replaced and removed', async () => {
    expect(await client.call('figure.list', {})).toEqual([]);
    const keep = { chart: null, name: 'Map or copy?', spec: { ...BARS, title: 'Map or copy?' } };
    const kept = await client.call('figure.save', keep);
    expect(kept).toMatchObject({ id: 'Map-or-copy', name: 'Map or copy?', problem: null });
    await client.call('figure.save', { ...keep, chart: kept.id, spec: { ...BARS, title: 'B' } });
    expect((await client.call('figure.list', {})).map(({ name }) => name)).toEqual(['B']);
    expect(await codeOf(client.call('figure.save', { ...keep, spec: { chart: 'pie' } }))).toBe(
      'BAD_CHART',
    );
    expect(await codeOf(client.call('figure.remove', { chart: '../names' }))).toBe('NOT_FOUND');
    await client.call('figure.remove', { chart: kept.id });
    expect(await client.call('figure.list', {})).toEqual([]);
  });
});
