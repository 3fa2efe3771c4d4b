/** `(trace, SQL) -> text`, through the stock `sqlite3` shell where there is one, and through ours. */
import Database from 'better-sqlite3';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectedSchema } from './schema.ts';
import { emitRun, head, madeResult } from './testing/stream.ts';
import { tempFolder } from './testing/temp.ts';
import { createTraceWriter } from './write/writer.ts';

const shell = spawnSync('sqlite3', ['-version'], { encoding: 'utf8' });
const hasShell = shell.status === 0;

const GOLDEN: readonly (readonly [sql: string, text: string])[] = [
  [
    `SELECT id, ts, dur, kind, category, track, request, bytes, ts_ns, dur_ns FROM named_events WHERE id IN (1, 9, 10)`,
    `1|0|150000|start_xmit|stack|guest|1|1500|0.0|150.0
9|2000000|3000000|GNTTABOP_map_grant_ref|hypercall|netback|||2000.0|3000.0
10|2100000|250000|GT.map|map|netback|1|1500|2100.0|250.0`,
  ],
  [
    'SELECT * FROM counts',
    `hypercall|4
trap|0
map|16
unmap|16
tlbFlush|0
iotlbFlush|0
copy|0
dma|16
notify|0
upcall|2
fault|0
cacheMaintenance|0`,
  ],
  [
    `SELECT (SELECT count(*) FROM hypercalls), (SELECT count(*) FROM maps), (SELECT count(*) FROM dmas),
            (SELECT count(*) FROM notifications), (SELECT count(*) FROM copies), (SELECT count(*) FROM flushes)`,
    '4|32|16|2|0|0',
  ],
  [
    `SELECT e.id FROM requests AS r JOIN events AS e ON e.id BETWEEN r.first_event AND r.last_event AND e.request = r.id WHERE r.id = 3`,
    '3\n12\n20\n29',
  ],
  [
    `SELECT key, value FROM meta WHERE key IN ('status', 'tick_ps', 'span', 'events', 'requests', 'seed', 'fingerprint')`,
    `events|70
fingerprint|0123456789abcdef
requests|16
seed|7
span|38500000
status|complete
tick_ps|1`,
  ],
  [
    `SELECT track, sum(n), sum(busy) FROM lod WHERE level = (SELECT value - 1 FROM meta WHERE key = 'lod_levels') GROUP BY track`,
    '1|18|2400000\n2|36|20000000\n3|16|14400000',
  ],
  [
    'SELECT code, actor, frame, frames, opened, closed, note FROM hazards',
    'H3|backend|1048576|2|2100000||half a page of another request',
  ],
  [
    'SELECT counter, ts, value FROM samples WHERE counter = 1',
    '1|2100000|8\n1|15100000|0\n1|22100000|8\n1|35100000|0',
  ],
];

function trace(): string {
  const path = join(tempFolder(), 'golden.mctrace');
  const writer = createTraceWriter(path, head);
  emitRun(writer, 2);
  writer.finish({ status: 'complete', result: madeResult(2) });
  return path;
}

describe('a trace answers SQL', () => {
  it.each(GOLDEN)('%s', (sql, text) => {
    const path = trace();
    const db = new Database(path, { readonly: true });
    const rows = db.prepare(sql).raw().all() as (string | number | null)[][];
    db.close();
    const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(1));
    const ours = rows.map((row) =>
      row.map((value) => (typeof value === 'number' ? number(value) : (value ?? ''))).join('|'),
    );
    expect(ours.join('\n')).toBe(text.replace(/(\d)\.0\b/g, '$1'));
  });

  it.skipIf(!hasShell)('of the stock sqlite3 shell, every view included', () => {
    const path = trace();
    const ask = (sql: string) =>
      execFileSync('sqlite3', ['-readonly', path, sql], { encoding: 'utf8' }).trimEnd();
    for (const [sql, text] of GOLDEN) expect(ask(sql)).toBe(text);
    for (const view of expectedSchema().filter((object) => object.type === 'view')) {
      expect(ask(`SELECT count(*) >= 0 FROM ${view.name}`)).toBe('1');
    }
    expect(ask('PRAGMA integrity_check')).toBe('ok');
    expect(ask('PRAGMA application_id')).toBe('1296256848');
  });

  it.runIf(!hasShell)(
    'of the stock sqlite3 shell: NOT TESTED, there is none on this machine',
    () => {
      console.warn(
        'traces/golden.test.ts: no sqlite3 shell on this machine, its answers were not tested',
      );
    },
  );
});
