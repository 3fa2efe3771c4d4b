/** What the pages say is what statements would have said. */
import Database from 'better-sqlite3';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '../testing/temp.ts';
import { BulkLoader } from './loader.ts';

const TABLES = `
CREATE TABLE numbers (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER, c INTEGER) STRICT;
CREATE TABLE texts (id INTEGER PRIMARY KEY, n INTEGER, text TEXT NOT NULL) STRICT;
CREATE TABLE samples (a INTEGER, b TEXT, c INTEGER, PRIMARY KEY (b, a)) STRICT, WITHOUT ROWID;
`;
const TABLES_IN_IT = [
  { name: 'numbers', inOrder: true },
  { name: 'texts', inOrder: true },
  { name: 'samples', inOrder: false },
];
type Cell = number | bigint | string | null;

function open(): { db: Database.Database; loader: BulkLoader; beside: string } {
  const folder = tempFolder();
  const db = new Database(join(folder, 'a.db'));
  onTestFinished(() => {
    db.close();
  });
  db.pragma('page_size = 16384');
  db.pragma('main.locking_mode = EXCLUSIVE');
  db.pragma('journal_mode = WAL');
  db.exec(TABLES);
  db.defaultSafeIntegers(true);
  const beside = join(folder, 'a.db-rows');
  return { db, loader: new BulkLoader(db, beside, TABLES_IN_IT), beside };
}

function add(loader: BulkLoader, table: string, id: number, cells: readonly Cell[]): void {
  const rows = loader.rows(table);
  rows.start();
  rows.null();
  for (const cell of cells) {
    if (cell === null) rows.null();
    else if (typeof cell === 'string') rows.text(cell);
    else rows.integer(cell);
  }
  rows.add(id);
}

function load(db: Database.Database, loader: BulkLoader): void {
  db.exec('BEGIN');
  loader.load();
  db.exec('COMMIT');
}

/** A row as SQLite gives it back. */
const stored = (id: number, cells: readonly Cell[]) =>
  [id, ...cells].map((cell) => (typeof cell === 'number' ? BigInt(cell) : cell));

