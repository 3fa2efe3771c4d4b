/**
 * Keyframes: what stands at every 16384th event, so that nobody has to read a trace from its beginning to
 * know the state in its middle.
 *
 * What stands at many keyframes in a row is not written at each: a row of level l stands at all
 * keyframes from slot × 2^l to (slot + 1) × 2^l - 1. So what stands at keyframe k is what lies in slot
 * k >> l of each level l, and a mapping that lasts for a whole run takes a handful of rows.
 */
import { firstWhere } from '../../core/base/first-where.ts';
import type Database from 'better-sqlite3';
import { KeyframeRows } from './keyframe-rows.ts';
import { LiveEntries } from './live.ts';

/** Events from one keyframe to the next: some 10 ms of reading. */
export const KEYFRAME_EVENTS = 16_384;

/** Rows of another table that are looked at together. */
const PORTION = 4096;

/** What `keyframes.row` is the id of. */
export const WHAT = { event: 0, request: 1, reach: 2, need: 3 } as const;

/** Tables whose rows stand from one time to another. */
const TIMED = [
  [WHAT.request, 'requests', 'submitted', 'completed'],
  [WHAT.reach, 'reach', 'ts', 'ts + mapped + stale'],
  [WHAT.need, 'needs', 'ts', 'ts + dur'],
] as const;

/** Builds the keyframes of a trace while its events pass by. */
export class KeyframeBuilder {
  /** By track, see `lanesOf`; filled in when the tracks are known. */
  readonly lanes: number[] = [];
  readonly #live = new LiveEntries(this.lanes, (made) => this.#ended(made));
  #lastId = 0;
  /** Time of each keyframe; the first is number 1. */
  readonly #ts: number[] = [-Infinity];
  readonly #rows: KeyframeRows;

  /** @param db with an open transaction; whatever keyframes it has are lost */
  constructor(db: Database.Database) {
    db.exec('DELETE FROM keyframes');
    this.#rows = new KeyframeRows(db);
  }

  /** Goes on in another database, to which everything written so far has been brought. */
  use(db: Database.Database): void {
    this.#rows.use(db);
  }

  /** Takes the next event in id order; its columns are those of `LiveEntries.apply`. */
  event(
    id: number,
    ts: number,
    kind: number,
    track: number,
    frame: number,
    bytes: number,
    n: number,
    status: number,
    arg: number,
  ): void {
    this.#lastId = id;
    this.#live.apply(id, kind, track, frame, bytes, n, status, arg);
    if (id % KEYFRAME_EVENTS === 0) this.#ts.push(ts);
  }

  /** Completes the table; requests, reach and needs are in theirs by now. */
  finish(db: Database.Database): void {
    const last = this.#ts.length - 1;
    for (const [, made] of this.#live.standing()) {
      this.#add(WHAT.event, made, keyframeFrom(made), last);
    }
    if (last > 0) {
      for (const [what, table, opened, closed] of TIMED)
        this.#addTimed(db, what, table, opened, closed);
    }
    this.#rows.flush();
  }

  #ended(made: number): void {
    this.#add(
      WHAT.event,
      made,
      keyframeFrom(made),
      Math.floor((this.#lastId - 1) / KEYFRAME_EVENTS),
    );
  }

  #addTimed(
    db: Database.Database,
    what: number,
    table: string,
    opened: string,
    closed: string,
  ): void {
    // Whole portions: while rows are being read, the connection takes none.
    const portion = db
      .prepare<[number], [number, number, number | null]>(
        `SELECT id, ${opened}, ${closed} FROM ${table} WHERE id > ? ORDER BY id LIMIT ${PORTION}`,
      )
      .raw();
    for (let after = Number.MIN_SAFE_INTEGER; ;) {
      const rows = portion.all(after);
      for (const [id, from, to] of rows) {
        after = id;
        const first = this.#firstNotBefore(from);
        if (first === this.#ts.length) continue;
        const end = to === null ? this.#ts.length : this.#firstNotBefore(to);
        if (first < end) this.#add(what, id, first, end - 1);
      }
      if (rows.length < PORTION) return;
    }
  }

  /** The first keyframe that is not before a time. */
  #firstNotBefore(ts: number): number {
    return firstWhere(1, this.#ts.length, (k) => (this.#ts[k] as number) >= ts);
  }

  /** `row` stands at the keyframes from `first` to `last`. */
  #add(what: number, row: number, first: number, last: number): void {
    let from = first;
    let end = last + 1;
    for (let level = 0; from < end; level++) {
      if (from % 2 === 1) this.#rows.add(level, from++, what, row);
      if (end % 2 === 1) this.#rows.add(level, --end, what, row);
      from /= 2;
      end /= 2;
    }
  }
}

/** The first keyframe at which an entry stands that this event makes. */
function keyframeFrom(event: number): number {
  return Math.ceil(event / KEYFRAME_EVENTS);
}
