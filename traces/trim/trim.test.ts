/** Parts of traces: first what is refused, then that a part is valid and holds what was asked for. */
import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importTrace } from '../import/import.ts';
import { queryTrace } from '../query/query.ts';
import { openTrace } from '../read/reader.ts';
import { errorOf, rejectionOf, tempFolder } from '../testing/temp.ts';
import { recoverTrace } from '../write/recover.ts';
import { trimTrace, type TrimJob } from './trim.ts';

const SAMPLE = join(import.meta.dirname, '../samples/map-64k.mctrace');
const SHAPE = 'ts, dur, kind, track, level, request, frame, bytes, n, status, arg';

const rowsOf = (file: string, sql: string) => queryTrace({ file, sql, limit: 100_000 }).rows;
const ps = (ns: number) => BigInt(ns) * 1000n;

/** Trims, and checks what must hold of every trace. */
async function part(selection: TrimJob['selection'], input = SAMPLE): Promise<string> {
  const output = join(tempFolder(), 'part.mctrace');
  const { events } = await trimTrace({ input, output, force: false, selection });
  const reader = openTrace(output);
  const info = reader.info('x');
  expect(info.events).toBe(events);
  expect(
    reader.window({ from: 0, to: info.lastTick, buckets: 100, maxEvents: 50_000 }).id.length,
  ).toBe(events);
  reader.close();
  const db = new Database(output, { readonly: true });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.pragma('journal_mode', { simple: true })).toBe('delete');
  db.close();
  const sound = `SELECT
    (SELECT count(*) = max(id) AND min(id) = 1 FROM events),
    (SELECT count(*) FROM (SELECT ts < lag(ts) OVER (ORDER BY id) AS back FROM events) WHERE back),
    (SELECT value = (SELECT count(*) FROM events) FROM meta WHERE key = 'events'),
    (SELECT value = (SELECT count(*) FROM requests) FROM meta WHERE key = 'requests'),
    (SELECT count(*) FROM events AS e JOIN requests AS r ON r.id = e.request
     WHERE e.id NOT BETWEEN r.first_event AND r.last_event),
    (SELECT sum(n) FROM lod WHERE level = 0) = (SELECT count(*) FROM events),
    (SELECT count(*) FROM hazard_causes WHERE event NOT IN (SELECT id FROM events))`;
  expect(rowsOf(output, sound)).toEqual([[1, 0, 1, 1, 0, 1, 0]]);
  return output;
}

