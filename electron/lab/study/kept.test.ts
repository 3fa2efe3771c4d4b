/** What is damaged or in the way first; then answers that outlive the lab. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createClient,
  portPair,
  serve,
  type ArgsInput,
  type CrossoverJob,
  type LabClient,
  type StudyInfo,
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
function start(): void {
  lab = createLab({ home, samples: path.join(home, 'samples'), uploads: null }, realParts);
  const [near, far] = portPair();
  serve(far, lab.handlers('browser'));
  client = createClient(near);
}
async function restart(): Promise<void> {
  await lab.finish('test');
  start();
}
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-kept-'));
  start();
});
afterEach(async () => {
  await lab.finish('test');
  rmSync(home, { recursive: true, force: true });
});

const told = <T>(find: (news: StudyNews) => T | undefined) => follow(client, find);
const endOf = (id: string) => endOfStudy(client, id);
const list = () => client.call('study.list', {});

const axes = {
  strategy: ['grant-map', 'grant-copy', 'iommu-strict'],
  hypervisor: ['xen-pv-dom0'],
  soc: ['xeon-2020'],
  workload: ['net-tx'],
};
const plan = { name: 'Map or copy?', base: { requests: 40 }, axes };
const asked = { question: 'map-or-copy', values: { requests: '40' } };
const scenario = (strategy: 'grant-map' | 'grant-copy', requests = 40) => ({
  strategy,
  hypervisor: 'xen-pv-dom0' as const,
  soc: 'xeon-2020' as const,
  workload: 'net-tx' as const,
  requests,
});
const run = async (
  strategies: readonly ('grant-map' | 'grant-copy')[],
  keep: ArgsInput<'study.run'>['keep'] = { plan, asked },
): Promise<StudyInfo> => {
  const scenarios = strategies.map((strategy) => scenario(strategy));
  const { study } = await client.call('study.run', { scenarios, record: true, keep });
  return await endOf(study ?? '');
};

describe('runs of a plan', () => {
  it('of a wrong plan are not made, and nothing is left', async () => {
    const keep = { plan: { axes: { payloadByte: [1] } }, asked };
    const scenarios = [scenario('grant-map')];
    expect(await codeOf(client.call('study.run', { scenarios, record: false, keep }))).toBe(
      'BAD_PLAN',
    );
    expect(await list()).toEqual([]);
  });

  it('are a study of the library that outlives the lab, with what was asked and their traces', async () => {
    const { id } = await run(['grant-map', 'grant-copy']);
    await restart();
    expect(await list()).toMatchObject([
      { id, kind: 'plan', name: 'Map or copy?', state: 'complete', done: 2, refused: 1 },
    ]);
    expect(await client.call('study.asked', { id })).toEqual({ asked });
    const { results } = await client.call('study.results', { id });
    expect(results.map(({ status, scenario }) => [scenario.strategy, status])).toEqual([
      ['grant-map', 'done'],
      ['grant-copy', 'done'],
      ['iommu-strict', 'refused'],
    ]);
    const traces = readdirSync(path.join(home, 'traces'));
    expect(traces).toContain(results[0]?.trace?.replace('user/', ''));
    const source = { kind: 'sweep', database: id };
    const rows = await client.call('figure.rows', { source, details: [] });
    expect(rows.map(({ axes }) => axes['strategy']).sort()).toEqual(['grant-copy', 'grant-map']);
  });

  it('are partial until all are made, and are added to by the same plan', async () => {
    const first = await run(['grant-map']);
    expect(first).toMatchObject({ state: 'partial', runs: 3, done: 1, refused: 1 });
    await restart();
    const second = await run(['grant-copy']);
    expect(second).toMatchObject({ id: first.id, state: 'complete', done: 2 });
  });

  it('are resumed as a sweep', async () => {
    const { id } = await run(['grant-map']);
    await restart();
    await client.call('study.resume', { id });
    expect(await endOf(id)).toMatchObject({ kind: 'plan', state: 'complete', done: 2 });
  });

  it('have what another plan has found already', async () => {
    await run(['grant-map', 'grant-copy']);
    const wider = { ...plan, name: 'Wider', axes: { ...axes, workload: ['net-tx', 'net-rx'] } };
    const scenarios = [{ ...scenario('grant-map'), workload: 'net-rx' as const }];
    const keep = { plan: wider, asked };
    const { study } = await client.call('study.run', { scenarios, record: false, keep });
    expect(await endOf(study ?? '')).toMatchObject({ runs: 6, done: 3, refused: 2 });
  });

  it('that are cancelled leave those that were done', async () => {
    const scenarios = [scenario('grant-map'), scenario('grant-copy', 20_000_000)];
    const long = { ...plan, base: { requests: 20_000_000 } };
    const keep = { plan: long, asked };
    const { study, ids } = await client.call('study.run', { scenarios, record: false, keep });
    await told((news) => news.runs.find((each) => each.id === ids[0] && each.state === 'done'));
    expect(await codeOf(client.call('study.remove', { id: study ?? '' }))).toBe('BUSY_FILE');
    await client.call('study.stop', { id: study ?? '' });
    expect(await endOf(study ?? '')).toMatchObject({ state: 'partial', live: null });
  });

  it('beside a damaged study go into a new one, and the damaged one stays as it is', async () => {
    const { id } = await run(['grant-map']);
    const database = path.join(home, 'studies', id, 'sweep.sqlite');
    writeFileSync(database, 'no database at all, but long');
    const other = await run(['grant-map', 'grant-copy']);
    expect(other.id).not.toBe(id);
    expect(readFileSync(database, 'utf8')).toBe('no database at all, but long');
    expect((await list()).map(({ state }) => state).sort()).toEqual(['broken', 'complete']);
  });

  it('are moved to the trash and come back as they were', async () => {
    const { id } = await run(['grant-map', 'grant-copy']);
    const before = await list();
    const item = await client.call('study.remove', { id });
    expect(item).toMatchObject({ kind: 'study', name: 'Map or copy?' });
    expect(await list()).toEqual([]);
    expect(await client.call('library.trash', {})).toEqual([item]);
    expect(await codeOf(client.call('library.restore', { item: item.id }))).toBe('NOT_FOUND');
    expect(await client.call('study.restore', { item: item.id })).toMatchObject({ id });
    expect(await list()).toEqual(before);
    await client.call('study.remove', { id });
    expect(await client.call('library.emptyTrash', {})).toBe(1);
    expect(await codeOf(client.call('study.restore', { item: item.id }))).toBe('NOT_FOUND');
  });
});

describe('a crossover', () => {
  const question: ArgsInput<'study.crossover'> = {
    a: { strategy: 'grant-map', requests: 60 },
    b: { strategy: 'grant-copy', requests: 60 },
    metric: 'cpuPerByte',
    from: 1024,
    to: 65_536,
    perDecade: 1,
    seeds: 2,
    samples: 0,
  };
  const find = async () => {
    const { id } = await client.call('study.crossover', question);
    return await told((news) =>
      news.crossovers.find((each) => each.id === id && each.state !== 'running'),
    );
  };
  // Found once; each test has a library of its own with it.
  let store: string;
  let study: string;
  let found: CrossoverJob['found'];
  beforeAll(async () => {
    store = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-kept-'));
    home = path.join(store, 'home');
    start();
    const job = await find();
    study = job.study ?? '';
    found = job.found;
    await lab.finish('test');
  });
  afterAll(() => rmSync(store, { recursive: true, force: true }));
  const have = async () => {
    cpSync(path.join(store, 'home'), home, { recursive: true });
    await restart();
  };
  const crossovers = () => told((news) => (news.all ? news.crossovers : undefined));
  const file = () => path.join(home, 'studies', study, 'crossover.json');

  it('that was never found leaves nothing', async () => {
    const b = { ...question.b, soc: 'epyc-2020' as const };
    const { id } = await client.call('study.crossover', { ...question, b });
    await told((news) => news.crossovers.find((each) => each.id === id && each.state === 'failed'));
    expect(existsSync(path.join(home, 'studies'))).toBe(false);
  });

  it('outlives the lab with its runs, and is listed among the studies', async () => {
    await have();
    const [listed] = await list();
    expect(listed).toMatchObject({ id: study, kind: 'crossover', state: 'complete' });
    expect(listed?.done).toBeGreaterThan(4);
    const [again] = await crossovers();
    expect(again).toMatchObject({ study, state: 'done', found });
    const source = { kind: 'sweep', database: study };
    const rows = await client.call('figure.rows', { source, details: [] });
    const sizes = new Set(rows.map(({ axes }) => axes['payloadBytes']));
    expect([...sizes]).toEqual(
      expect.arrayContaining(found?.points.map(({ bytes }) => bytes) ?? []),
    );
    expect(new Set(rows.map(({ axes }) => axes['seed']))).toEqual(new Set([1, 2]));
  });

  it('has runs to chart while it is still being found', async () => {
    const { id } = await client.call('study.crossover', { ...question, samples: 4 });
    const { study: early } = await told((news) =>
      news.crossovers.find((each) => each.id === id && each.study !== null),
    );
    const source = { kind: 'sweep', database: early ?? '' };
    const rows = await client.call('figure.rows', { source, details: [] });
    expect(new Set(rows.map(({ axes }) => axes['strategy'])).size).toBe(2);
    await client.call('study.cancelCrossover', { id });
  });

  it('asked again is the same study', async () => {
    await have();
    expect((await find()).study).toBe(study);
    expect(await list()).toHaveLength(1);
  });

  it('that a killed lab left is the answer so far', async () => {
    await have();
    const text = readFileSync(file(), 'utf8');
    writeFileSync(file(), text.replace('"state": "done"', '"state": "running"'));
    await restart();
    expect(await list()).toMatchObject([{ id: study, state: 'partial' }]);
    expect(await crossovers()).toMatchObject([{ study, state: 'cancelled' }]);
  });

  it('whose file is damaged says so, and hides nothing else', async () => {
    await have();
    await run(['grant-map', 'grant-copy']);
    writeFileSync(file(), '{"format": 1');
    await restart();
    const studies = await list();
    expect(studies.find(({ id }) => id === study)).toMatchObject({
      state: 'broken',
      problem: { code: 'BAD_ARGUMENT', where: file() },
    });
    expect(studies.map(({ state }) => state).sort()).toEqual(['broken', 'complete']);
    expect(await crossovers()).toEqual([]);
    expect(await codeOf(client.call('study.openCrossover', { id: study }))).toBe('BAD_ARGUMENT');
    writeFileSync(file(), '{"format": 1, "name": "x"}');
    expect(await codeOf(client.call('study.openCrossover', { id: study }))).toBe('CORRUPT_FILE');
  });

  it('that was removed is told no more, and opened again when it is back', async () => {
    await have();
    const item = await client.call('study.remove', { id: study });
    expect(await crossovers()).toEqual([]);
    await client.call('study.restore', { item: item.id });
    const opened = await client.call('study.openCrossover', { id: study });
    expect(opened).toMatchObject({ study, state: 'done' });
  });
});
