/** Who reaches which frames at a moment, and whether a request in flight needs that. */
import { firstWhere } from '../../core/base/first-where.ts';
import { K } from '../../core/contract/kinds.ts';
import { MAX_REACH_RANGES, type ReachState } from '../../core/contract/methods/index.ts';
import { standingRows, type Start } from './keyframe.ts';
import type { Made } from './state.ts';
import { int, intOrNull, text, type TraceStore } from './store.ts';

const PAGE = 4096n;
const FIRST_RECORDED_KIND = 150;
/** Indices into `REACHES`. */
const NEEDED = 0;
const NEEDLESS = 1;
const STALE = 2;
const MAPPED = 3;
const UNKNOWN = 2;
/** Guests and ranges of a whole run: a simulation has a few. */
const MAX_GUESTS = 1024;
/** Rows between two keyframes. */
const MAX_ROWS = 500_000;

/** Ends of times; NULL for those that last to the end. */
const END = { reach: 't.ts + t.mapped + t.stale', needs: 't.ts + t.dur' } as const;

type Only = { readonly first: number; readonly frames: number } | undefined;

/** What the trace says of reach at a moment. */
export interface Reached {
  readonly state: ReachState;
  /** Single frames by role and mfn, `backend 4711`. */
  readonly frames: ReadonlyMap<string, { readonly stale: boolean; readonly write: boolean }>;
}

/** A range of frames that somebody reaches or needs. */
interface Range {
  readonly frame: number;
  readonly frames: number;
}
interface Reach extends Range {
  readonly stale: boolean;
  readonly write: number;
}

/** Null where the trace does not say: a recording, a trace of version 1. */
export function readReach(store: TraceStore, ts: number, start: Start, only: Only): Reached | null {
  const guests = store
    .rows(
      `SELECT substr(name, 1, 200), frame, frames, gfn FROM guests ORDER BY id LIMIT ${MAX_GUESTS}`,
    )
    .map((row) => ({
      name: text(row[0]),
      first: int(row[1]),
      frames: int(row[2]),
      firstGfn: int(row[3]),
    }));
  if (guests.length === 0) return null;
  const roles = new Map(
    store
      .rows(`SELECT id, substr(role, 1, 200) FROM actors ORDER BY id LIMIT ${MAX_GUESTS}`)
      .map((row) => [int(row[0]), text(row[1])]),
  );
  const ranges = new Map<string, Reach[]>();
  const frames = new Map<string, { stale: boolean; write: boolean }>();
  const add = (actor: number, reach: Reach) => {
    const role = roles.get(actor) ?? `actor ${actor}`;
    const known = ranges.get(role);
    if (known === undefined) ranges.set(role, [reach]);
    else known.push(reach);
    return role;
  };
  for (const row of store.rows(
    `SELECT actor, frame, frames FROM standing_reach ORDER BY id LIMIT ${MAX_GUESTS}`,
  )) {
    add(int(row[0]), { frame: int(row[1]), frames: int(row[2]), stale: false, write: 1 });
  }
  for (const row of openAt(
    store,
    'reach',
    't.actor, t.frame, t.write, t.ts + t.mapped',
    ts,
    start,
  )) {
    const [actor, frame, write] = [int(row[3]), int(row[4]), int(row[5])];
    const stale = (intOrNull(row[6]) ?? Infinity) <= ts;
    const role = add(actor, { frame, frames: 1, stale, write });
    frames.set(`${role} ${frame}`, { stale, write: write === 1 });
  }
  const needs = openAt(store, 'needs', 't.frame, t.frames', ts, start).map((row): Range => ({
    frame: int(row[3]),
    frames: int(row[4]),
  }));
  const pieces = [...ranges].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    frames,
    state: toState(
      guests,
      pieces.map(([role]) => role),
      pieces.flatMap(([, reach], actor) => sweep(actor, reach, needs, only)),
    ),
  };
}

/**
 * Rows of a table of times that hold at `ts`: those that stood at the keyframe before, those that stand
 * at the one after, and those in between that had begun and not ended.
 */
function openAt(
  store: TraceStore,
  table: 'reach' | 'needs',
  columns: string,
  ts: number,
  { keyframe, nextTs }: Start,
): unknown[][] {
  const wanted = `t.id, t.ts, ${END[table]}, ${columns}`;
  const what = table === 'reach' ? 'reach' : 'need';
  const found = standingRows(store, keyframe, what, table, wanted);
  if (nextTs !== Infinity) {
    for (const row of standingRows(store, keyframe + 1, what, table, wanted)) found.push(row);
  }
  const rows = store.rows(
    `SELECT ${wanted} FROM ${table} AS t
     WHERE t.id >= ? AND t.id < ? AND t.ts <= ? LIMIT ${MAX_ROWS}`,
    firstEndingAfter(store, table, ts),
    nextTs === Infinity ? Number.MAX_SAFE_INTEGER : firstEndingAfter(store, table, nextTs),
    ts,
  );
  for (const row of rows) found.push(row);
  const open = new Map<number, unknown[]>();
  for (const row of found) {
    const holds = int(row[1]) <= ts && (intOrNull(row[2]) ?? Infinity) > ts;
    if (holds) open.set(int(row[0]), row);
  }
  return [...open.values()];
}

