/** Events with everything by name, one at a time: memory does not grow with the trace. */
import { ROW_COLUMNS, ROW_TABLES, parseDetails, toEventRow } from '../read/rows.ts';
import { int, intOrNull, text, type TraceStore } from '../read/store.ts';

/** Our own importers write nothing near this; a longer document is left out of the export. */
const MAX_DETAILS_CHARS = 1024 * 1024;

/** Exact: a decimal string where a double is too small. */
export type Wide = number | string | null;

export interface Track {
  readonly id: number;
  readonly name: string;
  readonly detail: string;
  readonly actor: number;
  readonly actorName: string;
}

export interface Kind {
  readonly name: string;
  readonly category: string;
  /** What `frame` and `arg` hold, in words. */
  readonly frame: string | null;
  readonly arg: string | null;
}

export interface DecodedEvent {
  readonly id: number;
  /** Ticks. */
  readonly ts: number;
  readonly dur: number;
  /** The kind's name, or the recorded name of an event without a kind of its own. */
  readonly name: string;
  readonly kind: Kind;
  readonly track: Track;
  readonly level: number;
  readonly request: number | null;
  readonly frame: Wide;
  readonly bytes: number | null;
  readonly n: number | null;
  readonly status: number | null;
  readonly arg: Wide;
  /** Further fields of a recorded event. */
  readonly details: Readonly<Record<string, string>> | null;
}

/** A track's name with its second line. */
export function trackName({ name, detail }: Pick<Track, 'name' | 'detail'>): string {
  return detail === '' ? name : `${name} (${detail})`;
}

/** Ticks: what touches `from` <= t < `until`; all of it where neither is given. */
export interface Range {
  readonly from?: number;
  readonly until?: number;
}

export function readTracks(store: TraceStore): Map<number, Track> {
  const tracks = new Map<number, Track>();
  for (const row of store.rows(
    `SELECT t.id, t.name, t.detail, t.actor, coalesce(a.name, 'actor ' || t.actor)
     FROM tracks AS t LEFT JOIN actors AS a ON a.id = t.actor ORDER BY t.id LIMIT 65536`,
  )) {
    const id = int(row[0]);
    const [name, detail, actorName] = [text(row[1]), text(row[2]), text(row[4])];
    tracks.set(id, { id, name, detail, actor: int(row[3]), actorName });
  }
  return tracks;
}

function readKinds(store: TraceStore): Map<number, Kind> {
  const kinds = new Map<number, Kind>();
  const orNull = (value: unknown) => (value === null ? null : text(value));
  for (const row of store.rows('SELECT code, name, category, frame, arg FROM kinds LIMIT 65536')) {
    const [name, category] = [text(row[1]), text(row[2])];
    kinds.set(int(row[0]), { name, category, frame: orNull(row[3]), arg: orNull(row[4]) });
  }
  return kinds;
}

/** Events in id order, which is that of time. */
export function* decodedEvents(
  store: TraceStore,
  tracks: ReadonlyMap<number, Track>,
  { from = 0, until = Infinity }: Range,
): Generator<DecodedEvent> {
  const kinds = readKinds(store);
  const last = until === Infinity ? store.lastId : store.firstAt(until) - 1;
  const rows = store
    .raw(
      `SELECT ${ROW_COLUMNS}, substr(x.json, 1, ${MAX_DETAILS_CHARS})
       FROM ${ROW_TABLES} LEFT JOIN details AS x ON x.event = e.id
       WHERE e.id <= ? AND (e.ts >= ? OR e.ts + e.dur > ?) ORDER BY e.id`,
    )
    .iterate(last, from, from) as Iterable<unknown[]>;
  for (const row of rows) {
    const event = toEventRow(row);
    const { track } = event;
    yield {
      ...event,
      kind: kinds.get(event.kind) ?? {
        name: `kind ${event.kind}`,
        category: 'other',
        frame: null,
        arg: null,
      },
      track: tracks.get(track) ?? {
        id: track,
        name: `track ${track}`,
        detail: '',
        actor: -1,
        actorName: '',
      },
      frame: exact(event.frame),
      arg: exact(event.arg),
      details: row[14] === null ? null : parseDetails(text(row[14])),
    };
  }
}

function exact(digits: string | null): Wide {
  if (digits === null) return null;
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : digits;
}

export interface Sample {
  readonly id: number;
  readonly counter: string;
  readonly unit: string;
  readonly ts: number;
  readonly value: number;
}

/**
 * Samples, one counter after the other, each in order of time; first the one that says what a counter
 * has at `from`.
 */
export function* counterSamples(
  store: TraceStore,
  { from = 0, until = Number.MAX_SAFE_INTEGER }: Range,
): Generator<Sample> {
  const rows = store
    .raw(
      `SELECT c.name, c.unit, s.ts, s.value, c.id FROM samples AS s JOIN counters AS c ON c.id = s.counter
       WHERE s.ts < ? AND s.ts >= coalesce(
         (SELECT max(ts) FROM samples AS b WHERE b.counter = s.counter AND b.ts <= ?), 0)
       ORDER BY s.counter, s.ts`,
    )
    .iterate(until, from) as Iterable<unknown[]>;
  for (const row of rows) {
    const [id, ts, value] = [int(row[4]), int(row[2]), int(row[3])];
    yield { id, counter: text(row[0]), unit: text(row[1]), ts, value };
  }
}

/** Id of a request's last event; null where the file has no such request. */
export function lastEventOf(store: TraceStore, request: number): number | null {
  const [row] = store.rows('SELECT last_event FROM requests WHERE id = ?', request);
  return row === undefined ? null : intOrNull(row[0]);
}
