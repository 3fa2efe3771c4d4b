/**
 * Recorded events on their way into a trace. They come in the order of their file and leave in that
 * of time, with durations and levels. In between they lie in a temporary table, which SQLite keeps
 * in a temporary file of its own and removes: memory stays bounded whatever the input.
 */
import type Database from 'better-sqlite3';
import { K } from '../../core/contract/kinds.ts';
import { RowInserter, type Value } from '../write/rows.ts';
import type { Summary } from '../write/summary.ts';
import { Levels } from './levels.ts';
import type { Place, RecordedEvent, RecordedSink } from './recorded.ts';
import type { Warnings } from './warnings.ts';

/** The longest recording whose every nanosecond a double can hold: 104 days. */
const MAX_SPAN_NS = Number.MAX_SAFE_INTEGER;
const NS_PER_SEC = 1_000_000_000;
/** The machine with the most CPUs that Linux supports, twice. */
const MAX_TRACKS = 16_384;
const PAGE_ROWS = 2000;
const UINT64 = 1n << 64n;

const TABLES = `
CREATE TEMP TABLE staged (
  seq INTEGER PRIMARY KEY, t INTEGER, kind INTEGER, place INTEGER, frame INTEGER, bytes INTEGER,
  n INTEGER, status INTEGER, arg INTEGER, line INTEGER, text TEXT, json TEXT
);
CREATE TEMP TABLE turns (seq INTEGER PRIMARY KEY, t INTEGER, thread TEXT, entry INTEGER);
CREATE TEMP TABLE durations (seq INTEGER PRIMARY KEY, dur INTEGER);
CREATE TEMP TABLE ordered (id INTEGER PRIMARY KEY, seq INTEGER);
`;

/** An exit lasts until the next entry of its thread, unless another exit comes first. */
const PAIR = `
INSERT INTO durations
SELECT seq, next_t - t FROM (
  SELECT seq, entry, t, lead(t) OVER turn AS next_t, lead(entry) OVER turn AS next_entry
  FROM turns WINDOW turn AS (PARTITION BY thread ORDER BY t, seq)
) WHERE entry = 0 AND next_entry = 1`;

export class Staging implements RecordedSink {
  readonly #db: Database.Database;
  readonly #warnings: Warnings;
  readonly #rows: RowInserter;
  readonly #turns: RowInserter;
  readonly #places = new Map<string, { index: number; place: Place }>();
  #events = 0;
  #typed = 0;
  #generic = 0;
  #raw = 0;
  #baseSec: bigint | undefined;
  /** Time of the latest event of the file, and of the earliest and the latest of the recording. */
  #lastT = 0;
  #minT = Number.POSITIVE_INFINITY;
  #maxT = Number.NEGATIVE_INFINITY;
  #stepsBack = 0;

  constructor(db: Database.Database, warnings: Warnings) {
    this.#db = db;
    this.#warnings = warnings;
    db.exec(TABLES);
    this.#rows = new RowInserter(db, 'staged', 12);
    this.#turns = new RowInserter(db, 'turns', 4);
  }

  get counts(): { events: number; typed: number; generic: number; raw: number } {
    return {
      events: this.#events,
      typed: this.#typed,
      generic: this.#generic,
      raw: this.#raw,
    };
  }

