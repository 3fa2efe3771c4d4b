/**
 * Recorded events on their way into a trace. They come in the order of their file and leave in that
 * of time, with durations and levels. In between they lie in a temporary table, which SQLite keeps
 * in a temporary file of its own and removes: memory stays bounded whatever the input.
 */
import type Database from 'better-sqlite3';
import { K } from '../../core/contract/kinds.ts';
import { RowInserter } from '../write/rows.ts';
import type { Summary } from '../write/summary.ts';
import { Levels } from './levels.ts';
import type { EventEnd, Place, RecordedEvent, RecordedSink } from './recorded.ts';
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
CREATE TEMP TABLE ends (seq INTEGER PRIMARY KEY, json TEXT, text TEXT);
CREATE TEMP TABLE depths (id INTEGER PRIMARY KEY, level INTEGER);
CREATE TEMP TABLE lanes (place INTEGER PRIMARY KEY, track INTEGER);
`;

/** Ids of the events: their places in the order of time, ties as in the file. */
const SORT = `
CREATE TEMP TABLE ordered (id INTEGER PRIMARY KEY, seq INTEGER);
INSERT INTO ordered (seq) SELECT seq FROM staged ORDER BY t, seq`;
const AS_IT_IS = 'CREATE TEMP VIEW ordered AS SELECT seq AS id, seq FROM staged';

/** An exit lasts until the next entry of its thread, unless another exit comes first. */
const PAIR = `
INSERT INTO durations
SELECT seq, next_t - t FROM (
  SELECT seq, entry, t, lead(t) OVER turn AS next_t, lead(entry) OVER turn AS next_entry
  FROM turns WINDOW turn AS (PARTITION BY thread ORDER BY t, seq)
) WHERE entry = 0 AND next_entry = 1`;

const FROM_STAGED = `
FROM ordered AS o JOIN staged AS s ON s.seq = o.seq JOIN lanes AS p ON p.place = s.place
LEFT JOIN durations AS d ON d.seq = s.seq LEFT JOIN ends AS e ON e.seq = s.seq
WHERE o.id BETWEEN @from AND @to ORDER BY o.id`;
const PAGE = `SELECT o.id, s.t - @base, coalesce(d.dur, 0), s.kind, p.track, coalesce(s.bytes, 0)
${FROM_STAGED}`;
const MOVES = [
  `INSERT INTO events
   SELECT o.id, s.t - @base, coalesce(d.dur, 0), s.kind, p.track,
     coalesce((SELECT level FROM depths WHERE id = o.id), 0),
     NULL, s.frame, s.bytes, s.n, s.status, s.arg ${FROM_STAGED}`,
  `INSERT INTO source SELECT o.id, s.line, s.text || coalesce(e.text, '') ${FROM_STAGED}`,
  `INSERT INTO details
   SELECT o.id, iif(e.json IS NULL, s.json, json_patch(s.json, e.json)) ${FROM_STAGED}`,
];

function placeKey({ segment, cpu }: Place): string {
  return `${segment}/${cpu ?? ''}`;
}

export class Staging implements RecordedSink {
  readonly #db: Database.Database;
  readonly #warnings: Warnings;
  readonly #rows: RowInserter;
  readonly #turns: RowInserter;
  readonly #durations: RowInserter;
  readonly #ends: RowInserter;
  readonly #names = new Map<string, { actor: string; track: string }>();
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
    this.#durations = new RowInserter(db, 'durations', 2);
    this.#ends = new RowInserter(db, 'ends', 3);
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

  event(event: RecordedEvent): number | null {
    const t = this.#timeOf(event);
    if (t === null) {
      this.warn(
        event.line,
        'its time is more than 104 days from that of an event before it',
        event.text,
      );
      return null;
    }
    const place = this.#placeOf(event.place);
    if (place === null) {
      this.warn(event.line, `there are more than ${MAX_TRACKS} CPUs`, event.text);
      return null;
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
    const exit = payload.kind === K.recVmExit;
    if (event.thread !== null && (exit || payload.kind === K.recVmEntry)) {
      this.#turns.add(this.#events, t, event.thread, exit ? 0 : 1);
    } else if (event.dur !== undefined && this.#durationFits(event.dur, event)) {
      this.#durations.add(this.#events, event.dur);
    }
    return this.#events;
  }

  complete(event: number, { dur, details, text }: EventEnd): void {
    if (dur > 0) this.#durations.add(event, Math.min(dur, MAX_SPAN_NS));
    this.#ends.add(event, JSON.stringify(details), text === '' ? '' : `\n${text}`);
  }

  name(place: Place, names: { readonly actor: string; readonly track: string }): void {
    this.#names.set(placeKey(place), names);
  }

  /**
   * Moves everything into the trace, in order of time. Yields now and then, so that the caller can
   * report and breathe; each time it says how many events have moved.
   */
  *move(summary: Summary): Generator<number> {
    const db = this.#db;
    this.#rows.flush();
    this.#turns.flush();
    this.#durations.flush();
    this.#ends.flush();
    db.exec(PAIR);
    yield 0;
    db.exec(this.#stepsBack > 0 ? SORT : AS_IT_IS);
    yield 0;
    this.#writeTracks();
    const levels = new Levels();
    const depths = new RowInserter(db, 'depths', 2);
    const page = db.prepare(PAGE).raw();
    // Texts and wide numbers go from table to table without a detour through this program.
    const moves = MOVES.map((sql) => db.prepare(sql));
    for (let last = 0; last < this.#events;) {
      const to = Math.min(last + PAGE_ROWS, this.#events);
      const range = { from: last + 1, to, base: this.#minT };
      for (const row of page.all(range) as [number, number, number, number, number, number][]) {
        const [id, ts, dur, kind, track, bytes] = row;
        const level = levels.next(track, ts, dur);
        if (level > 0) depths.add(id, level);
        summary.add(id, ts, dur, kind, track, level, bytes);
      }
      depths.flush();
      for (const move of moves) move.run(range);
      last = to;
      yield last;
    }
    if (this.#stepsBack > 0) {
      this.warn(0, `${this.#stepsBack} events were not in order of time; they are now`, '');
    }
  }

  /** One track a CPU, in order of segment and CPU. */
  #writeTracks(): void {
    const actor = this.#db.prepare(`INSERT OR IGNORE INTO actors VALUES (?, ?, 'recorded')`);
    const track = this.#db.prepare('INSERT INTO tracks VALUES (?, ?, ?, ?, 0, 0)');
    const lanes = this.#db.prepare('INSERT INTO lanes VALUES (?, ?)');
    const sorted = [...this.#places.values()].sort(
      (a, b) =>
        a.place.segment - b.place.segment ||
        (a.place.cpu ?? Infinity) - (b.place.cpu ?? Infinity) ||
        0,
    );
    sorted.forEach(({ index, place }, i) => {
      const { segment, cpu } = place;
      const part = segment === 1 ? '' : `segment ${segment}`;
      const named = this.#names.get(placeKey(place));
      const system = segment === 1 ? 'recorded system' : `recorded system, ${part}`;
      actor.run(segment, named?.actor ?? system);
      const lane = cpu === null ? 'CPU unknown' : `CPU ${cpu}`;
      track.run(i + 1, segment, named?.track ?? lane, named === undefined ? part : '');
      lanes.run(index, i + 1);
    });
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
    const key = placeKey(place);
    let known = this.#places.get(key);
    if (known === undefined) {
      if (this.#places.size === MAX_TRACKS) return null;
      known = { index: this.#places.size, place };
      this.#places.set(key, known);
    }
    return known.index;
  }

  #durationFits(dur: number, event: RecordedEvent): boolean {
    if (Number.isSafeInteger(dur) && dur >= 0) return true;
    this.warn(event.line, 'its duration is more than 104 days', event.text);
    return false;
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
