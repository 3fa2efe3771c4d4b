/** Two strategies over a range of sizes: where one takes over from the other, and how sure that is. */
import type { PairStatus } from '../contract/ids.ts';
import { VERSION } from '../contract/version.ts';
import { RandomSource } from '../engine/random.ts';
import { requireRunnable } from '../experiment/pairs.ts';
import type { RunScenario } from '../experiment/simulation.ts';
import { METRICS, type Metric } from '../ranking/rank.ts';
import { cautionOf, requireComparable, stepOf, type CrossoverQuestion } from './question.ts';
import { sizesOf } from './grid.ts';
import { Probe, type CrossoverPoint, type CrossoverProgress, type Sample } from './probe.ts';
import { latinHypercube, variablesOf, type Variable } from './samples.ts';
import { search, type Curve, type Resolution, type Side } from './search.ts';
import { judgeCurves, type Judgement } from './verdict.ts';

/** A quantity that the place of the change turns on. */
export interface Dependence {
  /** As `soc.copyColdRate`. */
  readonly quantity: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  readonly tag: string;
  /** Size at which it was varied, and how far the gap moved there. */
  readonly bytes: number;
  readonly effect: number;
}

/** One sample, and what it shows. */
export interface CrossoverSample extends Sample {
  readonly crossings: readonly { readonly low: number; readonly high: number; readonly to: Side }[];
  readonly leader: Side | null;
}

export interface CrossoverFound extends Judgement {
  readonly a: { readonly strategy: string; readonly pair: PairStatus; readonly reason: string };
  readonly b: { readonly strategy: string; readonly pair: PairStatus; readonly reason: string };
  /** What both have in common. */
  readonly hypervisor: string;
  readonly soc: string;
  readonly workload: string;
  readonly topology: string;
  readonly seed: number;
  readonly metric: Metric;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly over: 'bytes';
  readonly points: readonly CrossoverPoint[];
  /** What is doubtful about these figures, in a sentence; empty when nothing is. */
  readonly caution: string;
  readonly dependsOn: readonly Dependence[];
  readonly samples: readonly CrossoverSample[];
  readonly runs: number;
  /** Hash of each profile in use. */
  readonly profiles: Readonly<Record<string, string>>;
  /** Version of the program. */
  readonly version: string;
}

const UNITS: Readonly<Record<Metric, string>> = { cpuPerByte: 'ns/B', throughput: 'Gb/s' };
const AHEAD: Readonly<Record<Metric, string>> = {
  cpuPerByte: 'has the lower CPU time per byte',
  throughput: 'has the higher throughput',
};

/** Quantities that are run at both ends of their ranges, those that matter most. */
const ENDS = 4;
/** Crossings at which quantities are tried. */
const FOCUSES = 2;
const FINE: Resolution = { ratio: 1.01, leaps: true };
const COARSE: Resolution = { ratio: 1.05, leaps: false };

/**
 * Looks at a grid of sizes in every sample: the scenario as given, with other seeds, on machines within
 * the ranges of its profiles, and with each of the quantities that matter most at both ends of its
 * range. A sample is the same for both strategies.
 *
 * @param run throws LabError when a scenario cannot be run
 * @throws LabError REFUSED_PAIR when a pair does not exist, BAD_ARGUMENT when the two cannot be compared
 */
