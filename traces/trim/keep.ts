/** Which events stay. */
import { SPAN_COLUMNS, toSpan, type Span } from '../read/covering.ts';
import { int, text, type TraceStore } from '../read/store.ts';

export interface Selection {
  /** Ticks: events that touch `from` <= t < `to` stay. */
  readonly from?: number;
  readonly to?: number;
  /** First and last request: their events stay, and the batches that served them. */
  readonly requests?: readonly [number, number];
  /** Ids of tracks. */
  readonly tracks?: readonly number[];
}

/** Events looked at between two pauses. */
const PAGE = 5000;

/** A piece of the trace: its last event, and which stay, each perhaps more than once, not in order. */
interface Piece {
  readonly last: number;
  readonly kept: readonly number[];
}

/** What stays, piece by piece, so that a long look at what goes can be interrupted too. */
export function* keptEvents(store: TraceStore, selection: Selection): Generator<Piece> {
  const { from = 0, to = Infinity, requests } = selection;
  const tracks = selection.tracks === undefined ? null : new Set(selection.tracks);
  const open = new Map<number, Span[]>();
  const last = to === Infinity ? store.lastId : store.firstAt(to) - 1;
  const rows = store
    .raw(`SELECT ${SPAN_COLUMNS} FROM events WHERE id <= ? ORDER BY id`)
    .iterate(last) as Iterable<unknown[]>;
  let kept: number[] = [];
  for (const row of rows) {
    const span = toSpan(row);
    if (span.id % PAGE === 0) {
      yield { last: span.id, kept };
      kept = [];
    }
    if (tracks?.has(span.track) === false) continue;
    const parents = requests === undefined ? [] : push(open, span);
    if (span.ts < from && span.ts + span.dur <= from) continue;
    if (requests !== undefined) {
      if (span.request < requests[0] || span.request > requests[1]) continue;
      for (const parent of parents) if (parent.request === 0) kept.push(parent.id);
    }
    kept.push(span.id);
  }
  yield { last, kept };
}

/** Adds a span to its track's open ones and returns those that enclose it. */
function push(open: Map<number, Span[]>, span: Span): Span[] {
  const end = span.ts + span.dur;
  const before = (open.get(span.track) ?? []).filter((each) => each.ts + each.dur >= span.ts);
  const parents = before.filter(
    ({ level, ts, dur }) => level < span.level && ts <= span.ts && ts + dur >= end,
  );
  open.set(span.track, span.dur > 0 ? [...before, span] : before);
  return parents;
}

/** Tracks by id, by name or by their actor's name; undefined where there is none. */
export function findTracks(store: TraceStore, wanted: string): number[] | undefined {
  const found = store
    .rows(
      `SELECT t.id, t.name, coalesce(a.name, '') FROM tracks AS t LEFT JOIN actors AS a ON a.id = t.actor
       ORDER BY t.id LIMIT 65536`,
    )
    .filter((row) => [String(row[0]), text(row[1]), text(row[2])].includes(wanted))
    .map((row) => int(row[0]));
  return found.length === 0 ? undefined : found;
}
