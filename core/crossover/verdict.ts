/** Curves of all samples taken together: crossings with their intervals, and a verdict with its reason. */
import { assert } from '../base/assert.ts';
import type { Crossing, CrossoverVerdict, Judgement, Side } from '../contract/crossover.ts';
import { TIE } from '../ranking/rank.ts';
import { BREAKS, middleOf } from './grid.ts';
import type { Change, Curve, CurveCrossing } from './search.ts';

/** Share of samples that must show a crossing for the verdict `crosses`. */
export const SHARE = 0.9;

/** What the two are called, and what being ahead means. */
export interface Words {
  readonly a: string;
  readonly b: string;
  /** As in `has the lower CPU time per byte`. */
  readonly ahead: string;
}

/** @param curves of all samples, that of the scenario as given first */
export function judgeCurves(curves: readonly Curve[], step: number, words: Words): Judgement {
  const given = curves[0];
  assert(given !== undefined, 'there is at least one sample');
  const crossings = groups(curves)
    .map((group) => crossingOf(group, curves.length, step))
    .sort((x, y) => x.at - y.at);
  const withinTies = given.withinTies.map(({ low, high, to }) => ({
    at: placeOf({ low, high }, step).at,
    low,
    high,
    to,
  }));
  return { crossings, withinTies, ...verdictOf(crossings, curves, words) };
}

/** One crossing in those samples that have it. */
interface Group {
  readonly to: Side;
  readonly reference: Change;
  readonly given: boolean;
  readonly found: CurveCrossing[];
}

/** The same crossing in several samples: same direction, nearest by ratio, each once in a sample. */
function groups(curves: readonly Curve[]): readonly Group[] {
  const all: Group[] = [];
  curves.forEach(({ crossings }, sample) => {
    const candidates = all
      .flatMap((group) => crossings.map((change) => ({ group, change })))
      .filter(({ group, change }) => group.to === change.to)
      .sort((x, y) => distance(x.group, x.change) - distance(y.group, y.change));
    const taken = new Set<Group | Change>();
    for (const { group, change } of candidates) {
      if (taken.has(group) || taken.has(change)) continue;
      group.found.push(change);
      taken.add(group).add(change);
    }
    for (const change of crossings) {
      if (taken.has(change)) continue;
      all.push({ to: change.to, reference: change, given: sample === 0, found: [change] });
    }
  });
  return all;
}

const distance = ({ reference }: Group, { low }: Change): number =>
  Math.max(reference.low / low, low / reference.low);

function crossingOf({ to, reference, given, found }: Group, samples: number, step: number) {
  const byPlace = [...found].sort((x, y) => x.low - y.low);
  const place = given ? reference : (byPlace[Math.floor(found.length / 2)] as Change);
  return {
    low: Math.min(...found.map(({ span }) => span[0])),
    high: Math.max(...found.map(({ span }) => span[1])),
    from: to === 'b' ? 'a' : 'b',
    to,
    share: found.length / samples,
    given,
    leap: place.leap,
    place: [place.low, place.high],
    ...placeOf(place, step),
  } satisfies Crossing;
}

/** Where a change is, and on which break. */
function placeOf({ low, high }: { readonly low: number; readonly high: number }, step: number) {
  const on =
    high - low > step
      ? undefined
      : BREAKS.find(({ bytes }) => bytes % step === 0 && (bytes === low || bytes === high));
  return {
    at: on?.bytes ?? middleOf(low, high, step) ?? low,
    break: on?.bytes ?? null,
    breakReason: on?.why ?? '',
  };
}

function verdictOf(
  crossings: readonly Crossing[],
  curves: readonly Curve[],
  words: Words,
): { readonly verdict: CrossoverVerdict; readonly reason: string } {
  const all = curves.length === 1 ? 'the one sample' : `all ${curves.length} samples`;
  const of = (count: number) => `${count} of ${curves.length} samples`;
  const told = ({ from, to, at, share }: Crossing) => {
    const seen = share === 1 ? all : of(Math.round(share * curves.length));
    return `${words[to]} takes over from ${words[from]} at about ${at} bytes in ${seen}`;
  };
  const sure = crossings.filter(({ share }) => share >= SHARE);
  if (sure.length > 0) return { verdict: 'crosses', reason: sure.map(told).join('; ') };
  const likeliest = [...crossings].sort((x, y) => y.share - x.share)[0];
  if (likeliest !== undefined) {
    const reason = `${told(likeliest)}: no crossing is in ${SHARE * 100} % of them`;
    return { verdict: 'undecided', reason };
  }
  const tie = `${TIE * 100} %`;
  const led = (side: Side | null) => curves.filter(({ leader }) => leader === side).length;
  const [byA, byB, byNone] = [led('a'), led('b'), led(null)];
  if (byNone === curves.length) {
    const reason = `they are within ${tie} of each other at every size, in ${all}`;
    return { verdict: 'undecided', reason };
  }
  if (byA > 0 && byB > 0) {
    const reason = `neither crosses the other, but ${words.a} is ahead in ${of(byA)} and ${words.b} in ${of(byB)}`;
    return { verdict: 'undecided', reason };
  }
  const winner = byA > 0 ? 'a' : 'b';
  if (byNone > 0) {
    const reason = `${words[winner]} is ahead in ${of(byA + byB)}, and in the others they are within ${tie} of each other at every size`;
    return { verdict: 'undecided', reason };
  }
  const everywhere = curves.every(({ points }) => points.every(({ gap }) => Math.abs(gap) > TIE));
  const where = everywhere ? 'at every size' : `at every size where they are not within ${tie}`;
  return { verdict: 'never', reason: `${words[winner]} ${words.ahead} ${where}, in ${all}` };
}
