/** What could not be read, said aloud. */
import type Database from 'better-sqlite3';
import type { ImportCounts } from '../../core/contract/methods/index.ts';
import { RowInserter } from '../write/rows.ts';

/** Warnings in the counts of an import; more are in the file. */
const MAX_LISTED = 1000;
/** Warnings in the file. */
const MAX_STORED = 100_000;
const MAX_TEXT_CHARS = 4096;

export class Warnings {
  readonly #rows: RowInserter;
  readonly #listed: { line: number; reason: string }[] = [];
  #total = 0;

  constructor(db: Database.Database) {
    this.#rows = new RowInserter(db, 'warnings', 4);
  }

  get total(): number {
    return this.#total;
  }

  get listed(): ImportCounts['warnings'] {
    return this.#listed;
  }

  /** Everything is in the database. */
  flush(): void {
    this.#rows.flush();
  }

  /** Goes on in another database, to which everything written so far has been brought. */
  use(db: Database.Database): void {
    this.#rows.use(db);
  }

  add(line: number, reason: string, text: string): void {
    this.#total += 1;
    if (this.#total <= MAX_LISTED) this.#listed.push({ line, reason });
    if (this.#total <= MAX_STORED) {
      this.#rows.add(this.#total, line, reason, text.slice(0, MAX_TEXT_CHARS));
    }
  }
}
