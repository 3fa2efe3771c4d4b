/** What a trace is, before anything of it is drawn. */
import { CATEGORIES, COUNT_KEYS } from '../../core/contract/kinds.ts';
import type {
  CounterInfo,
  ImportCounts,
  KindInfo,
  LibraryEntry,
  TraceInfo,
  TraceKind,
  TrackInfo,
} from '../../core/contract/methods/index.ts';
import type { Exposure } from '../../core/contract/result.ts';
import { importCountsOf, partOf, resultOf, scenarioOf } from './documents.ts';
import { MAX_TRACKS, int, intOrNull, text, type TraceStore } from './store.ts';

const ACTIVITY_PARTS = 48;
/** So few events are counted one by one; more by their summaries. */
const ACTIVITY_EVENTS = 20_000;

/** What `info --json` prints. */
export interface TraceDescription {
  readonly file: string;
  readonly kind: TraceKind;
  readonly status: string;
  readonly events: number;
  readonly requests: number;
  readonly spanNs: number;
  /** Everything in `meta`, as text. */
  readonly provenance: Record<string, string>;
  readonly importCounts?: ImportCounts;
}

/** What a trace says of itself for a list of traces. */
export type TraceSummary = Omit<LibraryEntry, 'id' | 'file' | 'origin' | 'sizeBytes'>;

export function statusOf(store: TraceStore): string {
  return store.meta.get('status') ?? 'unknown';
}

export function kindOfTrace(store: TraceStore): TraceKind {
  const status = statusOf(store);
  if (status === 'complete') return 'simulated';
  if (status === 'imported') return 'imported';
  return store.meta.has('trimmed') ? 'part' : 'interrupted';
}

export function readDescription(store: TraceStore, file: string): TraceDescription {
  const importCounts = importCountsOf(store);
  return {
    file,
    kind: kindOfTrace(store),
    status: statusOf(store),
    events: store.lastId,
    requests: requestsOf(store),
    spanNs: spanNs(store),
    provenance: Object.fromEntries(store.meta),
    ...(importCounts === null ? {} : { importCounts }),
  };
}

export function readSummary(store: TraceStore): TraceSummary {
  const result = resultOf(store);
  const scenario = scenarioOf(store);
  const recorded = kindOfTrace(store) === 'imported';
  return {
    name: store.meta.get('name') ?? '',
    kind: kindOfTrace(store),
    status: statusOf(store),
    strategy: scenario?.strategy ?? null,
    hypervisor: scenario?.hypervisor ?? null,
    soc: scenario?.soc ?? null,
    workload: scenario?.workload ?? null,
    pair: result?.pair ?? null,
    events: store.lastId,
    requests: requestsOf(store),
    spanNs: spanNs(store),
    recordedAt: store.meta.get('recorded_at') ?? '',
    hazards: recorded ? null : (result?.hazards ?? occurrences(store)),
    activity: readActivity(store),
    importCounts: importCountsOf(store),
    part: partOf(store),
    problem: null,
  };
}

export function readInfo(store: TraceStore): Omit<TraceInfo, 'id'> {
  return {
    name: store.meta.get('name') ?? '',
    kind: kindOfTrace(store),
    status: statusOf(store),
    tickPs: store.tickPs,
    firstTick: firstTick(store),
    lastTick: store.span,
    events: store.lastId,
    requests: requestsOf(store),
    tracks: readTracks(store),
    kinds: readKinds(store),
    counters: readCounterInfos(store),
    exposure: readExposure(store),
    hazardsTotal: int(store.rows('SELECT count(*) FROM hazards')[0]?.[0]),
    provenance: Object.fromEntries(store.meta),
    scenario: scenarioOf(store),
    result: resultOf(store),
    importCounts: importCountsOf(store),
    part: partOf(store),
  };
}

function requestsOf(store: TraceStore): number {
  return int(store.rows('SELECT count(*) FROM requests')[0]?.[0]);
}

function spanNs(store: TraceStore): number {
  return ((store.span - firstTick(store)) * store.tickPs) / 1000;
}

/** A part keeps the times of the whole, so that it need not begin at 0. */
function firstTick(store: TraceStore): number {
  const part = partOf(store);
  if (part === null) return 0;
  const first = part.from ?? int(store.rows('SELECT min(ts) FROM events WHERE id = 1')[0]?.[0]);
  return Math.min(first, store.span);
}

