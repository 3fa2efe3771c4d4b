/** A trace for other programs: first where nothing may be written, then that nothing is lost. */
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXPORT_FORMATS, type ExportFormat } from '../../core/contract/index.ts';
import { importTrace } from '../import/import.ts';
import { queryTrace } from '../query/query.ts';
import { emitRun, head, madeResult } from '../testing/stream.ts';
import { rejectionOf, tempFolder } from '../testing/temp.ts';
import { createTraceWriter } from '../write/writer.ts';
import { exportTrace } from './export.ts';
import { Lanes } from './lanes.ts';
import { Times } from './times.ts';

const SAMPLES = join(import.meta.dirname, '../samples');
const SAMPLE = join(SAMPLES, 'map-64k.mctrace');

interface ChromeEvent {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly id?: number;
  readonly name: string;
  readonly cat?: string;
  readonly args: Readonly<Record<string, string | number>>;
}

async function exported(input: string, to: ExportFormat): Promise<string> {
  const output = join(tempFolder(), 'out');
  await exportTrace({ input, output, to, force: false });
  return readFileSync(output, 'utf8');
}

async function chrome(input: string): Promise<ChromeEvent[]> {
  const { traceEvents } = JSON.parse(await exported(input, 'chrome-json')) as {
    traceEvents: ChromeEvent[];
  };
  return traceEvents;
}

const rowsOf = (file: string, sql: string) => queryTrace({ file, sql, limit: 100_000 }).rows;

describe('an export leaves alone', () => {
  const attempt = (input: string, output: string, force: boolean, signal?: AbortSignal) =>
    rejectionOf(
      exportTrace({ input, output, to: 'csv', force, ...(signal === undefined ? {} : { signal }) }),
    );

  it('a file that is there, unless told otherwise', async () => {
    const output = join(tempFolder(), 'out.csv');
    writeFileSync(output, 'mine');
    expect(await attempt(SAMPLE, output, false)).toMatchObject({
      code: 'UNWRITABLE',
      remedy: 'add --force to replace it',
    });
    expect(readFileSync(output, 'utf8')).toBe('mine');
    await exportTrace({ input: SAMPLE, output, to: 'csv', force: true });
    expect(readFileSync(output, 'utf8')).toMatch(/^id,ts_ns/);
  });

  it('the trace itself, by whatever name and force', async () => {
    const folder = tempFolder();
    const input = join(folder, 'a.mctrace');
    const alias = join(folder, 'alias');
    copyFileSync(SAMPLE, input);
    symlinkSync(input, alias);
    const before = readFileSync(input);
    for (const output of [input, alias]) {
      expect((await attempt(input, output, true)).what).toBe('that is the trace itself');
    }
    expect(readFileSync(input).equals(before)).toBe(true);
  });

  it('folders, and folders that are not there', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'sub'));
    expect((await attempt(SAMPLE, join(folder, 'sub'), true)).code).toBe('UNWRITABLE');
    expect((await attempt(SAMPLE, join(folder, 'no', 'out'), true)).code).toBe('UNWRITABLE');
    expect(readdirSync(folder)).toEqual(['sub']);
  });

  it('nothing behind when it is cancelled or the trace is none', async () => {
    const folder = tempFolder();
    const input = join(folder, 'a.mctrace');
    const writer = createTraceWriter(input, head);
    emitRun(writer, 300);
    writer.finish({ status: 'complete', result: madeResult(300) });
    const output = join(folder, 'out.csv');
    const stop = new AbortController();
    const job = { input, output, to: 'csv', force: false, signal: stop.signal } as const;
    const seen: string[][] = [];
    const onProgress = () => {
      seen.push(readdirSync(folder));
      stop.abort();
    };
    expect((await rejectionOf(exportTrace({ ...job, onProgress }))).code).toBe('CANCELLED');
    expect(seen.length).toBe(1);
    expect(seen[0]?.length).toBe(2);
    expect(seen[0]).not.toContain('out.csv');
    expect((await attempt(import.meta.filename, output, false)).code).toBe('NOT_A_TRACE');
    expect(readdirSync(folder)).toEqual(['a.mctrace']);
  });
});

