/** Wrong usage first; then a real process that is stopped and one that is killed. */
import Database from 'better-sqlite3';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { lineOf, SweepMeter } from './sweep-meter.ts';
import { mapcopy } from './testing.ts';

// Real threads, processes and commits to the disk: on a busy machine they take their time.
vi.setConfig({ testTimeout: 120_000 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-cli-sweep-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (...names: string[]) => path.join(folder, ...names);

function plan(document: unknown): string {
  writeFileSync(at('plan.json'), JSON.stringify(document));
  return at('plan.json');
}
const small = { base: { requests: 30 }, axes: { strategy: ['grant-copy', 'iommu-lazy'] } };
/** Long enough that nobody finishes it before it is killed. */
const long = { base: { requests: 3000 }, seeds: { from: 1, count: 60 } };

function query(name: string, sql: string): Record<string, unknown>[] {
  const db = new Database(at(name, 'sweep.sqlite'), { fileMustExist: true, timeout: 10_000 });
  try {
    return db.prepare(sql).all() as Record<string, unknown>[];
  } finally {
    db.close();
  }
}

describe('wrong usage', () => {
  it.each([
    [['sweep'], 'BAD_USAGE', 'no plan is named'],
    [['sweep', 'PLAN'], 'BAD_USAGE', 'add --out DIR'],
    [['sweep', 'PLAN', 'PLAN', '--out', 'OUT'], 'BAD_USAGE', 'one argument too many'],
    [['sweep', 'none.json', '--out', 'OUT'], 'FILE_NOT_FOUND', 'none.json'],
    [['sweep', 'PLAN', '--out', 'OUT', '--jobs', '0'], 'BAD_ARGUMENT', '--jobs'],
    [['sweep', 'PLAN', '--out', 'OUT', '--jobs', '1.5'], 'BAD_ARGUMENT', '--jobs'],
    [['sweep', 'PLAN', '--out', 'OUT', '--shard', '2'], 'BAD_ARGUMENT', 'write I/N'],
    [['sweep', 'PLAN', '--out', 'OUT', '--shard', '3/2'], 'BAD_ARGUMENT', 'no shard 3/2'],
    [['sweep', 'PLAN', '--schema'], 'BAD_USAGE', 'give --schema alone'],
    [['sweep', 'merge', '--out', 'OUT'], 'BAD_USAGE', 'sweep merge DIR...'],
    [['sweep', 'merge', 'a', '--out', 'OUT', '--shard', '1/2'], 'BAD_USAGE', 'leave it out'],
    [['sweep', 'merge', 'none', '--out', 'OUT'], 'FILE_NOT_FOUND', 'none'],
  ])('%j is %s', async (args, code, words) => {
    const file = plan(small);
    const given = args.map((each) => (each === 'PLAN' ? file : each === 'OUT' ? at('out') : each));
    const { status, out, err } = await mapcopy(given);
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(new RegExp(`^error: ${code}: `));
    expect(err).toContain(words);
    expect(readdirSync(folder)).toEqual(['plan.json']);
  });

  it('names the file and the field of a wrong plan', async () => {
    const file = plan({ axes: { 'backend.cups': [1] } });
    const { status, err } = await mapcopy(['sweep', file, '--out', at('out')]);
    expect(status).toBe(2);
    expect(err).toContain(`${file}: axes.backend.cups, did you mean backend.cpus?`);
    writeFileSync(at('list.json'), '[]');
    expect((await mapcopy(['sweep', at('list.json'), '--out', at('out')])).err).toContain(
      'BAD_PLAN',
    );
    expect(existsSync(at('out'))).toBe(false);
  });
});

describe('sweep', () => {
  it('prints its schema', async () => {
    const { status, out } = await mapcopy(['sweep', '--schema']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toHaveProperty('properties.axes');
  });

  it('counts, for people and for scripts', async () => {
    const args = ['sweep', plan(small), '--out', at('out')];
    const found = { runs: 2, done: 1, refused: 1, failed: 0, missing: 0, shard: null };
    const database = at('out', 'sweep.sqlite');
    const json = await mapcopy([...args, '--json']);
    expect([json.status, JSON.parse(json.out)]).toEqual([0, { ...found, database }]);
    expect((await mapcopy(args)).out).toMatch(
      /Runs +2\nDone +1\nRefused +1\nFailed +0\nDatabase +/,
    );

    const part = await mapcopy([
      'sweep',
      args[1] ?? '',
      '--out',
      at('p'),
      '--shard',
      '1/2',
      '--json',
    ]);
    expect(JSON.parse(part.out)).toMatchObject({ runs: 1, shard: '1/2' });
    const merged = await mapcopy(['sweep', 'merge', at('p'), '--out', at('m'), '--json']);
    expect([merged.status, JSON.parse(merged.out)]).toMatchObject([0, { runs: 2, missing: 1 }]);
    expect(merged.err).toBe('1 of 2 runs of the plan are in none of these folders\n');
  });

  it('ends with 1 when a run failed', async () => {
    const args = ['sweep', plan(small), '--out', at('out')];
    await mapcopy(args);
    const db = new Database(at('out', 'sweep.sqlite'));
    db.exec("UPDATE runs SET status = 'failed' WHERE status = 'done'");
    db.close();
    const { status, out, err } = await mapcopy([
      'sweep',
      'merge',
      at('out'),
      '--out',
      at('m'),
      '--json',
    ]);
    expect([status, JSON.parse(out)]).toMatchObject([1, { failed: 1 }]);
    expect(err).toContain('error: RUNS_FAILED: 1 of 2 runs failed');
    expect((await mapcopy(args)).status).toBe(0);
  });

  it('that is interrupted keeps what is done and ends with 1', async () => {
    const args = ['sweep', plan(long), '--out', at('out'), '--jobs', '2'];
    const { status, out, err } = await mapcopy(args, 3);
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(
      /error: CANCELLED: the sweep was stopped by SIGINT with \d+ of 60 runs missing/,
    );
    const kept = query('out', 'SELECT count(*) AS n FROM runs')[0]?.n as number;
    expect(err).toContain(`with ${60 - kept} of 60`);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(60);
  });
});

describe('a sweep whose process is killed', () => {
  async function killed(args: readonly string[], rows: number): Promise<void> {
    const program = fileURLToPath(new URL('../mapcopy.mjs', import.meta.url));
    const child: ChildProcess = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    for (;;) {
      const some = existsSync(at('out', 'sweep.sqlite')) && count('out') >= rows;
      if (some || child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(child.exitCode).toBe(null);
    child.kill('SIGKILL');
    await ended;
  }

  /** Rows so far; none while the tables are being made. */
  function count(name: string): number {
    try {
      return query(name, 'SELECT count(*) AS n FROM runs')[0]?.n as number;
    } catch (error) {
      if (error instanceof Database.SqliteError && error.message.startsWith('no such table'))
        return 0;
      throw error;
    }
  }

  it('loses nothing that was done, and the same command makes the rest', async () => {
    const args = [
      'sweep',
      plan({ ...long, base: { requests: 1000 }, seeds: { from: 1, count: 16 } }),
    ];
    await killed([...args, '--out', at('out'), '--jobs', '2'], 3);
    const before = query('out', 'SELECT * FROM executions ORDER BY run');
    expect(before.length).toBeGreaterThanOrEqual(3);
    expect(before.length).toBeLessThan(16);

    const again = await mapcopy([...args, '--out', at('out'), '--jobs', '2', '--json']);
    expect([again.status, JSON.parse(again.out)]).toMatchObject([0, { done: 16, missing: 0 }]);
    const after = query('out', 'SELECT * FROM executions ORDER BY run');
    expect(after).toEqual(expect.arrayContaining(before));

    await mapcopy([...args, '--out', at('whole'), '--jobs', '2']);
    const rows = 'SELECT * FROM runs ORDER BY id';
    expect(query('out', rows)).toEqual(query('whole', rows));
  });
});

describe('progress', () => {
  const progress = { runs: 120, done: 30, refused: 6, failed: 1, made: 17, toMake: 100 };

  it.each([
    [0, '37 of 120 runs, 6 refused, 1 failed'],
    [5000, '37 of 120 runs, 6 refused, 1 failed, 3.4 runs/s, 25 s left'],
    [17 * 60_000, '37 of 120 runs, 6 refused, 1 failed, 0.01667 runs/s, 83 min left'],
    [17 * 3_600_000, '37 of 120 runs, 6 refused, 1 failed, 0.0002778 runs/s, 83 h 0 min left'],
  ])('after %d ms says %s', (elapsed, line) => expect(lineOf(progress, elapsed)).toBe(line));

  it('leaves a line in a log for each twentieth of the work, but not too many', () => {
    let now = 0;
    let log = '';
    const io = {
      out() {},
      err: (text: string) => (log += text),
      progress() {},
      onStop: () => () => {},
    };
    const meter = new SweepMeter(io, () => now);
    for (let made = 0; made <= 1000; made++) {
      now = made * 5000;
      meter.show({ ...progress, made, toMake: 1000 });
    }
    expect(log.split('\n')).toHaveLength(21);
    const quick = new SweepMeter(io, () => now);
    log = '';
    for (let made = 0; made <= 1000; made++) quick.show({ ...progress, made, toMake: 1000 });
    expect(log).toBe('');
  });
});
