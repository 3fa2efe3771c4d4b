/** Two strategies over a range of sizes: where one takes over from the other, and how sure that is. */
import type { CrossoverFound, Dependence, Sample, Side } from '../contract/crossover.ts';
import type { PairStatus } from '../contract/ids.ts';
import { VERSION } from '../contract/version.ts';
import { RandomSource } from '../engine/random.ts';
import { requireRunnable } from '../experiment/pairs.ts';
import type { RunScenario } from '../experiment/simulation.ts';
import { METRICS, type Metric } from '../ranking/rank.ts';
import { cautionOf, requireComparable, stepOf, type CrossoverQuestion } from './question.ts';
import { sizesOf } from './grid.ts';
import { Probe, type CrossoverProgress } from './probe.ts';
import { latinHypercube, variablesOf, type Variable } from './samples.ts';
import { search, type Curve, type Resolution } from './search.ts';
import { judgeCurves } from './verdict.ts';

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

/** How it is to be carried out, and who wants to know how far it is. */
export interface CrossoverOptions {
  readonly onProgress?: (progress: CrossoverProgress) => void;
  /** Called after each sample with the answer that rests on those done, of how many there will be. */
  readonly onPartial?: (partial: {
    readonly found: CrossoverFound;
    readonly samples: number;
  }) => void;
  /** Runs that may be under way at a time; they change nothing in the answer. 1 when left out. */
  readonly lanes?: number;
}

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
  { onProgress = () => undefined, onPartial, lanes = 1 }: CrossoverOptions = {},
): Promise<CrossoverFound> {
  requireComparable(question);
  const { a } = question;
  const pairs = { a: requireRunnable(a), b: requireRunnable(question.b) };
  const step = stepOf(a);
  const sizes = sizesOf({ ...question, step });
  const variables = question.samples === 0 ? [] : variablesOf(a);
  const probe = new Probe(question, inLanes(run, lanes), onProgress);
  const curves = new Map<Sample, Curve>();
  const curveOf = async (sample: Sample, resolution: Resolution): Promise<Curve> => {
    // With more than one lane the sizes of the grid are run side by side; the search finds them made.
    if (lanes > 1) await Promise.all(sizes.map((bytes) => probe.gap(sample, bytes)));
    const curve = await search(sizes, step, (bytes) => probe.gap(sample, bytes), resolution);
    curves.set(sample, curve);
    return curve;
  };

  const given: Sample = { kind: 'given', seed: a.seed, values: {} };
  const seeds = Array.from({ length: question.seeds }, (_, i) => (a.seed + i) % 2 ** 32);
  const others = seeds.slice(1).map((seed): Sample => ({ kind: 'seed', seed, values: {} }));
  const random = new RandomSource(a.seed).stream('crossover');
  const hypercube = latinHypercube(variables, question.samples, random).map(
    (values, i): Sample => ({ kind: 'ranges', seed: seeds[i % seeds.length] as number, values }),
  );
  const ends = Math.min(ENDS, variables.length);
  const early = [...others, ...hypercube];
  let expected = 1 + early.length + 2 * ends;
  probe.expect(expected);
  let dependsOn: readonly Dependence[] = [];

  const found = (samples: readonly Sample[]): CrossoverFound =>
    foundOf({ question, pairs, sizes, step, probe, samples, curves, dependsOn });
  const partly = (all: readonly Sample[]) =>
    onPartial?.({ found: found(all.filter((each) => curves.has(each))), samples: expected });

  const first = await curveOf(probe.next(given), FINE);
  partly([given]);
  const lookAt = async (some: readonly Sample[], all: readonly Sample[]) => {
    const one = async (sample: Sample) => {
      await curveOf(lanes > 1 ? sample : probe.next(sample), COARSE);
      partly(all);
    };
    if (lanes > 1) await Promise.all(some.map(one));
    else for (const sample of some) await one(sample);
  };
  await lookAt(early, [given, ...early]);
  dependsOn = (await dependence(first, variables, given, probe, lanes)).slice(0, ends);
  const atEnds = dependsOn.flatMap((each) =>
    (['low', 'high'] as const)
      .filter((end) => each[end] !== each.value)
      .map((end): Sample => ({ kind: end, seed: a.seed, values: { [each.quantity]: each[end] } })),
  );
  const samples = [given, ...early, ...atEnds];
  expected = samples.length;
  probe.expect(expected);
  await lookAt(atEnds, samples);
  return found(samples);
}

interface Gathered {
  readonly question: CrossoverQuestion;
  readonly pairs: Readonly<Record<Side, { readonly status: PairStatus; readonly reason: string }>>;
  readonly sizes: readonly number[];
  readonly step: number;
  readonly probe: Probe;
  /** Samples that have been looked at, the scenario as given first. */
  readonly samples: readonly Sample[];
  readonly curves: ReadonlyMap<Sample, Curve>;
  readonly dependsOn: readonly Dependence[];
}

/** The answer that rests on some samples. */
function foundOf({
  question,
  pairs,
  sizes,
  step,
  probe,
  samples,
  curves,
  dependsOn,
}: Gathered): CrossoverFound {
  const { a, b, metric } = question;
  const all = samples.map((sample) => curves.get(sample) as Curve);
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
    points: (all[0] as Curve).points.map((point) =>
      probe.point(point, sizes.includes(point.size), samples),
    ),
    ...judgeCurves(all, step, words),
    caution: cautionOf(question),
    dependsOn,
    samples: samples.map((sample, i) => ({
      ...sample,
      crossings: (all[i] as Curve).crossings.map(({ span: [low, high], to }) => ({
        low,
        high,
        to,
      })),
      leader: (all[i] as Curve).leader,
    })),
    runs: probe.runs,
    profiles: probe.profiles,
    version: VERSION,
  };
}

/** At most so many runs at a time, in the order in which they are asked for. */
function inLanes(run: RunScenario, lanes: number): RunScenario {
  let free = lanes;
  const waiting: (() => void)[] = [];
  return async (scenario) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await run(scenario);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
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
  lanes: number,
): Promise<readonly Dependence[]> {
  const focuses = curve.crossings.slice(0, FOCUSES).map(({ low }) => low);
  const closest = [...curve.points].sort((x, y) => Math.abs(x.gap) - Math.abs(y.gap))[0];
  if (focuses.length === 0 && closest !== undefined) focuses.push(closest.size);
  const effectOf = async ({ name, row }: Variable): Promise<Dependence | null> => {
    const { value, low, high, unit, tag } = row;
    const end = value - low > high - value ? low : high;
    let most = { bytes: 0, effect: 0 };
    for (const bytes of focuses) {
      const before = await probe.gap(given, bytes);
      const after = await probe.gap({ ...given, kind: 'high', values: { [name]: end } }, bytes);
      const effect = Math.abs(after - before);
      if (effect > most.effect) most = { bytes, effect };
    }
    return most.effect === 0 ? null : { quantity: name, value, low, high, unit, tag, ...most };
  };
  const found: (Dependence | null)[] = [];
  if (lanes > 1) found.push(...(await Promise.all(variables.map(effectOf))));
  else for (const variable of variables) found.push(await effectOf(variable));
  return found
    .filter((each) => each !== null)
    .sort((x, y) => y.effect - x.effect || (x.quantity < y.quantity ? -1 : 1));
}
