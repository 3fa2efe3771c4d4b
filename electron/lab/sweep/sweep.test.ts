/** What is in the way first, then sweeps with real threads. */
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LabError, parseScenario } from '../../../core/contract/index.ts';
import { prepareRun } from '../../../core/experiment/index.ts';
import { parsePlan, parseShard } from '../../../core/sweep/index.ts';
import { openTrace } from '../../../traces/index.ts';
import { mergeSweeps } from './merge.ts';
import { runSweep, type SweepProgress } from './sweep.ts';

// Real threads, processes and commits to the disk: on a busy machine they take their time.
vi.setConfig({ testTimeout: 120_000 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-sweep-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (...names: string[]) => path.join(folder, ...names);
const dbOf = (name: string) => at(name, 'sweep.sqlite');

/** Six runs, two of them refused. */
const document = {
  base: { requests: 40 },
  axes: { strategy: ['grant-map', 'grant-copy', 'iommu-strict'] },
  seeds: [1, 2],
};

interface Options {
  readonly shard?: string;
  readonly entry?: URL;
  readonly jobs?: number;
  readonly stopAfter?: number;
}

async function sweep(name: string, doc: object = document, options: Options = {}) {
  const { shard, entry, jobs = 1, stopAfter = Infinity } = options;
  const stop = new AbortController();
  const seen: SweepProgress[] = [];
  if (stopAfter < 0) stop.abort();
  const outcome = await runSweep({
    plan: parsePlan(doc),
    where: 'plan.json',
    folder: at(name),
    jobs,
    shard: shard === undefined ? null : parseShard(shard),
    onProgress: (progress) => {
      seen.push(progress);
      if (progress.made >= stopAfter) stop.abort();
    },
    signal: stop.signal,
    now: () => new Date(),
    ...(entry === undefined ? {} : { entry }),
  });
  return { ...outcome, seen };
}

async function errorOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof LabError) return error.line;
    throw error;
  }
  return 'no error';
}

const merge = (sources: readonly string[], target: string) =>
  mergeSweeps({
    sources: sources.map((each) => at(each)),
    folder: at(target),
    now: () => new Date(),
  });
const mergeError = (sources: readonly string[], target: string) =>
  errorOf(() => Promise.resolve().then(() => merge(sources, target)));

function query(name: string, sql: string): Record<string, unknown>[] {
  const db = new Database(dbOf(name), { fileMustExist: true });
  try {
    return db.prepare(sql).all() as Record<string, unknown>[];
  } finally {
    db.close();
  }
}
function change(name: string, sql: string): void {
  const db = new Database(dbOf(name), { fileMustExist: true });
  db.exec(sql);
  db.close();
}
const rows = (name: string) => query(name, 'SELECT * FROM runs ORDER BY id');

describe('a folder that will not do', () => {
  it.each<[string, () => void, string]>([
    ['is a file', () => writeFileSync(at('out'), 'mine'), 'UNWRITABLE: the folder cannot be made'],
    [
      'holds a text of that name',
      () => {
        mkdirSync(at('out'));
        writeFileSync(dbOf('out'), 'no database at all, only words\n'.repeat(99));
      },
      'NOT_A_SWEEP',
    ],
    [
      'holds another database',
      () => {
        mkdirSync(at('out'));
        const db = new Database(dbOf('out'));
        db.exec('CREATE TABLE notes (text)');
        db.close();
      },
      'NOT_A_SWEEP',
    ],
  ])('%s', async (_, make, words) => {
    make();
    const before = readdirSync(folder, { recursive: true });
    expect(await errorOf(() => sweep('out'))).toContain(`error: ${words}`);
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });

  it('holds something else of a sweep', async () => {
    await sweep('out', document, { shard: '1/3' });
    const before = rows('out');
    const other = { ...document, base: { requests: 41 }, seeds: [1, 2, 3] };
    expect(await errorOf(() => sweep('out', other, { shard: '1/3' }))).toMatch(
      /^error: OTHER_SWEEP: it holds another plan’s sweep, which differs from this plan in base\.requests, axes\.seed, .*sweep\.sqlite/,
    );
    expect(await errorOf(() => sweep('out'))).toMatch(
      /OTHER_SWEEP: it holds shard 1\/3, not the whole/,
    );
    const wrong = () => sweep('out', document, { shard: '1/3' });
    change('out', "UPDATE meta SET value = '0.0.9' WHERE key = 'version'");
    expect(await errorOf(wrong)).toMatch(
      /OTHER_SWEEP: it was made by mapcopy 0\.0\.9, this plan by/,
    );
    change('out', "UPDATE meta SET value = '0.1.0' WHERE key = 'version'");
    change('out', "UPDATE profiles SET hash = 'abc' WHERE id = 'xeon-2020'");
    expect(await errorOf(wrong)).toMatch(
      /OTHER_SWEEP: its numbers .* xeon-2020 abc and [0-9a-f]{16}/,
    );
    change('out', 'PRAGMA user_version = 2');
    expect(await errorOf(wrong)).toMatch(/NEWER_FORMAT: the database has format 2/);
    change('out', 'PRAGMA user_version = 1; ALTER TABLE runs ADD COLUMN mine TEXT');
    expect(await errorOf(wrong)).toMatch(/CORRUPT_FILE: its table runs is not as the format says/);
    expect(query('out', 'SELECT id FROM runs ORDER BY id')).toEqual(
      before.map(({ id }) => ({ id })),
    );
  });

  it('is another sweep’s at the time', async () => {
    mkdirSync(at('out'));
    const lock = new Database(at('out', 'sweep.lock'));
    lock.exec('BEGIN EXCLUSIVE');
    expect(await errorOf(() => sweep('out'))).toMatch(/BUSY_FILE: another sweep is writing there/);
    expect(existsSync(dbOf('out'))).toBe(false);
    lock.close();
    expect(await sweep('out')).toMatchObject({ done: 4 });
  });
});