describe('a trim is refused', () => {
  const attempt = (selection: TrimJob['selection'], output: string, more: Partial<TrimJob> = {}) =>
    rejectionOf(trimTrace({ input: SAMPLE, output, force: false, selection, ...more }));

  it('where nothing is left, no track has the name, or it is cancelled', async () => {
    const folder = tempFolder();
    const output = join(folder, 'part.mctrace');
    expect((await attempt({ fromPs: 10n ** 18n }, output)).code).toBe('NO_EVENTS');
    expect((await attempt({ requests: [100_000, 100_001] }, output)).code).toBe('NO_EVENTS');
    expect((await attempt({ tracks: ['nobody'] }, output)).code).toBe('BAD_ARGUMENT');
    const cancelled = await attempt({ fromPs: 0n }, output, { signal: AbortSignal.abort() });
    expect(cancelled.code).toBe('CANCELLED');
    const none = await attempt({ fromPs: 0n }, output, { input: import.meta.filename });
    expect(none.code).toBe('NOT_A_TRACE');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('over a trace that is there, and over the trace itself', async () => {
    const output = await part({ requests: [1, 4] });
    expect((await attempt({ requests: [1, 1] }, output)).code).toBe('UNWRITABLE');
    const itself = { input: output, force: true };
    expect((await attempt({ requests: [1, 1] }, output, itself)).what).toBe(
      'that is the trace itself',
    );
    await trimTrace({ input: SAMPLE, output, force: true, selection: { requests: [2, 2] } });
    expect(rowsOf(output, 'SELECT id FROM requests')).toEqual([[2]]);
  });
});

describe('a trim that is killed', () => {
  it.each([1, 2])('leaves nothing that passes for a trace, at its moment %i', async (moment) => {
    const folder = tempFolder();
    const output = join(folder, 'part.mctrace');
    const left = join(folder, 'left.mctrace.part');
    let steps = 0;
    const onProgress = () => {
      steps += 1;
      // A process of its own: to open the file in this one would drop SQLite's lock.
      if (steps === moment) execFileSync('cp', [`${output}.part`, left]);
    };
    await trimTrace({ input: SAMPLE, output, force: false, selection: { fromPs: 0n }, onProgress });
    expect(existsSync(left)).toBe(true);
    expect(errorOf(() => recoverTrace(left)).code).toBe('NOT_A_TRACE');
    expect(readdirSync(folder).sort()).toEqual(['left.mctrace.part', 'part.mctrace']);
  });
});

describe('a part', () => {
  it('by time has the events that touch it, at their times', async () => {
    const file = await part({ fromPs: ps(20_000), toPs: ps(60_000) });
    expect(rowsOf(file, `SELECT ${SHAPE} FROM events ORDER BY id`)).toEqual(
      rowsOf(
        SAMPLE,
        `SELECT ${SHAPE} FROM events WHERE ts < 60000000 AND (ts >= 20000000 OR ts + dur > 20000000)
         ORDER BY id`,
      ),
    );
    const samples = rowsOf(file, 'SELECT min(ts), max(ts) FROM samples')[0];
    expect(Number(samples?.[0])).toBeLessThanOrEqual(20_000_000);
    expect(Number(samples?.[1])).toBeLessThan(60_000_000);
  });

  it('by request has its events, and the batches around them', async () => {
    const file = await part({ requests: [3, 4] });
    const own = `SELECT ${SHAPE} FROM events WHERE request BETWEEN 3 AND 4 ORDER BY id`;
    expect(rowsOf(file, own)).toEqual(rowsOf(SAMPLE, own));
    expect(rowsOf(file, 'SELECT DISTINCT request FROM events ORDER BY 1')).toEqual([
      [null],
      [3],
      [4],
    ]);
    const times = 'SELECT id, submitted, completed, bytes FROM requests WHERE id BETWEEN 3 AND 4';
    expect(rowsOf(file, times)).toEqual(rowsOf(SAMPLE, times));
    const whole = openTrace(SAMPLE);
    const reader = openTrace(file);
    const names = (events: readonly { name: string; ts: number }[]) =>
      events.map(({ name, ts }) => [name, ts]);
    expect(names(reader.request(3).events)).toEqual(names(whole.request(3).events));
    whole.close();
    reader.close();
  });

  it('by track has that track alone; by name and by actor', async () => {
    const [[id, name] = []] = rowsOf(
      SAMPLE,
      'SELECT id, name FROM tracks WHERE events > 0 LIMIT 1',
    );
    const file = await part({ tracks: [String(name)] });
    const sql = `SELECT ${SHAPE} FROM events WHERE track = ${id} ORDER BY id`;
    expect(rowsOf(file, sql)).toEqual(rowsOf(SAMPLE, sql));
    expect(rowsOf(file, 'SELECT DISTINCT track FROM events')).toEqual([[id]]);
    const actor = await part({ tracks: ['frontend'] });
    const actors = `SELECT DISTINCT a.name FROM events AS e JOIN tracks AS t ON t.id = e.track
      JOIN actors AS a ON a.id = t.actor`;
    expect(rowsOf(actor, actors)).toEqual([['frontend']]);
  });

  it('says of what it is a part, twice over, and claims no result of the whole', async () => {
    const first = await part({ requests: [1, 9] });
    const file = await part({ requests: [2, 3], fromPs: 1000n }, first);
    const meta = new Map(rowsOf(file, 'SELECT key, value FROM meta') as [string, string][]);
    const events = Number(rowsOf(SAMPLE, 'SELECT count(*) FROM events')[0]?.[0]);
    expect(JSON.parse(meta.get('trimmed') ?? '')).toMatchObject({
      of: 'part.mctrace',
      from: 1000,
      requests: [2, 3],
      earlier: JSON.stringify({ of: 'map-64k.mctrace', events, requests: [1, 9] }),
    });
    expect(meta.get('status')).toBe('incomplete');
    expect(meta.has('result')).toBe(false);
    expect(meta.has('fingerprint')).toBe(false);
    const reader = openTrace(file);
    const info = reader.info('part');
    reader.close();
    expect(info).toMatchObject({
      kind: 'part',
      firstTick: 1000 / info.tickPs,
      part: { of: 'part.mctrace', to: null, requests: [2, 3], tracks: null },
    });
    expect(meta.get('scenario')).toBe(
      rowsOf(SAMPLE, `SELECT value FROM meta WHERE key = 'scenario'`)[0]?.[0],
    );
  });

  it('of the whole is the whole', async () => {
    const file = await part({ fromPs: 0n });
    for (const table of [
      'events',
      'requests',
      'hazards',
      'hazard_causes',
      'samples',
      'lod',
      'tracks',
      'kinds',
    ]) {
      const sql = `SELECT * FROM ${table}`;
      expect(rowsOf(file, sql), table).toEqual(rowsOf(SAMPLE, sql));
    }
  });

  it('of a recording keeps its lines, fields and addresses', async () => {
    const folder = tempFolder();
    const input = join(folder, 'a.txt');
    const whole = join(folder, 'a.mctrace');
    const map = (second: string) =>
      `   kworker-7     [001] d..1.   100.${second}: map: IOMMU: iova=0xffffffffffff0000 - 0xffffffffffff1000 paddr=0x123456000 size=4096\n`;
    writeFileSync(input, `# tracer: nop\n${map('000001')}${map('000003')}${map('000005')}`);
    const recordedAt = '2026-01-02T03:04:05.000Z';
    await importTrace({ input, output: whole, name: 'a', recordedAt });
    const file = await part({ fromPs: ps(2000), toPs: ps(2001) }, whole);
    const sql = (id: number) => `SELECT ${SHAPE}, line, text, json FROM events AS e
      JOIN source AS s ON s.event = e.id JOIN details AS d ON d.event = e.id WHERE e.id = ${id}`;
    expect(rowsOf(file, sql(1))).toEqual(rowsOf(whole, sql(2)));
    expect(rowsOf(file, 'SELECT u64(arg) FROM events')).toEqual([['18446744073709486080']]);
    expect(rowsOf(file, `SELECT value FROM meta WHERE key = 'status'`)).toEqual([['imported']]);
  });
});
