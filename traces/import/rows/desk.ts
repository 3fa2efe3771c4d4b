/** Where an import writes. */
import Database from 'better-sqlite3';
import { rmSync } from 'node:fs';
import { createSchema } from '../../schema.ts';
import { openPart, sideOf, type Part } from '../../write/part.ts';
import { EventRows } from './event-rows.ts';
import type { RowSink } from './portion.ts';
import { RowsThread } from './thread.ts';

export interface Desk {
  /** For all but the rows of events: tables of a trace, in a transaction. */
  readonly db: Database.Database;
  readonly rows: RowSink;
  /** Resolves when the import may go on; null when it may go on at once. */
  ready(): Promise<void> | null;
  /** Brings everything together. @returns the desk of the trace itself, with all rows in its tables */
  settle(): Promise<PlainDesk>;
  /** Lets go of what it holds; the part is to be removed. */
  drop(): Promise<void>;
}

/** Everything goes into the part at once. */
export class PlainDesk implements Desk {
  readonly db: Database.Database;
  readonly rows: EventRows;

  constructor(part: Part) {
    this.db = part.db;
    this.rows = new EventRows(part.db);
  }

  ready(): null {
    return null;
  }

  settle(): Promise<PlainDesk> {
    this.rows.flush();
    return Promise.resolve(this);
  }

  drop(): Promise<void> {
    return Promise.resolve();
  }
}

/** Written beside the part, while another thread has it. */
const SMALL = ['requests', 'counters', 'warnings', 'keyframes'];

/**
 * The rows of events go into the part by another thread, all else into a database beside it, until both
 * come together.
 */
export class SharedDesk implements Desk {
  readonly db: Database.Database;
  readonly #part: Part;
  readonly #thread: RowsThread;

  constructor(part: Part) {
    this.#part = part;
    part.db.close();
    const side = sideOf(part.part);
    rmSync(side, { force: true });
    this.db = new Database(side);
    try {
      this.db.pragma('journal_mode = OFF');
      this.db.pragma('synchronous = OFF');
      createSchema(this.db);
      this.db.exec('BEGIN');
    } catch (thrown) {
      this.db.close();
      throw thrown;
    }
    this.#thread = new RowsThread(part.part);
  }

  get rows(): RowSink {
    return this.#thread.rows;
  }

  ready(): Promise<void> | null {
    return this.#thread.ready();
  }

  async settle(): Promise<PlainDesk> {
    const temporary = this.db
      .prepare(`SELECT name FROM temp.sqlite_schema WHERE type = 'table'`)
      .pluck()
      .all() as string[];
    for (const name of temporary)
      this.db.exec(`CREATE TABLE main.${name} AS SELECT * FROM temp.${name}`);
    this.db.exec('COMMIT');
    this.db.close();
    await this.#thread.close();
    const db = (this.#part.db = openPart(this.#part.part, 'import'));
    const side = sideOf(this.#part.part);
    db.prepare('ATTACH ? AS side').run(side);
    for (const name of SMALL) db.exec(`INSERT INTO main.${name} SELECT * FROM side.${name}`);
    for (const name of temporary)
      db.exec(`CREATE TEMP TABLE ${name} AS SELECT * FROM side.${name}`);
    db.exec('DETACH side');
    rmSync(side, { force: true });
    return new PlainDesk(this.#part);
  }

  async drop(): Promise<void> {
    if (this.db.open) this.db.close();
    await this.#thread.drop();
  }
}