describe('a sweep', () => {
  it('makes one row for each run, with the figures that a single run has', async () => {
    const outcome = await sweep('out', document, { jobs: 3 });
    expect(outcome).toMatchObject({ runs: 6, done: 4, refused: 2, failed: 0, missing: 0 });
    expect(outcome.seen.at(-1)).toMatchObject({ runs: 6, done: 4, refused: 2, made: 6, toMake: 6 });

    const [row] = query('out', "SELECT * FROM runs WHERE strategy = 'grant-map' AND seed = 2");
    const scenario = parseScenario({ strategy: 'grant-map', requests: 40, seed: 2 });
    const simulation = prepareRun(scenario, null);
    while (simulation.step(10_000));
    const result = simulation.finish();
    expect(JSON.parse(String(row?.result))).toEqual(JSON.parse(JSON.stringify(result)));
    expect(JSON.parse(String(row?.scenario))).toEqual(scenario);
    expect(row).toMatchObject({
      status: 'done',
      reason: null,
      axes: '{"strategy":"grant-map","seed":2}',
      pair: 'native',
      fingerprint: result.fingerprint,
      throughput_gbps: result.throughputGbps,
      backend_cpu_ns_per_byte: result.cpuNsPerByte.backend,
      latency_p99_ns: result.latencyNs.p99,
      hazard_h1: result.hazards.H1,
      tlb_flush_count: result.counts.tlbFlush,
      backend_obtainable_byte_seconds: result.exposure.backend?.obtainableByteSeconds,
      trace: null,
    });
    const refused = query('out', "SELECT code, reason, result FROM runs WHERE status = 'refused'");
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ code: 'REFUSED_PAIR', result: null });
    expect(refused[0]?.reason).toMatch(/^iommu-strict is a DMA mode of the driver/);
  });

  it('has a view with a column for each axis, and explains every column', async () => {
    const doc = {
      base: { requests: 20 },
      variants: { cpu: { one: {}, two: { backend: { cpus: 1 } } } },
    };
    const axes = { 'backend.memoryMiB': [64], payloadBytes: [64, 1500] };
    await sweep('out', { ...doc, axes });
    const table = query('out', 'SELECT * FROM results ORDER BY payloadBytes, cpu');
    expect(table.map((each) => [each['backend.memoryMiB'], each.payloadBytes, each.cpu])).toEqual([
      [64, 64, 'one'],
      [64, 64, 'two'],
      [64, 1500, 'one'],
      [64, 1500, 'two'],
    ]);
    expect(Object.keys(table[0] ?? {})).not.toContain('payload_bytes');
    const explained = query('out', 'SELECT name FROM columns').map(({ name }) => name);
    expect(Object.keys(rows('out')[0] ?? {}).sort()).toEqual(explained.sort());
    expect(query('out', 'SELECT name, kind, unit, choices FROM axes')[1]).toEqual({
      name: 'payloadBytes',
      kind: 'field',
      unit: 'B',
      choices: '[64,1500]',
    });
  });

  it('refuses a scenario that its machine cannot serve in a row of its own', async () => {
    const doc = { base: { requests: 20 }, axes: { 'placement.backendNode': [0, 7] } };
    expect(await sweep('out', doc)).toMatchObject({ done: 1, refused: 1 });
    const [row] = query('out', "SELECT code, reason FROM runs WHERE status = 'refused'");
    expect(row).toMatchObject({
      code: 'BAD_SCENARIO',
      reason: expect.stringContaining('node') as string,
    });
  });

  it('records a trace for each run when asked', async () => {
    const doc = { ...document, seeds: [1], record: 'all' };
    mkdirSync(at('out', 'traces'), { recursive: true });
    writeFileSync(at('out', 'traces', 'left-over.mctrace.part'), 'of a run that was killed');
    await sweep('out', doc);
    const found = query(
      'out',
      'SELECT trace, events FROM runs WHERE trace IS NOT NULL ORDER BY id',
    );
    expect(readdirSync(at('out', 'traces')).map((file) => `traces/${file}`)).toEqual(
      found.map(({ trace }) => trace),
    );
    expect(found).toHaveLength(2);
    const reader = openTrace(at('out', String(found[0]?.trace)));
    expect(reader.info('x').events).toBe(found[0]?.events);
    reader.close();
  });

  it('that is stopped while it reads its plan leaves nothing', async () => {
    expect(await errorOf(() => sweep('out', document, { stopAfter: -1 }))).toMatch(
      /^error: CANCELLED: the sweep was stopped before its first run, plan\.json/,
    );
    expect(existsSync(at('out'))).toBe(false);
  });

  it('does not mind what a kill while making the tables left', async () => {
    mkdirSync(at('out'));
    writeFileSync(at('out', 'sweep.sqlite.part'), 'half a page');
    expect(await sweep('out', { base: { requests: 20 } })).toMatchObject({ done: 1 });
    expect(readdirSync(at('out')).sort()).toEqual(['sweep.lock', 'sweep.sqlite']);
  });

  it('that was stopped goes on where it was, in whatever order the plan is written', async () => {
    const first = await sweep('out', document, { stopAfter: 2 });
    expect(first).toMatchObject({ done: 2, missing: 4 });
    const times = query('out', 'SELECT run, finished_at FROM executions');
    const axes = { strategy: ['iommu-strict', 'grant-copy', 'grant-map'] };
    const second = await sweep('out', { ...document, axes });
    expect(second).toMatchObject({ done: 4, refused: 2, missing: 0 });
    expect(second.seen.at(-1)).toMatchObject({ made: 4, toMake: 4 });
    expect(query('out', 'SELECT run, finished_at FROM executions')).toEqual(
      expect.arrayContaining(times),
    );
    const third = await sweep('out');
    expect(third.seen).toEqual([expect.objectContaining({ made: 0, toMake: 0, done: 4 })]);
  });
});

