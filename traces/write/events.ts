/** The columns of a chunk into the `events` table. This is the hot path of a recorded run. */
import { assert, InvariantError } from '../../core/base/assert.ts';
import { NONE, type EventChunk } from '../../core/engine/recording.ts';
import type { TableRows } from '../bulk/image.ts';
import type { Summary } from './summary.ts';

export class EventInserter {
  readonly #rows: TableRows;
  readonly #summary: Summary;
  #nextId = 1;
  #lastTs = 0;

  constructor(rows: TableRows, summary: Summary) {
    this.#rows = rows;
    this.#summary = summary;
  }

  /** Takes a chunk; its events follow those of the chunk before without gap or step back. */
  insert(chunk: EventChunk): void {
    assert(
      chunk.firstId === this.#nextId,
      `chunk begins at event ${chunk.firstId}, expected ${this.#nextId}`,
    );
    for (let row = 0; row < chunk.count; row++) this.#add(chunk, row);
    this.#nextId += chunk.count;
  }

  #add(chunk: EventChunk, row: number): void {
    const id = chunk.firstId + row;
    const ts = chunk.ts[row] as number;
    const dur = chunk.dur[row] as number;
    const kind = chunk.kind[row] as number;
    const track = chunk.track[row] as number;
    const level = chunk.level[row] as number;
    const frame = chunk.frame[row] as number;
    const bytes = chunk.bytes[row] as number;
    const n = chunk.n[row] as number;
    const status = chunk.status[row] as number;
    const arg = chunk.arg[row] as number;
    if (!(ts >= this.#lastTs && dur >= 0)) {
      throw new InvariantError(`event ${id} goes back in time`);
    }
    this.#lastTs = ts;
    const rows = this.#rows;
    rows.start();
    rows.null();
    rows.integer(ts);
    rows.integer(dur);
    rows.integer(kind);
    rows.integer(track);
    rows.integer(level);
    orNull(rows, chunk.request[row] as number);
    orNull(rows, frame);
    orNull(rows, bytes);
    orNull(rows, n);
    orNull(rows, status);
    orNull(rows, arg);
    rows.add(id);
    const payload = bytes === NONE ? 0 : bytes;
    this.#summary.add(id, ts, dur, kind, track, level, payload, frame, n, status, arg);
  }
}

/** The next column of a row. */
function orNull(rows: TableRows, value: number): void {
  if (value === NONE) rows.null();
  else rows.integer(value);
}
