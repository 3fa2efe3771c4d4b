/** Events with their source and details into the three tables of a trace. */
import type Database from 'better-sqlite3';
import type { TableRows } from '../../bulk/image.ts';
import { BulkLoader } from '../../bulk/loader.ts';
import { rowsBeside } from '../../write/part.ts';
import { NUMBERS, WIDE, type EventRow, type RowPortion, type RowSink } from './portion.ts';

/** Rows wait for the tables up to so many bytes: some three thousand lines, and little enough for a cache. */
const PORTION_BYTES = 2 ** 20;
const TABLES = ['events', 'source', 'details'].map((name) => ({ name, inOrder: true }));

export class EventRows implements RowSink {
  readonly #db: Database.Database;
  readonly #loader: BulkLoader;
  readonly #events: TableRows;
  readonly #source: TableRows;
  readonly #details: TableRows;

  /** @param db an open part, not in a transaction; one begins, ends now and then, and another begins */
  constructor(db: Database.Database) {
    this.#db = db;
    this.#loader = new BulkLoader(db, rowsBeside(db.name), TABLES);
    this.#events = this.#loader.rows('events');
    this.#source = this.#loader.rows('source');
    this.#details = this.#loader.rows('details');
    db.exec('BEGIN');
  }

  write(id: number, level: number, row: EventRow, details: string): void {
    const { ts, dur, kind, track, request, frame, bytes, n, status, arg, line, text } = row;
    this.#event(id, ts, dur, kind, track.id, level, request, frame, bytes, n, status, arg);
    this.#source.start();
    this.#source.null();
    this.#source.integer(line);
    this.#source.text(text);
    this.#source.add(id);
    this.#details.start();
    this.#details.null();
    this.#details.text(details);
    this.#details.add(id);
    if (this.#loader.bytes > PORTION_BYTES) this.flush();
  }

  /** Writes all rows of a portion. */
  writeAll({ numbers, wide, texts }: RowPortion): void {
    const bytes = Buffer.from(texts);
    let nextWide = 0;
    let nextByte = 0;
    const number = (at: number) => numbers[at] as number;
    const orNull = (at: number) => (Number.isNaN(numbers[at]) ? null : number(at));
    const any = (at: number) => (numbers[at] === WIDE ? (wide[nextWide++] as bigint) : orNull(at));
    for (let at = 0; at < numbers.length; at += NUMBERS) {
      const id = number(at);
      this.#event(
        id,
        number(at + 1),
        number(at + 2),
        number(at + 3),
        number(at + 4),
        number(at + 5),
        orNull(at + 6),
        any(at + 7),
        orNull(at + 8),
        orNull(at + 9),
        orNull(at + 10),
        any(at + 11),
      );
      const textBytes = number(at + 13);
      this.#source.start();
      this.#source.null();
      this.#source.integer(number(at + 12));
      this.#source.utf8(bytes, nextByte, textBytes);
      this.#source.add(id);
      nextByte += textBytes;
      const detailBytes = number(at + 14);
      this.#details.start();
      this.#details.null();
      this.#details.utf8(bytes, nextByte, detailBytes);
      this.#details.add(id);
      nextByte += detailBytes;
    }
    if (this.#loader.bytes > PORTION_BYTES) this.flush();
  }

  #event(
    id: number,
    ts: number,
    dur: number,
    kind: number,
    track: number,
    level: number,
    request: number | null,
    frame: number | bigint | null,
    bytes: number | null,
    n: number | null,
    status: number | null,
    arg: number | bigint | null,
  ): void {
    const events = this.#events;
    events.start();
    events.null();
    events.integer(ts);
    events.integer(dur);
    events.integer(kind);
    events.integer(track);
    events.integer(level);
    events.number(request);
    events.number(frame);
    events.number(bytes);
    events.number(n);
    events.number(status);
    events.number(arg);
    events.add(id);
  }

  /** Everything taken so far is in the tables. */
  flush(): void {
    this.#loader.load();
    // Without a journal this protects nothing: it lets the loader change what SQLite reads.
    this.#db.exec('COMMIT; BEGIN');
  }
}
