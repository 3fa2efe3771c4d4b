/** What is exported as Chrome JSON comes back as the same events, on the same tracks. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportTrace } from '../../export/export.ts';
import { queryTrace } from '../../query/query.ts';
import { tempFolder } from '../../testing/temp.ts';
import { importTrace } from '../import.ts';

const SAMPLES = join(import.meta.dirname, '../../samples');
const LIMIT = 100_000;
const rowsOf = (file: string, sql: string) => queryTrace({ file, sql, limit: LIMIT }).rows;

/** Exports a trace and imports what was written. */
async function thereAndBack(input: string): Promise<{ file: string; warnings: number }> {
  const folder = tempFolder();
  const between = join(folder, 'between');
  const file = join(folder, 'back.mctrace');
  await exportTrace({ input, output: between, to: 'chrome-json', force: false });
  const counts = await importTrace({ input: between, output: file, name: '', recordedAt: '' });
  return { file, warnings: counts.warningsTotal };
}

/** Ticks to nanoseconds, in SQL. */
const ns = (ticks: string) =>
  `CAST(round((${ticks}) * (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'tick_ps') / 1000.0) AS INTEGER)`;
const EVENTS = `SELECT e.id, k.name, ${ns('e.ts')}, ${ns('e.ts + e.dur')} - ${ns('e.ts')}, a.name,
    t.name, t.detail, e.request, CAST(e.frame AS TEXT), e.bytes, e.n, e.status, CAST(e.arg AS TEXT)
  FROM events AS e JOIN kinds AS k ON k.code = e.kind JOIN tracks AS t ON t.id = e.track
  JOIN actors AS a ON a.id = t.actor ORDER BY e.id`;
const REQUESTS = `SELECT id, bytes, first_event, last_event FROM requests ORDER BY id`;
const SAMPLED = `SELECT c.name, c.unit, max(${ns('s.ts')}), s.value FROM samples AS s
  JOIN counters AS c ON c.id = s.counter GROUP BY c.name, ${ns('s.ts')} ORDER BY c.name, s.ts`;

describe('Chrome JSON of ours', () => {
  it.each(readdirSync(SAMPLES).filter((name) => name.endsWith('.mctrace')))(
    '%s comes back event by event, with requests and counters',
    async (name) => {
      const input = join(SAMPLES, name);
      const { file, warnings } = await thereAndBack(input);
      expect(warnings).toBe(0);
      const wanted = rowsOf(input, EVENTS);
      expect(wanted.length).toBeGreaterThan(0);
      expect(wanted.length).toBeLessThan(LIMIT);
      expect(rowsOf(file, EVENTS)).toEqual(wanted);
      expect(rowsOf(file, REQUESTS)).toEqual(rowsOf(input, REQUESTS));
      expect(rowsOf(file, SAMPLED)).toEqual(rowsOf(input, SAMPLED));
    },
  );

  it('keeps the columns of events that have no kind', async () => {
    const folder = tempFolder();
    const input = join(folder, 'in.csv');
    const output = join(folder, 'in.mctrace');
    writeFileSync(
      input,
      'time_ns,event,arg,frame,size,count,status,x\n5,mine,18446744073709551615,0x10,7,8,-9,y\n',
    );
    await importTrace({ input, output, name: '', recordedAt: '' });
    const { file } = await thereAndBack(output);
    const sql = `SELECT e.kind, u64(frame), bytes, n, status, u64(arg), json
      FROM events AS e JOIN details AS d ON d.event = e.id`;
    expect(rowsOf(output, sql)).toEqual([
      [190, '16', 7, 8, -9, '18446744073709551615', '{"name":"mine","x":"y"}'],
    ]);
    expect(rowsOf(file, sql)).toEqual(rowsOf(output, sql));
  });

  it('with a request that is none is an event without one', async () => {
    const event = (request: string) =>
      `{"ph":"i","ts":1,"name":"a","pid":1,"tid":1,"args":{"request":${request}}}`;
    const requests = ['7', '1.5', '1e999', '9007199254740993', '"x"'];
    const input = join(tempFolder(), 'in.json');
    const output = join(tempFolder(), 'out.mctrace');
    writeFileSync(
      input,
      `{"displayTimeUnit":"ns","otherData":{"program":"mapcopy 1"},"traceEvents":[${requests.map(event).join()}]}`,
    );
    await importTrace({ input, output, name: '', recordedAt: '' });
    expect(rowsOf(output, 'SELECT request FROM events')).toEqual([
      [7],
      [null],
      [null],
      [null],
      [null],
    ]);
  });

  it('of a recording does too: spans that overlap, wide numbers, names and fields', async () => {
    const line = (us: number, cpu: number, pid: number, text: string) =>
      `  task-${pid}  [00${cpu}] .....  5.${String(us).padStart(6, '0')}: ${text}\n`;
    const folder = tempFolder();
    const recording = join(folder, 'recording');
    const input = join(folder, 'in.mctrace');
    writeFileSync(
      recording,
      line(1, 0, 11, 'kvm_exit: vcpu 0 reason HLT rip 0xffffffff81c01f58 info 0 0') +
        line(2, 0, 12, 'kvm_exit: vcpu 1 reason HLT rip 0x20 info 0 0') +
        line(3, 1, 7, 'map: IOMMU: iova=0xffffffffffff0000 paddr=0x9000 size=4096') +
        line(4, 1, 7, 'map: IOMMU: iova=0x1000 paddr=0x9000 size=4096') +
        line(5, 0, 11, 'kvm_entry: vcpu 0') +
        line(6, 1, 7, 'unmap: IOMMU: iova=0xffffffffffff0000 size=4096 unmapped_size=4096') +
        line(7, 0, 12, 'kvm_entry: vcpu 1') +
        line(8, 1, 7, 'unmap: IOMMU: iova=0x1000 size=4096 unmapped_size=4096') +
        line(9, 1, 7, 'my_probe: count=3 status=idle') +
        line(9, 1, 7, 'my_probe: bytes=many event=7 arg=x field_bytes=1 ts_ps=never') +
        line(10, 1, 7, 'block_rq_issue: 202,1 R 4096 () 64 + 8 [cat]') +
        line(11, 1, 7, 'block_rq_complete: 202,1 R () 64 + 8 [0]'),
    );
    await importTrace({ input: recording, output: input, name: '', recordedAt: '' });
    const { file, warnings } = await thereAndBack(input);
    expect(warnings).toBe(0);
    expect(rowsOf(file, EVENTS)).toEqual(rowsOf(input, EVENTS));
    expect(rowsOf(file, REQUESTS)).toEqual(rowsOf(input, REQUESTS));
    const detailsOf = (trace: string) =>
      rowsOf(trace, 'SELECT json FROM details ORDER BY event').map(
        ([json]) => JSON.parse(String(json)) as Record<string, string>,
      );
    expect(detailsOf(input)).toContainEqual(
      expect.objectContaining({ name: 'my_probe', bytes: 'many', event: '7', arg: 'x' }),
    );
    expect(detailsOf(file)).toEqual(detailsOf(input));
  });
});
