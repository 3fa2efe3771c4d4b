/**
 * Recorded events on their way into a trace. Most recordings are in order of time, and their events
 * go straight into its tables; those of any other are put in order there at the end. Memory stays
 * bounded whatever the input.
 */
import type Database from 'better-sqlite3';
import { K } from '../../core/contract/kinds.ts';
import type { Value } from '../write/rows.ts';
import type { Summary } from '../write/summary.ts';
import { OrderedRows, type Row } from './ordered.ts';
import { laneOf, Pairs, takesTurns, turnOf, type Begun, type Key } from './pairs.ts';
import { Places } from './places.ts';
import type {
  CounterSample,
  EventEnd,
  Facts,
  Place,
  RecordedEvent,
  RecordedSink,
  TrackNames,
} from './recorded.ts';
import { Counters } from './counters.ts';
import { Requests } from './requests.ts';
import type { Desk, PlainDesk } from './rows/desk.ts';
import type { Warnings } from './warnings.ts';

/** The longest recording whose every nanosecond a double can hold: 104 days. */
const MAX_SPAN_NS = Number.MAX_SAFE_INTEGER;
const NS_PER_SEC = 1_000_000_000;
const PAGE_ROWS = 2000;
const UINT64 = 1n << 64n;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const NO_FACTS: Facts = {};

/** Everything that was written, in order of time, ties as in the file. */
const TAKE_BACK = `
CREATE TEMP TABLE arrived AS
SELECT e.ts, e.dur, e.kind, e.track, e.request, CAST(e.frame AS TEXT), e.bytes, e.n, e.status,
  CAST(e.arg AS TEXT), s.line, s.text, d.json
FROM events AS e JOIN source AS s ON s.event = e.id JOIN details AS d ON d.event = e.id
ORDER BY e.ts, e.id;
DELETE FROM events; DELETE FROM source; DELETE FROM details`;

export class Staging implements RecordedSink {
  readonly #desk: Desk;
  readonly #warnings: Warnings;
  readonly #places = new Places();
  readonly #requests: Requests;
  readonly #counters: Counters;
  #rows: OrderedRows;
  #pairs = new Pairs();
  #events = 0;
  #typed = 0;
  #generic = 0;
  #raw = 0;
  #baseSec: bigint | undefined;
  /** Most events are of the same second as the one before: that second, and the nanoseconds up to it. */
  #second: bigint | undefined;
  #secondNs = 0;
  /** Time of the first event, of the latest in the file, and of the earliest and the latest of all. */
  #firstT = 0;
  #firstLine = 0;
  #lastT = 0;
  #minT = Number.POSITIVE_INFINITY;
  #maxT = Number.NEGATIVE_INFINITY;
  #stepsBack = 0;
  /** Does the recording itself say how long its events last? Then nothing is paired. */
  #hasDurations = false;

  constructor(desk: Desk, warnings: Warnings) {
    this.#desk = desk;
    this.#warnings = warnings;
    this.#requests = new Requests(desk.db);
    this.#counters = new Counters(desk.db);
    this.#rows = new OrderedRows(desk);
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
    const t = this.#timeOf(event.time);
    if (t === null) {
      const reason = `its time is more than 104 days from others, as in line ${this.#firstLine}: take out the line whose time is wrong`;
      this.#refuse(event, reason);
      return null;
    }
    const { payload, place, details } = event;
    const { kind } = payload;
    const facts = event.facts ?? factsOf(details);
    const lane = laneOf(kind, facts);
    const ownLane = event.dur === undefined && lane !== null;
    const track = this.#places.trackOf(place, ownLane ? lane : '');
    if (this.#events === 0) {
      this.#firstT = t;
      this.#firstLine = event.line;
    }
    this.#events += 1;
    if (t < this.#lastT && this.#events > 1) this.#stepsBack += 1;
    this.#lastT = t;
    this.#minT = Math.min(this.#minT, t);
    this.#maxT = Math.max(this.#maxT, t);
    if (kind === K.generic) this.#generic += 1;
    else if (kind === K.raw) this.#raw += 1;
    else this.#typed += 1;
    if (event.dur !== undefined) this.#hasDurations = true;
    // A lane is no CPU: the event still says where it happened.
    const cpu = ownLane && place.cpu !== null ? String(place.cpu) : null;
    return this.#add(
      {
        ts: t - this.#firstT,
        dur: this.#duration(event),
        kind,
        track,
        request: event.request ?? null,
        frame: this.#wide(payload.frame, event),
        bytes: this.#whole(payload.bytes, event),
        n: this.#whole(payload.n, event),
        status: this.#whole(payload.status, event),
        arg: this.#wide(payload.arg, event),
        line: event.line,
        text: event.text,
        details: whole(details, cpu),
        open: event.dur === null,
      },
      facts,
    );
  }

