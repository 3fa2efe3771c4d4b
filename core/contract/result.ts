import type { ActorId, HazardId, PairStatus } from './ids.ts';
import type { CountKey } from './kinds.ts';

/** What one actor could reach beyond need, and how it could. */
export interface Exposure {
  /** Reach through mappings that exist and that no request in flight needs, integrated over time. */
  readonly heldByteSeconds: number;
  /** What it could map by its privilege if it chose, beyond what it holds, integrated over time. */
  readonly obtainableByteSeconds: number;
  /** Bytes beyond need that it can reach for the whole run. */
  readonly standingBytes: number;
  /** Part of needed pages outside the payload, integrated over time. */
  readonly granuleByteSeconds: number;
  /** Reach through TLB or IOTLB entries that should be gone, integrated over time. */
  readonly staleByteSeconds: number;
}

/** Percentiles of a distribution in nanoseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** A number for each actor that has one; several guests are `frontend.0`, `frontend.1`, ... */
export type ByActor = Readonly<Record<string, number>>;

/** An actor's number; for several guests their sum. */
export function ofActor(values: ByActor, actor: ActorId): number {
  let sum = values[actor] ?? 0;
  for (let i = 0; `${actor}.${i}` in values; i++) sum += values[`${actor}.${i}`] as number;
  return sum;
}

/** `counts` of a result: events by primitive, each counted once under its most specific name. */
export type Counts = Record<CountKey, number>;

/**
 * What one run found. Rates and CPU times are taken in steady state, between warm-up and cool-down;
 * counts, hazards and exposure are of the whole run. Times in nanoseconds unless the name says
 * otherwise.
 */
export interface RunResult {
  /** The trace, or null when the run was not recorded. */
  readonly file: string | null;
  /** `complete`, or `incomplete` when it was cancelled. */
  readonly status: 'complete' | 'incomplete';
  /** 16 hexadecimal digits: a hash over the run's event stream. */
  readonly fingerprint: string;
  readonly strategy: string;
  readonly hypervisor: string;
  readonly soc: string;
  readonly workload: string;
  readonly topology: string;
  readonly pair: PairStatus;
  /** Why the pair is hypothetical, or empty. */
  readonly pairReason: string;
  readonly seed: number;
  readonly payloadBytes: number;
  /** `passthrough`, `lazy` or `strict`, after defaults were resolved. */
  readonly hostDma: string;
  readonly events: number;
  readonly requests: number;
  readonly simulatedNs: number;
  readonly warmupNs: number;
  readonly wallMs: number;
  readonly throughputGbps: number;
  readonly requestsPerSecond: number;
  readonly cpuNsPerRequest: ByActor;
  readonly cpuNsPerByte: ByActor;
  /** Fraction of the steady state in which each CPU or server was busy. */
  readonly busy: Record<string, number>;
  /**
   * Were rates and CPU times taken in a steady state? Otherwise the run is too short for them: ask for
   * more requests.
   */
  readonly steady: boolean;
  /** The busiest CPU or server, or what the run waited for instead. */
  readonly bottleneck: string;
  readonly latencyNs: Percentiles;
  /** Mean wait by lock or queue. */
  readonly waitNs: Record<string, number>;
  readonly counts: Counts;
  /** Histogram of batch sizes by kind of batch: size -> how often. */
  readonly batch: Record<string, Record<string, number>>;
  readonly copiedBytes: number;
  /** Greatest payload memory held by each actor. */
  readonly memoryBytes: ByActor;
  readonly pinnedPagesMax: number;
  readonly hitRate: { iotlb: number | null; walkCache: number | null; ddio: number | null };
  readonly exposure: Partial<Record<ActorId, Exposure>>;
  /** How long a payload page stayed reachable by anyone but its owner. */
  readonly windowsNs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly hazards: Record<HazardId, number | null>;
  /** Frames whose bytes left the machine after they had become something else. */
  readonly wrongDataOnWire: number;
  /** Packets that found no buffer, and requests answered with an error. */
  readonly dropped: number;
  /** What a monitor of dirty pages found, against what the device wrote; null without one. */
  readonly dirtyPages: {
    readonly dirty: number;
    readonly missed: number;
    readonly needless: number;
  } | null;
  /** Hash of each profile in use. */
  readonly profiles: Record<string, string>;
  /** Hash of the resolved scenario. */
  readonly scenarioHash: string;
  /** Version of the program. */
  readonly version: string;
}
