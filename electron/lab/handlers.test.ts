import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createClient,
  LabError,
  portPair,
  serve,
  type LabClient,
} from '../../core/contract/index.ts';
import { fakeLab, type FakeLab, type FakeOptions } from '../../test/fixtures/fake-lab.ts';
import { createLab, type Lab, type Reach } from './handlers.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-lab-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function open(options: FakeOptions = {}, reach: Reach = 'window') {
  const fake = fakeLab(options);
  const samples = path.join(home, 'samples');
  mkdirSync(samples, { recursive: true });
  const lab = createLab({ home, samples, uploads: path.join(home, 'uploads') }, fake.parts);
  const [near, far] = portPair();
  serve(far, lab.handlers(reach));
  return { fake, lab, client: createClient(near) };
}

const put = (place: 'traces' | 'samples', name: string) => {
  mkdirSync(path.join(home, place), { recursive: true });
  writeFileSync(path.join(home, place, name), name);
};

const traces = () => (existsSync(`${home}/traces`) ? readdirSync(`${home}/traces`).sort() : []);
const errorOf = async (call: Promise<unknown>): Promise<LabError> => {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof LabError) return thrown;
  throw new Error('it did not fail as it should', { cause: thrown });
};

describe('a run', () => {
  it('that is refused leaves nothing behind', async () => {
    const refuse = new LabError('REFUSED_PAIR', 'no', 'scenario', 'choose another');
    const { client } = open({ refuse });
    const error = await errorOf(client.call('experiment.run', { scenario: {}, record: true }));
    expect(error.data.code).toBe('REFUSED_PAIR');
    expect(traces()).toEqual([]);
  });

  it('that fails leaves nothing behind', async () => {
    const { client, fake } = open({ failAt: 2 });
    const error = await errorOf(client.call('experiment.run', { scenario: {}, record: true }));
    expect(error.data.code).toBe('INTERNAL');
    expect(fake.log.abandoned).toBe(1);
    expect(traces()).toEqual([]);
  });

  it.each(['window', 'browser'] as const)('of a %s may not name its file', async (reach) => {
    const { client } = open({}, reach);
    const out = path.join(home, 'elsewhere.mctrace');
    const error = await errorOf(client.call('experiment.run', { scenario: {}, record: true, out }));
    expect(error.data.code).toBe('BAD_ARGUMENT');
    expect(existsSync(out)).toBe(false);
  });

  it('is recorded into the library and reports progress', async () => {
    const { client } = open({ steps: 5 });
    const seen: number[] = [];
    const result = await client.call(
      'experiment.run',
      { scenario: {}, record: true },
      { onProgress: ({ done }) => seen.push(done) },
    );
    expect(result.trace).toBe(`user/${traces()[0]}`);
    expect(result.file).toBe(path.join(home, 'traces', traces()[0] as string));
    expect(seen.at(0)).toBe(0);
    expect(seen.at(-1)).toBe(5);
  });

  it('takes another name when its own is taken', async () => {
    const { client } = open();
    await client.call('experiment.run', { scenario: {}, record: true });
    await client.call('experiment.run', { scenario: {}, record: true });
    expect(traces()).toHaveLength(2);
  });

  it('without a record leaves no file', async () => {
    const { client } = open();
    const result = await client.call('experiment.run', { scenario: {}, record: false });
    expect([result.file, result.trace]).toEqual([null, null]);
    expect(traces()).toEqual([]);
  });

  it('that is cancelled keeps its trace, marked incomplete', async () => {
    const stop = new AbortController();
    const { client, fake } = open({
      steps: Infinity,
      onStep: (step) => {
        if (step === 3) stop.abort();
      },
    });
    const error = await errorOf(
      client.call('experiment.run', { scenario: {}, record: true }, { signal: stop.signal }),
    );
    expect(error.data.code).toBe('CANCELLED');
    expect(error.data.where).toBe(path.join(home, 'traces', traces()[0] as string));
    expect(fake.log.ends).toMatchObject([
      { status: 'incomplete', interrupted: 'cancelled', result: { status: 'incomplete' } },
    ]);
  });

  it('ends incomplete when its caller goes away', async () => {
    const opened: { client?: LabClient } = {};
    const { client, lab, fake } = open({
      steps: Infinity,
      onStep: (step) => {
        if (step === 3) opened.client?.close();
      },
    });
    opened.client = client;
    const error = await errorOf(client.call('experiment.run', { scenario: {}, record: true }));
    expect(error.data.code).toBe('HOST_LOST');
    await lab.finish('the end');
    expect(fake.log.ends).toMatchObject([{ status: 'incomplete' }]);
  });

  it('ends incomplete, with the reason, when the lab ends', async () => {
    const opened: { lab?: Lab } = {};
    const { client, lab, fake } = open({
      steps: Infinity,
      onStep: (step) => {
        if (step === 3) void opened.lab?.finish('stopped by SIGTERM');
      },
    });
    opened.lab = lab;
    await errorOf(client.call('experiment.run', { scenario: {}, record: true }));
    expect(fake.log.ends).toMatchObject([{ interrupted: 'stopped by SIGTERM' }]);
  });
});

