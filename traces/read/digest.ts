/** One pass over the events, in the order of their ids, for a diff. */
import {
  Digester,
  type EventDigest,
  type Provenance,
  type RequestColumns,
  type Row,
  type SequenceEvent,
  type Subject,
  type Track,
} from '../../core/diff/index.ts';
import { profilesOf } from './documents.ts';
import { occurrences, readInfo } from './info.ts';
import { int, MAX_TRACKS, text, type TraceStore } from './store.ts';

/** Rows taken at a time: a call for each row costs more than the row. */
const PAGE = 4096;
/** A run has at most as many; a file may claim any number. */
const MAX_REQUESTS = 5_000_000;
/** Events of one request that are compared one by one. */
const MAX_SEQUENCE = 100_000;

/**
 * A trace as one side of a diff.
 * @param seen called now and then with how many events have been read
 */
export function readSubject(
  store: TraceStore,
  file: string,
  seen: (events: number) => void = () => undefined,
): Subject {
  const info = readInfo(store);
  const meta = (key: string) => store.meta.get(key) ?? null;
  const provenance: Provenance = {
    file,
    kind: info.kind,
    status: info.status,
    program: meta('program'),
    name: meta('name'),
    fingerprint: meta('fingerprint'),
    seed: meta('seed'),
    scenarioHash: meta('scenario_hash'),
    profiles: profilesOf(store),
    sourceName: meta('source_name'),
    sourceSha256: meta('source_sha256'),
  };
  return {
    provenance,
    scenario: info.scenario,
    result: info.result,
    hazards: info.kind === 'imported' ? null : (info.result?.hazards ?? occurrences(store)),
    exposure: info.exposure,
    spanPs: store.span * store.tickPs,
    kinds: info.kinds,
    digest: readDigest(store, seen),
  };
}

function readDigest(store: TraceStore, seen: (events: number) => void): EventDigest {
  const ps = store.tickPs;
  const digester = new Digester(readTracks(store), readRequests(store));
  const page = store.raw(
    `SELECT id, ts, dur, kind, track, level, coalesce(request, 0), coalesce(bytes, 0), coalesce(n, 0)
     FROM events WHERE id > ? ORDER BY id LIMIT ${PAGE}`,
  );
  const row: Row = {
    id: 0,
    ts: 0,
    dur: 0,
    kind: 0,
    track: 0,
    level: 0,
    request: 0,
    bytes: 0,
    n: 0,
  };
  for (;;) {
    const rows = page.all(row.id) as unknown[][];
    for (const values of rows) {
      row.id = int(values[0]);
      row.ts = whole(values[1]) * ps;
      row.dur = whole(values[2]) * ps;
      row.kind = int(values[3]);
      row.track = int(values[4]);
      row.level = int(values[5]);
      row.request = int(values[6]);
      row.bytes = int(values[7]);
      row.n = int(values[8]);
      digester.add(row);
    }
    seen(row.id);
    if (rows.length < PAGE) return digester.finish();
  }
}

/** A time is never negative, and what lasts longer than numbers go is no recording. */
function whole(value: unknown): number {
  const number = int(value);
  if (number < 0 || number > Number.MAX_SAFE_INTEGER)
    throw new RangeError('a time is out of range');
  return number;
}

export function readRequests(store: TraceStore): RequestColumns {
  const rows = store.rows(
    `SELECT id, submitted, completed, bytes, last_event FROM requests ORDER BY id
     LIMIT ${MAX_REQUESTS}`,
  );
  const column = (index: number, scale = 1) =>
    Float64Array.from(rows, (row) => (row[index] === null ? NaN : int(row[index]) * scale));
  return {
    id: column(0),
    submitted: column(1, store.tickPs),
    completed: column(2, store.tickPs),
    bytes: column(3),
    lastEvent: column(4),
  };
}

/**
 * Tracks with the CPU each runs on. A hypervisor has a track for each CPU, in the order of the CPUs,
 * whose detail ends with the CPU's: `on backend CPU 0`. Where that is not so it stands for itself.
 */
export function readTracks(store: TraceStore): Track[] {
  const rows = store
    .rows(
      `SELECT t.id, coalesce(a.role, ''), t.detail FROM tracks t LEFT JOIN actors a ON a.id = t.actor
       ORDER BY t.id LIMIT ${MAX_TRACKS}`,
    )
    .map((row) => ({ id: int(row[0]), role: text(row[1]), detail: text(row[2]) }));
  const cpus = [
    ...rows.filter(({ role }) => role === 'frontend'),
    ...rows.filter(({ role }) => role === 'backend'),
  ];
  const hypervisors = rows.filter(({ role }) => role === 'hypervisor');
  const paired =
    cpus.length === hypervisors.length &&
    cpus.every(({ detail }, i) => hypervisors[i]?.detail.endsWith(detail));
  return rows.map(({ id, role }) => {
    const place = hypervisors.findIndex((each) => each.id === id);
    return { id, role, cpu: paired && place !== -1 ? (cpus[place]?.id ?? id) : id };
  });
}

/** Events of one request by id. */
export function readSequence(store: TraceStore, request: number): SequenceEvent[] {
  return store
    .rows(
      `SELECT e.id, e.kind, e.ts FROM requests r JOIN events e
       ON e.id BETWEEN r.first_event AND r.last_event AND e.request = r.id
       WHERE r.id = ? ORDER BY e.id LIMIT ${MAX_SEQUENCE}`,
      request,
    )
    .map((row) => ({ event: int(row[0]), kind: int(row[1]), at: int(row[2]) * store.tickPs }));
}
