/**
 * Where two curves change places. Pure: a curve is a function from size to gap.
 *
 * A gap is how far b is ahead of a, as a share of the better one's value: positive where b is better,
 * negative where a is. Within `TIE` neither is.
 */
import type { Side } from '../contract/crossover.ts';
import { TIE } from '../ranking/rank.ts';
import { middleOf, pageEnds } from './grid.ts';

export type GapAt = (size: number) => Promise<number>;

export interface CurvePoint {
  readonly size: number;
  readonly gap: number;
}

/** A change of sign of the gap. */
export interface Change {
  /** Last size found with the old sign, and first with the new one. */
  readonly low: number;
  readonly high: number;
  /** Who is ahead above it. */
  readonly to: Side;
  /** The gap leaps over a tie between sizes that are next to each other: a step of a curve. */
  readonly leap: boolean;
}

/** A change of sign between two leads. */
export interface CurveCrossing extends Change {
  /** From before the first change of sign between the leads to after the last: noise makes several. */
  readonly span: readonly [low: number, high: number];
}

/** One pair of curves, looked at. */
export interface Curve {
  readonly points: readonly CurvePoint[];
  /** Changes of sign between leads that exceed a tie: crossings. They alternate. */
  readonly crossings: readonly CurveCrossing[];
  /** Changes of sign where the lead before or after does not exceed a tie until the next change. */
  readonly withinTies: readonly Change[];
  /** Who is ahead by most; null when all is a tie. */
  readonly leader: Side | null;
}

/** How closely a change of sign is narrowed down. */
export interface Resolution {
  /** Until its ends are this close by ratio. */
  readonly ratio: number;
  /** Where the gap is more than a tie on either end all the same: down to the last step. */
  readonly leaps: boolean;
}

/** Beside a gap this small, changes of sign may hide between two sizes: one looks closer there. */
const NEAR = 0.05;
const CLOSER_LOOKS = 2;
/** Sizes closer than this by ratio hide none. */
const CLOSE = 1.1;

/** Which of them is ahead, however little; null when they are equal. */
const signOf = (gap: number): Side | null => (gap > 0 ? 'b' : gap < 0 ? 'a' : null);

/** Finds every change of sign that the sizes show, and narrows each down. */
export async function search(
  sizes: readonly number[],
  step: number,
  gapAt: GapAt,
  resolution: Resolution,
): Promise<Curve> {
  const known = new Map<number, number>();
  const look = async (size: number): Promise<CurvePoint> => {
    const gap = known.get(size) ?? (await gapAt(size));
    known.set(size, gap);
    return { size, gap };
  };

  const isNear = (low: CurvePoint, high: CurvePoint) =>
    low.gap !== 0 && Math.min(Math.abs(low.gap), Math.abs(high.gap)) <= NEAR;

  const lookCloser = async (low: CurvePoint, high: CurvePoint, looks: number): Promise<void> => {
    const middle = middleOf(low.size, high.size, step);
    if (looks === 0 || middle === null || high.size < low.size * CLOSE) return;
    if (signOf(low.gap) !== signOf(high.gap) || !isNear(low, high)) return;
    const between = await look(middle);
    await lookCloser(low, between, looks - 1);
    await lookCloser(between, high, looks - 1);
  };

  const narrow = async (low: CurvePoint, high: CurvePoint): Promise<void> => {
    for (;;) {
      const middle = middleOf(low.size, high.size, step);
      if (middle === null) return;
      const leaps = Math.abs(low.gap) > TIE || Math.abs(high.gap) > TIE;
      if (high.size <= low.size * resolution.ratio && !(resolution.leaps && leaps)) return;
      const between = await look(middle);
      const sign = signOf(between.gap);
      if (sign === signOf(low.gap)) low = between;
      else if (sign === signOf(high.gap)) high = between;
      else {
        // They are equal for a while: where does that begin, and where does it end?
        await narrow(low, between);
        await narrow(between, high);
        return;
      }
    }
  };

  for (const size of sizes) await look(size);
  for (const [low, high] of neighbours(sorted(known))) {
    if (!isNear(low, high)) continue;
    for (const size of pageEnds(low.size, high.size, step)) await look(size);
  }
  for (const [low, high] of nearing(sorted(known))) {
    const middle = middleOf(low.size, high.size, step);
    if (middle !== null && high.size >= low.size * CLOSE) await look(middle);
  }
  for (const [low, high] of neighbours(sorted(known))) await lookCloser(low, high, CLOSER_LOOKS);
  for (const [low, high] of opposites(sorted(known))) {
    const equal = sorted(known).filter(({ size }) => size > low.size && size < high.size);
    const stops = [low, ...equal.slice(0, 1), ...equal.slice(1).slice(-1), high];
    for (const [from, to] of neighbours(stops)) {
      if (signOf(from.gap) !== signOf(to.gap)) await narrow(from, to);
    }
  }
  return curveOf(sorted(known), step);
}

