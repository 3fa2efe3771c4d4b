import Database from 'better-sqlite3';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { K } from '../../core/contract/kinds.ts';
import { openTrace } from '../read/reader.ts';
import {
  Chunk,
  ChunkFiller,
  EVENTS_PER_BATCH,
  begin,
  emitBatches,
  emitRun,
  head,
  madeResult,
} from '../testing/stream.ts';
import { errorOf, tempFolder } from '../testing/temp.ts';
import { recoverTrace } from './recover.ts';
import { createTraceWriter } from './writer.ts';

describe('wrong use', () => {
  it('refuses a folder that is not there', () => {
    const path = join(tempFolder(), 'no', 'run.mctrace');
    expect(errorOf(() => createTraceWriter(path, head))).toMatchObject({
      code: 'UNWRITABLE',
      where: path,
    });
  });

  it('refuses to replace what is not a trace, and leaves it as it was', () => {
    const folder = tempFolder();
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'mine');
    expect(errorOf(() => createTraceWriter(path, head)).code).toBe('UNWRITABLE');
    mkdirSync(join(folder, 'sub'));
    expect(errorOf(() => createTraceWriter(join(folder, 'sub'), head)).code).toBe('UNWRITABLE');
    expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'sub']);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'refuses a read-only folder',
    () => {
      const folder = tempFolder();
      chmodSync(folder, 0o500);
      expect(errorOf(() => createTraceWriter(join(folder, 'a.mctrace'), head)).code).toBe(
        'UNWRITABLE',
      );
      chmodSync(folder, 0o700);
    },
  );

  it('refuses a second writer of the same trace, and spares the first', () => {
    const path = join(tempFolder(), 'run.mctrace');
    const first = createTraceWriter(path, head);
    expect(errorOf(() => createTraceWriter(path, head))).toMatchObject({ code: 'UNWRITABLE' });
    emitRun(first, 3);
    expect(first.finish({ status: 'complete', result: madeResult(3) }).events).toBe(
      3 * EVENTS_PER_BATCH,
    );
  });

  it('keeps what was committed when somebody takes away what lies beside the part', () => {
    const path = join(tempFolder(), 'run.mctrace');
    const writer = createTraceWriter(path, head);
    begin(writer);
    const cleaning = (requests: number) => {
      if (requests === 8000) rmSync(`${path}.part-rows`);
    };
    expect(errorOf(() => emitBatches(writer, 3000, cleaning)).code).toBe('UNWRITABLE');
    writer.abandon();
    expect(recoverTrace(`${path}.part`).events).toBeGreaterThan(20_000);
  });

  it('catches a simulator that skips an id or goes back in time', () => {
    const writer = createTraceWriter(join(tempFolder(), 'run.mctrace'), head);
    const chunk = new Chunk();
    chunk.firstId = 2;
    chunk.count = 1;
    expect(() => writer.events(chunk)).toThrow('chunk begins at event 2, expected 1');
    const filler = new ChunkFiller(writer);
    filler.add({ ts: 10, kind: K.upcall });
    filler.add({ ts: 9, kind: K.upcall });
    expect(() => filler.flush()).toThrow('goes back in time');
    writer.abandon();
  });

  it('takes nothing after its end', () => {
    const writer = createTraceWriter(join(tempFolder(), 'run.mctrace'), head);
    emitRun(writer, 1);
    writer.finish({ status: 'complete', result: madeResult(1) });
    expect(() => writer.sample(1, 0, 0)).toThrow('has ended');
    expect(() => writer.abandon()).not.toThrow();
  });
});

describe('a trace that is written', () => {
  it('is a part until it is finished, and nothing but one file then', () => {
    const folder = tempFolder();
    const path = join(folder, 'run.mctrace');
    const writer = createTraceWriter(path, head);
    emitRun(writer, 10);
    expect(existsSync(path)).toBe(false);
    expect(existsSync(`${path}.part`)).toBe(true);
    expect(writer.finish({ status: 'complete', result: madeResult(10) })).toEqual({
      file: path,
      events: 10 * EVENTS_PER_BATCH,
    });
    expect(readdirSync(folder)).toEqual(['run.mctrace']);
  });

  it('is whole, sound and out of WAL mode, so that it opens from a read-only folder', () => {
    const folder = tempFolder();
    const path = join(folder, 'run.mctrace');
    const writer = createTraceWriter(path, head);
    emitRun(writer, 50);
    writer.finish({ status: 'complete', result: madeResult(50) });
    const db = new Database(path, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('journal_mode', { simple: true })).toBe('delete');
    expect(db.pragma('page_size', { simple: true })).toBe(16_384);
    db.close();
  });

  it('leaves nothing when abandoned', () => {
    const folder = tempFolder();
    const writer = createTraceWriter(join(folder, 'run.mctrace'), head);
    emitRun(writer, 200);
    writer.abandon();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('replaces an older trace of the same name, but only when it is finished', () => {
    const path = join(tempFolder(), 'run.mctrace');
    for (const batches of [1, 2]) {
      const writer = createTraceWriter(path, head);
      emitRun(writer, batches);
      writer.finish({ status: 'complete', result: madeResult(batches) });
    }
    const abandoned = createTraceWriter(path, head);
    emitRun(abandoned, 3);
    abandoned.abandon();
    const reader = openTrace(path);
    expect(reader.info('x').events).toBe(2 * EVENTS_PER_BATCH);
    reader.close();
  });

  it('says when it is incomplete, and why', () => {
    const path = join(tempFolder(), 'run.mctrace');
    const writer = createTraceWriter(path, head);
    emitRun(writer, 2);
    writer.finish({
      status: 'incomplete',
      result: madeResult(2),
      interrupted: 'the window closed',
    });
    const reader = openTrace(path);
    expect(reader.describe('run')).toMatchObject({
      kind: 'interrupted',
      status: 'incomplete',
      provenance: { interrupted: 'the window closed' },
    });
    expect(reader.info('x').result).toMatchObject({ status: 'incomplete', file: 'run.mctrace' });
    reader.close();
  });

  it('keeps the last sample of each counter and microsecond', () => {
    const path = join(tempFolder(), 'run.mctrace');
    const writer = createTraceWriter(path, head);
    begin(writer);
    for (const [ts, value] of [
      [0, 1],
      [999_999, 2],
      [1_000_000, 3],
      [5_000_000, 4],
      [5_500_000, 5],
    ]) {
      writer.sample(1, ts ?? 0, value ?? 0);
    }
    writer.finish({ status: 'complete', result: madeResult(0) });
    const reader = openTrace(path);
    expect(reader.counters({ from: 0, to: 10_000_000, buckets: 1000 })[0]).toMatchObject({
      ts: [999_999, 1_000_000, 5_500_000],
      last: [2, 3, 5],
    });
    reader.close();
  });

  it('takes at most 56 bytes an event, all included', () => {
    const path = join(tempFolder(), 'run.mctrace');
    const writer = createTraceWriter(path, head);
    begin(writer);
    emitBatches(writer, 6000);
    const { events } = writer.finish({ status: 'complete', result: madeResult(6000) });
    expect(statSync(path).size / events).toBeLessThanOrEqual(56);
  });
});