  complete(event: number, end: EventEnd): void {
    this.#rows.end(event, { ...end, dur: Math.min(end.dur, MAX_SPAN_NS) });
  }

  name(place: Place, names: TrackNames): void {
    this.#places.name(place, names);
  }

  sample({ counter, unit, time, value }: CounterSample): void {
    const t = this.#timeOf(time);
    if (t === null) return;
    this.#counters.add(counter, unit, t, value);
  }

  /**
   * Completes the tables, call once after the last event. Yields now and then, so that the caller can
   * report and breathe.
   *
   * @returns the database of the trace, and what the events are as a whole
   */
  async *finish(): AsyncGenerator<void, { db: Database.Database; summary: Summary }> {
    this.#close();
    this.#requests.finish();
    this.#counters.flush();
    this.#warnings.flush();
    const desk = await this.#desk.settle();
    const { db } = desk;
    for (const each of [this.#requests, this.#counters, this.#warnings]) each.use(db);
    this.#rows.use(desk);
    yield;
    if (this.#stepsBack > 0) {
      yield* this.#reorder(desk);
      this.warn(0, `${this.#stepsBack} events were not in order of time; they are now`, '');
    }
    yield* this.#rows.mend();
    if (this.#pairs.overflowed) {
      this.warn(0, 'more spans were open than are kept: some have no duration', '');
    }
    if (this.#places.overflowed) {
      this.warn(
        0,
        'there are more CPUs and threads than tracks: the last track has all others',
        '',
      );
    }
    this.#places.write(db);
    this.#counters.finish(this.#minT);
    return { db, summary: this.#rows.summary };
  }

  /** Writes everything; what has begun and did not end has no duration. */
  #close(): void {
    for (const begun of this.#pairs.rest()) this.#neverEnds(begun);
    this.#rows.flush();
  }

  /** All events once more, in order of time. */
  *#reorder(desk: PlainDesk): Generator<void> {
    const { db } = desk;
    yield* this.#rows.mend();
    db.exec(TAKE_BACK);
    yield;
    this.#requests.discard();
    this.#rows = new OrderedRows(desk);
    this.#pairs = new Pairs();
    const page = db
      .prepare('SELECT * FROM temp.arrived WHERE rowid BETWEEN ? AND ? ORDER BY rowid')
      .raw();
    for (let first = 1; first <= this.#events; first += PAGE_ROWS) {
      for (const row of page.all(first, first + PAGE_ROWS - 1) as Value[][]) this.#again(row);
      yield;
    }
    db.exec('DROP TABLE temp.arrived');
    this.#close();
    this.#requests.finish();
    desk.rows.flush();
  }

  #again(values: Value[]): void {
    const [ts, dur, kind, track, request, frame, bytes, n, status, arg, line, text, json] = values;
    const paired = !this.#hasDurations && takesTurns(Number(kind));
    const row: Row = {
      ts: Number(ts) + this.#firstT - this.#minT,
      dur: paired ? 0 : Number(dur),
      kind: Number(kind),
      track: this.#places.byId(Number(track)) as Row['track'],
      request: paired || request === null ? null : Number(request),
      frame: fromDigits(frame),
      bytes: bytes as number | null,
      n: n as number | null,
      status: status as number | null,
      arg: fromDigits(arg),
      line: Number(line),
      text: String(text),
      details: String(json),
      open: false,
    };
    this.#add(row, paired ? (JSON.parse(String(json)) as Facts) : NO_FACTS);
  }

  #add(row: Row, facts: Facts): number {
    const { kind, arg, track } = row;
    if (row.request !== null) {
      const id = this.#rows.add(row);
      this.#requests.numbered(row.request, id, row.ts, row.ts + row.dur, row.bytes ?? 0);
      return id;
    }
    const { segment } = track.place;
    const turn = this.#hasDurations ? null : turnOf(kind, track.place, keyOf(arg), facts);
    if (turn === null) return this.#rows.add(row);
    const { space, key, begins } = turn;
    if (!begins) return this.#end(segment, space, key, row);
    row.open = true;
    const { ts: t, bytes } = row;
    const id = this.#rows.add(row);
    const request = kind === K.recIssue ? this.#requests.issue(id, t, bytes ?? 0) : null;
    row.request = request;
    const begun = { id, t, bytes: bytes ?? 0, request };
    const before = this.#pairs.begin(segment, space, key, begun);
    if (before !== undefined) this.#neverEnds(before);
    return id;
  }