describe('Chrome JSON', () => {
  const names = ['copy-64k', 'map-64k', 'map-lazy-host', 'viommu-a53'];
  it.each(names)('of %s holds every event, on its track, with its values', async (name) => {
    const file = join(SAMPLES, `${name}.mctrace`);
    const events = await chrome(file);
    const threads = new Map(
      events
        .filter((each) => each.name === 'thread_name')
        .map(({ pid, tid, args }) => [`${pid}/${tid}`, String(args['name'])]),
    );
    const processes = new Map(
      events
        .filter((each) => each.name === 'process_name')
        .map(({ pid, args }) => [pid, String(args['name'])]),
    );
    const found = events
      .filter(({ ph }) => ph === 'X' || ph === 'i')
      .map(({ ph, pid, tid, ts, dur, name: kind, cat, args }) => [
        args['event'],
        ph,
        Math.round(ts * 1e6),
        Math.round((dur ?? 0) * 1e6),
        kind,
        cat,
        processes.get(pid),
        threads.get(`${pid}/${tid}`),
        args['request'] ?? null,
        args['bytes'] ?? null,
        args['n'] ?? null,
        args['status'] ?? null,
      ]);
    const wanted = rowsOf(
      file,
      `SELECT e.id, iif(e.dur > 0, 'X', 'i'), e.ts, e.dur, k.name, k.category, a.name,
         t.name || iif(t.detail = '', '', ' (' || t.detail || ')'), e.request, e.bytes, e.n, e.status
       FROM events AS e JOIN kinds AS k ON k.code = e.kind JOIN tracks AS t ON t.id = e.track
       JOIN actors AS a ON a.id = t.actor ORDER BY e.id`,
    );
    expect(found).toEqual(wanted);
    const counters = events
      .filter(({ ph }) => ph === 'C')
      .map(({ args }) => Object.values(args)[0]);
    expect(counters).toEqual(
      rowsOf(file, 'SELECT value FROM samples ORDER BY counter, ts').map(([value]) => value),
    );
  });

  it('joins the tracks of a request by one flow', async () => {
    const events = await chrome(SAMPLE);
    const spans = new Map<string, string | number | undefined>();
    for (const { ph, pid, tid, ts, args } of events) {
      if (ph === 'X' && args['request'] === 3) spans.set(`${pid}/${tid}/${ts}`, args['request']);
    }
    const flow = events.filter(({ ph, id }) => 'stf'.includes(ph) && id === 3);
    expect(flow.map(({ ph }) => ph).join('')).toMatch(/^st+f$/);
    for (const { pid, tid, ts } of flow) expect(spans.get(`${pid}/${tid}/${ts}`)).toBe(3);
    flow.slice(1).forEach((point, at) => {
      expect([point.pid, point.tid]).not.toEqual([flow[at]?.pid, flow[at]?.tid]);
    });
  });

  it('has frames as hexadecimal text and arguments by name', async () => {
    const map = (await chrome(SAMPLE)).find(({ name }) => name === 'GT.map');
    const [row] = rowsOf(
      SAMPLE,
      `SELECT to_hex(frame), arg FROM named_events WHERE kind = 'GT.map' ORDER BY id LIMIT 1`,
    );
    expect([map?.args['mfn'], map?.args['grant handle']]).toEqual(row);
  });
});