  /** Reading of the recorded clock at tick 0. */
  get base(): { sec: string; ns: string } {
    if (this.#baseSec === undefined) return { sec: '0', ns: '0' };
    const sec = Math.floor(this.#minT / NS_PER_SEC);
    return {
      sec: String(this.#baseSec + BigInt(sec)),
      ns: String(this.#minT - sec * NS_PER_SEC),
    };
  }

  warn(line: number, reason: string, text: string): void {
    this.#warnings.add(line, reason, text);
  }

  event(event: RecordedEvent): void {
    const t = this.#timeOf(event);
    if (t === null) {
      this.warn(
        event.line,
        'its time is more than 104 days from that of an event before it',
        event.text,
      );
      return;
    }
    const place = this.#placeOf(event.place);
    if (place === null) {
      this.warn(event.line, `there are more than ${MAX_TRACKS} CPUs`, event.text);
      return;
    }
    this.#events += 1;
    if (t < this.#lastT && this.#events > 1) this.#stepsBack += 1;
    this.#lastT = t;
    this.#minT = Math.min(this.#minT, t);
    this.#maxT = Math.max(this.#maxT, t);
    const { payload } = event;
    if (payload.kind === K.generic) this.#generic += 1;
    else if (payload.kind === K.raw) this.#raw += 1;
    else this.#typed += 1;
    this.#rows.add(
      this.#events,
      t,
      payload.kind,
      place,
      this.#wide(payload.frame, event),
      this.#whole(payload.bytes, event),
      this.#whole(payload.n, event),
      this.#whole(payload.status, event),
      this.#wide(payload.arg, event),
      event.line,
      event.text,
      JSON.stringify(event.details),
    );
    if (event.thread === null) return;
    if (payload.kind === K.recVmExit || payload.kind === K.recVmEntry) {
      this.#turns.add(this.#events, t, event.thread, payload.kind === K.recVmEntry ? 1 : 0);
    }
  }

  /**
   * Moves everything into the trace, in order of time. Yields now and then, so that the caller can
   * report and breathe; each time it says how many events have moved.
   */
  *move(summary: Summary): Generator<number> {
    this.#rows.flush();
    this.#turns.flush();
    this.#db.exec(PAIR);
    yield 0;
    if (this.#stepsBack > 0) {
      this.#db.exec('INSERT INTO ordered (seq) SELECT seq FROM staged ORDER BY t, seq');
      yield 0;
    }
    const tracks = this.#writeTracks();
    const events = new RowInserter(this.#db, 'events', 12);
    const details = new RowInserter(this.#db, 'details', 2);
    const source = new RowInserter(this.#db, 'source', 3);
    const levels = new Levels();
    const page = this.#page();
    for (let id = 1; id <= this.#events;) {
      for (const row of page.all(id - 1) as bigint[][]) {
        const [t, kind, place, bytes, line] = [row[0], row[1], row[2], row[4], row[8]].map(Number);
        const ts = (t ?? 0) - this.#minT;
        const dur = Number(row[11] ?? 0n);
        const track = tracks[place ?? 0] ?? 0;
        const level = levels.next(track, ts, dur);
        const [frame, , n, status, arg] = row.slice(3, 8) as Value[];
        events.add(
          id,
          ts,
          dur,
          kind ?? 0,
          track,
          level,
          null,
          frame ?? null,
          row[4] ?? null,
          n ?? null,
          status ?? null,
          arg ?? null,
        );
        summary.add(id, ts, dur, kind ?? 0, track, level, bytes ?? 0);
        source.add(id, line ?? 0, String(row[9]));
        details.add(id, String(row[10]));
        id += 1;
      }
      yield id - 1;
    }
    events.flush();
    details.flush();
    source.flush();
    if (this.#stepsBack > 0) {
      this.warn(0, `${this.#stepsBack} events were not in order of time; they are now`, '');
    }
  }

  /** Rows in order of time after the n-th; all numbers as BigInts, for some need all 64 bits. */
  #page(): Database.Statement {
    const columns = `s.t, s.kind, s.place, s.frame, s.bytes, s.n, s.status, s.arg, s.line, s.text,
      s.json, d.dur`;
    const sql =
      this.#stepsBack > 0
        ? `SELECT ${columns} FROM ordered AS o JOIN staged AS s ON s.seq = o.seq
           LEFT JOIN durations AS d ON d.seq = s.seq WHERE o.id > ? ORDER BY o.id LIMIT ${PAGE_ROWS}`
        : `SELECT ${columns} FROM staged AS s LEFT JOIN durations AS d ON d.seq = s.seq
           WHERE s.seq > ? ORDER BY s.seq LIMIT ${PAGE_ROWS}`;
    return this.#db.prepare(sql).raw().safeIntegers();
  }

  /** One track a CPU, in order of segment and CPU. Returns track ids by place. */
  #writeTracks(): number[] {
    const actor = this.#db.prepare(`INSERT OR IGNORE INTO actors VALUES (?, ?, 'recorded')`);
    const track = this.#db.prepare('INSERT INTO tracks VALUES (?, ?, ?, ?, 0, 0)');
    const ids: number[] = [];
    const sorted = [...this.#places.values()].sort(
      (a, b) =>
        a.place.segment - b.place.segment ||
        (a.place.cpu ?? Infinity) - (b.place.cpu ?? Infinity) ||
        0,
    );
    sorted.forEach(({ index, place }, i) => {
      const { segment, cpu } = place;
      const part = segment === 1 ? '' : `segment ${segment}`;
      actor.run(segment, segment === 1 ? 'recorded system' : `recorded system, ${part}`);
      track.run(i + 1, segment, cpu === null ? 'CPU unknown' : `CPU ${cpu}`, part);
      ids[index] = i + 1;
    });
    return ids;
  }

  /** Nanoseconds from the first timed event's second; null when out of range. */
  #timeOf({ time }: RecordedEvent): number | null {
    if (time === null) {
      // Before the first time there is: the second before it, in order.
      if (this.#baseSec === undefined) return this.#events - NS_PER_SEC;
      return this.#lastT;
    }
    const base = (this.#baseSec ??= time.sec);
    const seconds = time.sec - base;
    if (seconds > 10_000_000n || seconds < -10_000_000n) return null;
    const t = Number(seconds) * NS_PER_SEC + time.ns;
    if (Math.abs(t) > MAX_SPAN_NS) return null;
    const span = Math.max(this.#maxT, t) - Math.min(this.#minT, t);
    return span <= MAX_SPAN_NS ? t : null;
  }

  #placeOf(place: Place): number | null {
    const key = `${place.segment}/${place.cpu ?? ''}`;
    let known = this.#places.get(key);
    if (known === undefined) {
      if (this.#places.size === MAX_TRACKS) return null;
      known = { index: this.#places.size, place };
      this.#places.set(key, known);
    }
    return known.index;
  }

  /** An unsigned number as the signed one with the same bits. */
  #wide(value: bigint | undefined, event: RecordedEvent): bigint | null {
    if (value === undefined) return null;
    if (value >= 0n && value < UINT64) return BigInt.asIntN(64, value);
    this.warn(event.line, 'a number does not fit in 64 bits', event.text);
    return null;
  }

  #whole(value: number | undefined, event: RecordedEvent): number | null {
    if (value === undefined) return null;
    if (Number.isSafeInteger(value)) return value;
    this.warn(event.line, 'a number is too great to be a size or a count', event.text);
    return null;
  }
}
