/** The columns of a chunk into the `events` table. This is the hot path of a recorded run. */
import type Database from 'better-sqlite3';
import { assert } from '../../core/base/assert.ts';
import { NONE, type EventChunk } from '../../core/engine/recording.ts';
import { ROWS_PER_STATEMENT, insertSql, type Value } from './rows.ts';
import type { Summary } from './summary.ts';

const COLUMNS = 12;

export class EventInserter {
  readonly #many: Database.Statement;
  readonly #one: Database.Statement;
  /** Bound again and again, so that a million events make no garbage. */
  readonly #values = new Array<Value>(COLUMNS * ROWS_PER_STATEMENT).fill(null);
  readonly #single = new Array<Value>(COLUMNS).fill(null);
  readonly #summary: Summary;
  #nextId = 1;
  #lastTs = 0;

  constructor(db: Database.Database, summary: Summary) {
    this.#many = db.prepare(insertSql('events', COLUMNS, ROWS_PER_STATEMENT));
    this.#one = db.prepare(insertSql('events', COLUMNS, 1));
    this.#summary = summary;
  }

  /** Inserts a chunk; its events follow those of the chunk before without gap or step back. */
  insert(chunk: EventChunk): void {
    assert(
      chunk.firstId === this.#nextId,
      `chunk begins at event ${chunk.firstId}, expected ${this.#nextId}`,
    );
    let row = 0;
    for (; row + ROWS_PER_STATEMENT <= chunk.count; row += ROWS_PER_STATEMENT) {
      for (let i = 0; i < ROWS_PER_STATEMENT; i++)
        this.#fill(this.#values, i * COLUMNS, chunk, row + i);
      this.#many.run(this.#values);
    }
    for (; row < chunk.count; row++) {
      this.#fill(this.#single, 0, chunk, row);
      this.#one.run(this.#single);
    }
    this.#nextId += chunk.count;
  }

  #fill(values: Value[], at: number, chunk: EventChunk, row: number): void {
    const id = chunk.firstId + row;
    const ts = chunk.ts[row] as number;
    const dur = chunk.dur[row] as number;
    const kind = chunk.kind[row] as number;
    const track = chunk.track[row] as number;
    const level = chunk.level[row] as number;
    const bytes = chunk.bytes[row] as number;
    assert(ts >= this.#lastTs && dur >= 0, `event ${id} goes back in time`);
    this.#lastTs = ts;
    values[at] = id;
    values[at + 1] = ts;
    values[at + 2] = dur;
    values[at + 3] = kind;
    values[at + 4] = track;
    values[at + 5] = level;
    const frame = chunk.frame[row] as number;
    const n = chunk.n[row] as number;
    const status = chunk.status[row] as number;
    const arg = chunk.arg[row] as number;
    values[at + 6] = orNull(chunk.request[row] as number);
    values[at + 7] = orNull(frame);
    values[at + 8] = orNull(bytes);
    values[at + 9] = orNull(n);
    values[at + 10] = orNull(status);
    values[at + 11] = orNull(arg);
    const payload = bytes === NONE ? 0 : bytes;
    this.#summary.add(id, ts, dur, kind, track, level, payload, frame, n, status, arg);
  }
}

function orNull(value: number): number | null {
  return value === NONE ? null : value;
}