/** Occurrences by hazard, for a run that left no result: what it did not see it may not have checked. */
export function occurrences(store: TraceStore): Record<string, number> {
  const rows = store.rows('SELECT code, sum(frames) FROM hazards GROUP BY code LIMIT 100');
  return Object.fromEntries(rows.map(([code, frames]) => [text(code), int(frames)]));
}

function readTracks(store: TraceStore): TrackInfo[] {
  return store
    .rows(
      `SELECT t.id, t.name, t.detail, coalesce(a.name, ''), t.levels, t.events
       FROM tracks AS t LEFT JOIN actors AS a ON a.id = t.actor ORDER BY t.id LIMIT ${MAX_TRACKS}`,
    )
    .map((row) => ({
      id: int(row[0]),
      name: text(row[1]),
      detail: text(row[2]),
      actor: text(row[3]),
      levels: int(row[4]),
      events: int(row[5]),
    }));
}

function readKinds(store: TraceStore): KindInfo[] {
  const events = new Map(
    store
      .rows('SELECT kind, sum(n) FROM lod WHERE level = ? GROUP BY kind', store.lodLevels - 1)
      .map((row) => [int(row[0]), int(row[1])]),
  );
  return store
    .rows('SELECT code, name, category, counts, frame, arg, doc FROM kinds ORDER BY code LIMIT 256')
    .map((row) => {
      const code = int(row[0]);
      const counts = text(row[3]).split(',');
      return {
        code,
        name: text(row[1]),
        category: CATEGORIES.find((each) => each === row[2]) ?? 'other',
        counts: COUNT_KEYS.filter((key) => counts.includes(key)),
        frame: row[4] === null ? null : text(row[4]),
        arg: row[5] === null ? null : text(row[5]),
        doc: text(row[6]),
        events: events.get(code) ?? 0,
      };
    });
}

function readCounterInfos(store: TraceStore): CounterInfo[] {
  return store
    .rows(
      `SELECT id, name, unit, (SELECT max(value) FROM samples WHERE counter = id)
       FROM counters ORDER BY id LIMIT 256`,
    )
    .map((row) => ({
      id: int(row[0]),
      name: text(row[1]),
      unit: text(row[2]),
      max: intOrNull(row[3]),
    }));
}

function readExposure(store: TraceStore): Record<string, Exposure> | null {
  const rows = store.rows(
    `SELECT actor, held_byte_seconds, obtainable_byte_seconds, standing_bytes,
            granule_byte_seconds, stale_byte_seconds FROM exposure ORDER BY actor LIMIT 1000`,
  );
  if (rows.length === 0) return null;
  return Object.fromEntries(
    rows.map((row) => [
      text(row[0]),
      {
        heldByteSeconds: int(row[1]),
        obtainableByteSeconds: int(row[2]),
        standingBytes: int(row[3]),
        granuleByteSeconds: int(row[4]),
        staleByteSeconds: int(row[5]),
      },
    ]),
  );
}

/** Events that start in each of 48 equal parts of the span. */
function readActivity(store: TraceStore): number[] {
  const parts = new Array<number>(ACTIVITY_PARTS).fill(0);
  const first = firstTick(store);
  const width = Math.max(store.span - first, 1) / ACTIVITY_PARTS;
  const add = (ts: number, n: number) => {
    const part = Math.min(Math.max(Math.floor((ts - first) / width), 0), ACTIVITY_PARTS - 1);
    parts[part] = (parts[part] ?? 0) + n;
  };
  if (store.lastId <= ACTIVITY_EVENTS) {
    for (const row of store.rows('SELECT ts FROM events')) add(int(row[0]), 1);
    return parts;
  }
  let level = 0;
  while (level + 1 < store.lodLevels && store.lodTicks * 4 ** (level + 1) <= width / 4) level += 1;
  const ticks = store.lodTicks * 4 ** level;
  for (const row of store
    .raw('SELECT bucket, n FROM lod WHERE level = ? LIMIT 1000000')
    .iterate(level)) {
    const [bucket, n] = row as unknown[];
    // A bucket counts where its middle lies; it is at most a quarter of a part wide.
    add((int(bucket) + 0.5) * ticks, int(n));
  }
  return parts;
}
