/** What a crossover says, in sentences. */
import {
  HAZARDS,
  type CrossoverAnswer,
  type CrossoverFound,
  type CrossoverJob,
  type HazardId,
  type SafetyAt,
  type Side,
} from '../../core/contract/index.ts';
import { SHARE } from '../../core/crossover/verdict.ts';
import { reachText, strangers } from '../../core/figures/metrics.ts';
import { TIE } from '../../core/ranking/rank.ts';
import {
  NBSP,
  bytes,
  fixed,
  plural,
  signedPercent,
  significant,
} from '../../core/figures/numbers.ts';

/** Bytes with all their digits, which sizes at crossings need. */
const size = (value: number) => `${fixed(value)}${NBSP}B`;

export interface CrossingAnswer {
  /** One sentence. */
  readonly headline: string;
  /** How far apart the two are, at two sizes. */
  readonly amount: string;
  /** What the samples say; empty before there are several. */
  readonly certainty: string;
  /** What it rests on. */
  readonly basis: string;
  readonly exposes: readonly string[];
  readonly caveats: readonly string[];
}

const nameOf = (found: CrossoverFound, side: 'a' | 'b') =>
  found.a.strategy === found.b.strategy
    ? `${found[side].strategy} (${side})`
    : found[side].strategy;

/** Within this they count as the same. */
const TIED = `${fixed(TIE * 100)}${NBSP}% of each other`;

/** What the answer is about, under the ids that are chosen: own profiles have their own. */
export type Machine = Readonly<Record<'hypervisor' | 'soc' | 'workload', string>>;

const MEANS = {
  cpuPerByte: 'takes less CPU time per byte',
  throughput: 'carries more',
} as const;

/** @param state how far the search is: sentences say what they rest on */
export function crossingAnswer(
  found: CrossoverAnswer,
  state: CrossoverJob['state'],
  machine: Machine = found,
): CrossingAnswer {
  return {
    headline: headlineOf(found, state, machine),
    amount: amountOf(found),
    certainty: certaintyOf(found),
    basis: basisOf(found, state),
    exposes: exposesOf(found),
    caveats: caveatsOf(found),
  };
}

function headlineOf(
  found: CrossoverFound,
  state: CrossoverJob['state'],
  { hypervisor, soc, workload }: Machine,
): string {
  const where = `${workload} on ${hypervisor}, ${soc}`;
  const soFar = state === 'done' ? '' : 'So far: ';
  const than = (winner: Side) =>
    `${nameOf(found, winner)} ${MEANS[found.metric]} than ${nameOf(found, winner === 'a' ? 'b' : 'a')}`;
  if (found.verdict === 'never') {
    const winner = found.points.find(({ winner }) => winner !== 'tie')?.winner === 'a' ? 'a' : 'b';
    const [from, to] = [found.points[0]?.bytes ?? 0, found.points.at(-1)?.bytes ?? 0];
    const tied = found.points.some(({ winner }) => winner === 'tie')
      ? `, but for sizes where they are within ${TIED}`
      : '';
    return `${soFar}${winner === 'a' ? 'Always' : 'Never'}: ${than(winner)} at every size from ${size(from)} to ${size(to)}${tied} (${where}).`;
  }
  const told = found.crossings
    .filter(({ given }) => given)
    .map(({ at, to }) => `from ${size(at)} on ${than(to)}`)
    .join('; ');
  const upper = told.replace(/^f/, 'F');
  if (found.verdict === 'crosses' && told !== '') return `${soFar}${upper} (${where}).`;
  return told === ''
    ? `${soFar}Undecided: ${found.reason} (${where}).`
    : `${soFar}Undecided. With the profiles’ own values, ${told}${agreement(found)} (${where}).`;
}

function agreement({ crossings, samples }: CrossoverFound): string {
  const given = crossings.filter((each) => each.given);
  const least = Math.round(Math.min(...given.map(({ share }) => share)) * samples.length);
  return samples.length < 2
    ? ''
    : `, but only ${fixed(least)} of ${plural(samples.length, 'sample')} agree`;
}

/** Below 4 KiB most packets lie: one size that everybody knows, and the largest. */
const KNOWN_SIZES = { net: 1500, blk: 4096 } as const;

/** How far apart they are, at two sizes. */
function amountOf(found: CrossoverFound): string {
  const known = KNOWN_SIZES[found.workload.startsWith('blk') ? 'blk' : 'net'];
  const chosen = new Set([nearest(found.points, known), found.points.at(-1)]);
  const told = [...chosen].flatMap((point) => {
    if (point === undefined) return [];
    const share = point.b === 0 ? 0 : point.a / point.b - 1;
    const much =
      point.winner === 'tie'
        ? 'as much as'
        : `${signedPercent(Math.abs(share)).replace('+', '')} ${share > 0 ? 'more' : 'less'} than`;
    return `at ${size(point.bytes)} ${significant(point.a)}${NBSP}${found.unit}, ${much} ${nameOf(found, 'b')} (${significant(point.b)})`;
  });
  const verb = found.metric === 'throughput' ? 'carries' : 'takes';
  return told.length === 0 ? '' : `${nameOf(found, 'a')} ${verb} ${told.join('; ')}.`;
}

