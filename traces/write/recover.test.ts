import Database from 'better-sqlite3';
import { fork, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findParts } from '../files.ts';
import { openTrace } from '../read/reader.ts';
import {
  EVENTS_PER_BATCH,
  begin,
  emitBatches,
  emitRun,
  head,
  madeResult,
} from '../testing/stream.ts';
import { errorOf, tempFolder } from '../testing/temp.ts';
import { recoverTrace, removeUnfinished } from './recover.ts';
import { createTraceWriter } from './writer.ts';

/** Starts a child that records into `path`; resolves when it has handed over `events` events. */
async function recordIn(path: string, events: number): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../testing/record-forever.ts', import.meta.url));
  const child = fork(script, [path], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], execArgv: [] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  if (child.stdout === null) throw new Error('the child has no output');
  for await (const line of createInterface(child.stdout)) if (Number(line) >= events) break;
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('wrong use', () => {
  it('refuses what is not there, not a part, or not a trace', () => {
    const folder = tempFolder();
    const gone = join(folder, 'gone.mctrace.part');
    expect(errorOf(() => recoverTrace(gone)).code).toBe('FILE_NOT_FOUND');
    const text = join(folder, 'text.mctrace.part');
    writeFileSync(text, 'no database, just a text of more than a hundred bytes'.repeat(50));
    expect(errorOf(() => recoverTrace(text)).code).toBe('NOT_A_TRACE');
    const empty = join(folder, 'empty.mctrace.part');
    writeFileSync(empty, '');
    expect(errorOf(() => recoverTrace(empty)).code).toBe('NOT_A_TRACE');
    const whole = join(folder, 'whole.mctrace');
    writeFileSync(whole, '');
    expect(errorOf(() => recoverTrace(whole)).code).toBe('NOT_A_TRACE');
    expect(readdirSync(folder).length).toBe(3);
  });

  it('refuses a part that this process is writing', () => {
    const path = join(tempFolder(), 'run.mctrace');
    const writer = createTraceWriter(path, head);
    emitRun(writer, 1);
    expect(errorOf(() => recoverTrace(`${path}.part`)).code).toBe('BUSY_FILE');
    writer.finish({ status: 'complete', result: madeResult(1) });
  });

  it('refuses a part that another process is writing', async () => {
    const folder = tempFolder();
    const path = join(folder, 'run.mctrace');
    const child = await recordIn(path, 1);
    const before = readdirSync(folder);
    expect(errorOf(() => recoverTrace(`${path}.part`)).code).toBe('BUSY_FILE');
    // The other one needs what lies beside its part.
    expect(readdirSync(folder)).toEqual(before);
    expect(child.exitCode).toBeNull();
    await kill(child);
    expect(recoverTrace(`${path}.part`).events).toBeGreaterThan(0);
  });
});

describe('a killed recorder', () => {
  // Thresholds in events, so that the kill falls early, between and long after commits.
  it.each([1, 60_000, 137_000, 300_000])(
    'loses little when killed after %i events',
    async (events) => {
      const folder = tempFolder();
      const path = join(folder, 'run.mctrace');
      const child = await recordIn(path, events);
      await kill(child);
      expect(findParts(folder)).toEqual([`${path}.part`]);

      const committed = lastCommitted(`${path}.part`, folder);
      // What the child had handed over before its last report, less than one commit window.
      expect(committed).toBeGreaterThanOrEqual(events - 30_000);
      const recovered = recoverTrace(`${path}.part`);
      expect(recovered).toEqual({ file: path, events: committed });
      expect(readdirSync(folder)).toEqual(['copy', 'run.mctrace']);

      const db = new Database(path, { readonly: true });
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(db.pragma('journal_mode', { simple: true })).toBe('delete');
      const one = (sql: string) => db.prepare(sql).pluck().get();
      expect(one('SELECT count(*) FROM events')).toBe(committed);
      expect(one('SELECT max(id) FROM events')).toBe(committed);
      expect(one('SELECT sum(n) FROM lod WHERE level = 0')).toBe(committed);
      expect(one('SELECT sum(events) FROM tracks')).toBe(committed);
      expect(one('SELECT max(levels) FROM tracks')).toBe(2);
      expect(
        one('SELECT count(*) FROM requests WHERE last_event > (SELECT max(id) FROM events)'),
      ).toBe(0);
      expect(
        one(
          'SELECT count(DISTINCT request) FROM events WHERE request NOT IN (SELECT id FROM requests)',
        ),
      ).toBe(0);
      db.close();

      const reader = openTrace(path);
      expect(reader.describe(path)).toMatchObject({
        kind: 'interrupted',
        status: 'incomplete',
        events: committed,
      });
      expect(reader.info('x').scenario).toEqual(head.scenario);
      reader.close();
    },
  );
});

