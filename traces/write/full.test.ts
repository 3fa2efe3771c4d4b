/** A disk that is full costs a recording no more than what was not committed. */
import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { tempFolder } from '../testing/temp.ts';
import { recoverTrace } from './recover.ts';

/** Files may grow up to so many blocks of 512 bytes: 4 MiB stand for the disk. */
const BLOCKS = 8192;

it.skipIf(process.platform === 'win32')('keeps what was committed when the disk is full', () => {
  const folder = tempFolder();
  const path = join(folder, 'run.mctrace');
  const script = fileURLToPath(new URL('../testing/record-forever.ts', import.meta.url));
  // Without the signal, a write that is too long fails as one on a full disk does.
  const limited = `trap '' XFSZ; ulimit -f ${BLOCKS}; exec "$0" "$1" "$2"`;
  const child = spawnSync('sh', ['-c', limited, process.execPath, script, path], {
    encoding: 'utf8',
  });
  expect(child.status).toBe(1);
  expect(child.stderr).toContain('cannot be written');
  expect(child.stderr).toContain('mapcopy recover');
  expect(readdirSync(folder)).toContain('run.mctrace.part');

  const { events } = recoverTrace(`${path}.part`);
  expect(events).toBeGreaterThan(20_000);
  expect(readdirSync(folder)).toEqual(['run.mctrace']);
  const db = new Database(path, { readonly: true });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.prepare('SELECT count(*) FROM events').pluck().get()).toBe(events);
  db.close();
});
