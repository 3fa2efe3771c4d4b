/** What we export as Chrome JSON, our own importer takes back: the same events, to its nanosecond. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importTrace } from '../import/import.ts';
import { queryTrace } from '../query/query.ts';
import { tempFolder } from '../testing/temp.ts';
import { exportTrace } from './export.ts';

const SAMPLES = join(import.meta.dirname, '../samples');
const rowsOf = (file: string, sql: string) => queryTrace({ file, sql, limit: 100_000 }).rows;

describe('Chrome JSON and back', () => {
  it.each(['copy-64k', 'map-64k', 'map-lazy-host', 'viommu-a53'])('%s', async (name) => {
    const folder = tempFolder();
    const whole = join(folder, 'a.json');
    const back = join(folder, 'a.mctrace');
    const input = join(SAMPLES, `${name}.mctrace`);
    await exportTrace({ input, output: whole, to: 'chrome-json', force: false });
    const recordedAt = '2026-01-02T03:04:05.000Z';
    await importTrace({ input: whole, output: back, name, recordedAt });
    const ours = rowsOf(
      input,
      `SELECT e.id, k.name, CAST(round(e.ts / 1000.0) AS INTEGER), CAST(round(e.dur / 1000.0) AS INTEGER), e.bytes, e.n
       FROM events AS e JOIN kinds AS k ON k.code = e.kind ORDER BY e.id`,
    );
    const theirs = rowsOf(
      back,
      `SELECT CAST(json_extract(d.json, '$.event') AS INTEGER) AS was,
         json_extract(d.json, '$.name'), e.ts, e.dur, e.bytes, e.n
       FROM details AS d JOIN events AS e ON e.id = d.event
       WHERE was IS NOT NULL ORDER BY was`,
    );
    expect(theirs.length).toBe(ours.length);
    expect(theirs).toEqual(ours);
  });
});
