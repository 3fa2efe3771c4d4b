/**
 * Events on their way into the tables of a trace, in order of time. A span waits a while for its end;
 * one that lasts longer is written open-ended and mended when its end is known.
 */
import { NONE } from '../../core/engine/recording.ts';
import { RowInserter } from '../write/rows.ts';
import { SUMMARY_COLUMNS, Summary } from '../write/summary.ts';
import { Levels } from './levels.ts';
import type { Track } from './places.ts';
import type { EventEnd } from './recorded.ts';
import type { Desk } from './rows/desk.ts';

/** Rows that wait behind an open span; a power of two. Some 16 MiB. */
const WAITING = 16_384;
/** As long in the file as any duration, so that mending a row does not move it. */
const OPEN_ENDED = 2 ** 41;
const PAGE_ROWS = 20_000;
/** Ticks of a recorded trace are nanoseconds. */
export const TICK_PS = 1000;

/** One event before it is written. */
export interface Row {
  /** Nanoseconds from the start of the trace. */
  readonly ts: number;
  dur: number;
  readonly kind: number;
  readonly track: Track;
  request: number | null;
  readonly frame: number | bigint | null;
  readonly bytes: number | null;
  readonly n: number | null;
  readonly status: number | null;
  readonly arg: number | bigint | null;
  readonly line: number;
  text: string;
  /** As an object, or as the JSON of it. */
  details: Readonly<Record<string, string>> | string;
  /** Is its end still to come? */
  open: boolean;
}

/** A span that was written before its end was known. */
interface Late {
  readonly track: Track;
  readonly level: number;
  readonly ts: number;
}

export class OrderedRows {
  #desk: Desk;
  readonly #ends: RowInserter;
  readonly #levels = new Levels();
  /** Rows from `#first` up to `#count`, at their id modulo the length. */
  readonly #waiting: (Row | undefined)[] = new Array<Row | undefined>(WAITING);
  readonly #late = new Map<number, Late>();
  #first = 1;
  #count = 0;
  #mended = false;
  #summary = new Summary(TICK_PS);

  constructor(desk: Desk) {
    this.#desk = desk;
    desk.db.exec(`
      DROP TABLE IF EXISTS temp.ends;
      CREATE TEMP TABLE ends (id INTEGER PRIMARY KEY, dur INTEGER, json TEXT, text TEXT)`);
    this.#ends = new RowInserter(desk.db, 'temp.ends', 4);
  }

  /** @returns the id of the event */
  add(row: Row): number {
    const id = (this.#count += 1);
    this.#waiting[id % WAITING] = row;
    if (id - this.#first === WAITING - 1) this.#giveUp();
    if (!row.open && this.#first === id) this.#flush();
    return id;
  }

  /** An event ends, once; its duration may be zero. */
  end(id: number, { dur, details, text }: EventEnd): void {
    const row = id >= this.#first ? this.#waiting[id % WAITING] : undefined;
    if (row !== undefined) {
      row.dur = dur;
      row.open = false;
      if (details !== null && typeof row.details === 'object') {
        row.details = { ...row.details, ...details };
      }
      if (text !== '') row.text = `${row.text}\n${text}`;
      if (id === this.#first) this.#flush();
      return;
    }
    const late = this.#late.get(id);
    if (late === undefined) return;
    this.#late.delete(id);
    this.#levels.close(late.track.id, late.level, late.ts + dur);
    this.#ends.add(id, dur, details === null ? null : JSON.stringify(details), text);
    this.#mended = true;
  }

  /** Writes what waits; call once after the last event. */
  flush(): void {
    while (this.#first <= this.#count) {
      this.#giveUp();
      this.#flush();
    }
    for (const id of this.#late.keys()) this.#ends.add(id, 0, null, '');
    if (this.#late.size > 0) this.#mended = true;
    this.#ends.flush();
  }

  /** Goes on at the desk of the trace, to which everything written so far has been brought. */
  use(desk: Desk): void {
    this.#desk = desk;
  }

  /** Mends what was written before its end was known; all rows are in the trace. Yields now and then. */
  *mend(): Generator<void> {
    if (!this.#mended) return;
    this.#desk.db.exec(`
      UPDATE events SET dur = e.dur FROM temp.ends AS e WHERE events.id = e.id;
      UPDATE source SET text = source.text || char(10) || e.text
      FROM temp.ends AS e WHERE source.event = e.id AND e.text <> '';
      UPDATE details SET json = json_patch(details.json, e.json)
      FROM temp.ends AS e WHERE details.event = e.id AND e.json IS NOT NULL`);
    yield;
    yield* this.#summarise();
  }

  /** What the events are as a whole; complete after `mend`. */
  get summary(): Summary {
    return this.#summary;
  }

  /** The first row that waits does so no longer. */
  #giveUp(): void {
    const row = this.#waiting[this.#first % WAITING];
    if (row?.open === true) {
      row.dur = OPEN_ENDED;
      this.#write(row);
    }
    this.#flush();
  }

  /** Writes rows up to the next open one. */
  #flush(): void {
    while (this.#first <= this.#count) {
      const row = this.#waiting[this.#first % WAITING];
      if (row === undefined || row.open) return;
      this.#write(row);
    }
  }

  #write(row: Row): void {
    const id = this.#first;
    const { ts, dur, kind, track } = row;
    const end = row.open ? Infinity : ts + dur;
    const level = track.isLane
      ? this.#levels.nextOnLane(track.id, ts, end)
      : this.#levels.next(track.id, ts, end);
    if (row.open) this.#late.set(id, { track, level, ts });
    const { frame, bytes, n, status, arg, details } = row;
    const json = typeof details === 'string' ? details : JSON.stringify(details);
    this.#desk.rows.write(id, level, row, json);
    this.#summary.add(
      id,
      ts,
      dur,
      kind,
      track.id,
      level,
      bytes ?? 0,
      orNone(frame),
      orNone(n),
      orNone(status),
      orNone(arg),
    );
    this.#waiting[id % WAITING] = undefined;
    this.#first += 1;
  }

  /** The summary of durations as they have become. */
  *#summarise(): Generator<void> {
    this.#summary = new Summary(TICK_PS);
    const page = this.#desk.db
      .prepare(
        `SELECT ${SUMMARY_COLUMNS} FROM events
         WHERE id BETWEEN ? AND ? ORDER BY id`,
      )
      .raw();
    for (let first = 1; first <= this.#count; first += PAGE_ROWS) {
      const rows = page.all(first, first + PAGE_ROWS - 1) as Parameters<Summary['add']>[];
      for (const row of rows) this.#summary.add(...row);
      yield;
    }
  }
}

/** A wide number may be rounded: it is only compared. */
function orNone(value: number | bigint | null): number {
  return value === null ? NONE : Number(value);
}
