/** `(sample, SQL) -> text`: facts of the shipped samples that follow from their scenarios. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { queryTrace } from './query.ts';

const SAMPLES = path.join(import.meta.dirname, '../samples');

const text = (name: string, sql: string) => {
  const file = path.join(SAMPLES, `${name}.mctrace`);
  const { rows } = queryTrace({ file, sql, limit: 1000 });
  return rows.map((row) => row.map((value) => value ?? '').join('|')).join('\n');
};

const NAMES = ['copy-64k', 'map-64k', 'map-lazy-host', 'viommu-a53'];

describe.each(NAMES)('the sample %s', (name) => {
  it('says where it comes from', () => {
    const sql = `SELECT value FROM meta WHERE key IN ('status', 'tick_ps') ORDER BY key`;
    expect(text(name, sql)).toBe('complete\n1');
  });

  it('counts the same three ways: events, summaries, result', () => {
    const sql = `
      WITH ours AS (
        SELECT c.name, c.n,
          (SELECT count(*) FROM events AS e JOIN kinds AS k ON k.code = e.kind
           WHERE instr(',' || k.counts || ',', ',' || c.name || ',') > 0) AS counted,
          (SELECT json_extract(value, '$.counts.' || c.name) FROM meta WHERE key = 'result') AS told
        FROM counts AS c)
      SELECT count(*), sum(n = counted), sum(n = told) FROM ours`;
    expect(text(name, sql)).toBe('12|12|12');
  });

  it('has its median latency where the result says', () => {
    const sql = `SELECT count(*) = (SELECT value FROM meta WHERE key = 'requests') + 0,
      min(latency_ns) > 0, percentile(latency_ns, 50) BETWEEN min(latency_ns) AND max(latency_ns)
      FROM latencies WHERE completed_ns IS NOT NULL`;
    expect(text(name, sql)).toBe('1|1|1');
  });
});

describe('golden answers', () => {
  const golden = readFileSync(path.join(import.meta.dirname, 'golden.txt'), 'utf8');
  const cases = golden
    .split(/^== /m)
    .slice(1)
    .map((block) => {
      const [head = '', ...answer] = block.split('\n');
      const [name = '', sql = ''] = head.split(': ');
      return [name, sql, answer.join('\n').trimEnd()] as const;
    });
  it.each(cases)('%s: %s', (name, sql, answer) => {
    expect(text(name, sql)).toBe(answer);
  });
});
