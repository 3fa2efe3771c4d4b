/** A Parquet file read back by a reader, and compared with the trace row by row. */
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importTrace } from '../import/import.ts';
import { queryTrace } from '../query/query.ts';
import { emitRun, head, madeResult } from '../testing/stream.ts';
import { tempFolder } from '../testing/temp.ts';
import { createTraceWriter } from '../write/writer.ts';
import { exportTrace } from './export.ts';

type Row = Readonly<Record<string, bigint | number | string | object | null>>;

async function readBack(input: string) {
  const output = join(tempFolder(), 'out.parquet');
  await exportTrace({ input, output, to: 'parquet', force: false });
  const { buffer, byteOffset, length } = readFileSync(output);
  const file = buffer.slice(byteOffset, byteOffset + length);
  return { metadata: parquetMetadata(file), rows: (await parquetReadObjects({ file })) as Row[] };
}

const rowsOf = (file: string, sql: string) => queryTrace({ file, sql, limit: 100_000 }).rows;
/** Numbers of SQL as the file has them. */
const big = (value: number | string | null | undefined) =>
  value === null || value === undefined ? null : BigInt(value);

describe.each(['copy-64k', 'map-64k', 'map-lazy-host', 'viommu-a53'])('%s', (name) => {
  it('holds every event with its values, and where it comes from', async () => {
    const file = join(import.meta.dirname, `../samples/${name}.mctrace`);
    const { metadata, rows } = await readBack(file);
    const wanted = rowsOf(
      file,
      `SELECT e.id, e.ts, e.dur, k.name, k.category, a.name,
         t.name || iif(t.detail = '', '', ' (' || t.detail || ')'), e.level,
         e.request, e.frame, e.bytes, e.n, e.status, e.arg
       FROM events AS e JOIN kinds AS k ON k.code = e.kind JOIN tracks AS t ON t.id = e.track
       JOIN actors AS a ON a.id = t.actor ORDER BY e.id`,
    ).map(([id, ts, dur, kind, category, actor, track, level, ...values]) => {
      const [request, frame, bytes, n, status, arg] = values.map(big);
      return {
        id: big(id),
        ts_ps: big(ts),
        dur_ps: big(dur),
        name: kind,
        kind,
        category,
        actor,
        track,
        level,
        request,
        frame,
        bytes,
        n,
        status,
        arg,
        details: null,
      };
    });
    expect(rows).toEqual(wanted);
    const said = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
    const meta = rowsOf(
      file,
      `SELECT value FROM meta WHERE key IN ('scenario_hash', 'seed') ORDER BY key`,
    );
    expect([said.get('scenario_hash'), said.get('seed')]).toEqual(meta.flat());
  });
});

it('a long trace comes in row groups, none of which is longer than memory should be', async () => {
  const file = join(tempFolder(), 'a.mctrace');
  const writer = createTraceWriter(file, head);
  emitRun(writer, 10_000);
  const { events } = writer.finish({ status: 'complete', result: madeResult(10_000) });
  const { metadata, rows } = await readBack(file);
  const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  expect(groups.length).toBe(Math.ceil(events / 16_384));
  expect(groups.length).toBeGreaterThan(1);
  expect(rows.length).toBe(events);
  expect(rows.every(({ id }, at) => id === BigInt(at + 1))).toBe(true);
  const [[sum] = []] = rowsOf(file, 'SELECT sum(ts) FROM events');
  expect(rows.reduce((total, { ts_ps }) => total + (ts_ps as bigint), 0n)).toBe(big(sum));
});

it('a recording keeps its addresses to the last bit, and its own fields', async () => {
  const folder = tempFolder();
  const input = join(folder, 'a.txt');
  const output = join(folder, 'a.mctrace');
  writeFileSync(
    input,
    `# tracer: nop
   kworker-7     [001] d..1.   100.000001: map: IOMMU: iova=0xffffffffffff0000 - 0xffffffffffff1000 paddr=0xfffffffffffff000 size=4096
   kworker-7     [001] d..1.   100.000003: something_new: a=1
`,
  );
  await importTrace({ input, output, name: 'a', recordedAt: '2026-01-02T03:04:05.000Z' });
  const { rows } = await readBack(output);
  expect(rows[0]).toMatchObject({ arg: -0x10000n, frame: 0xfffffffffffff000n });
  expect(rows[1]).toMatchObject({ ts_ps: 2_000_000n, name: 'something_new', kind: 'generic' });
  expect(rows[1]?.['details']).toMatchObject({ a: '1' });
});
