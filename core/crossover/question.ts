/** What is asked: can two scenarios be compared over sizes, and over which sizes? */
import { LabError } from '../contract/errors.ts';
import type { Scenario } from '../contract/scenario.ts';
import { canonicalJson } from '../engine/fingerprint.ts';
import type { Metric } from '../ranking/rank.ts';

/** What is asked. */
export interface CrossoverQuestion {
  /** Scenarios that differ in strategy, or in a strategy’s settings; sizes and seeds are set here. */
  readonly a: Scenario;
  readonly b: Scenario;
  readonly metric: Metric;
  readonly from: number;
  readonly to: number;
  readonly perDecade: number;
  /** Seeds, counted from that of the scenario. */
  readonly seeds: number;
  /** Samples of the profiles’ ranges; 0 takes the profiles as they are. */
  readonly samples: number;
}

const SECTOR = 512;

/** Sizes that a workload can have: multiples of `step`. `usual` is the range when none is given. */
interface Sizes {
  readonly step: number;
  readonly least: number;
  readonly most: number;
  readonly usual: readonly [from: number, to: number];
}
const NET: Sizes = { step: 1, least: 64, most: 65_536, usual: [64, 65_536] };
const BLK: Sizes = { step: SECTOR, least: SECTOR, most: 4_194_304, usual: [SECTOR, 1_048_576] };

/** Sizes of a scenario’s requests, or null when its workload has no size that is one. */
function sizesFor({ workload, net }: Scenario): Sizes | null {
  if (workload.startsWith('blk-')) return BLK;
  return workload.startsWith('net-') && net.sizes === 'fixed' ? NET : null;
}

/** @throws LabError BAD_ARGUMENT when the workload’s requests have no one size */
function requireSizes(scenario: Scenario): Sizes {
  const sizes = sizesFor(scenario);
  if (sizes !== null) return sizes;
  const { workload } = scenario;
  throw bad(
    workload.startsWith('net-')
      ? 'packets of net.sizes=imix have sizes of their own'
      : `the requests of ${workload} do not have payloadBytes`,
    workload.startsWith('net-') ? 'net.sizes' : 'workload',
    workload.startsWith('net-') ? 'leave net.sizes at fixed' : 'use a net- or a blk- workload',
  );
}

/** Sizes are multiples of this. */
export const stepOf = (scenario: Scenario): number => requireSizes(scenario).step;

/** The range to scan when none is given. */
export const usualRange = (scenario: Scenario): readonly [from: number, to: number] =>
  requireSizes(scenario).usual;

const bad = (what: string, where: string, remedy: string) =>
  new LabError('BAD_ARGUMENT', what, where, remedy);

/** What two scenarios must have in common for their results to be comparable. */
const COMMON = [
  'topology',
  'workload',
  'hypervisor',
  'soc',
  'profiles',
  'requests',
  'seed',
] as const;

/** @throws LabError BAD_ARGUMENT naming what keeps the two apart, or a range that cannot be scanned */
export function requireComparable(question: CrossoverQuestion): void {
  const { a, b, from, to } = question;
  for (const field of COMMON) {
    if (canonicalJson(a[field]) === canonicalJson(b[field])) continue;
    throw bad(
      `a and b differ in ${field}: results are comparable within one ${field} only`,
      field,
      'give both the same',
    );
  }
  if (canonicalJson(a) === canonicalJson(b)) {
    throw bad('a and b are the same', 'a, b', 'name two strategies, or two settings of one');
  }
  const { step, least, most } = requireSizes(a);
  for (const [name, size] of Object.entries({ from, to })) {
    const fits = Number.isInteger(size) && size >= least && size <= most && size % step === 0;
    if (fits) continue;
    const kind = step === 1 ? 'a whole number' : `a multiple of ${step}`;
    throw bad(
      `${size} is no size of ${a.workload}`,
      name,
      `give ${kind} from ${least} to ${most} (B)`,
    );
  }
  if (from >= to) throw bad(`there is nothing from ${from} to ${to}`, 'from, to', 'give from < to');
  const counts = { perDecade: [1, 100], seeds: [1, 100], samples: [0, 1000] } as const;
  for (const [name, [low, high]] of Object.entries(counts)) {
    const value = question[name as keyof typeof counts];
    if (Number.isInteger(value) && value >= low && value <= high) continue;
    throw bad(`${name} is ${value}`, name, `give a whole number from ${low} to ${high}`);
  }
}

/** Requests of a run should be this many times those in flight, or the figures are of its start. */
const TIMES_IN_FLIGHT = 4;

/** What is doubtful about an answer to the question, in a sentence; empty when nothing is. */
export function cautionOf({ a, to }: CrossoverQuestion): string {
  const { arrival, blk, net, guests } = a;
  const each = a.workload.startsWith('blk-')
    ? blk.depth * blk.queues
    : arrival.inFlight * net.queues;
  const inFlight = each * guests;
  const requests = requestsAt(a.requests, to);
  if (arrival.kind !== 'saturate' || requests >= TIMES_IN_FLIGHT * inFlight) return '';
  return `Runs of ${requests} requests are short beside ${inFlight} in flight: figures are of their start, not of a steady state.`;
}

/** Larger requests are fewer: they carry as many bytes as a run of 64 KiB requests. */
const FULL_BYTES = 65_536;
const LEAST_REQUESTS = 200;

/** Requests of a run at one size. */
export function requestsAt(requests: number, bytes: number): number {
  const fewer = Math.round((requests * FULL_BYTES) / bytes);
  return Math.min(requests, Math.max(LEAST_REQUESTS, fewer));
}

/** The scenario that is run for one side at one size, in the sample as given. */
export const scenarioAt = (side: Scenario, bytes: number): Scenario => ({
  ...side,
  payloadBytes: bytes,
  requests: requestsAt(side.requests, bytes),
});