describe('a recording', () => {
  const TEXT = `# tracer: nop
   kworker-7     [001] d..1.   100.000001: map: IOMMU: iova=0xffffffffffff0000 - 0xffffffffffff1000 paddr=0x123456000 size=4096
   kworker-7     [001] d..1.   100.000003: something_new: a=1 b="x, y"
`;
  async function recorded() {
    const folder = tempFolder();
    const input = join(folder, 'a.txt');
    const output = join(folder, 'a.mctrace');
    writeFileSync(input, TEXT);
    await importTrace({ input, output, name: 'a', recordedAt: '2026-01-02T03:04:05.000Z' });
    return output;
  }

  it('keeps its addresses to the last bit, and its own names and fields', async () => {
    const lines = (await exported(await recorded(), 'jsonl')).trimEnd().split('\n');
    const [map, other] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(map).toMatchObject({
      id: 1,
      ts_ns: 0,
      name: 'iommu.map',
      frame: 0x123456000,
      arg: '18446744073709486080',
      bytes: 4096,
    });
    expect(other).toMatchObject({ id: 2, ts_ns: 2000, name: 'something_new', kind: 'generic' });
    expect(other?.['details']).toMatchObject({ a: '1' });
  });

  it('is as complete in Chrome JSON', async () => {
    const [map, other] = (await chrome(await recorded())).filter(({ ph }) => ph === 'i');
    expect(map?.args).toMatchObject({ 'byte address': '0x123456000' });
    expect(Object.values(map?.args ?? {})).toContain('18446744073709486080');
    expect(other).toMatchObject({ name: 'something_new', ts: 2, cat: 'other' });
  });
});

describe('tables', () => {
  it('CSV has one line an event, and quotes what needs it', async () => {
    const text = await exported(SAMPLE, 'csv');
    const lines = text.trimEnd().split('\n');
    const [[count, ts] = []] = rowsOf(
      SAMPLE,
      'SELECT count(*), (SELECT ts FROM events WHERE id = 5) FROM events',
    );
    expect(lines.length).toBe(Number(count) + 1);
    expect(lines[0]?.split(',').length).toBe(lines[5]?.split(',').length);
    expect(lines[5]).toMatch(new RegExp(`^5,${Number(ts) / 1000},`));
  });

  it('JSON lines parse, each an event, in order', async () => {
    const lines = (await exported(SAMPLE, 'jsonl')).trimEnd().split('\n');
    const ids = lines.map((line) => (JSON.parse(line) as { id: number }).id);
    expect(ids).toEqual(rowsOf(SAMPLE, 'SELECT id FROM events').map(([id]) => id));
  });

  it('every format writes the same bytes twice', async () => {
    for (const to of EXPORT_FORMATS) {
      expect(await exported(SAMPLE, to)).toBe(await exported(SAMPLE, to));
    }
  });
});

describe('times', () => {
  it('are exact where doubles are not', () => {
    const ps = new Times(1);
    expect([ps.us(1), ps.us(1_500_000), ps.ns(9_007_199_254_740_991)]).toEqual([
      '0.000001',
      '1.5',
      '9007199254740.991',
    ]);
    const ns = new Times(1000);
    expect([ns.us(9_007_199_254_740_991), ns.ns(7), ns.us(-1)]).toEqual([
      '9007199254740.991',
      '7',
      '-0.001',
    ]);
  });
});

describe('lanes', () => {
  it('are added for spans that overlap without nesting, and used again', () => {
    const lanes = new Lanes(9);
    expect(lanes.place(1, 0, 10)).toEqual({ tid: 1, fresh: 0 });
    expect(lanes.place(1, 2, 8)).toEqual({ tid: 1, fresh: 0 });
    expect(lanes.place(1, 5, 10)).toEqual({ tid: 10, fresh: 1 });
    expect(lanes.place(1, 6, 0)).toEqual({ tid: 1, fresh: 0 });
    expect(lanes.place(1, 12, 10)).toEqual({ tid: 1, fresh: 0 });
    expect(lanes.place(1, 16, 10)).toEqual({ tid: 10, fresh: 0 });
    expect(lanes.place(2, 16, 10)).toEqual({ tid: 2, fresh: 0 });
  });

  it('end each span once, inner ones first, and before what follows it', () => {
    const ends: number[][] = [];
    const lanes = new Lanes(9, (tid, end) => ends.push([tid, end]));
    lanes.place(1, 0, 10);
    lanes.place(1, 2, 8);
    lanes.place(1, 5, 10);
    lanes.place(1, 10, 0);
    expect(ends).toEqual([]);
    lanes.place(1, 11, 0);
    expect(ends.splice(0)).toEqual([
      [1, 10],
      [1, 10],
    ]);
    lanes.place(1, 12, 10);
    lanes.finish();
    expect(ends).toEqual([
      [1, 22],
      [10, 15],
    ]);
  });
});
