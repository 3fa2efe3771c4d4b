/** The state of the machine at a moment. */
import type {
  EntryGroup,
  Listed,
  OpenSpan,
  RequestRow,
  RingState,
  StateEntry,
  TraceState,
} from '../../core/contract/methods/index.ts';
import { ENTRY_GROUPS } from '../../core/contract/methods/index.ts';
import { K } from '../../core/contract/kinds.ts';
import { LIVE_KINDS, LiveEntries, lanesOf, type LiveGroup } from '../state/live.ts';
import { spansOver } from './covering.ts';
import { hazardsOf } from './hazards.ts';
import { readReach } from './reach.ts';
import { exactText } from './rows.ts';
import { MAX_TRACKS, int, intOrNull, text, type TraceStore } from './store.ts';

export interface StateArgs {
  /** Ticks. */
  readonly ts: number;
  /** Rows of each list at most. */
  readonly limit: number;
  readonly reach?: { readonly first: number; readonly frames: number } | undefined;
}

/** Events that a trace without keyframes is read back for. */
const MAX_BACK = 500_000;
/** Requests looked at for one moment. */
const MAX_REQUESTS = 100_000;

/** The state just after everything that begins at `ts`. */
export function readState(store: TraceStore, args: StateArgs): TraceState {
  const { limit } = args;
  const ts = Math.floor(args.ts);
  const event = store.firstAt(ts + 1) - 1;
  const from = Math.max(0, event - MAX_BACK);
  const live = standing(store, from, event);
  const groups = new Map<LiveGroup, Made[]>();
  for (const made of live) {
    const group = groups.get(made.group);
    if (group === undefined) groups.set(made.group, [made]);
    else group.push(made);
  }
  const listed = (group: LiveGroup): Listed<StateEntry> => {
    const all = groups.get(group) ?? [];
    return { total: all.length, rows: all.slice(0, limit).map(({ entry }) => entry) };
  };
  const entries = Object.fromEntries(ENTRY_GROUPS.map((group) => [group, listed(group)])) as Record<
    EntryGroup,
    Listed<StateEntry>
  >;
  const open = (groups.get('hazards') ?? []).map(({ entry }) => Number(entry.key));
  return {
    ts,
    event,
    knownFrom: knownFrom(store, from),
    entries,
    requests: requestsAt(store, from, event, ts, limit),
    hazards: { total: open.length, rows: hazardsOf(store, open.slice(0, limit)) },
    rings: ringsOf(groups.get('rings') ?? []),
    counters: countersAt(store, ts),
    tracks: tracksAt(store, ts),
    reach: readReach(store, ts, groups, args.reach),
  };
}

/** An entry that stands, and its group. */
export interface Made {
  readonly group: LiveGroup;
  readonly entry: StateEntry;
}

const ENTRY_COLUMNS = `id, kind, track, ts, frame, bytes, n, status, arg, request,
  CAST(frame AS TEXT), CAST(arg AS TEXT)`;

/** What stands after `event`, of what was made after `from`. */
function standing(store: TraceStore, from: number, event: number): Made[] {
  const entries = new LiveEntries(readLanes(store));
  const rows = new Map<number, unknown[]>();
  const found = store.rows(
    `SELECT ${ENTRY_COLUMNS} FROM events
     WHERE id > ? AND id <= ? AND kind IN (${LIVE_KINDS.join(', ')}) ORDER BY id`,
    from,
    event,
  );
  const none = -Number.MAX_SAFE_INTEGER;
  const number = (value: unknown) => (value === null ? none : int(value));
  for (const row of found) {
    const id = int(row[0]);
    rows.set(id, row);
    entries.apply(
      id,
      int(row[1]),
      int(row[2]),
      number(row[4]),
      number(row[5]),
      number(row[6]),
      number(row[7]),
      number(row[8]),
    );
  }
  const made: Made[] = [];
  for (const [group, id, live] of entries.standing()) {
    const row = rows.get(id);
    if (row !== undefined) made.push({ group, entry: toEntry(row, live) });
  }
  return made.sort((a, b) => a.entry.event - b.entry.event);
}

