/** What is in the way first; then sweeps, runs and crossovers as a window asks for them. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createClient,
  portPair,
  serve,
  type ArgsInput,
  type CrossoverJob,
  type LabClient,
  type RunJob,
  type StudyNews,
} from '../../../core/contract/index.ts';
import { codeOf } from '../handlers/testing.ts';
import { createLab, type Lab } from '../handlers.ts';
import { realParts } from '../real-parts.ts';
import { endOf as endOfStudy, follow } from './testing.ts';

// Real threads: on a busy machine they take their time.
vi.setConfig({ testTimeout: 120_000 });

let home: string;
let lab: Lab;
let client: LabClient;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-study-'));
  lab = createLab({ home, samples: path.join(home, 'samples'), uploads: null }, realParts);
  client = connect();
});
afterEach(async () => {
  await lab.finish('test');
  rmSync(home, { recursive: true, force: true });
});

function connect(): LabClient {
  const [near, far] = portPair();
  serve(far, lab.handlers('browser'));
  return createClient(near);
}

const told = <T>(find: (news: StudyNews) => T | undefined, from = client) => follow(from, find);
const endOf = (id: string) => endOfStudy(client, id);
const over = (state: string) => state !== 'waiting' && state !== 'running';
const runOver = (id: number) =>
  told((news): RunJob | undefined => news.runs.find((each) => each.id === id && over(each.state)));

const plan = {
  name: 'Small & quick',
  base: { requests: 40 },
  axes: { payloadBytes: [1500, 64], strategy: ['grant-map', 'grant-copy', 'iommu-strict'] },
};

describe('a sweep', () => {
  it('of a wrong plan is refused by name, and leaves nothing', async () => {
    const wrong = { axes: { payloadByte: [1] } };
    expect(await codeOf(client.call('study.start', { plan: wrong }))).toBe('BAD_PLAN');
    expect(existsSync(path.join(home, 'studies'))).toBe(false);
  });

  it.each(['../traces', '..', 'nobody', 'a/b'])('named %s does not exist', async (id) => {
    mkdirSync(path.join(home, 'traces'), { recursive: true });
    writeFileSync(path.join(home, 'traces', 'plan.json'), '{}');
    expect(await codeOf(client.call('study.rows', { id }))).toBe('NOT_FOUND');
    expect(await codeOf(client.call('study.remove', { id }))).toBe('NOT_FOUND');
  });

  it('that is damaged is listed with what is wrong', async () => {
    const { id } = await client.call('study.start', { plan });
    await endOf(id);
    writeFileSync(path.join(home, 'studies', id, 'sweep.sqlite'), 'no database at all, but long');
    const [found] = await client.call('study.list', {});
    expect(found).toMatchObject({ id, state: 'broken', problem: { code: 'NOT_A_SWEEP' } });
  });

  it('is counted before it is made', async () => {
    expect(await client.call('study.check', { plan })).toEqual({ runs: 6, refused: 2 });
  });

  it('gives its rows in the order of its plan, with units and with what was varied', async () => {
    const { id } = await client.call('study.start', { plan });
    expect(await endOf(id)).toMatchObject({ state: 'complete', runs: 6, done: 4, refused: 2 });
    const columns = ['payloadBytes', 'strategy', 'status', 'cpu_ns_per_byte', 'no_such'];
    const found = await client.call('study.rows', { id, columns });
    expect(found.columns.map(({ name, role }) => [name, role])).toEqual([
      ['status', 'text'],
      ['payloadBytes', 'axis'],
      ['strategy', 'axis'],
      ['cpu_ns_per_byte', 'figure'],
    ]);
    expect(found.columns.at(-1)).toMatchObject({ unit: 'ns/B' });
    expect(found.rows.map((row) => row.slice(0, 3))).toEqual([
      ['done', 1500, 'grant-map'],
      ['done', 1500, 'grant-copy'],
      ['refused', 1500, 'iommu-strict'],
      ['done', 64, 'grant-map'],
      ['done', 64, 'grant-copy'],
      ['refused', 64, 'iommu-strict'],
    ]);
    expect(found.rows[2]?.at(-1)).toBeNull();
    const page = await client.call('study.rows', { id, columns, offset: 4, limit: 1 });
    expect(page).toMatchObject({
      total: 6,
      rows: [['done', 64, 'grant-copy', expect.any(Number)]],
    });
    const { results } = await client.call('study.results', { id });
    expect(results[3]).toMatchObject({
      axes: { payloadBytes: 64, strategy: 'grant-map' },
      result: { strategy: 'grant-map', payloadBytes: 64 },
    });
  });

  it('goes on when its window is closed, can be stopped, and is resumed where it was', async () => {
    const long = { ...plan, base: { requests: 4000 }, seeds: { from: 1, count: 40 } };
    const other = connect();
    const { id } = await other.call('study.start', { plan: long });
    other.close();
    await told((news) => news.studies.find((each) => (each.live?.made ?? 0) > 0));
    expect(await codeOf(client.call('study.remove', { id }))).toBe('BUSY_FILE');
    await client.call('study.stop', { id });
    const stopped = await endOf(id);
    expect(stopped).toMatchObject({ state: 'partial', runs: 240 });
    expect(stopped.done).toBeGreaterThan(0);
    await client.call('study.resume', { id });
    const more = stopped.done + stopped.refused;
    await told((news) => news.studies.find((each) => each.done + each.refused > more));
    await client.call('study.stop', { id });
    await endOf(id);
    await client.call('study.remove', { id });
    expect(await client.call('study.list', {})).toEqual([]);
  });
});

describe('runs on all CPUs', () => {
  const small = { requests: 40 };

  it('that are refused say why, and hold up nobody', async () => {
    const scenarios = [{ ...small, strategy: 'iommu-strict' as const }, small];
    const { ids } = await client.call('study.run', { scenarios, record: true });
    expect(await runOver(ids[0] as number)).toMatchObject({
      state: 'failed',
      error: { code: 'REFUSED_PAIR' },
    });
    const done = await runOver(ids[1] as number);
    expect(done.result?.trace).toBe(`user/${readdirSync(path.join(home, 'traces'))[0]}`);
    expect(readdirSync(path.join(home, 'traces'))).toHaveLength(1);
  });

  it('end alone when they are cancelled', async () => {
    const scenarios = [{ requests: 10_000_000 }, small, { requests: 10_000_000 }];
    const { ids } = await client.call('study.run', { scenarios, record: false });
    await told((news) => news.runs.find((each) => each.id === ids[0] && each.state === 'running'));
    await client.call('study.cancel', { ids: [ids[0] as number, ids[2] as number] });
    expect((await runOver(ids[0] as number)).state).toBe('cancelled');
    expect((await runOver(ids[1] as number)).state).toBe('done');
    expect((await runOver(ids[2] as number)).state).toBe('cancelled');
  });

  it('find what a run by itself finds, and are there for a window that comes later', async () => {
    const other = connect();
    const { ids } = await other.call('study.run', { scenarios: [small], record: false });
    other.close();
    const { result } = await runOver(ids[0] as number);
    const alone = await client.call('experiment.run', { scenario: small, record: false });
    expect(result).toEqual({ ...alone, wallMs: result?.wallMs });
  });
});

describe('a crossover', () => {
  const asked: ArgsInput<'study.crossover'> = {
    a: { strategy: 'grant-map', requests: 60 },
    b: { strategy: 'grant-copy', requests: 60 },
    metric: 'cpuPerByte',
    perDecade: 1,
    seeds: 1,
    samples: 0,
  };
  const crossoverOver = (id: number) =>
    told((news): CrossoverJob | undefined =>
      news.crossovers.find((each) => each.id === id && over(each.state)),
    );

  it('of two that cannot be compared fails with the reason', async () => {
    const b = { ...asked.b, soc: 'epyc-2020' as const };
    const { id } = await client.call('study.crossover', { ...asked, b });
    expect(await crossoverOver(id)).toMatchObject({
      state: 'failed',
      error: { code: 'BAD_ARGUMENT', where: 'soc' },
    });
  });

  it('can be cancelled', async () => {
    const { id } = await client.call('study.crossover', { ...asked, samples: 8, seeds: 3 });
    await client.call('study.cancelCrossover', { id });
    expect((await crossoverOver(id)).state).toBe('cancelled');
  });

  it('comes with what each side exposes at each size', async () => {
    const { id } = await client.call('study.crossover', asked);
    const { state, found } = await crossoverOver(id);
    expect(state).toBe('done');
    expect(found?.safety.map(({ bytes }) => bytes)).toEqual(
      found?.points.map(({ bytes }) => bytes),
    );
    const { a, b } = found?.safety.at(-1) ?? {};
    expect(a?.exposure['backend']?.obtainableByteSeconds).toBeGreaterThan(0);
    expect(a?.payloadBytes).toBe(b?.payloadBytes);
  });
});

describe('a profile of one’s own', () => {
  const board = { format: 1, kind: 'soc', id: 'my-board', base: 'cortex-a72', name: 'My board' };

  it.each([
    ['an unknown quantity', { ...board, quantities: { copySpeed: 1 } }],
    ['a shipped id', { ...board, id: 'cortex-a72' }],
    ['a path for an id', { ...board, id: '../cortex' }],
  ])('with %s is refused, and nothing is written', async (_, document) => {
    expect(await codeOf(client.call('profile.save', { document }))).toBe('BAD_PROFILE');
    expect(await client.call('profile.list', {})).toEqual([]);
  });

  it('is kept as a file that the command line takes, and says so when somebody broke it', async () => {
    const document = { ...board, quantities: { copyColdRate: 2.5 } };
    const saved = await client.call('profile.save', { document });
    expect(saved).toMatchObject({ id: 'my-board', base: 'cortex-a72', problem: null, document });
    expect(saved.file).toBe(path.join(home, 'profiles', 'my-board.json'));
    writeFileSync(saved.file, '{');
    expect(await client.call('profile.list', {})).toMatchObject([
      { id: 'my-board', document: null, problem: { code: 'BAD_PROFILE' } },
    ]);
    await client.call('profile.remove', { id: 'my-board' });
    expect(await client.call('profile.list', {})).toEqual([]);
  });
});
