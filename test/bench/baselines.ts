/** The plainest way to do each kind of work: what the lab's figures are compared with. */
import Database from 'better-sqlite3';
import { NONE, type EventChunk } from '../../core/engine/recording.ts';
import { createSchema, PAGE_BYTES } from '../../traces/schema.ts';

/** Pops the least and pushes a later one, again and again, on a binary heap over a typed array. */
export function bareHeap(size: number, operations: number): number {
  const heap = new Float64Array(size);
  for (let i = 0; i < size; i++) heap[i] = i;
  let state = 1;
  for (let n = 0; n < operations; n++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const time = (heap[0] as number) + 1 + (state >>> 20);
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= time) break;
      heap[hole] = heap[child] as number;
      hole = child;
    }
    heap[hole] = time;
  }
  return heap[0] as number;
}

/** Splits a text into lines and matches each once. */
export function bareMatch(text: string): number {
  const pattern = /^\s*(.+)-(\d+)\s+\[(\d+)\]\s+(\S+)\s+(\d+)\.(\d+): (\S+): (.*)$/;
  let matched = 0;
  for (const line of text.split('\n')) if (pattern.exec(line) !== null) matched++;
  return matched;
}

/** Reads every event of a trace once, in SQL. */
export function fullScan(file: string): unknown {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare('SELECT kind, count(*), sum(dur) FROM events GROUP BY kind').all();
  } finally {
    db.close();
  }
}

/** Reads `rows` events from a random id on, again and again. @returns milliseconds of each time */
export function plainReads(
  file: string,
  rows: number,
  times: number,
  random: () => number,
): number[] {
  const db = new Database(file, { readonly: true });
  try {
    db.pragma('cache_size = -65536');
    const last = Number(db.prepare('SELECT max(id) FROM events').pluck().get());
    const page = db.prepare('SELECT * FROM events WHERE id >= ? LIMIT ?').raw();
    return Array.from({ length: times }, () => {
      const started = performance.now();
      page.all(Math.floor(random() * (last - rows)), rows);
      return performance.now() - started;
    });
  } finally {
    db.close();
  }
}

/** The events of a run, kept to be inserted again. */
export class KeptEvents {
  readonly chunks: (number | null)[][] = [];
  count = 0;

  add(chunk: EventChunk): void {
    const rows: (number | null)[] = [];
    const or = (value: number | undefined) => (value === NONE ? null : (value ?? null));
    for (let i = 0; i < chunk.count; i++) {
      rows.push(
        chunk.firstId + i,
        or(chunk.ts[i]),
        or(chunk.dur[i]),
        or(chunk.kind[i]),
        or(chunk.track[i]),
        or(chunk.level[i]),
        or(chunk.request[i]),
        or(chunk.frame[i]),
        or(chunk.bytes[i]),
        or(chunk.n[i]),
        or(chunk.status[i]),
        or(chunk.arg[i]),
      );
    }
    this.chunks.push(rows);
    this.count += chunk.count;
  }
}

/** The same rows as a run's into a table of the same shape, sixteen to a statement. */
export function sameInserts(file: string, kept: KeptEvents): void {
  const db = new Database(file);
  try {
    db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    createSchema(db);
    const row = `(${'?,'.repeat(11)}?)`;
    const sixteen = db.prepare(`INSERT INTO events VALUES ${Array(16).fill(row).join(',')}`);
    const one = db.prepare(`INSERT INTO events VALUES ${row}`);
    db.exec('BEGIN');
    for (const rows of kept.chunks) {
      const whole = rows.length - (rows.length % (12 * 16));
      for (let at = 0; at < whole; at += 12 * 16) sixteen.run(rows.slice(at, at + 12 * 16));
      for (let at = whole; at < rows.length; at += 12) one.run(rows.slice(at, at + 12));
      db.exec('COMMIT; BEGIN');
    }
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}
