/** The figures of a run as columns, so that SQL and CSV tools can use them. */
import {
  ACTOR_IDS,
  COUNT_KEYS,
  HAZARD_IDS,
  HAZARDS,
  ofActor,
  type ActorId,
  type ByActor,
  type Exposure,
  type RunResult,
} from '../../../core/contract/index.ts';

export type Cell = string | number | null;

/** One figure: a column of the table `runs` and of the view `results`. */
export interface Figure {
  readonly column: string;
  readonly type: 'TEXT' | 'INTEGER' | 'REAL';
  readonly unit: string;
  readonly doc: string;
  /** NULL where a run has no such figure, or does not check it. */
  readonly of: (result: RunResult) => Cell;
}

const figure = (
  column: string,
  type: Figure['type'],
  unit: string,
  doc: string,
  of: Figure['of'],
): Figure => ({ column, type, unit, doc, of });

/** `payloadBytes` as `payload_bytes`. */
export const snake = (name: string) => name.replace(/[A-Z]/g, (each) => `_${each.toLowerCase()}`);
const total = (values: ByActor) => Object.values(values).reduce((sum, each) => sum + each, 0);

const RATES: readonly Figure[] = [
  figure('fingerprint', 'TEXT', '', 'Hash over the event stream.', (r) => r.fingerprint),
  figure('events', 'INTEGER', '', 'Recorded operations, whole run.', (r) => r.events),
  figure('finished', 'INTEGER', 'requests', 'Requests that are over.', (r) => r.requests),
  figure('simulated_ns', 'REAL', 'ns', 'Virtual time of the run.', (r) => r.simulatedNs),
  figure('warmup_ns', 'REAL', 'ns', 'Part of it before the steady state.', (r) => r.warmupNs),
  figure('throughput_gbps', 'REAL', 'Gb/s', 'Payload carried.', (r) => r.throughputGbps),
  figure('requests_per_second', 'REAL', '1/s', 'Requests carried.', (r) => r.requestsPerSecond),
  figure('bottleneck', 'TEXT', '', 'What the run waits for.', (r) => r.bottleneck),
  figure('cpu_ns_per_request', 'REAL', 'ns', 'CPU time of all actors.', (r) =>
    total(r.cpuNsPerRequest),
  ),
  figure('cpu_ns_per_byte', 'REAL', 'ns/B', 'CPU time of all actors.', (r) =>
    total(r.cpuNsPerByte),
  ),
];

const CPU: readonly Figure[] = ACTOR_IDS.flatMap((actor) => [
  figure(`${actor}_cpu_ns_per_request`, 'REAL', 'ns', `CPU time of actor ${actor}.`, (r) =>
    ofActor(r.cpuNsPerRequest, actor),
  ),
  figure(`${actor}_cpu_ns_per_byte`, 'REAL', 'ns/B', `CPU time of actor ${actor}.`, (r) =>
    ofActor(r.cpuNsPerByte, actor),
  ),
]);

const LATENCY: readonly Figure[] = (['p50', 'p90', 'p99', 'p999', 'max'] as const).map((each) =>
  figure(
    `latency_${each}_ns`,
    'REAL',
    'ns',
    `Latency of a request, ${each}.`,
    (r) => r.latencyNs[each],
  ),
);

const COUNTS: readonly Figure[] = [
  ...COUNT_KEYS.map((key) =>
    figure(
      `${snake(key)}_count`,
      'INTEGER',
      '',
      `Operations counted as ${key}, whole run.`,
      (r) => r.counts[key],
    ),
  ),
  figure('copied_bytes', 'INTEGER', 'B', 'Bytes copied by any agent.', (r) => r.copiedBytes),
  figure('dropped', 'INTEGER', 'requests', 'Lost, or answered with an error.', (r) => r.dropped),
];

const MEMORY: readonly Figure[] = [
  ...(['frontend', 'backend'] as const).map((actor) =>
    figure(
      `${actor}_memory_bytes`,
      'INTEGER',
      'B',
      `Most payload memory held by the ${actor}.`,
      (r) => ofActor(r.memoryBytes, actor),
    ),
  ),
  figure('pinned_pages_max', 'INTEGER', 'pages', 'Most pages pinned.', (r) => r.pinnedPagesMax),
  figure('iotlb_hit_rate', 'REAL', '', 'IOTLB hits, 0 to 1.', (r) => r.hitRate.iotlb),
  figure('walk_cache_hit_rate', 'REAL', '', 'Page-walk cache hits.', (r) => r.hitRate.walkCache),
  figure('ddio_hit_rate', 'REAL', '', 'Device accesses that hit a cache.', (r) => r.hitRate.ddio),
];

const DIRTY = [
  ['dirty', 'dirty_pages', 'Pages that the device wrote, as the monitor tells'],
  ['missed', 'dirty_pages_missed', 'Pages written that it did not tell'],
  ['needless', 'dirty_pages_needless', 'Pages that it told and that were not written'],
] as const;

const SAFETY: readonly Figure[] = [
  ...HAZARD_IDS.map((id) =>
    figure(
      `hazard_${id.toLowerCase()}`,
      'INTEGER',
      '',
      `Hazard ${id}, ${HAZARDS[id].name}; NULL: not checked.`,
      (r) => r.hazards[id],
    ),
  ),
  figure(
    'wrong_data_on_wire',
    'INTEGER',
    'frames',
    'Frames sent after they were something else.',
    (r) => r.wrongDataOnWire,
  ),
  ...(['p50', 'p99', 'max'] as const).map((each) =>
    figure(
      `window_${each}_ns`,
      'REAL',
      'ns',
      `How long a payload page stayed reachable by others, ${each}.`,
      (r) => r.windowsNs[each],
    ),
  ),
  ...DIRTY.map(([part, column, doc]) =>
    figure(column, 'INTEGER', 'pages', `${doc}; NULL: no monitor of dirty pages.`, (r) =>
      r.dirtyPages === null ? null : r.dirtyPages[part],
    ),
  ),
];

const EXPOSURE_PARTS: Readonly<Record<keyof Exposure, readonly [unit: string, doc: string]>> = {
  heldByteSeconds: ['B*s', 'reach by mappings that no request needs'],
  obtainableByteSeconds: ['B*s', 'reach by privilege, if it chose'],
  standingBytes: ['B', 'reach beyond need that stands for the whole run'],
  granuleByteSeconds: ['B*s', 'reach around the payload, because a granule is a page'],
  staleByteSeconds: ['B*s', 'reach through TLB or IOTLB entries that should be gone'],
};

/** Those whose reach the oracle follows. */
const REACHERS: readonly ActorId[] = ['backend', 'device'];

const EXPOSURE: readonly Figure[] = REACHERS.flatMap((actor) =>
  (Object.keys(EXPOSURE_PARTS) as (keyof Exposure)[]).map((part) => {
    const [unit, doc] = EXPOSURE_PARTS[part];
    return figure(
      `${actor}_${snake(part)}`,
      'REAL',
      unit,
      `Exposure to actor ${actor}: ${doc}.`,
      (r) => r.exposure[actor]?.[part] ?? null,
    );
  }),
);

/** Every figure, in the order of the columns. */
export const FIGURES: readonly Figure[] = [
  ...RATES,
  ...CPU,
  ...LATENCY,
  ...COUNTS,
  ...MEMORY,
  ...SAFETY,
  ...EXPOSURE,
];