describe('the library', () => {
  it.each([
    'user/../samples/a.mctrace',
    'user/..',
    'user/a.txt',
    'user/',
    'other/a.mctrace',
    '/etc/passwd',
    'user/sub/a.mctrace',
    'user\\a.mctrace',
  ])('has no trace %s', async (trace) => {
    put('samples', 'a.mctrace');
    put('traces', 'a.txt');
    const error = await errorOf(open().client.call('trace.events', { trace, first: 1, limit: 1 }));
    expect(error.data.code).toBe('NOT_FOUND');
  });

  it('is empty at first', async () => {
    expect(await open().client.call('library.list', {})).toEqual([]);
  });

  it('lists traces, samples, and what is wrong with a file', async () => {
    put('traces', 'mine.mctrace');
    put('traces', 'broken.mctrace');
    put('traces', 'running.mctrace.part');
    put('samples', 'shown.mctrace');
    const { client, fake } = open();
    const entries = await client.call('library.list', {});
    expect(entries.map(({ id, problem }) => [id, problem])).toEqual([
      ['user/mine.mctrace', null],
      ['user/broken.mctrace', 'the file is damaged'],
      ['sample/shown.mctrace', null],
    ]);
    expect(fake.log.readersOpen).toBe(0);
  });

  it('keeps a new name without touching the file, also for the next lab', async () => {
    put('traces', 'mine.mctrace');
    await open().client.call('library.rename', { trace: 'user/mine.mctrace', name: 'Baseline' });
    const [entry] = await open().client.call('library.list', {});
    expect(entry?.name).toBe('Baseline');
    expect(traces()).toEqual(['mine.mctrace']);
  });

  it('removes a trace of the user, never a sample', async () => {
    put('traces', 'mine.mctrace');
    put('samples', 'shown.mctrace');
    const { client } = open();
    const error = await errorOf(client.call('library.remove', { trace: 'sample/shown.mctrace' }));
    expect(error.data.code).toBe('BAD_ARGUMENT');
    await client.call('library.remove', { trace: 'user/mine.mctrace' });
    const left = await client.call('library.list', {});
    expect(left.map(({ id }) => id)).toEqual(['sample/shown.mctrace']);
  });
});