  #end(segment: number, space: string, key: Key, row: Row): number {
    if (row.kind === K.recIommuUnmap) {
      this.#unmapRange(segment, space, row);
      return this.#rows.add(row);
    }
    const begun = this.#pairs.take(segment, space, key);
    row.request = begun?.request ?? null;
    const id = this.#rows.add(row);
    if (begun === undefined) return id;
    this.#ends(begun, row.ts);
    if (begun.request !== null) this.#requests.complete(begun.request, id, row.ts);
    return id;
  }

  /** One unmap ends all mappings of its range: a scatter list is mapped piece by piece. */
  #unmapRange(segment: number, space: string, { ts, bytes, arg }: Row): void {
    const length = bytes ?? 0;
    for (let at = 0; ;) {
      const key = keyOf(moved(arg, at)) ?? '';
      const begun = this.#pairs.peek(segment, space, key);
      // A part of a mapping leaves the rest of it.
      if (begun === undefined || at + begun.bytes > length) return;
      this.#pairs.take(segment, space, key);
      this.#ends(begun, ts);
      at += begun.bytes;
      if (at >= length || begun.bytes === 0) return;
    }
  }

  #ends({ id, t }: Begun, ts: number): void {
    this.#rows.end(id, { dur: Math.max(0, ts - t), details: null, text: '' });
  }

  #neverEnds({ id, request }: Begun): void {
    this.#rows.end(id, { dur: 0, details: null, text: '' });
    if (request !== null) this.#requests.abandon(request);
  }

  /** An event that cannot be kept is warned of with all its lines. */
  #refuse({ line, text, details }: RecordedEvent, reason: string): void {
    const stack = typeof details === 'string' ? undefined : details['stack'];
    this.warn(line, reason, stack === undefined ? text : `${text}\n<stack trace>\n${stack}`);
  }

  /** Nanoseconds from the first timed event's second; null when out of range. */
  #timeOf(time: RecordedEvent['time']): number | null {
    if (time === null) {
      // Before the first time there is: the second before it, in order.
      if (this.#baseSec === undefined) return this.#events - NS_PER_SEC;
      return this.#lastT;
    }
    if (time.sec !== this.#second) {
      const base = (this.#baseSec ??= time.sec);
      const seconds = time.sec - base;
      if (seconds > 10_000_000n || seconds < -10_000_000n) return null;
      this.#second = time.sec;
      this.#secondNs = Number(seconds) * NS_PER_SEC;
    }
    const t = this.#secondNs + time.ns;
    if (Math.abs(t) > MAX_SPAN_NS) return null;
    const span = Math.max(this.#maxT, t) - Math.min(this.#minT, t);
    return span <= MAX_SPAN_NS ? t : null;
  }

  #duration(event: RecordedEvent): number {
    const dur = event.dur ?? 0;
    if (Number.isSafeInteger(dur) && dur >= 0) return dur;
    this.warn(event.line, 'its duration is negative, or more than 104 days', event.text);
    return 0;
  }

  /** A bigint is unsigned: it becomes the signed number with the same bits. */
  #wide(value: number | bigint | undefined, event: RecordedEvent): number | bigint | null {
    if (value === undefined) return null;
    if (typeof value === 'number') return value;
    if (value >= 0n && value < UINT64) return narrow(BigInt.asIntN(64, value));
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

/** What staging and pairs ask of details. */
function factsOf(details: RecordedEvent['details']): Facts {
  return typeof details === 'string' ? NO_FACTS : details;
}

/** With the CPU, where it is to be said; as an object or as JSON. */
function whole(details: RecordedEvent['details'], cpu: string | null): Row['details'] {
  if (typeof details === 'string')
    return cpu === null ? `${details}}` : `${details},"cpu":"${cpu}"}`;
  return cpu === null ? details : { ...details, cpu };
}

/** A number where that is exact. */
function narrow(value: bigint): number | bigint {
  return value >= -MAX_SAFE && value <= MAX_SAFE ? Number(value) : value;
}

/** A number that was read as text, so that all its bits came along. */
function fromDigits(text: Value | undefined): number | bigint | null {
  return text == null ? null : narrow(BigInt(text));
}

function keyOf(value: Row['arg']): Key | null {
  return typeof value === 'bigint' ? String(value) : value;
}

/** An address of 64 bits so many bytes further on. */
function moved(address: Row['arg'], bytes: number): Row['arg'] {
  if (address === null || bytes === 0) return address;
  const sum = typeof address === 'number' ? address + bytes : NaN;
  if (Number.isSafeInteger(sum)) return sum;
  return narrow(BigInt.asIntN(64, BigInt(address) + BigInt(bytes)));
}