describe('a run that kills its thread', () => {
  const entry = new URL('./testing/crashing-worker.ts', import.meta.url);
  const doc = { base: { requests: 20 }, seeds: [1, 2, 3, 4, 5] };

  it('fails alone, and is tried again the next time', async () => {
    expect(await sweep('out', doc, { entry })).toMatchObject({ done: 3, failed: 2, missing: 0 });
    const failed =
      "SELECT seed, code, reason, result FROM runs WHERE status = 'failed' ORDER BY seed";
    expect(query('out', failed)).toEqual([
      {
        seed: 2,
        code: 'INTERNAL',
        reason: expect.stringContaining('status 7') as string,
        result: null,
      },
      {
        seed: 3,
        code: 'INTERNAL',
        reason: expect.stringContaining('made to fail') as string,
        result: null,
      },
    ]);
    expect(
      query('out', "SELECT stack FROM executions WHERE stack LIKE 'RangeError%'"),
    ).toHaveLength(1);
    const again = await sweep('out', doc, { entry });
    expect(again).toMatchObject({ done: 3, failed: 2 });
    expect(again.seen.at(-1)).toMatchObject({ made: 2, toMake: 2 });
    expect(await sweep('out', doc)).toMatchObject({ done: 5, failed: 0 });
    expect(query('out', 'SELECT attempts FROM executions ORDER BY attempts DESC')).toEqual(
      [3, 3, 1, 1, 1].map((attempts) => ({ attempts })),
    );
    await sweep('never-failed', doc);
    expect(rows('out')).toEqual(rows('never-failed'));
  });

  it('is not taken for threads that cannot start', async () => {
    const nowhere = new URL('./testing/none.ts', import.meta.url);
    expect(await errorOf(() => sweep('out', doc, { entry: nowhere }))).toMatch(
      /INTERNAL: a thread for runs does not start/,
    );
    expect(rows('out')).toEqual([]);
  });
});

