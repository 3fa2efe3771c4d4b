/** What a finished trace says about its events as a whole, gathered while they pass by. */
import type Database from 'better-sqlite3';
import { NONE } from '../../core/engine/recording.ts';
import { KEYFRAME_EVENTS, KeyframeBuilder } from '../state/keyframes.ts';
import { LodBuilder } from './lod.ts';
import { RowInserter } from './rows.ts';

/** Narrowest bucket: about a microsecond, a power of two. */
function firstBucketTicks(tickPs: number): number {
  return 2 ** Math.round(Math.log2(1e6 / tickPs));
}

/** Columns of `events` as `Summary.add` takes them. */
export const SUMMARY_COLUMNS = `id, ts, dur, kind, track, level, coalesce(bytes, 0), ${[
  'frame',
  'n',
  'status',
  'arg',
]
  .map((column) => `coalesce(${column}, ${NONE})`)
  .join(', ')}`;

export class Summary {
  readonly #lod: LodBuilder;
  readonly #keyframes: KeyframeBuilder;
  readonly #levels: number[] = [];
  readonly #events: number[] = [];
  /** End of the last event, ticks. */
  span = 0;
  /** Events so far. */
  events = 0;

  /** @param db of the trace, where keyframes go as they become known; whatever keyframes it has are lost */
  constructor(db: Database.Database, tickPs: number) {
    this.#keyframes = new KeyframeBuilder(db);
    this.#lod = new LodBuilder(firstBucketTicks(tickPs));
  }

  /** Goes on in another database, to which everything written so far has been brought. */
  use(db: Database.Database): void {
    this.#keyframes.use(db);
  }

  /** By track, see `lanesOf`; to be filled before the first event of a simulation. */
  get lanes(): number[] {
    return this.#keyframes.lanes;
  }

  /** Takes the next event in id order; `bytes` is 0 where there are none, other columns `NONE`. */
  add(
    id: number,
    ts: number,
    dur: number,
    kind: number,
    track: number,
    level: number,
    bytes: number,
    frame: number,
    n: number,
    status: number,
    arg: number,
  ): void {
    this.events += 1;
    if (ts + dur > this.span) this.span = ts + dur;
    if (!(level < (this.#levels[track] ?? 0))) this.#levels[track] = level + 1;
    this.#events[track] = (this.#events[track] ?? 0) + 1;
    this.#lod.add(id, ts, dur, kind, track, bytes);
    this.#keyframes.event(id, ts, kind, track, frame, bytes, n, status, arg);
  }

  /** An event that was taken with a duration of 0 lasts so long. */
  lengthen(ts: number, dur: number, kind: number, track: number): void {
    if (ts + dur > this.span) this.span = ts + dur;
    this.#lod.lengthen(ts, dur, kind, track);
  }

  /** Writes the summaries, the keyframes, the figures of each track and the keys of `meta` that belong to them. */
  write(db: Database.Database): void {
    const rows = new RowInserter(db, 'lod', 9);
    const levels = this.#lod.emit((row) => {
      rows.add(
        row.level,
        row.track,
        row.bucket,
        row.kind,
        row.n,
        row.busy,
        row.longest,
        row.bytes,
        row.firstId,
      );
    });
    rows.flush();
    this.#keyframes.finish(db);
    const track = db.prepare('UPDATE tracks SET levels = ?, events = ? WHERE id = ?');
    this.#events.forEach((events, id) => track.run(this.#levels[id] ?? 0, events, id));
    writeMeta(db, {
      span: String(this.span),
      events: String(this.events),
      requests: String(db.prepare('SELECT count(*) FROM requests').pluck().get()),
      // `emit` folds buckets without changing the width it reports, which is that of level 0.
      lod_ticks: String(this.#lod.ticks),
      lod_levels: String(levels),
      keyframe_events: String(KEYFRAME_EVENTS),
    });
  }
}

/** Sets keys of `meta`. */
export function writeMeta(db: Database.Database, entries: Readonly<Record<string, string>>): void {
  const set = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
  for (const [key, value] of Object.entries(entries)) set.run(key, value);
}