/** How many samples show the change, where, and what the others show. */
function certaintyOf(found: CrossoverFound): string {
  const { samples, crossings } = found;
  if (samples.length < 2) return '';
  const of = plural(samples.length, 'sample');
  const seen = crossings
    .filter(({ given }) => given)
    .map(
      ({ low, high, share }) =>
        `${fixed(Math.round(share * samples.length))} of ${of} change places between ${size(low)} and ${size(high)}`,
    );
  const without = samples.filter((sample) => sample.crossings.length === 0);
  const led = (['a', 'b', null] as const).flatMap((side) => {
    const count = without.filter(({ leader }) => leader === side).length;
    if (count === 0) return [];
    return side === null
      ? `in ${fixed(count)} they are within ${TIED} everywhere`
      : `in ${fixed(count)} ${nameOf(found, side)} is ahead wherever they differ`;
  });
  const [one, ...more] = crossings.filter(({ given }) => given);
  const others =
    one === undefined || more.length > 0
      ? 0
      : samples.length - without.length - Math.round(one.share * samples.length);
  const elsewhere = others > 0 ? [`${fixed(others)} elsewhere`] : [];
  const all = [...seen, ...elsewhere, ...led];
  return all.length === 0 ? '' : `${all.join('; ').replace(/^i/, 'I')}.`;
}

function basisOf({ samples, runs }: CrossoverFound, state: CrossoverJob['state']): string {
  const all = `${plural(samples.length, 'sample')}, ${plural(runs, 'run')}`;
  const ended = state === 'running' || state === 'done' ? '' : 'Partial: it was ended early. ';
  if (samples.length === 1) {
    const more = state === 'running' ? ': other seeds and the ranges of the profiles follow' : '';
    return `${ended}Simulated: the values of the profiles with one seed (${all})${more}.`;
  }
  return `${ended}Simulated: ${all}, of other seeds and of machines within the ranges of the profiles. A change that ${fixed(SHARE * 100)}${NBSP}% of the samples have is taken for sure.`;
}

/** Actors in words. */
const ACTORS: Readonly<Record<string, string>> = {
  backend: 'the backend',
  device: 'the device',
  vmm: 'the VMM',
  iommu: 'the IOMMU',
  engine: 'the copy engine',
};

/** What each side gives away at the crossing, or at the largest size where there is none. */
function exposesOf(found: CrossoverAnswer): string[] {
  const { safety, crossings } = found;
  const at = crossings.find(({ given }) => given)?.at;
  const place = at === undefined ? safety.at(-1) : nearest(safety, at);
  if (place === undefined) return [];
  const actors = [...new Set([...strangers(place.a), ...strangers(place.b)].map(([name]) => name))];
  const parts = actors.flatMap((actor) => reachOf(found, place, actor));
  const may = (['a', 'b'] as const).filter((side) => isPrivileged(place[side]));
  const privileged =
    may.length === 0
      ? []
      : [
          `With ${both(found, may)} the backend’s privilege would let it map other memory of the guest too, if it chose.`,
        ];
  return [...parts, ...privileged, ...meanings(found, place)];
}

const both = (found: CrossoverFound, sides: readonly Side[]) =>
  sides.length === 2 ? 'either' : nameOf(found, sides[0] ?? 'a');

/** What one actor reaches without need, with the one and with the other. */
function reachOf(
  found: CrossoverAnswer,
  place: CrossoverAnswer['safety'][number],
  actor: string,
): string[] {
  const name = ACTORS[actor] ?? actor;
  const of = (side: Side) => {
    const { exposure, requests, payloadBytes } = place[side];
    const one = strangers({ exposure }).find(([each]) => each === actor)?.[1];
    const total =
      (one?.heldByteSeconds ?? 0) + (one?.granuleByteSeconds ?? 0) + (one?.staleByteSeconds ?? 0);
    const gib = (requests * payloadBytes) / 2 ** 30;
    return { standing: one?.standingBytes ?? 0, text: reachText(total / 1024 / gib), total };
  };
  const [a, b] = [of('a'), of('b')];
  if (a.total === 0 && b.total === 0) return [];
  const told = (['a', 'b'] as const).map((side) => {
    const { standing, text, total } = side === 'a' ? a : b;
    if (standing > 0) return `${bytes(standing)} of the guest’s memory all the time`;
    return total === 0 ? 'nothing' : `${text} per GiB moved`;
  });
  const reaches = `${name} reaches without need`;
  if (a.standing > 0 && a.standing === b.standing)
    return [`With either, ${reaches} ${told[0]}: the choice changes nothing about that.`];
  return [
    `At ${size(place.bytes)} ${reaches}: with ${nameOf(found, 'a')} ${told[0]}, with ${nameOf(found, 'b')} ${told[1]}.`,
  ];
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
    return [`${id} ${HAZARDS[id].name} (${who}): ${HAZARDS[id].meaning}`];
  });
}

function nearest<T extends { readonly bytes: number }>(
  all: readonly T[],
  at: number,
): T | undefined {
  return [...all].sort((x, y) => Math.abs(x.bytes - at) - Math.abs(y.bytes - at))[0];
}

/** Has anyone but the owner the privilege to map what it does not hold? */
const isPrivileged = (at: SafetyAt) =>
  strangers(at).some(([, { obtainableByteSeconds }]) => obtainableByteSeconds > 0);

function caveatsOf(found: CrossoverAnswer): string[] {
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
  const unchecked = (Object.keys(HAZARDS) as HazardId[]).filter((id) =>
    found.safety.some(({ a, b }) => a.hazards[id] === null || b.hazards[id] === null),
  );
  const notChecked = unchecked.map((id) => `${id} ${HAZARDS[id].name}`).join(', ');
  if (notChecked !== '') leaps.push(`Not checked: ${notChecked}.`);
  return [...pairs, ...turns, ...leaps, ...(found.caution === '' ? [] : [found.caution])];
}