describe('merging', () => {
  it('refuses what does not belong together, and leaves nothing', async () => {
    await sweep('a', document, { shard: '1/2' });
    await sweep('b', { ...document, seeds: [1] });
    mkdirSync(at('empty'));
    expect(await mergeError(['a', 'b'], 'out')).toMatch(
      /OTHER_SWEEP: .*axes\.seed.*b\/sweep\.sqlite/,
    );
    expect(await mergeError(['a', 'none'], 'out')).toMatch(
      /FILE_NOT_FOUND: there is no such folder/,
    );
    expect(await mergeError(['a', 'empty'], 'out')).toMatch(
      /FILE_NOT_FOUND: it holds no sweep\.sqlite/,
    );
    change('b', "UPDATE meta SET value = (SELECT 'x')  WHERE key = 'plan'");
    expect(await mergeError(['b'], 'out')).toMatch(/CORRUPT_FILE: its plan is no plan/);
    expect(existsSync(at('out'))).toBe(false);
  });

  it('names both when a run has two results', async () => {
    await sweep('a');
    await sweep('b', document, { shard: '1/2' });
    change('b', "UPDATE runs SET fingerprint = '0123456789abcdef' WHERE status = 'done'");
    const line = await mergeError(['a', 'b'], 'out');
    expect(line).toMatch(
      /^error: RESULTS_DIFFER: run [0-9a-f]{16} has the fingerprint [0-9a-f]{16} in /,
    );
    expect(line).toContain(`${dbOf('a')} and 0123456789abcdef here, ${dbOf('b')}`);
    expect(readdirSync(at('out'))).toEqual(['sweep.lock']);
  });

  it('of all shards equals the whole sweep row for row, whoever comes twice', async () => {
    await sweep('whole');
    for (const index of [1, 2, 3]) await sweep(`part-${index}`, document, { shard: `${index}/3` });
    await sweep('other-cut', document, { shard: '2/2' });
    const some = merge(['part-3', 'part-1'], 'out');
    expect(some).toMatchObject({ runs: 6, missing: 2 });
    const all = merge(['part-2', 'other-cut', 'part-2'], 'out');
    expect(all).toMatchObject({ runs: 6, done: 4, refused: 2, failed: 0, missing: 0 });
    expect(rows('out')).toEqual(rows('whole'));
    for (const table of ['profiles', 'axes', 'columns']) {
      const sql = `SELECT * FROM ${table} ORDER BY 1`;
      expect(query('out', sql)).toEqual(query('whole', sql));
    }
    expect(query('out', 'SELECT DISTINCT shard FROM executions ORDER BY shard')).toEqual(
      ['1/3', '2/3', '3/3'].map((shard) => ({ shard })),
    );
    // What was merged is a sweep like any other.
    expect((await sweep('out')).seen).toEqual([expect.objectContaining({ toMake: 0 })]);
  });

  it('prefers a run that did not fail', async () => {
    const doc = { base: { requests: 20 }, seeds: [1, 2] };
    const entry = new URL('./testing/crashing-worker.ts', import.meta.url);
    await sweep('good', doc);
    await sweep('bad', doc, { entry });
    expect(merge(['bad', 'good'], 'one')).toMatchObject({ done: 2, failed: 0 });
    expect(merge(['good', 'bad'], 'two')).toMatchObject({ done: 2, failed: 0 });
    expect(rows('one')).toEqual(rows('good'));
    expect(rows('two')).toEqual(rows('good'));
  });

  it('finds the traces of the shards where they are', async () => {
    await sweep('a', { ...document, record: 'all' }, { shard: '1/2' });
    merge(['a'], 'out');
    const found = query('out', 'SELECT trace FROM runs WHERE trace IS NOT NULL');
    expect(found.length).toBeGreaterThan(0);
    for (const { trace } of found) expect(existsSync(at('out', String(trace)))).toBe(true);
  });
});