function random(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

describe('wrong use', () => {
  it('refuses a row that does not follow the one before, a fraction, and more than 64 bits', () => {
    const { loader } = open();
    add(loader, 'numbers', 5, [1, 2, 3]);
    expect(() => add(loader, 'numbers', 5, [1, 2, 3])).toThrow('row 5 after row 5');
    expect(() => add(loader, 'numbers', 6, [0.5, 2, 3])).toThrow('0.5 is not a whole number');
    expect(() => add(loader, 'numbers', 6, [2 ** 53, 2, 3])).toThrow('is not a whole number');
    expect(() => add(loader, 'numbers', 6, [1n << 63n, 2, 3])).toThrow('64 bits');
  });

  it('says so when the database beside it is damaged, and damages nothing', () => {
    const { db, loader, beside } = open();
    add(loader, 'numbers', 1, [1, 2, 3]);
    load(db, loader);
    truncateSync(beside, 1000);
    expect(() => db.prepare('SELECT * FROM bulk.numbers').all()).toThrow();
    add(loader, 'numbers', 2, [4, 5, 6]);
    load(db, loader);
    expect(db.prepare('SELECT a FROM numbers').pluck().all()).toEqual([1n, 4n]);
  });
});

describe('rows', () => {
  const EDGES = [0, 1, -1, 2, 127, 128, -128, -129, 32_767, 32_768, -32_768, -32_769, 8_388_607]
    .concat([8_388_608, -8_388_608, -8_388_609, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1])
    .concat([2 ** 47 - 1, 2 ** 47, -(2 ** 47), -(2 ** 47) - 1, 2 ** 53 - 1, -(2 ** 53) + 1]);

  it('keeps every width of integer, and a file that is whole', () => {
    const { db, loader } = open();
    const wide = [0n, -1n, (1n << 63n) - 1n, -(1n << 63n), 1n << 53n];
    const values = [...EDGES, ...wide];
    const rows = values.map((a, i): Cell[] => [a, values[(i * 7) % values.length] ?? null, null]);
    rows.forEach((cells, i) => add(loader, 'numbers', i + 1, cells));
    load(db, loader);
    expect(db.prepare('SELECT * FROM numbers').raw().all()).toEqual(
      rows.map((cells, i) => stored(i + 1, cells)),
    );
    expect(db.pragma('main.integrity_check', { simple: true })).toBe('ok');
  });

  it.each([1, 2, 3, 4])('keeps what random rows say, in random portions (seed %i)', (seed) => {
    const { db, loader } = open();
    const next = random(seed);
    const rows: Record<'numbers' | 'texts', unknown[][]> = { numbers: [], texts: [] };
    let [number, text] = [0, 0];
    for (let portion = 0; portion < 6; portion++) {
      const count = Math.floor(next() * ([1, 3, 40, 9000][portion % 4] ?? 0));
      for (let i = 0; i < count; i++) {
        number += 1 + Math.floor(next() * 3);
        const a = Math.floor((next() - 0.5) * 2 ** (next() * 53));
        const cells = [
          a,
          next() < 0.5 ? null : Math.floor(next() * 1e4),
          EDGES[i % EDGES.length] ?? 0,
        ];
        add(loader, 'numbers', number, cells);
        rows.numbers.push(stored(number, cells));
        if (next() < 0.7) continue;
        text += 1;
        const length = Math.floor(2 ** (next() * (next() < 0.02 ? 18 : 9)));
        const line = [i, 'aé水😀\0"'.repeat(length).slice(0, length).toWellFormed()];
        add(loader, 'texts', text, line);
        rows.texts.push(stored(text, line));
      }
      load(db, loader);
    }
    expect(rows.numbers.length).toBeGreaterThan(100);
    for (const [table, expected] of Object.entries(rows)) {
      expect(db.prepare(`SELECT * FROM ${table} ORDER BY id`).raw().all()).toEqual(expected);
    }
    expect(db.pragma('main.integrity_check', { simple: true })).toBe('ok');
  });

  it.each([65_450, 65_501, 65_502, 65_600, 131_000, 400_000])(
    'keeps a text of about %i bytes',
    (bytes) => {
      const { db, loader } = open();
      for (let i = 0; i < 40; i++) add(loader, 'texts', i + 1, [i, 'x'.repeat(bytes + i)]);
      load(db, loader);
      const lengths = db.prepare('SELECT length(text) FROM texts ORDER BY id').pluck().all();
      expect(lengths).toEqual(Array.from({ length: 40 }, (_, i) => BigInt(bytes + i)));
      expect(db.pragma('main.integrity_check', { simple: true })).toBe('ok');
    },
  );

  it('puts rows in order that come in none', () => {
    const { db, loader } = open();
    const samples = loader.rows('samples');
    for (const a of [3, 1, 2]) for (const b of ['y', 'x']) samples.append(a, b, null);
    load(db, loader);
    samples.append(0, 'y', 7);
    load(db, loader);
    expect(db.prepare('SELECT b || a FROM samples').pluck().all()).toEqual([
      'x1',
      'x2',
      'x3',
      'y0',
      'y1',
      'y2',
      'y3',
    ]);
    samples.append(0, 'y', 8);
    expect(() => load(db, loader)).toThrow('UNIQUE constraint failed: samples.b, samples.a');
  });

  it('takes as much room as rows of statements', () => {
    const { db, loader } = open();
    db.exec(
      `CREATE TABLE copy (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER, c INTEGER) STRICT`,
    );
    const insert = db.prepare('INSERT INTO copy VALUES (?, ?, ?, ?)');
    for (let i = 1; i <= 20_000; i++) {
      add(loader, 'numbers', i, [i * 1000, i, null]);
      insert.run(i, i * 1000, i, null);
    }
    load(db, loader);
    const size = db.prepare('SELECT sum(pgsize) FROM dbstat WHERE name = ?').pluck();
    expect(size.get('numbers')).toBe(size.get('copy'));
  });
});
