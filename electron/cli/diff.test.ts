/** Real runs, compared; what the diff says is held against SQL over the same files. */
import Database from 'better-sqlite3';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COUNT_KEYS } from '../../core/contract/index.ts';
import type { Change, TraceDiff } from '../../core/diff/index.ts';
import { mapcopy } from './testing.ts';

let folder: string;
const at = (name: string) => path.join(folder, `${name}.mctrace`);

async function run(name: string, ...args: string[]): Promise<void> {
  const { status, err } = await mapcopy(['run', '--requests', '200', ...args, '--out', at(name)]);
  expect([status, err]).toEqual([0, '']);
}

async function diff(a: string, b: string): Promise<TraceDiff> {
  const { status, out, err } = await mapcopy(['diff', at(a), at(b), '--json']);
  expect([status, err]).toEqual([0, '']);
  return JSON.parse(out) as TraceDiff;
}

function sql<Row>(name: string, query: string): Row[] {
  const db = new Database(at(name), { readonly: true });
  try {
    return db.prepare(query).all() as Row[];
  } finally {
    db.close();
  }
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-diff-'));
  await run('map', '--strategy', 'grant-map');
  await run('copy', '--strategy', 'grant-copy');
  await run('map-slow', '--strategy', 'grant-map', '--soc', 'xeon-2012');
  await run('map-small', '--strategy', 'grant-map', '--bytes', '256');
  // Recordings of real systems; the cut run ends as Ctrl-C ends one.
  const line = (i: number, call: string) =>
    `  qemu-${1000 + i} [000] ..... ${100 + i / 1e6}: ${call}\n`;
  const ftrace = (count: number) =>
    '# tracer: nop\n' +
    Array.from({ length: count }, (_, i) =>
      line(
        i,
        i % 2 === 0
          ? 'kvm_exit: reason EPT_MISCONFIG rip 0xffff info 0 0'
          : 'kvm_entry: vcpu 0, rip 0xffff',
      ),
    ).join('');
  for (const [name, count] of [
    ['one', 40],
    ['two', 60],
  ] as const) {
    writeFileSync(path.join(folder, `${name}.txt`), ftrace(count));
    const { err } = await mapcopy(['import', path.join(folder, `${name}.txt`), '--out', at(name)]);
    expect(err).toBe('');
  }
  const long = ['run', '--strategy', 'grant-map', '--requests', '10000000', '--out', at('cut')];
  expect((await mapcopy(long, 2)).status).toBe(1);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('wrong usage', () => {
  it('names what is not a trace', async () => {
    writeFileSync(at('noise'), 'no trace at all');
    for (const args of [
      [at('noise'), at('map')],
      [at('map'), at('noise')],
    ]) {
      const { status, out, err } = await mapcopy(['diff', ...args]);
      expect([status, out]).toEqual([2, '']);
      expect(err).toMatch(/^error: NOT_A_TRACE: .*noise\.mctrace/);
    }
  });

  it('of one trace twice, or of a copy of it, says that nothing differs', async () => {
    copyFileSync(at('map'), at('map-again'));
    for (const other of ['map', 'map-again']) {
      const found = await diff('map', other);
      expect(found).toMatchObject({ identical: true, firstDivergence: null, mostChanged: [] });
      expect(found.scenario).toEqual({ differs: [], costModel: [] });
      expect(found.latency?.paired).toMatchObject({ slower: 0, faster: 0, same: 200 });
      expect((await mapcopy(['diff', at('map'), at(other)])).out).toContain('No difference');
    }
  });

  it('compares a run that was cut short, and says that it was', async () => {
    const found = await diff('cut', 'map');
    expect(found).toMatchObject({
      identical: false,
      a: { kind: 'interrupted' },
    });
    expect(found.notes.join()).toContain('A was interrupted');
    const [row] = sql<{ n: number; done: number }>(
      'cut',
      'SELECT count(*) n, count(completed) done FROM requests',
    );
    expect(found.totals.requests.a).toBe(row?.n);
    expect(found.totals.completed.a).toBe(row?.done);
    expect(found.alignment).toEqual({ by: 'kind', reason: 'the workloads differ in requests' });
    expect((await mapcopy(['diff', at('cut'), at('map')])).out).toContain(
      'Note: A was interrupted',
    );
  });
});

describe.each([
  ['two strategies', 'map', 'copy', ['strategy']],
  ['two machines', 'map', 'map-slow', ['soc']],
])('%s', (_what, a, b, paths) => {
  it('differ in what was asked for, and are compared request by request', async () => {
    const found = await diff(a, b);
    expect(found.scenario.differs.map((field) => field.path)).toEqual(paths);
    expect(found.alignment.by).toBe('request');
    expect(found.identical).toBe(false);
  });

  it('have the totals that SQL counts', async () => {
    const found = await diff(a, b);
    for (const [side, name] of [
      ['a', a],
      ['b', b],
    ] as const) {
      const counts = sql<{ counter: string; events: number }>(name, 'SELECT * FROM counts').map(
        (row) => Object.values(row) as [string, number],
      );
      const counted = Object.fromEntries(counts);
      for (const key of COUNT_KEYS) {
        expect([key, found.totals.counts[key]?.[side]]).toEqual([key, counted[key] ?? 0]);
        expect(found.perRequest?.counts[key]?.[side]).toBeCloseTo((counted[key] ?? 0) / 200, 9);
      }
      const kinds = sql<{ kind: number; n: number; time: number; bytes: number }>(
        name,
        'SELECT kind, count(*) n, sum(dur) time, sum(coalesce(bytes, 0)) bytes FROM events GROUP BY kind',
      );
      for (const { kind, n, time, bytes } of kinds) {
        const row = found.kinds.find(({ code }) => code === kind);
        expect([kind, row?.count[side], row?.bytes[side]]).toEqual([kind, n, bytes]);
        expect(row?.timeNs[side]).toBeCloseTo(time / 1000, 3);
      }
      const present = found.kinds.filter(({ count }) => count[side] !== 0);
      expect(present.length).toBe(kinds.length);
    }
  });

  it('have the latencies that SQL sorts, and every moment of them has one payer', async () => {
    const found = await diff(a, b);
    const { latency, components } = found;
    for (const [side, name] of [
      ['a', a],
      ['b', b],
    ] as const) {
      const sorted = sql<{ ps: number }>(
        name,
        'SELECT completed - submitted ps FROM requests ORDER BY ps',
      ).map(({ ps }) => ps / 1000);
      expect(latency?.percentilesNs.p50[side]).toBe(sorted[99]);
      expect(latency?.percentilesNs.p99[side]).toBe(sorted[197]);
      expect(latency?.percentilesNs.max[side]).toBe(sorted[199]);
      expect(latency?.histogram.reduce((sum, bucket) => sum + bucket[side], 0)).toBeCloseTo(1, 9);
      const mean = sorted.reduce((sum, each) => sum + each, 0) / 200;
      expect(components?.latencyNs[side]).toBeCloseTo(mean, 6);
      const parts = Object.values(components?.actors ?? {}).map(
        ({ totalNs }) => totalNs[side] ?? 0,
      );
      const waiting = components?.waitingNs[side] ?? 0;
      expect(parts.reduce((sum, each) => sum + each, waiting)).toBeCloseTo(mean, 6);
      expect(waiting).toBeGreaterThan(0);
      for (const request of found.mostChanged) {
        const { latencyNs, waitingNs, ownNs, sharedNs } = request[side];
        const all = [...Object.values(ownNs), ...Object.values(sharedNs)];
        expect(all.reduce((sum, each) => sum + each, waitingNs)).toBeCloseTo(latencyNs, 6);
      }
    }
  });

  it('part where their events first differ', async () => {
    const { firstDivergence: first } = await diff(a, b);
    const kinds = (name: string, request: number) =>
      sql<{ id: number; name: string }>(
        name,
        `SELECT e.id, k.name FROM events e JOIN kinds k ON k.code = e.kind
         WHERE request = ${request} ORDER BY e.id`,
      );
    const spelt = (name: string, request: number) =>
      kinds(name, request)
        .map((each) => each.name)
        .join();
    const others = Array.from({ length: 200 }, (_, i) => i + 1).filter(
      (request) => spelt(a, request) !== spelt(b, request),
    );
    expect(first?.otherSequence ?? 0).toBe(others.length);
    if (first === null) return;
    expect(first.request).toBe(others[0]);
    const [inA, inB] = [kinds(a, first.request), kinds(b, first.request)];
    const position = inA.findIndex((each, i) => each.name !== inB[i]?.name);
    expect(first.position).toBe(position);
    expect(first.a).toMatchObject({ event: inA[position]?.id, kind: inA[position]?.name });
    expect(first.b).toMatchObject({ event: inB[position]?.id, kind: inB[position]?.name });
  });

  it('mirror when they change places, and come out the same each time', async () => {
    const [there, back] = [await diff(a, b), await diff(b, a)];
    expect(await diff(a, b)).toEqual(there);
    const mirrored = (x: Change | undefined, y: Change | undefined) => {
      expect([x?.a, x?.b, x?.change]).toEqual([
        y?.b,
        y?.a,
        y?.change === 0 ? 0 : -(y?.change ?? 0),
      ]);
    };
    expect(back.kinds.map(({ code }) => code)).toEqual(there.kinds.map(({ code }) => code));
    there.kinds.forEach((kind, i) => {
      mirrored(kind.selfNs, back.kinds[i]?.selfNs);
      const [x, y] = [kind.significance, back.kinds[i]?.significance];
      if (x.test !== null && y?.test != null) {
        expect([x.p, x.valuesA]).toEqual([y.p, y.valuesB]);
        expect(x.superiority + y.superiority).toBeCloseTo(1, 9);
      }
    });
    mirrored(there.latency?.percentilesNs.p50, back.latency?.percentilesNs.p50);
    mirrored(there.components?.waitingNs, back.components?.waitingNs);
    expect(back.mostChanged.map(({ request }) => request)).toEqual(
      there.mostChanged.map(({ request }) => request),
    );
    expect(back.firstDivergence?.a).toEqual(there.firstDivergence?.b);
  });
});

describe('safety', () => {
  it('says what vanishes with the mapping', async () => {
    const { hazards, exposure } = await diff('map', 'copy');
    const [row] = sql<{ n: number }>('map', `SELECT sum(frames) n FROM hazards WHERE code = 'H3'`);
    expect(hazards.find(({ code }) => code === 'H3')).toMatchObject({
      occurrences: { a: row?.n, b: 0 },
      turn: 'vanishes',
    });
    const backend = exposure.find(({ actor }) => actor === 'backend');
    expect(backend?.reach.heldByteSeconds).toMatchObject({ b: 0, turn: 'vanishes' });
  });
});

describe('traces of different work', () => {
  it('are compared by kind, with the reason', async () => {
    const found = await diff('map', 'map-small');
    expect(found.alignment).toEqual({ by: 'kind', reason: 'the workloads differ in payloadBytes' });
    expect(found).toMatchObject({ firstDivergence: null, mostChanged: [] });
    expect(found.latency?.paired).toBeNull();
    expect(found.latency?.test.test).not.toBeNull();
  });

  it('may set what their workload has no use for', async () => {
    await run('map-depth', '--strategy', 'grant-map', '--set', 'blk.depth=7');
    const found = await diff('map', 'map-depth');
    expect(found.scenario.differs.map((field) => field.path)).toEqual(['blk.depth']);
    expect(found.alignment.by).toBe('request');
    expect(found.latency?.paired).toMatchObject({ same: 200 });
  });

  it('may be recordings, which have no requests', async () => {
    const found = await diff('one', 'two');
    expect(found).toMatchObject({ alignment: { by: 'kind' }, perRequest: null, latency: null });
    const rows = sql<{ kind: number; n: number }>(
      'two',
      'SELECT kind, count(*) n FROM events GROUP BY kind',
    );
    for (const { kind, n } of rows) {
      expect(found.kinds.find(({ code }) => code === kind)?.count.b).toBe(n);
    }
    const { out } = await mapcopy(['diff', at('one'), at('two')]);
    expect(out).toContain('recorded (one.txt)');
    const mixed = (await mapcopy(['diff', at('one'), at('map')])).out;
    expect(mixed).toContain('recorded on a real system');
    for (const text of [out, mixed]) {
      expect(text).toContain('A recording has no scenario to be compared.');
      expect(text).not.toMatch(/scenarios do not differ|Cost model differs/);
    }
  });
});