export async function crossover(
  question: CrossoverQuestion,
  run: RunScenario,
  onProgress: (progress: CrossoverProgress) => void = () => undefined,
): Promise<CrossoverFound> {
  requireComparable(question);
  const { a, b, metric } = question;
  const pairs = { a: requireRunnable(a), b: requireRunnable(b) };
  const step = stepOf(a);
  const sizes = sizesOf({ ...question, step });
  const variables = question.samples === 0 ? [] : variablesOf(a);
  const probe = new Probe(question, run, onProgress);
  const curveAt = (sample: Sample, resolution: Resolution) =>
    search(sizes, step, (bytes) => probe.gap(sample, bytes), resolution);

  const given: Sample = { kind: 'given', seed: a.seed, values: {} };
  const seeds = Array.from({ length: question.seeds }, (_, i) => (a.seed + i) % 2 ** 32);
  const others = seeds.slice(1).map((seed): Sample => ({ kind: 'seed', seed, values: {} }));
  const random = new RandomSource(a.seed).stream('crossover');
  const hypercube = latinHypercube(variables, question.samples, random).map(
    (values, i): Sample => ({ kind: 'ranges', seed: seeds[i % seeds.length] as number, values }),
  );
  const ends = Math.min(ENDS, variables.length);
  probe.expect(1 + others.length + hypercube.length + 2 * ends);

  const curves: Curve[] = [await curveAt(probe.next(given), FINE)];
  const dependsOn = (await dependence(curves[0] as Curve, variables, given, probe)).slice(0, ends);
  const atEnds = dependsOn.flatMap((each) =>
    (['low', 'high'] as const)
      .filter((end) => each[end] !== each.value)
      .map((end): Sample => ({ kind: end, seed: a.seed, values: { [each.quantity]: each[end] } })),
  );
  const samples = [given, ...others, ...hypercube, ...atEnds];
  probe.expect(samples.length);
  for (const sample of samples.slice(1)) curves.push(await curveAt(probe.next(sample), COARSE));

  const words = {
    a: nameOf(question, 'a'),
    b: nameOf(question, 'b'),
    ahead: AHEAD[metric],
  };
  return {
    a: { strategy: a.strategy, pair: pairs.a.status, reason: pairs.a.reason },
    b: { strategy: b.strategy, pair: pairs.b.status, reason: pairs.b.reason },
    hypervisor: a.hypervisor,
    soc: a.soc,
    workload: a.workload,
    topology: a.topology,
    seed: a.seed,
    metric,
    unit: UNITS[metric],
    better: METRICS[metric].better,
    over: 'bytes',
    points: (curves[0] as Curve).points.map((point) =>
      probe.point(point, sizes.includes(point.size), samples),
    ),
    ...judgeCurves(curves, step, words),
    caution: cautionOf(question),
    dependsOn,
    samples: samples.map((sample, i) => ({
      ...sample,
      crossings: (curves[i] as Curve).crossings.map(({ span: [low, high], to }) => ({
        low,
        high,
        to,
      })),
      leader: (curves[i] as Curve).leader,
    })),
    runs: probe.runs,
    profiles: probe.profiles,
    version: VERSION,
  };
}

/** Two settings of one strategy are told apart as a and b. */
function nameOf({ a, b }: CrossoverQuestion, side: Side): string {
  const { strategy } = side === 'a' ? a : b;
  return a.strategy === b.strategy ? `${strategy} (${side})` : strategy;
}

/**
 * How far each quantity moves the gap where it matters: at the first crossings of the scenario as given,
 * or, without one, at the size where the two are closest. Each is put to the end of its range that is
 * further from its value. Greatest effect first; what moves nothing is left out.
 */
async function dependence(
  curve: Curve,
  variables: readonly Variable[],
  given: Sample,
  probe: Probe,
): Promise<readonly Dependence[]> {
  const focuses = curve.crossings.slice(0, FOCUSES).map(({ low }) => low);
  const closest = [...curve.points].sort((x, y) => Math.abs(x.gap) - Math.abs(y.gap))[0];
  if (focuses.length === 0 && closest !== undefined) focuses.push(closest.size);
  const found: Dependence[] = [];
  for (const { name, row } of variables) {
    const { value, low, high, unit, tag } = row;
    const end = value - low > high - value ? low : high;
    let most = { bytes: 0, effect: 0 };
    for (const bytes of focuses) {
      const before = await probe.gap(given, bytes);
      const after = await probe.gap({ ...given, kind: 'high', values: { [name]: end } }, bytes);
      const effect = Math.abs(after - before);
      if (effect > most.effect) most = { bytes, effect };
    }
    if (most.effect > 0) found.push({ quantity: name, value, low, high, unit, tag, ...most });
  }
  return found.sort((x, y) => y.effect - x.effect || (x.quantity < y.quantity ? -1 : 1));
}
