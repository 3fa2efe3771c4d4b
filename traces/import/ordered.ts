/**
 * Events on their way into the tables of a trace, in order of time. A span waits a while for its end;
 * one that lasts longer is written open-ended and mended when its end is known.
 */
import { NONE } from '../../core/engine/recording.ts';
import { RowInserter } from '../write/rows.ts';
import { Summary } from '../write/summary.ts';
import { LateSpans } from './late.ts';
import { Levels } from './levels.ts';
import type { Track } from './places.ts';
import type { EventEnd } from './recorded.ts';
import type { Desk } from './rows/desk.ts';
import type { EventRow } from './rows/portion.ts';

/** Rows that wait behind an open span; a power of two. Some 16 MiB. */
const WAITING = 16_384;
/** As long in the file as any duration, so that mending a row does not move it. */
const OPEN_ENDED = 2 ** 41;
const ENDS = 'FROM (SELECT * FROM temp.ends WHERE id BETWEEN ? AND ?) AS e';
const MEND = [
  `UPDATE events SET dur = e.dur ${ENDS} WHERE events.id = e.id`,
  `UPDATE source SET text = source.text || char(10) || e.text ${ENDS}
   WHERE source.event = e.id AND e.text <> ''`,
  `UPDATE details SET json = json_patch(details.json, e.json) ${ENDS}
   WHERE details.event = e.id AND e.json IS NOT NULL`,
];
/** Events whose ends are looked for in one step. */
const MENDED_AT_ONCE = 100_000;
/** Ticks of a recorded trace are nanoseconds. */
export const TICK_PS = 1000;

/** One event before it is written; its time is in nanoseconds from the start of the trace. */
export interface Row extends EventRow {
  dur: number;
  readonly track: Track;
  request: number | null;
  text: string;
  /** As an object, or as the JSON of it. */
  details: Readonly<Record<string, string>> | string;
  /** Is its end still to come? */
  open: boolean;
}

export class OrderedRows {
  #desk: Desk;
  readonly #ends: RowInserter;
  readonly #levels = new Levels();
  /** Rows from `#first` up to `#count`, at their id modulo the length. */
  readonly #waiting: (Row | undefined)[] = new Array<Row | undefined>(WAITING);
  readonly #late = new LateSpans();
  #first = 1;
  #count = 0;
  #mended = false;
  /** Of events that are not in order of time, no summary is made: they come again in order. */
  #isInOrder = true;
  #latest = -Infinity;
  readonly #summary: Summary;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#summary = new Summary(desk.db, TICK_PS);
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
    const late = this.#late.take(id);
    if (late === undefined) return;
    const { track, level, ts, kind } = late;
    this.#levels.close(track, level, ts + dur);
    if (this.#isInOrder) this.#summary.lengthen(ts, dur, kind, track);
    this.#ends.add(id, dur, details === null ? null : JSON.stringify(details), text);
    this.#mended = true;
  }

  /** Writes what waits; call once after the last event. */
  flush(): void {
    while (this.#first <= this.#count) {
      this.#giveUp();
      this.#flush();
    }
    for (const id of this.#late.ids()) this.#ends.add(id, 0, null, '');
    if (this.#late.size > 0) this.#mended = true;
    this.#ends.flush();
  }

  /** Goes on at the desk of the trace, to which everything written so far has been brought. */
  use(desk: Desk): void {
    this.#desk = desk;
    this.#summary.use(desk.db);
  }

  /** Mends what was written before its end was known; all rows are in the trace. Yields now and then. */
  *mend(): Generator<void> {
    if (!this.#mended) return;
    const { db } = this.#desk;
    const mending = MEND.map((sql) => db.prepare(sql));
    for (let first = 1; first <= this.#count; first += MENDED_AT_ONCE) {
      for (const statement of mending) statement.run(first, first + MENDED_AT_ONCE - 1);
      yield;
    }
  }

  /** What the events are as a whole, if they were in order; complete after `flush`. */
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
    if (row.open) this.#late.add(id, { track: track.id, level, kind, ts });
    const { details } = row;
    const json = typeof details === 'string' ? details : JSON.stringify(details);
    this.#desk.rows.write(id, level, row, json);
    if (ts < this.#latest) this.#isInOrder = false;
    this.#latest = ts;
    if (this.#isInOrder) this.#summarise(id, level, row);
    this.#waiting[id % WAITING] = undefined;
    this.#first += 1;
  }

  #summarise(id: number, level: number, row: Row): void {
    const { ts, kind, track, frame, bytes, n, status, arg } = row;
    const dur = row.open ? 0 : row.dur;
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
  }
}

/** A wide number may be rounded: it is only compared. */
function orNone(value: number | bigint | null): number {
  return value === null ? NONE : Number(value);
}
