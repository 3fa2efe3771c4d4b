/**
 * Rows into tables, many at a time: as pages of a database beside the trace, from which SQLite copies
 * whole records (`INSERT INTO ... SELECT *` between tables of one shape copies them undecoded). It is
 * SQLite that writes the trace: pages that are wrong would be an error, not a damaged file. What such a
 * record says it does not check: types and NOT NULL are up to whoever builds it. Measured: 0.4 us for an
 * event, where a statement of sixteen rows takes 1.2 us.
 */
import type Database from 'better-sqlite3';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { DatabaseImage, type TableRows } from './image.ts';

const SCHEMA = 'bulk';

/** How the rows of a table come. */
export interface BulkTable {
  readonly name: string;
  /** Do they come in order of the table's INTEGER PRIMARY KEY? All others are put in order of its key. */
  readonly inOrder: boolean;
}

export class BulkLoader {
  readonly #path: string;
  readonly #image: DatabaseImage;
  readonly #names: readonly string[];
  readonly #copies: readonly Database.Statement[];

  /**
   * @param db no transaction may be open; if its lock is kept, then that of `main` only: SQLite looks
   * for changes of a database when it locks it
   * @param path of the database beside it; whatever is there is lost. To be removed when `db` is closed
   */
  constructor(db: Database.Database, path: string, tables: readonly BulkTable[]) {
    this.#path = path;
    this.#names = tables.map(({ name }) => name);
    const forms = tables.map((table) => formOf(db, table));
    this.#image = new DatabaseImage(forms.map(({ sql }) => sql));
    this.#write('w');
    db.prepare(`ATTACH ? AS ${SCHEMA}`).run(path);
    db.pragma(`${SCHEMA}.cache_size = -512`);
    this.#copies = forms.map(({ copy }) => db.prepare(copy));
  }

  /** Where the rows of a table are added. */
  rows(name: string): TableRows {
    return this.#image.tables[this.#names.indexOf(name)] as TableRows;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#image.bytes;
  }

  /**
   * Puts all rows that wait into their tables, in the caller's transaction; once in each, for SQLite
   * looks whether the other database has changed only when a transaction begins.
   */
  load(): void {
    if (this.#image.bytes === 0) return;
    // What is left of a longer portion is beyond the end that the first page names.
    this.#write('r+');
    for (const copy of this.#copies) copy.run();
  }

  #write(how: 'w' | 'r+'): void {
    // Not held open: closing it would drop the locks that SQLite holds on it.
    const file = openSync(this.#path, how);
    try {
      for (const page of this.#image.take()) writeFileSync(file, page);
    } finally {
      closeSync(file);
    }
  }
}

/** The table that holds rows on their way into another, and how they get there. */
function formOf(
  db: Database.Database,
  { name, inOrder }: BulkTable,
): { sql: string; copy: string } {
  if (inOrder) {
    const sql = db.prepare(`SELECT sql FROM main.sqlite_schema WHERE name = ?`).pluck();
    const copy = `INSERT INTO main.${name} SELECT * FROM ${SCHEMA}.${name}`;
    return { sql: sql.get(name) as string, copy };
  }
  const columns = db.prepare('SELECT name FROM pragma_table_info(?) ORDER BY cid').pluck();
  const key = db.prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk').pluck();
  const all = columns.all(name).join(', ');
  return {
    sql: `CREATE TABLE ${name} (arrival INTEGER PRIMARY KEY, ${all})`,
    copy: `INSERT INTO main.${name} SELECT ${all} FROM ${SCHEMA}.${name}
      ORDER BY ${key.all(name).join(', ')}`,
  };
}