function toEntry(row: unknown[], live: boolean): StateEntry {
  const kind = int(row[1]);
  return {
    event: int(row[0]),
    kind,
    track: int(row[2]),
    since: int(row[3]),
    key: exactText(row[11], kind),
    frame: exactText(row[10], kind),
    n: intOrNull(row[6]),
    bytes: intOrNull(row[5]),
    request: intOrNull(row[9]),
    live,
    write: null,
  };
}

function readLanes(store: TraceStore): number[] {
  return lanesOf(
    store
      .rows(`SELECT id, actor, substr(name, 1, 200) FROM tracks ORDER BY id LIMIT ${MAX_TRACKS}`)
      .map((row) => ({ id: int(row[0]), actor: int(row[1]), name: text(row[2]) })),
  );
}

/** Of a recording and of a part nobody knows what was there before it began. */
function knownFrom(store: TraceStore, from: number): number | null {
  const startsInTheMiddle = store.meta.has('trimmed') || store.meta.get('status') === 'imported';
  if (from === 0 && !startsInTheMiddle) return null;
  const [row] = store.rows('SELECT ts FROM events WHERE id > ? ORDER BY id LIMIT 1', from);
  return row === undefined ? 0 : int(row[0]);
}

function requestsAt(
  store: TraceStore,
  from: number,
  event: number,
  ts: number,
  limit: number,
): Listed<RequestRow> {
  const ids = store
    .rows(
      `SELECT DISTINCT request FROM events
       WHERE id > ? AND id <= ? AND request IS NOT NULL LIMIT ${MAX_REQUESTS}`,
      from,
      event,
    )
    .map((row) => int(row[0]))
    .sort((a, b) => a - b);
  const rows: RequestRow[] = [];
  for (const id of ids) {
    const [row] = store.rows(
      `SELECT id, submitted, completed, bytes, first_event, last_event FROM requests WHERE id = ?`,
      id,
    );
    if (row === undefined) continue;
    const request = {
      id: int(row[0]),
      submitted: int(row[1]),
      completed: intOrNull(row[2]),
      bytes: int(row[3]),
      firstEvent: int(row[4]),
      lastEvent: int(row[5]),
    };
    const inFlight = request.submitted <= ts && (request.completed ?? Infinity) > ts;
    if (inFlight) rows.push(request);
  }
  return { total: rows.length, rows: rows.slice(0, limit) };
}

function ringsOf(made: readonly Made[]): RingState[] {
  const byTrack = new Map<number, { pushed: number | null; pulled: number | null }>();
  for (const { entry } of made) {
    const ring = byTrack.get(entry.track) ?? { pushed: null, pulled: null };
    const index = entry.key === null ? null : Number(entry.key);
    if (entry.kind === K.ringPush) ring.pushed = index;
    else ring.pulled = index;
    byTrack.set(entry.track, ring);
  }
  return [...byTrack]
    .map(([track, ring]) => ({ track, ...ring }))
    .sort((a, b) => a.track - b.track);
}

function countersAt(store: TraceStore, ts: number): { counter: number; value: number }[] {
  return store
    .rows('SELECT id FROM counters ORDER BY id LIMIT 256')
    .flatMap(([id]) =>
      store
        .rows(
          'SELECT value FROM samples WHERE counter = ? AND ts <= ? ORDER BY ts DESC LIMIT 1',
          int(id),
          ts,
        )
        .map(([value]) => ({ counter: int(id), value: int(value) })),
    );
}

/** Spans under way: those that have begun and last beyond `ts`. */
function tracksAt(store: TraceStore, ts: number): { track: number; spans: OpenSpan[] }[] {
  const byTrack = new Map<number, OpenSpan[]>();
  for (const { id, kind, ts: start, dur, level, request, track } of spansOver(store, ts + 1)) {
    const spans = byTrack.get(track) ?? [];
    spans.push({
      event: id,
      kind,
      ts: start,
      dur,
      level,
      request: request === 0 ? null : request,
    });
    byTrack.set(track, spans);
  }
  return [...byTrack]
    .map(([track, spans]) => ({ track, spans: spans.sort((a, b) => a.level - b.level) }))
    .sort((a, b) => a.track - b.track);
}