/** Events in a part, counted in a copy so that the part stays as the kill left it. */
function lastCommitted(part: string, folder: string): number {
  const copy = join(folder, 'copy');
  copyFileSync(part, copy);
  if (existsSync(`${part}-wal`)) copyFileSync(`${part}-wal`, `${copy}-wal`);
  const db = new Database(copy);
  const last = Number(db.prepare('SELECT coalesce(max(id), 0) FROM events').pluck().get());
  db.pragma('journal_mode = DELETE');
  db.close();
  return last;
}

describe('recovery', () => {
  /** A part as a killed recorder leaves it, made without killing anyone. */
  function leftOver(path: string): void {
    const scratch = join(tempFolder(), 'scratch.mctrace');
    const writer = createTraceWriter(scratch, head);
    begin(writer);
    // More than one commit window, and a tail that is not committed.
    emitBatches(writer, 700);
    copyFileSync(`${scratch}.part`, `${path}.part`);
    copyFileSync(`${scratch}.part-wal`, `${path}.part-wal`);
    writer.abandon();
  }

  it('gives requests in flight a row, and cuts those that point too far', () => {
    const path = join(tempFolder(), 'run.mctrace');
    leftOver(path);
    const { events } = recoverTrace(`${path}.part`);
    expect(events).toBeGreaterThan(0);
    const reader = openTrace(path);
    const [last] = reader.events(events, 1);
    expect(last?.id).toBe(events);
    const open = reader
      .events(events - 2 * EVENTS_PER_BATCH, 100)
      .filter((event) => event.request !== null);
    for (const event of open) {
      const detail = reader.request(event.request ?? 0);
      expect(detail.request.lastEvent).toBeLessThanOrEqual(events);
      expect(detail.events.map((each) => each.id)).toContain(event.id);
    }
    reader.close();
  });

  it('takes a free name rather than replace a trace', () => {
    const folder = tempFolder();
    const path = join(folder, 'run.mctrace');
    writeFileSync(path, 'a trace of before');
    leftOver(path);
    expect(recoverTrace(`${path}.part`).file).toBe(join(folder, 'run-2.mctrace'));
    expect(readdirSync(folder)).toEqual(['run-2.mctrace', 'run.mctrace']);
  });

  it('does not touch what an import left', () => {
    const path = join(tempFolder(), 'run.mctrace');
    leftOver(path);
    const db = new Database(`${path}.part`);
    db.exec(`INSERT INTO meta VALUES ('source_name', 'trace.txt')`);
    db.close();
    expect(errorOf(() => recoverTrace(`${path}.part`))).toMatchObject({ code: 'NOT_A_TRACE' });
    expect(existsSync(`${path}.part`)).toBe(true);
  });

  it('removes what an import left when asked to, and nothing else', () => {
    const folder = tempFolder();
    const path = join(folder, 'run.mctrace');
    leftOver(path);
    expect(removeUnfinished(`${path}.part`)).toBe(false);
    const db = new Database(`${path}.part`);
    db.exec(`INSERT INTO meta VALUES ('source_name', 'trace.txt')`);
    db.exec('BEGIN IMMEDIATE');
    expect(removeUnfinished(`${path}.part`)).toBe(false);
    db.close();
    const beside = ['.data', '.part-rows', '.part-side', '.part-side-journal'];
    for (const suffix of beside) writeFileSync(path + suffix, 'left over');
    expect(readdirSync(folder)).toContain('run.mctrace.part');
    expect(removeUnfinished(`${path}.part`)).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(`${path}.part`, 'something else');
    expect(removeUnfinished(`${path}.part`)).toBe(false);
    expect(readdirSync(folder)).toEqual(['run.mctrace.part']);
  });

  it('does not touch what a trim left: it could not say any more of what it is a part', () => {
    const path = join(tempFolder(), 'run.mctrace');
    leftOver(path);
    const db = new Database(`${path}.part`);
    db.exec(`INSERT INTO meta VALUES ('trimmed', '{"of":"whole.mctrace"}')`);
    db.close();
    const refused = errorOf(() => recoverTrace(`${path}.part`));
    expect(refused).toMatchObject({
      code: 'NOT_A_TRACE',
      what: expect.stringContaining('interrupted trim') as string,
    });
    expect(existsSync(`${path}.part`)).toBe(true);
  });

  it('rebuilds keyframes, and keeps the reach that had ended', () => {
    const path = join(tempFolder(), 'run.mctrace');
    leftOver(path);
    const { events } = recoverTrace(`${path}.part`);
    const reader = openTrace(path);
    const { ts } = reader.events(events - EVENTS_PER_BATCH, 1)[0] ?? { ts: 0 };
    const at = Math.floor(ts / 20_000_000) * 20_000_000 + 10_000_000;
    const { reach, entries } = reader.state({ ts: at, limit: 100 });
    expect(entries.maps.total).toBe(8);
    expect(reach.frames.reduce((sum, each) => sum + each, 0)).toBe(4);
    reader.close();
  });

  it('makes what a recorder of version 1 left a trace of this version', () => {
    const path = join(tempFolder(), 'run.mctrace');
    copyFileSync(
      fileURLToPath(new URL('../testing/old/version-1.mctrace', import.meta.url)),
      `${path}.part`,
    );
    const db = new Database(`${path}.part`);
    db.exec(`UPDATE meta SET value = 'recording' WHERE key = 'status';
      DELETE FROM meta WHERE key IN ('lod_ticks', 'lod_levels', 'span', 'events', 'requests')`);
    db.close();
    expect(recoverTrace(`${path}.part`)).toEqual({ file: path, events: 374 });
    const reader = openTrace(path);
    expect(reader.info('x').provenance).toMatchObject({ keyframe_events: '16384' });
    expect(reader.state({ ts: 0, limit: 1 }).knownFrom).toBeNull();
    reader.close();
  });

  it('only renames a trace that was finished but for its name', () => {
    const path = join(tempFolder(), 'run.mctrace');
    const writer = createTraceWriter(path, head);
    emitRun(writer, 5);
    writer.finish({ status: 'complete', result: madeResult(5) });
    const again = join(tempFolder(), 'again.mctrace');
    copyFileSync(path, `${again}.part`);
    expect(recoverTrace(`${again}.part`)).toEqual({ file: again, events: 5 * EVENTS_PER_BATCH });
    const reader = openTrace(again);
    expect(reader.describe(again).status).toBe('complete');
    reader.close();
  });

  it('refuses a newer format by its number', () => {
    const path = join(tempFolder(), 'run.mctrace');
    leftOver(path);
    const db = new Database(`${path}.part`);
    db.pragma('user_version = 7');
    db.close();
    expect(errorOf(() => recoverTrace(`${path}.part`))).toMatchObject({ code: 'NEWER_FORMAT' });
  });
});
