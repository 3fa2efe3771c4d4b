/** The plainest way to do each kind of work: what the lab's figures are compared with. */
import Database from 'better-sqlite3';

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

/** Inserts rows of twelve integers, sixteen to a statement, in one transaction. */
export function bareInserts(file: string, rows: number): void {
  const db = new Database(file);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.exec(
      'CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER, d INTEGER, e INTEGER, f INTEGER, g INTEGER, h INTEGER, i INTEGER, j INTEGER, k INTEGER)',
    );
    const row = `(${'?,'.repeat(11)}?)`;
    const insert = db.prepare(`INSERT INTO t VALUES ${Array(16).fill(row).join(',')}`);
    const values = new Array<number>(12 * 16).fill(7);
    db.exec('BEGIN');
    for (let first = 1; first <= rows; first += 16) {
      for (let n = 0; n < 16; n++) {
        values[n * 12] = first + n;
        values[n * 12 + 1] = (first + n) * 1000;
      }
      insert.run(values);
    }
    db.exec('COMMIT');
  } finally {
    db.close();
  }
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
