/** JSON documents in `meta`, believed only as far as their shape goes. */
import * as v from 'valibot';
import type { ImportCounts, TracePart } from '../../core/contract/methods/index.ts';
import type { RunResult } from '../../core/contract/result.ts';
import { parseScenario, type Scenario } from '../../core/contract/scenario.ts';
import type { TraceStore } from './store.ts';

const numbers = v.record(v.string(), v.number());
const numberOrNull = v.nullable(v.number());

const ImportSchema = v.object({
  format: v.string(),
  lines: v.number(),
  events: v.number(),
  typed: v.number(),
  generic: v.number(),
  raw: v.number(),
  skipped: v.number(),
  warnings: v.array(v.object({ line: v.number(), reason: v.string() })),
  warningsTotal: v.number(),
});

const ExposureSchema = v.object({
  heldByteSeconds: v.number(),
  obtainableByteSeconds: v.number(),
  standingBytes: v.number(),
  granuleByteSeconds: v.number(),
  staleByteSeconds: v.number(),
});

const ResultSchema = v.looseObject({
  file: v.nullable(v.string()),
  status: v.picklist(['complete', 'incomplete']),
  fingerprint: v.string(),
  strategy: v.string(),
  hypervisor: v.string(),
  soc: v.string(),
  workload: v.string(),
  topology: v.string(),
  pair: v.picklist(['native', 'hypothetical', 'refused']),
  pairReason: v.string(),
  seed: v.number(),
  payloadBytes: v.number(),
  hostDma: v.string(),
  events: v.number(),
  requests: v.number(),
  simulatedNs: v.number(),
  warmupNs: v.number(),
  wallMs: v.number(),
  throughputGbps: v.number(),
  requestsPerSecond: v.number(),
  cpuNsPerRequest: numbers,
  cpuNsPerByte: numbers,
  busy: numbers,
  steady: v.optional(v.boolean(), true),
  bottleneck: v.string(),
  latencyNs: numbers,
  waitNs: numbers,
  counts: numbers,
  batch: v.record(v.string(), numbers),
  copiedBytes: v.number(),
  memoryBytes: numbers,
  pinnedPagesMax: v.number(),
  hitRate: v.object({ iotlb: numberOrNull, walkCache: numberOrNull, ddio: numberOrNull }),
  exposure: v.record(v.string(), ExposureSchema),
  windowsNs: numbers,
  hazards: v.record(v.string(), numberOrNull),
  profiles: v.record(v.string(), v.string()),
  scenarioHash: v.string(),
  version: v.string(),
});

function parse(store: TraceStore, key: string): unknown {
  const json = store.meta.get(key);
  if (json === undefined) return null;
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** The scenario of a simulated trace; null where there is none that this version understands. */
export function scenarioOf(store: TraceStore): Scenario | null {
  const document = parse(store, 'scenario');
  if (document === null) return null;
  try {
    return parseScenario(document, store.path);
  } catch {
    return null;
  }
}

/** The result of a simulated trace; null where there is none of the right shape. */
export function resultOf(store: TraceStore): RunResult | null {
  const outcome = v.safeParse(ResultSchema, parse(store, 'result'));
  // The schema checks every field of a RunResult; keys of its records are left open on purpose,
  // for a file may name an actor or a counter that this version does not know.
  return outcome.success ? (outcome.output as unknown as RunResult) : null;
}

const PartSchema = v.object({
  of: v.string(),
  events: v.number(),
  from: v.optional(v.number()),
  to: v.optional(v.number()),
  requests: v.optional(v.tuple([v.number(), v.number()])),
  tracks: v.optional(v.array(v.number())),
});

/** Of what the trace is a part; null for one that is whole. */
export function partOf(store: TraceStore): TracePart | null {
  const outcome = v.safeParse(PartSchema, parse(store, 'trimmed'));
  if (!outcome.success) return null;
  const { of, events, from = null, to = null, requests = null, tracks } = outcome.output;
  return { of, events, from, to, requests, tracks: tracks?.length ?? null };
}

/** Hashes of the cost model by profile; none where the trace does not say. */
export function profilesOf(store: TraceStore): Record<string, string> {
  const outcome = v.safeParse(v.record(v.string(), v.string()), parse(store, 'profiles'));
  return outcome.success ? outcome.output : {};
}

/** What the importer counted; null for a simulated trace. */
export function importCountsOf(store: TraceStore): ImportCounts | null {
  const outcome = v.safeParse(ImportSchema, parse(store, 'import'));
  return outcome.success ? outcome.output : null;
}
