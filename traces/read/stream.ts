/** The requests of a trace as a stream that can be played again. */
import { K } from '../../core/contract/kinds.ts';
import { protocolOf, type Scenario } from '../../core/contract/scenario.ts';
import { scenarioOf } from './documents.ts';
import { int, type TraceStore } from './store.ts';

/** As many requests as the scenario of a trace has room for. */
const MAX_REQUESTS = 100_000;

/** What `recorded` of a scenario says, and how many requests did not find room in it. */
export interface RequestStream {
  readonly protocol: 'net' | 'blk';
  readonly stream: [number, number, number][];
  readonly left: number;
}

/**
 * Starts in nanoseconds after the first, bytes, and directions (0 out of the guest, 1 into it). Where
 * the workload does not say which direction a request had, a device that wrote for it says so; the rest
 * went out. Requests without bytes are left out.
 */
export function readStream(store: TraceStore): RequestStream {
  const scenario = scenarioOf(store);
  const known = scenario === null ? undefined : DIRECTIONS[scenario.workload];
  const disk = hasDiskRequests(store);
  const came = known === undefined ? requestsThatCame(store, disk) : null;
  const rows = store.rows(
    'SELECT id, submitted, bytes FROM requests WHERE bytes > 0 ORDER BY submitted, id LIMIT ?',
    MAX_REQUESTS,
  );
  const first = int(rows[0]?.[1] ?? 0);
  const stream = rows.map(([id, submitted, bytes]): [number, number, number] => [
    ((int(submitted) - first) * store.tickPs) / 1000,
    int(bytes),
    came === null ? (known as number) : Number(came.has(int(id))),
  ]);
  const [all] = store.rows('SELECT count(*) FROM requests WHERE bytes > 0');
  return {
    protocol: disk ? 'blk' : protocolIn(scenario),
    stream,
    left: int(all?.[0]) - stream.length,
  };
}

const DIRECTIONS: Partial<Record<Scenario['workload'], 0 | 1>> = {
  'net-tx': 0,
  'net-rx': 1,
  'blk-write': 0,
  'blk-read': 1,
};

function protocolIn(scenario: Scenario | null): 'net' | 'blk' {
  return scenario !== null && protocolOf(scenario) === 'blk' ? 'blk' : 'net';
}

/** Did somebody record the requests of a disk? */
function hasDiskRequests(store: TraceStore): boolean {
  return store.rows('SELECT 1 FROM lod WHERE kind = ? LIMIT 1', K.recIssue).length > 0;
}

/** Requests for which a device has written; of a recorded disk, those that read. */
function requestsThatCame(store: TraceStore, disk: boolean): ReadonlySet<number> {
  const rows = store.rows(
    `SELECT DISTINCT request FROM events
     WHERE kind = ? AND request IS NOT NULL ${disk ? 'AND status = 0' : ''}`,
    disk ? K.recIssue : K.dmaWrite,
  );
  return new Set(rows.map(([id]) => int(id)));
}
