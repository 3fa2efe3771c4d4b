/**
 * A part of a trace in figures. Long parts are read from the summaries, the widest that lie inside;
 * only what is left over at both ends is counted event by event.
 */
import type { RangeStatistics, RangeRow } from '../../core/contract/methods/index.ts';
import { trackIds } from './covering.ts';
import { int, type TraceStore } from './store.ts';

const MAX_HAZARD_CODES = 64;
/** Rows of a statement; a trace has at most so many kinds and tracks together. */
const MAX_ROWS = 100_000;

type Sums = { -readonly [Name in keyof RangeRow]: RangeRow[Name] };

/** Statistics of the events with `from` <= `ts` < `to`. */
export function readRange(store: TraceStore, from: number, to: number): RangeStatistics {
  const sums = new Map<string, Sums>();
  const add = (row: unknown[]) => {
    const [track, kind, events] = [int(row[0]), int(row[1]), int(row[2])];
    if (events === 0) return;
    const key = `${track}:${kind}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { track, kind, events: 0, busy: 0, longest: 0, bytes: 0 };
      sums.set(key, sum);
    }
    sum.events += events;
    sum.busy += int(row[3]);
    sum.longest = Math.max(sum.longest, int(row[4]));
    sum.bytes += int(row[5]);
  };
  const first = Math.ceil(from);
  const end = Math.ceil(to);
  if (end > first) addPart(store, first, end, store.lodLevels - 1, add);
  const rows = [...sums.values()].sort((a, b) => a.track - b.track || a.kind - b.kind);
  const events = rows.reduce((total, row) => total + row.events, 0);
  return {
    from,
    to,
    events,
    rows,
    ...readRequests(store, from, to),
    ...readHazards(store, from, to),
  };
}

/** What lies in a part: whole buckets of a level, the rest from the levels below it. */
function addPart(
  store: TraceStore,
  from: number,
  end: number,
  level: number,
  add: (row: unknown[]) => void,
): void {
  if (end <= from) return;
  if (level < 0) {
    addEvents(store, from, end, add);
    return;
  }
  const width = store.lodTicks * 4 ** level;
  const first = Math.ceil(from / width);
  const last = Math.floor(end / width);
  if (last <= first) {
    addPart(store, from, end, level - 1, add);
    return;
  }
  for (const track of trackIds(store)) {
    for (const row of store.rows(
      `SELECT track, kind, sum(n), sum(busy), max(longest), sum(coalesce(bytes, 0)) FROM lod
       WHERE level = ? AND track = ? AND bucket BETWEEN ? AND ? GROUP BY kind LIMIT ${MAX_ROWS}`,
      level,
      track,
      first,
      last - 1,
    )) {
      add(row);
    }
  }
  addPart(store, from, first * width, level - 1, add);
  addPart(store, last * width, end, level - 1, add);
}

function addEvents(
  store: TraceStore,
  from: number,
  end: number,
  add: (row: unknown[]) => void,
): void {
  for (const row of store.rows(
    `SELECT track, kind, count(*), sum(dur), max(dur), sum(coalesce(bytes, 0)) FROM events
     WHERE id >= ? AND id < ? GROUP BY track, kind LIMIT ${MAX_ROWS}`,
    store.firstAt(from),
    store.firstAt(end),
  )) {
    add(row);
  }
}

function readRequests(
  store: TraceStore,
  from: number,
  to: number,
): Pick<RangeStatistics, 'requests'> {
  const [row = []] = store.rows(
    `SELECT sum(submitted >= ? AND submitted < ?), sum(completed >= ? AND completed < ?),
       sum(CASE WHEN completed >= ? AND completed < ? THEN bytes ELSE 0 END) FROM requests`,
    ...[from, to, from, to, from, to],
  );
  const [submitted, completed, completedBytes] = [0, 1, 2].map((at) => Number(row[at] ?? 0));
  return {
    requests: {
      submitted: submitted ?? 0,
      completed: completed ?? 0,
      completedBytes: completedBytes ?? 0,
    },
  };
}

function readHazards(
  store: TraceStore,
  from: number,
  to: number,
): Pick<RangeStatistics, 'hazards'> {
  return {
    hazards: store
      .rows(
        `SELECT code, sum(opened >= ?), count(*), sum(frames) FROM hazards
         WHERE opened < ? AND (closed IS NULL OR closed > ?)
         GROUP BY code ORDER BY code LIMIT ${MAX_HAZARD_CODES}`,
        from,
        to,
        from,
      )
      .map((row) => ({
        code: String(row[0]),
        began: int(row[1]),
        open: int(row[2]),
        frames: int(row[3]),
      })),
  };
}