/** Rows lie in the order of their ends, those that never end last: a binary search. */
function firstEndingAfter(store: TraceStore, table: 'reach' | 'needs', ts: number): number {
  const last = int(store.rows(`SELECT coalesce(max(id), 0) FROM ${table}`)[0]?.[0]);
  return firstWhere(1, last + 1, (id) => {
    const [row] = store.rows(`SELECT ${END[table]} FROM ${table} AS t WHERE id = ?`, id);
    return row === undefined || (intOrNull(row[0]) ?? Infinity) > ts;
  });
}

interface Piece {
  readonly actor: number;
  frame: number;
  frames: number;
  readonly how: number;
  readonly write: number;
}

/** Reach and needs, cut into ranges of one state each. */
function sweep(
  actor: number,
  reach: readonly Reach[],
  needs: readonly Range[],
  only: Only,
): Piece[] {
  // At each edge, what changes: mapped, mapped for writing, stale, needed.
  const edges: [at: number, count: number, delta: number][] = [];
  const edge = ({ frame, frames }: Range, count: number) => {
    const from = Math.max(frame, only?.first ?? frame);
    const end = Math.min(frame + frames, only === undefined ? Infinity : only.first + only.frames);
    if (from < end) edges.push([from, count, 1], [end, count, -1]);
  };
  for (const each of reach) {
    edge(each, each.stale ? 2 : 0);
    if (!each.stale && each.write === 1) edge(each, 1);
  }
  for (const each of needs) edge(each, 3);
  edges.sort((a, b) => a[0] - b[0]);
  const pieces: Piece[] = [];
  const counts = [0, 0, 0, 0];
  edges.forEach(([at, count, delta], i) => {
    counts[count] = (counts[count] as number) + delta;
    const next = edges[i + 1]?.[0] ?? at;
    const [mapped = 0, writable = 0, stale = 0, needed = 0] = counts;
    if (next === at || mapped + stale === 0) return;
    const how = mapped === 0 ? STALE : needed > 0 ? NEEDED : NEEDLESS;
    const write = writable > 0 || mapped === 0 ? 1 : 0;
    const last = pieces.at(-1);
    const goesOn = last?.how === how && last.write === write && last.frame + last.frames === at;
    if (goesOn) last.frames += next - at;
    else pieces.push({ actor, frame: at, frames: next - at, how, write });
  });
  return pieces;
}

/** From the entries that stand, where the trace says nothing else: what is needed is not known. */
export function reachOf(entries: readonly Made[], only: Only): ReachState {
  const end = only === undefined ? Infinity : only.first + only.frames;
  const pieces: Piece[] = [];
  for (const { group, entry } of entries) {
    if ((group !== 'maps' && group !== 'iommu') || entry.frame === null) continue;
    const isRecorded = entry.kind >= FIRST_RECORDED_KIND;
    const frame = Number(isRecorded ? BigInt(entry.frame) / PAGE : BigInt(entry.frame));
    const frames = isRecorded
      ? Math.max(1, Math.ceil((entry.bytes ?? 0) / Number(PAGE)))
      : (entry.n ?? 1);
    if (frame + frames <= (only?.first ?? 0) || frame >= end) continue;
    const actor = group === 'iommu' || entry.kind === K.grantLightMap ? 1 : 0;
    const how = entry.live ? MAPPED : STALE;
    pieces.push({ actor, frame, frames, how, write: UNKNOWN });
  }
  pieces.sort((a, b) => a.actor - b.actor || a.frame - b.frame);
  return toState([], ['backend', 'device'], pieces);
}

function toState(
  guests: ReachState['guests'],
  actors: readonly string[],
  pieces: readonly Piece[],
): ReachState {
  const kept = pieces.slice(0, MAX_REACH_RANGES);
  return {
    guests,
    actors,
    actor: kept.map((each) => each.actor),
    frame: kept.map((each) => each.frame),
    frames: kept.map((each) => each.frames),
    how: kept.map((each) => each.how),
    write: kept.map((each) => each.write),
    truncated: kept.length < pieces.length,
  };
}
