/** Rows of `keyframes` on their way into the table, in bounded memory: they come in any order. */
import type Database from 'better-sqlite3';
import { assert } from '../../core/base/assert.ts';
import { RowInserter } from '../write/rows.ts';

/** Rows of one level that wait; with all levels there can be, some 2 MiB. */
const WAITING = 16_384;
/** A row and what it is of stand in one number below 2^53, with the slot above them. */
const ROWS = 2 ** 32;
const WHATS = 4;

interface Level {
  readonly waiting: Float64Array;
  count: number;
}

export class KeyframeRows {
  readonly #levels: Level[] = [];
  readonly #inserter: RowInserter;

  constructor(db: Database.Database) {
    this.#inserter = new RowInserter(db, 'keyframes', 4);
  }

  /** Goes on in another database, to which everything written so far has been brought. */
  use(db: Database.Database): void {
    this.#inserter.use(db);
  }

  add(level: number, slot: number, what: number, row: number): void {
    assert(row < ROWS && slot * WHATS < 2 ** 21, 'the trace is too long for keyframes');
    const own = (this.#levels[level] ??= { waiting: new Float64Array(WAITING), count: 0 });
    own.waiting[own.count] = (slot * WHATS + what) * ROWS + row;
    own.count += 1;
    if (own.count === WAITING) this.#insert(level, own);
  }

  /** Everything taken so far is in the table. */
  flush(): void {
    this.#levels.forEach((own, level) => this.#insert(level, own));
  }

  /** In order of the table's key, so that neighbours fall on the same page. */
  #insert(level: number, own: Level): void {
    for (const each of own.waiting.subarray(0, own.count).sort()) {
      const place = Math.floor(each / ROWS);
      this.#inserter.add(level, Math.floor(place / WHATS), place % WHATS, each % ROWS);
    }
    this.#inserter.flush();
    own.count = 0;
  }
}
