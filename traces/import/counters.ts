/** Counters of a recording and their samples. */
import type Database from 'better-sqlite3';
import { RowInserter } from '../write/rows.ts';

export class Counters {
  #db: Database.Database;
  readonly #ids = new Map<string, number>();
  readonly #samples: RowInserter;

  constructor(db: Database.Database) {
    this.#db = db;
    // The time of tick 0 is known at the end.
    db.exec('CREATE TEMP TABLE sampled (counter INTEGER, t INTEGER, value INTEGER)');
    this.#samples = new RowInserter(db, 'sampled', 3);
  }

  /** @param t nanoseconds on the clock that `finish` is given tick 0 of */
  add(counter: string, unit: string, t: number, value: number): void {
    const key = JSON.stringify([counter, unit]);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#ids.size + 1;
      this.#ids.set(key, id);
      this.#db.prepare('INSERT INTO counters VALUES (?, ?, ?)').run(id, counter, unit);
    }
    this.#samples.add(id, t, value);
  }

  /** Everything is in the database. */
  flush(): void {
    this.#samples.flush();
  }

  /** Goes on in another database, to which everything written so far has been brought. */
  use(db: Database.Database): void {
    this.#db = db;
  }

  /** Call after `flush`. @param base what tick 0 is on the clock of the samples */
  finish(base: number): void {
    // Of several at one time the last counts.
    this.#db
      .prepare(
        `INSERT OR REPLACE INTO samples
         SELECT counter, max(0, t - ?), value FROM temp.sampled ORDER BY rowid`,
      )
      .run(base);
  }
}
