/** Exports and trims as the window asks for them. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createClient,
  EXPORT_FORMATS,
  LabError,
  portPair,
  serve,
  type ExportProgress,
  type LabClient,
} from '../../../core/contract/index.ts';
import { Deliveries } from '../deliveries.ts';
import { createLab, type Lab } from '../handlers.ts';
import { realParts } from '../real-parts.ts';

const SAMPLES = path.resolve(import.meta.dirname, '../../../traces/samples');
const TRACE = 'sample/copy-64k.mctrace';

let home: string;
let deliveries: Deliveries;
let lab: Lab;
let client: LabClient;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-export-'));
  deliveries = new Deliveries(path.join(home, 'deliveries'));
  const options = { home, samples: SAMPLES, uploads: null, deliveries: deliveries.folder };
  lab = createLab(options, realParts);
  client = clientOf(lab);
});
afterEach(async () => {
  client.close();
  await lab.finish('the test is over');
  rmSync(home, { recursive: true, force: true });
});

function clientOf(of: Lab): LabClient {
  const [near, far] = portPair();
  serve(far, of.handlers('browser'));
  return createClient(near);
}
const errorOf = async (call: Promise<unknown>) => {
  const thrown: unknown = await call.then(
    (answer) => answer,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(LabError);
  return (thrown as LabError).data;
};
const waiting = () => (existsSync(deliveries.folder) ? readdirSync(deliveries.folder) : []);

describe('an export is refused and leaves nothing', () => {
  it('of a trace that is not there', async () => {
    const call = client.call('trace.export', { trace: 'user/no.mctrace', format: 'csv' });
    expect((await errorOf(call)).code).toBe('NOT_FOUND');
    expect(waiting()).toEqual([]);
  });

  it('by a host that hands out no files', async () => {
    const bare = createLab({ home, samples: SAMPLES, uploads: null }, realParts);
    const call = clientOf(bare).call('trace.export', { trace: TRACE, format: 'csv' });
    expect((await errorOf(call)).code).toBe('BAD_USAGE');
    await bare.finish('the test is over');
  });

  it('when it is cancelled', async () => {
    const stop = new AbortController();
    const call = client.call(
      'trace.export',
      { trace: TRACE, format: 'jsonl' },
      { signal: stop.signal },
    );
    stop.abort();
    expect((await errorOf(call)).code).toBe('CANCELLED');
    expect(waiting()).toEqual([]);
  });
});

describe('an export', () => {
  it.each(EXPORT_FORMATS)('to %s waits for its host, who takes it once', async (format) => {
    const { delivery, name, bytes, events } = await client.call('trace.export', {
      trace: TRACE,
      format,
    });
    const file = deliveries.take(delivery) as string;
    expect(path.basename(file)).toBe(name);
    expect(readFileSync(file).length).toBe(bytes);
    expect(events).toBe((await client.call('trace.open', { trace: TRACE })).events);
    expect(deliveries.take(delivery)).toBeUndefined();
  });

  it('of a part of the time has less', async () => {
    const { lastTick } = await client.call('trace.open', { trace: TRACE });
    const part = { trace: TRACE, format: 'csv' as const, from: lastTick / 2, until: lastTick };
    const { events, delivery } = await client.call('trace.export', part);
    const lines = readFileSync(deliveries.take(delivery) as string, 'utf8')
      .trimEnd()
      .split('\n');
    expect(events).toBe(lines.length - 1);
    expect(events).toBeGreaterThan(100);
    expect(Number(lines[1]?.split(',')[0])).toBeGreaterThan(1000);
  });

  it('is found by its id alone', () => {
    for (const id of ['', '..', '../..', 'x'.repeat(32), '0'.repeat(32)]) {
      expect(deliveries.take(id)).toBeUndefined();
    }
  });
});

describe('a trim', () => {
  it('of nothing, or of what is not there, is refused and leaves nothing', async () => {
    expect((await errorOf(client.call('trace.trim', { trace: TRACE }))).code).toBe('BAD_ARGUMENT');
    const beyond = { trace: TRACE, from: Number.MAX_SAFE_INTEGER };
    expect((await errorOf(client.call('trace.trim', beyond))).code).toBe('NO_EVENTS');
    const unknown = { trace: TRACE, tracks: [4000] };
    expect((await errorOf(client.call('trace.trim', unknown))).code).toBe('BAD_ARGUMENT');
    expect(readdirSync(path.join(home, 'traces'))).toEqual([]);
  });

  it('is a new trace of the library', async () => {
    const seen: ExportProgress[] = [];
    const entry = await client.call(
      'trace.trim',
      { trace: TRACE, requests: [2, 4], tracks: [1] },
      { onProgress: (progress) => seen.push(progress) },
    );
    expect(entry).toMatchObject({ origin: 'user', status: 'incomplete', requests: 3 });
    const { rows } = await client.call('query.run', {
      trace: entry.id,
      sql: 'SELECT DISTINCT track FROM events',
      limit: 10,
    });
    expect(rows).toEqual([[1]]);
    expect(seen[0]?.total).toBe((await client.call('trace.open', { trace: TRACE })).events);
  });
});
