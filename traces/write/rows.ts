/** Rows on their way into a table: sixteen to a statement, bound by position. */
import type Database from 'better-sqlite3';

/** Measured: above sixteen rows a statement the gain ends, below four there is none. */
const ROWS_PER_STATEMENT = 16;

export type Value = number | bigint | string | null;

/** SQL that inserts `rows` rows of `width` values. */
function insertSql(table: string, width: number, rows: number): string {
  const one = `(${new Array<string>(width).fill('?').join(',')})`;
  return `INSERT INTO ${table} VALUES ${new Array<string>(rows).fill(one).join(',')}`;
}

/** Collects rows of one table and inserts them sixteen at a time. */
export class RowInserter {
  readonly #table: string;
  readonly #width: number;
  #many: Database.Statement;
  #one: Database.Statement;
  readonly #waiting: Value[] = [];

  constructor(db: Database.Database, table: string, width: number) {
    this.#table = table;
    this.#width = width;
    this.#many = db.prepare(insertSql(table, width, ROWS_PER_STATEMENT));
    this.#one = db.prepare(insertSql(table, width, 1));
  }

  /** Goes on in another database; nothing may wait. */
  use(db: Database.Database): void {
    this.#many = db.prepare(insertSql(this.#table, this.#width, ROWS_PER_STATEMENT));
    this.#one = db.prepare(insertSql(this.#table, this.#width, 1));
  }

  /** Takes one row; the values are those of the table's columns in their order. */
  add(...row: Value[]): void {
    for (const value of row) this.#waiting.push(value);
    if (this.#waiting.length < this.#width * ROWS_PER_STATEMENT) return;
    this.#many.run(this.#waiting);
    this.#waiting.length = 0;
  }

  /** Inserts what is waiting. */
  flush(): void {
    for (let at = 0; at < this.#waiting.length; at += this.#width) {
      this.#one.run(this.#waiting.slice(at, at + this.#width));
    }
    this.#waiting.length = 0;
  }
}