const sorted = (known: ReadonlyMap<number, number>): CurvePoint[] =>
  [...known].map(([size, gap]) => ({ size, gap })).sort((a, b) => a.size - b.size);

type Pair = readonly [low: CurvePoint, high: CurvePoint];

const neighbours = (points: readonly CurvePoint[]): Pair[] =>
  points.slice(1).map((high, i) => [points[i] as CurvePoint, high]);

/**
 * Neighbours on one side of zero where the curve comes so fast from outside that it would cross zero
 * between them if it went on like that.
 */
const nearing = (points: readonly CurvePoint[]): Pair[] =>
  neighbours(points).filter(([low, high], i) => {
    if (signOf(low.gap) !== signOf(high.gap)) return false;
    return goesOn(points[i - 1], low) || goesOn(points[i + 2], high);
  });

function goesOn(outer: CurvePoint | undefined, inner: CurvePoint): boolean {
  if (outer === undefined || signOf(outer.gap) !== signOf(inner.gap)) return false;
  return Math.abs(inner.gap) < Math.abs(outer.gap) - Math.abs(inner.gap);
}

/** Neighbours of opposite sign, those that are equal left out. */
const opposites = (points: readonly CurvePoint[]): Pair[] =>
  neighbours(points.filter(({ gap }) => gap !== 0)).filter(
    ([low, high]) => signOf(low.gap) !== signOf(high.gap),
  );

/** Points read as a curve: which changes of sign are crossings. */
export function curveOf(points: readonly CurvePoint[], step: number): Curve {
  const changes = opposites(points).map(([low, high]): Change => {
    const adjacent = high.size - low.size <= step;
    const leap = adjacent && Math.abs(high.gap - low.gap) > TIE;
    return { low: low.size, high: high.size, to: signOf(high.gap) as Side, leap };
  });
  const leads = points.filter(({ gap }) => Math.abs(gap) > TIE);
  const found = opposites(leads).map(([last, first]) => {
    // Noise about a tie may change the sign 3, 5, ... times on the way: one in the middle that leads
    // to the new side stands for all.
    const between = changes.filter(({ low, high }) => low >= last.size && high <= first.size);
    const right = between.filter(({ to }) => to === signOf(first.gap));
    const place = right[Math.floor((right.length - 1) / 2)] as Change;
    const span = [(between[0] as Change).low, (between.at(-1) as Change).high] as const;
    return { place, span };
  });
  let most: CurvePoint | undefined;
  for (const each of leads) {
    if (most === undefined || Math.abs(each.gap) > Math.abs(most.gap)) most = each;
  }
  return {
    points,
    crossings: found.map(({ place, span }) => ({ ...place, span })),
    withinTies: changes.filter((each) => found.every(({ place }) => place !== each)),
    leader: most === undefined ? null : signOf(most.gap),
  };
}