describe('the trash', () => {
  it('has no item that is not there, wherever its name points', async () => {
    put('traces', 'mine.mctrace');
    const { client } = open();
    for (const item of ['20200101-000000', '..', '../traces']) {
      const error = await errorOf(client.call('library.restore', { item }));
      expect(error.data.code).toBe('NOT_FOUND');
    }
    expect(traces()).toEqual(['mine.mctrace']);
  });

  it('gives a trace back with its bytes and its name', async () => {
    put('traces', 'mine.mctrace');
    const before = readFileSync(path.join(home, 'traces/mine.mctrace'));
    const { client } = open();
    await client.call('library.rename', { trace: 'user/mine.mctrace', name: 'My run' });
    const item = await client.call('library.remove', { trace: 'user/mine.mctrace' });
    expect(await client.call('library.trash', {})).toEqual([item]);
    expect(item.name).toBe('My run');
    const back = await client.call('library.restore', { item: item.id });
    expect(back).toMatchObject({ id: 'user/mine.mctrace', name: 'My run' });
    expect(readFileSync(path.join(home, 'traces/mine.mctrace'))).toEqual(before);
    expect(await client.call('library.trash', {})).toEqual([]);
  });

  it('overwrites neither what is in it nor what took a name since', async () => {
    const { client } = open();
    const items: string[] = [];
    for (const text of ['one', 'two']) {
      put('traces', 'mine.mctrace');
      writeFileSync(path.join(home, 'traces/mine.mctrace'), text);
      items.push((await client.call('library.remove', { trace: 'user/mine.mctrace' })).id);
    }
    for (const item of items) await client.call('library.restore', { item });
    expect(traces().map((name) => readFileSync(path.join(home, 'traces', name), 'utf8'))).toEqual([
      'two',
      'one',
    ]);
  });

  it('is emptied by the user, or of what is older than 30 days', async () => {
    put('traces', 'old.mctrace');
    put('traces', 'new.mctrace');
    const { client, lab } = open();
    const old = await client.call('library.remove', { trace: 'user/old.mctrace' });
    const young = await client.call('library.remove', { trace: 'user/new.mctrace' });
    const record = { name: 'old', removedAt: '2026-10-01T00:00:00.000Z' };
    writeFileSync(path.join(home, 'trash', old.id, 'removed.json'), JSON.stringify(record));
    lab.library.recover();
    const left = await client.call('library.trash', {});
    expect(left.map(({ id }) => id)).toEqual([young.id]);
    expect(await client.call('library.emptyTrash', {})).toBe(1);
    expect(readdirSync(path.join(home, 'trash'))).toEqual([]);
  });
});

describe('an import', () => {
  const sqlite = () => {
    const file = path.join(home, 'given.mctrace');
    writeFileSync(file, `SQLite format 3\0 and more`);
    return file;
  };

  it('of a browser may not name a file', async () => {
    const source = { kind: 'path', path: sqlite() } as const;
    const error = await errorOf(open({}, 'browser').client.call('library.import', { source }));
    expect(error.data.code).toBe('BAD_ARGUMENT');
  });

  it.each(['../given', '', 'z'.repeat(32), 'a'.repeat(32)])('has no upload %j', async (upload) => {
    const source = { kind: 'upload', upload: upload === '' ? ' ' : upload, name: 'x' } as const;
    const error = await errorOf(open({}, 'browser').client.call('library.import', { source }));
    expect(error.data.code).toBe('NOT_FOUND');
  });

  it('of a file that is not there says so', async () => {
    const source = { kind: 'path', path: path.join(home, 'none.txt') } as const;
    const error = await errorOf(open().client.call('library.import', { source }));
    expect(error.data.code).toBe('FILE_NOT_FOUND');
  });

  it('copies a trace as it is', async () => {
    const source = { kind: 'path', path: sqlite() } as const;
    const answer = await open().client.call('library.import', { source });
    expect(answer.counts).toBeNull();
    expect(answer.entry.id).toBe('user/given.mctrace');
    expect(traces()).toEqual(['given.mctrace']);
  });

  it('takes an upload once and removes it', async () => {
    const upload = 'a'.repeat(32);
    const folder = path.join(home, 'uploads', upload);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'page.mctrace'), 'SQLite format 3\0');
    const source = { kind: 'upload', upload, name: 'page.mctrace' } as const;
    const { client } = open({}, 'browser');
    const answer = await client.call('library.import', { source });
    expect(answer.entry.id).toBe('user/page.mctrace');
    expect(existsSync(folder)).toBe(false);
    const error = await errorOf(client.call('library.import', { source }));
    expect(error.data.code).toBe('NOT_FOUND');
  });
});

describe('the end of a lab', () => {
  it('closes its files', async () => {
    const { lab, fake, client }: { lab: Lab; fake: FakeLab; client: LabClient } = open();
    mkdirSync(path.join(home, 'traces'));
    writeFileSync(path.join(home, 'traces/a.mctrace'), '');
    await client.call('trace.events', { trace: 'user/a.mctrace', first: 1, limit: 1 });
    expect(fake.log.readersOpen).toBe(1);
    await lab.finish('done');
    expect(fake.log.readersOpen).toBe(0);
  });
});
