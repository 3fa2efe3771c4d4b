/** The state of the machine at a moment. */
import type {
  EntryGroup,
  Listed,
  OpenSpan,
  RequestRow,
  StateEntry,
  TraceState,
} from '../../core/contract/methods/index.ts';
import { ENTRY_GROUPS } from '../../core/contract/methods/index.ts';
import { NONE } from '../../core/engine/recording.ts';
import { LIVE_KINDS, LiveEntries, lanesOf, type LiveGroup } from '../state/live.ts';
import { spansOver } from './covering.ts';
import { hazardsOf } from './hazards.ts';
import { standingRows, startOf, type Start } from './keyframe.ts';
import { reachOf, readReach, type Reached } from './reach.ts';
import { ringsOf } from './rings.ts';
import { exactText } from './rows.ts';
import { MAX_TRACKS, int, intOrNull, text, type TraceStore } from './store.ts';

export interface StateArgs {
  /** Ticks. */
  readonly ts: number;
  /** Rows of each list at most. */
  readonly limit: number;
  readonly reach?: { readonly first: number; readonly frames: number } | undefined;
}

/** Requests looked at for one moment. */
const MAX_REQUESTS = 100_000;

/** The state just after everything that begins at `ts`. */
export function readState(store: TraceStore, args: StateArgs): TraceState {
  const { limit } = args;
  const ts = Math.floor(args.ts);
  const event = store.firstAt(ts + 1) - 1;
  const start = startOf(store, event);
  const reach = readReach(store, ts, start, args.reach);
  const live = standing(store, start, event, reach);
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
  const requests = requestsAt(store, start, event, ts);
  const open = (groups.get('hazards') ?? []).map(({ entry }) => Number(entry.key));
  return {
    ts,
    event,
    knownFrom: knownFrom(store, start),
    entries,
    requests: { total: requests.length, rows: requests.slice(0, limit) },
    hazards: { total: open.length, rows: hazardsOf(store, open.slice(0, limit)) },
    rings: ringsOf(store, groups.get('rings') ?? [], event, requests),
    counters: countersAt(store, ts),
    tracks: tracksAt(store, ts),
    reach: reach?.state ?? reachOf(live, args.reach),
  };
}

/** An entry that stands, and its group. */
export interface Made {
  readonly group: LiveGroup;
  readonly entry: StateEntry;
}

const ENTRY_COLUMNS = `t.id, t.kind, t.track, t.ts, t.frame, t.bytes, t.n, t.status, t.arg, t.request,
  CAST(t.frame AS TEXT), CAST(t.arg AS TEXT)`;

/** What stands after `event`. */
export function standing(
  store: TraceStore,
  { keyframe, from }: Start,
  event: number,
  reach: Reached | null,
): Made[] {
  const entries = new LiveEntries(readLanes(store));
  const rows = new Map<number, unknown[]>();
  const apply = (row: unknown[]) => {
    const id = int(row[0]);
    const [kind, track] = [int(row[1]), int(row[2])];
    const [frame, bytes, n] = [orNone(row[4]), orNone(row[5]), orNone(row[6])];
    rows.set(id, row);
    entries.apply(id, kind, track, frame, bytes, n, orNone(row[7]), orNone(row[8]));
  };
  standingRows(store, keyframe, 'event', 'events', ENTRY_COLUMNS)
    .sort((a, b) => int(a[0]) - int(b[0]))
    .forEach(apply);
  store
    .rows(
      `SELECT ${ENTRY_COLUMNS} FROM events AS t
       WHERE id > ? AND id <= ? AND kind IN (${LIVE_KINDS.join(', ')}) ORDER BY id`,
      from,
      event,
    )
    .forEach(apply);
  const made: Made[] = [];
  for (const [group, id, live] of entries.standing()) {
    const row = rows.get(id);
    if (row === undefined) continue;
    const actor = group === 'iommu' ? 'device' : group === 'maps' ? 'backend' : null;
    const known = actor === null ? undefined : reach?.frames.get(`${actor} ${String(row[4])}`);
    // What is not in a table any more matters only while a cached translation leads there.
    // What becomes of frames that are no guest's is not followed: until its flush it may be cached.
    const isGuests = reach !== null && isOfGuest(reach, int(row[4] ?? -1));
    if (!live && isGuests && known?.stale !== true) continue;
    made.push({ group, entry: toEntry(row, live, known?.write ?? null) });
  }
  return made.sort((a, b) => a.entry.event - b.entry.event);
}

function isOfGuest({ state }: Reached, frame: number): boolean {
  return state.guests.some((each) => frame >= each.first && frame < each.first + each.frames);
}

function orNone(value: unknown): number {
  return value === null ? NONE : int(value);
}

function toEntry(row: unknown[], live: boolean, write: boolean | null): StateEntry {
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
    write,
  };
}

export function readLanes(store: TraceStore): number[] {
  return lanesOf(
    store
      .rows(`SELECT id, actor, substr(name, 1, 200) FROM tracks ORDER BY id LIMIT ${MAX_TRACKS}`)
      .map((row) => ({ id: int(row[0]), actor: int(row[1]), name: text(row[2]) })),
  );
}

/** Of a recording and of a part nobody knows what was there before it began. */
function knownFrom(store: TraceStore, { whole, from }: Start): number | null {
  const startsInTheMiddle = store.meta.has('trimmed') || store.meta.get('status') === 'imported';
  if (whole && !startsInTheMiddle) return null;
  const [row] = store.rows('SELECT ts FROM events WHERE id > ? LIMIT 1', whole ? 0 : from);
  return row === undefined ? 0 : int(row[0]);
}

/** A request in flight was so at the keyframe, or has had its first event since. */
function requestsAt(
  store: TraceStore,
  { keyframe, from }: Start,
  event: number,
  ts: number,
): RequestRow[] {
  const before = standingRows(store, keyframe, 'request', 'requests', 't.id');
  const since = store.rows(
    `SELECT DISTINCT request FROM events
     WHERE id > ? AND id <= ? AND request IS NOT NULL LIMIT ${MAX_REQUESTS}`,
    from,
    event,
  );
  const ids = [...new Set([...before, ...since].map((row) => int(row[0])))].sort((a, b) => a - b);
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
  return rows;
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
