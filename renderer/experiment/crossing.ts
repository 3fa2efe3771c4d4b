/** What a crossover says, in sentences. */
import {
  HAZARDS,
  type CrossoverAnswer,
  type CrossoverFound,
  type HazardId,
  type SafetyAt,
} from '../../core/contract/index.ts';
import { beyondNeed } from '../../core/figures/metrics.ts';
import { NBSP, bytes, fixed, plural, significant } from '../../core/figures/numbers.ts';
import { hazardText, reachText } from './answer.ts';

/** Bytes with all their digits, which sizes at crossings need. */
const size = (value: number) => `${fixed(value)}${NBSP}B`;

export interface CrossingAnswer {
  /** One sentence. */
  readonly headline: string;
  /** What it rests on. */
  readonly basis: string;
  readonly exposes: readonly string[];
  readonly caveats: readonly string[];
}

const nameOf = (found: CrossoverFound, side: 'a' | 'b') =>
  found.a.strategy === found.b.strategy
    ? `${found[side].strategy} (${side})`
    : found[side].strategy;

const MEANS = {
  cpuPerByte: 'takes less CPU time per byte',
  throughput: 'carries more',
} as const;

/** @param complete no more samples are to come */
export function crossingAnswer(found: CrossoverAnswer, complete: boolean): CrossingAnswer {
  return {
    headline: headlineOf(found, complete),
    basis: basisOf(found, complete),
    exposes: exposesOf(found),
    caveats: caveatsOf(found),
  };
}

function headlineOf(found: CrossoverFound, complete: boolean): string {
  const [a, b] = [nameOf(found, 'a'), nameOf(found, 'b')];
  const where = `${found.workload} on ${found.hypervisor}, ${found.soc}`;
  const ahead = MEANS[found.metric];
  if (found.verdict === 'never') {
    const points = found.points.filter(({ winner }) => winner !== 'tie');
    const [winner, loser] = points[0]?.winner === 'a' ? [a, b] : [b, a];
    const [from, to] = [found.points[0]?.bytes ?? 0, found.points.at(-1)?.bytes ?? 0];
    return `Never: ${winner} ${ahead} than ${loser} at every size from ${size(from)} to ${size(to)} where they differ (${where}).`;
  }
  const told = found.crossings
    .filter(({ given }) => given)
    .map(({ at, low, high, to, share }) => {
      const seen = `in ${fixed(Math.round(share * found.samples.length))} of ${plural(found.samples.length, 'sample')}`;
      const interval = found.samples.length > 1 ? ` (${size(low)} to ${size(high)}, ${seen})` : '';
      return `${nameOf(found, to)} ${ahead} from ${size(at)} on${interval}`;
    })
    .join('; ');
  if (found.verdict === 'crosses') {
    return complete || found.samples.length > 1
      ? `Crosses: ${told} (${where}).`
      : `So far: ${told} (${where}).`;
  }
  return told === ''
    ? `Undecided: ${found.reason} (${where}).`
    : `Undecided: with the values given ${told}; what is known of the machine leaves room for another answer (${where}).`;
}

function basisOf({ samples, runs }: CrossoverFound, complete: boolean): string {
  const all = `${plural(samples.length, 'sample')}, ${plural(runs, 'run')}`;
  if (samples.length === 1) {
    const more = complete ? '' : ': other seeds and the ranges of the profiles follow';
    return `The values of the profiles with one seed (${all})${more}.`;
  }
  return `Simulated: ${all}, of other seeds and of machines within the ranges of the profiles. A crossing counts when 90 % of the samples have it.`;
}

/** What each side gives away, at the crossing and at both ends. */
function exposesOf(found: CrossoverAnswer): string[] {
  const { safety, crossings } = found;
  if (safety.length === 0) return [];
  const at = crossings.find(({ given }) => given)?.at;
  const places = at === undefined ? [safety[safety.length - 1]] : [nearest(safety, at)];
  return places.flatMap((place) => {
    if (place === undefined) return [];
    const one = (side: 'a' | 'b') => {
      const { total, obtainable } = perGib(place[side]);
      return `At ${size(place.bytes)} ${nameOf(found, side)} exposes ${reachText(total)} per GiB moved (could obtain ${reachText(obtainable)} by its privilege); ${hazardText([place[side]])}.`;
    };
    return [one('a'), one('b'), ...meanings(found, place)];
  });
}

/** What the hazards that happened mean, and on which side. */
function meanings(
  found: CrossoverFound,
  place: { readonly a: SafetyAt; readonly b: SafetyAt },
): string[] {
  return (Object.keys(HAZARDS) as HazardId[]).flatMap((id) => {
    const [a, b] = [place.a.hazards[id] ?? 0, place.b.hazards[id] ?? 0];
    if (a === 0 && b === 0) return [];
    const who = a > 0 && b > 0 ? 'both' : `${nameOf(found, a > 0 ? 'a' : 'b')} alone`;
    return [`${id} (${who}): ${HAZARDS[id].meaning}`];
  });
}

function nearest<T extends { readonly bytes: number }>(
  all: readonly T[],
  at: number,
): T | undefined {
  return [...all].sort((x, y) => Math.abs(x.bytes - at) - Math.abs(y.bytes - at))[0];
}

/** Exposure in KiB·s for each GiB moved: what is held beyond need, and what could be obtained. */
export function perGib(at: SafetyAt): { readonly total: number; readonly obtainable: number } {
  const gib = (at.requests * at.payloadBytes) / 2 ** 30;
  const obtainable = Object.entries(at.exposure)
    .filter(([actor]) => actor !== 'frontend' && actor !== 'hypervisor')
    .reduce((sum, [, each]) => sum + (each?.obtainableByteSeconds ?? 0), 0);
  const { total } = beyondNeed({ exposure: at.exposure });
  return { total: total / 1024 / gib, obtainable: obtainable / 1024 / gib };
}

function caveatsOf(found: CrossoverFound): string[] {
  const pairs = (['a', 'b'] as const)
    .filter((side) => found[side].pair !== 'native')
    .map((side) => `${nameOf(found, side)} is ${found[side].pair}: ${found[side].reason}`);
  const most = found.dependsOn[0];
  const turns =
    most === undefined
      ? []
      : [
          `It turns most on ${most.quantity} (${significant(most.value)}${NBSP}${most.unit}, thought to lie from ${significant(most.low)} to ${significant(most.high)}; ${most.tag}).`,
        ];
  const leaps = found.crossings
    .filter(({ break: at }) => at !== null)
    .map(({ at, breakReason }) => `At ${bytes(at)} something else happens: ${breakReason}.`);
  return [...pairs, ...turns, ...leaps, ...(found.caution === '' ? [] : [found.caution])];
}
