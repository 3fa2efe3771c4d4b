/**
 * A recorder that is killed at any moment leaves what can be recovered. Twenty are killed here,
 * `MAPCOPY_LONG=1` kills two hundred; `MAPCOPY_SEED` chooses other moments.
 */
import Database from 'better-sqlite3';
import { fork } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { LabError } from '../../core/contract/errors.ts';
import { openTrace } from '../read/reader.ts';
import { tempFolder } from '../testing/temp.ts';
import { recoverTrace } from './recover.ts';

const LONG = process.env.MAPCOPY_LONG === '1';
const SEED = Number(process.env.MAPCOPY_SEED ?? 1);
const KILLS = LONG ? 200 : 20;
/** From before the file is there to some ten commits. */
const LATEST_MS = LONG ? 1000 : 400;

const seen = { nothing: 0, recovered: 0, events: 0, most: 0 };

function delays(): number[] {
  let state = SEED >>> 0;
  return Array.from({ length: KILLS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * LATEST_MS);
  });
}

/** Ids of the events in a part, as SQLite finds them in a copy: what was committed. */
function committed(part: string): number {
  const copy = `${part}.copy`;
  copyFileSync(part, copy);
  if (existsSync(`${part}-wal`)) copyFileSync(`${part}-wal`, `${copy}-wal`);
  const db = new Database(copy);
  try {
    return Number(db.prepare('SELECT coalesce(max(id), 0) FROM events').pluck().get());
  } catch {
    return -1; // The schema was not committed yet.
  } finally {
    db.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true });
  }
}

it.each(delays().map((delay, n) => [n, delay] as const))(
  'kill %i, after %i ms',
  async (_, delay) => {
    const folder = tempFolder();
    const path = join(folder, 'run.mctrace');
    const script = fileURLToPath(new URL('../testing/record-forever.ts', import.meta.url));
    const child = fork(script, [path], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    const ended = once(child, 'exit');
    // Node itself takes a while to start: the clock runs from when the file is there.
    while (!existsSync(`${path}.part`)) await setTimeout(2);
    await setTimeout(delay);
    child.kill('SIGKILL');
    await ended;

    const before = committed(`${path}.part`);
    let recovered;
    try {
      recovered = recoverTrace(`${path}.part`);
    } catch (thrown) {
      // Killed before the first commit: there is nothing, and it is said.
      expect(thrown).toBeInstanceOf(LabError);
      expect((thrown as LabError).data.code).toBe('NOT_A_TRACE');
      expect(before).toBeLessThanOrEqual(0);
      seen.nothing += 1;
      return;
    }
    expect(recovered).toEqual({ file: path, events: before });
    expect(readdirSync(folder)).toEqual(['run.mctrace']);
    const db = new Database(path, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    const count = db.prepare('SELECT count(*), coalesce(max(id), 0) FROM events').raw().get();
    expect(count).toEqual([before, before]);
    db.close();
    const reader = openTrace(path);
    expect(reader.describe(path)).toMatchObject({ status: 'incomplete', events: before });
    reader.state({ ts: reader.info('x').lastTick, limit: 10 });
    reader.close();
    seen.recovered += 1;
    seen.events += before;
    seen.most = Math.max(seen.most, before);
  },
  20_000,
);

afterAll(() => {
  console.info(
    `killed ${KILLS} recorders: ${seen.recovered} traces recovered with ${seen.events} events in all, the largest ${seen.most}; ${seen.nothing} had committed nothing`,
  );
});
