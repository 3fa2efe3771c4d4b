/** What a run has found, as a result. Everything here is read from the world; nothing is decided. */
import { PAGE_SIZE, PS_PER_NS } from '../base/brand.ts';
import { ACTOR_IDS } from '../contract/ids.ts';
import type { ByActor, RunResult } from '../contract/result.ts';
import { VERSION } from '../contract/version.ts';
import { COUNTERS } from '../engine/counters.ts';
import type { Cpu } from '../engine/cpu.ts';
import { canonicalJson, hashText } from '../engine/fingerprint.ts';
import type { Histogram } from '../engine/histogram.ts';
import type { Lock } from '../engine/lock.ts';
import { profileHash } from '../machine/index.ts';
import type { Iommu } from '../primitives/iommu.ts';
import { cpusOf, type World } from '../primitives/world.ts';
import type { PairJudgement } from '../strategies/types.ts';
import type { Workload } from '../workloads/request.ts';
import type { Scenario } from '../contract/scenario.ts';

/** A server that is busy this much is what the run waits for. */
const SATURATED = 0.9;

/** How far a run has come. */
export interface Progress {
  /** Requests that are over, those that were lost on their way among them. */
  readonly finished: number;
  /** Requests that have got where they were to go, and their bytes. */
  readonly carried: number;
  readonly carriedBytes: number;
}

/** Readings at one instant, so that two of them bound the steady state. */
export interface Readings extends Progress {
  readonly ps: number;
  /** Picoseconds by actor, each of several guests by itself. */
  readonly busyByActor: Readonly<Record<string, number>>;
  readonly busyByServer: Readonly<Record<string, number>>;
}

export function read(world: World, workload: Workload, iommu: Iommu, progress: Progress): Readings {
  const cpus = cpusOf(world);
  return {
    ps: world.engine.now,
    ...progress,
    busyByActor: busyByActor(world),
    busyByServer: {
      ...Object.fromEntries(cpus.map((cpu) => [cpu.name, cpu.busyPs])),
      ...Object.fromEntries(world.buses.map((bus, i) => [`memory of node ${i}`, bus.busyPs])),
      ...(iommu.queue.commands > 0 ? { 'IOMMU invalidations': iommu.queue.busyPs } : {}),
      ...workload.serverBusyPs(),
    },
  };
}

function busyByActor(world: World): Record<string, number> {
  const sums: Record<string, number> = {};
  const add = (name: string, cpu: Cpu, actor: number) => {
    sums[name] = (sums[name] ?? 0) + cpu.busyOf(actor);
  };
  ACTOR_IDS.forEach((id, actor) => {
    const apart = id === 'frontend' && world.guests.length > 1;
    for (const guest of world.guests) {
      for (const cpu of guest.cpus) add(apart ? `frontend.${guest.index}` : id, cpu, actor);
    }
    for (const cpu of world.backends.flatMap((each) => each.cpus)) add(id, cpu, actor);
  });
  return sums;
}

/** Everything that a result is made from. */
export interface Findings {
  readonly scenario: Scenario;
  readonly pair: PairJudgement;
  readonly world: World;
  readonly workload: Workload;
  /** Locks of the strategy, and memory that it set aside, bytes. */
  readonly locks: readonly Lock[];
  readonly reservedBytes: { readonly frontend: number; readonly backend: number };
  readonly iommu: Iommu;
  readonly from: Readings;
  readonly to: Readings;
  /** The end of the run: its last request, or its interruption. */
  readonly end: Readings;
  readonly latency: Histogram;
  /** Requests under way when the steady state began, and the most there were at any time. */
  readonly underWay: number;
  readonly inFlightMax: number;
  readonly complete: boolean;
}

export function identity(scenario: Scenario, world: Pick<World, 'soc' | 'hypervisor'>) {
  return {
    scenarioHash: hashText(canonicalJson(scenario)),
    profiles: {
      [world.soc.id]: profileHash(world.soc),
      [world.hypervisor.id]: profileHash(world.hypervisor),
    },
  };
}

export function toResult(findings: Findings): RunResult {
  const { scenario, pair, world, workload, reservedBytes, iommu, from, to, end, latency } =
    findings;
  const { recorder, oracle, counters } = world;
  const windowPs = Math.max(1, to.ps - from.ps);
  const requests = to.carried - from.carried;
  const bytes = to.carriedBytes - from.carriedBytes;
  const busy = Object.fromEntries(
    Object.entries(to.busyByServer).map(([name, ps]) => [
      name,
      // Work is booked when it begins: the last piece may reach beyond the window.
      round(Math.min(1, (ps - (from.busyByServer[name] ?? 0)) / windowPs), 6),
    ]),
  );
  const perActor = (share: (ns: number) => number): ByActor =>
    Object.fromEntries(
      Object.entries(to.busyByActor)
        .map(([actor, ps]): [string, number] => [
          actor,
          (ps - (from.busyByActor[actor] ?? 0)) / PS_PER_NS,
        ])
        .filter(([, ns]) => ns > 0)
        .map(([actor, ns]) => [actor, round(share(ns), 6)]),
    );
  const backendPages = world.backends.reduce((sum, each) => sum + each.budget.max, 0);
  const pooledPages = reservedBytes.frontend / PAGE_SIZE;

  return {
    file: null,
    status: findings.complete ? 'complete' : 'incomplete',
    fingerprint: recorder.fingerprint(),
    strategy: scenario.strategy,
    hypervisor: world.hypervisor.id,
    soc: world.soc.id,
    workload: scenario.workload,
    topology: scenario.topology,
    pair: pair.status,
    pairReason: pair.reason,
    seed: scenario.seed,
    payloadBytes: scenario.payloadBytes,
    hostDma: world.hostDma,
    events: recorder.lastId,
    requests: end.finished,
    simulatedNs: end.ps / PS_PER_NS,
    warmupNs: from.ps / PS_PER_NS,
    wallMs: 0,
    throughputGbps: round((bytes * 8 * PS_PER_NS) / windowPs, 6),
    requestsPerSecond: round((requests * 1e12) / windowPs, 3),
    cpuNsPerRequest: requests === 0 ? {} : perActor((ns) => ns / requests),
    cpuNsPerByte: bytes === 0 ? {} : perActor((ns) => ns / bytes),
    busy,
    steady: isSteady(findings),
    bottleneck: bottleneckOf(scenario, busy, findings.inFlightMax),
    latencyNs: percentiles(latency),
    waitNs: waits(findings.locks, workload),
    counts: recorder.counts(),
    batch: Object.fromEntries(
      Object.entries(workload.batches()).map(([name, sizes]) => [
        name,
        Object.fromEntries([...sizes].sort(([a], [b]) => a - b)),
      ]),
    ),
    copiedBytes: recorder.copiedBytes,
    memoryBytes: {
      frontend: reservedBytes.frontend + workload.frontendBytesMax,
      backend: reservedBytes.backend + backendPages * PAGE_SIZE,
    },
    pinnedPagesMax: pooledPages + counters.maxOf(COUNTERS.mappedPages),
    hitRate: {
      iotlb: iommu.iotlb.hitRate,
      walkCache: iommu.walkCache.hitRate,
      ddio: deviceHitRate(world),
    },
    exposure: oracle.exposure(),
    windowsNs: {
      p50: oracle.windows.percentile(0.5) / PS_PER_NS,
      p99: oracle.windows.percentile(0.99) / PS_PER_NS,
      max: oracle.windows.max / PS_PER_NS,
    },
    hazards: hazardsOf(scenario, oracle.hazards()),
    wrongDataOnWire: oracle.wrongDataOnWire,
    dropped: workload.dropped ?? 0,
    dirtyPages: world.dirty?.summary() ?? null,
    ...identity(scenario, world),
    version: VERSION,
  };
}

/** A double fetch can be found only where somebody changes what has been read once. */
function hazardsOf({ faults }: Scenario, found: RunResult['hazards']): RunResult['hazards'] {
  return faults.rogueFrontend || faults.rogueBackend ? found : { ...found, H8: null };
}

function deviceHitRate({ cache }: World): number | null {
  const accesses = cache.deviceHits + cache.deviceMisses;
  return accesses === 0 ? null : cache.deviceHits / accesses;
}

/**
 * Is what was measured a steady state? So many requests finished in it as were under way at its start,
 * three times over, and none took longer than all of it.
 */
function isSteady({ from, to, complete, underWay, latency }: Findings): boolean {
  const enough = to.finished - from.finished >= Math.max(1, 3 * underWay);
  return complete && from.finished > 0 && enough && latency.max <= to.ps - from.ps;
}

function bottleneckOf(
  scenario: Scenario,
  busy: Readonly<Record<string, number>>,
  inFlight: number,
): string {
  let most = '';
  for (const [name, fraction] of Object.entries(busy)) {
    if (most === '' || fraction > (busy[most] as number)) most = name;
  }
  if (most !== '' && (busy[most] as number) >= SATURATED) return most;
  return scenario.arrival.kind === 'saturate' && scenario.workload !== 'recorded'
    ? `latency, at most ${inFlight} in flight`
    : 'offered load';
}

function waits(locks: readonly Lock[], workload: Workload): Record<string, number> {
  const found: Record<string, number> = {};
  const byName = new Map<string, { waitPs: number; count: number }>();
  for (const { name, waitPs, acquisitions } of locks) {
    // Guests, or queues, have locks of the same name.
    const sum = byName.get(name) ?? { waitPs: 0, count: 0 };
    byName.set(name, { waitPs: sum.waitPs + waitPs, count: sum.count + acquisitions });
  }
  for (const [name, { waitPs, count }] of byName) {
    if (count > 0) found[name] = round(waitPs / count / PS_PER_NS, 3);
  }
  for (const [name, { waitPs, count }] of Object.entries(workload.queueWaits())) {
    if (count > 0) found[name] = round(waitPs / count / PS_PER_NS, 3);
  }
  return found;
}

function percentiles(histogram: Histogram) {
  const at = (fraction: number) => histogram.percentile(fraction) / PS_PER_NS;
  return {
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: histogram.max / PS_PER_NS,
  };
}

/** Drops digits that mean nothing. */
function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
