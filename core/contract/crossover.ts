/** What a crossover found: where one strategy takes over from another over sizes, and how sure that is. */
import type { PairStatus } from './ids.ts';

/** One of the two that are compared. */
export type Side = 'a' | 'b';

/** One size in the scenario as given, with what the samples make of it. */
export interface CrossoverPoint {
  readonly bytes: number;
  readonly requests: number;
  /** Of the grid, which every sample looks at; the others narrow something down. */
  readonly onGrid: boolean;
  readonly a: number;
  readonly b: number;
  /** b - a. */
  readonly difference: number;
  /** How far b is ahead, as a share of the better value; negative where a is. */
  readonly gap: number;
  readonly winner: Side | 'tie';
  /** Least and most over all samples that looked at this size. */
  readonly aRange: readonly [number, number];
  readonly bRange: readonly [number, number];
  /** Of those samples: in how many a is ahead by more than a tie, in how many b, and how many looked. */
  readonly ahead: { readonly a: number; readonly b: number; readonly of: number };
}

/** What is the same for both sides: a seed, and values within the profiles' ranges. */
export interface Sample {
  readonly kind: 'given' | 'seed' | 'ranges' | 'low' | 'high';
  readonly seed: number;
  /** Quantities that differ from the profiles, in their units. */
  readonly values: Readonly<Record<string, number>>;
}

/** Where a and b change places, over all samples. */
export interface Crossing {
  /** In the scenario as given, or the middle of what the samples show where it has none there. */
  readonly at: number;
  /** Where `at` is from: last size before the change there, and first one after it. */
  readonly place: readonly [before: number, after: number];
  /** The sign changes between these in all samples that have it, to and fro within ties included. */
  readonly low: number;
  readonly high: number;
  /** Who is ahead below it, and above. */
  readonly from: Side;
  readonly to: Side;
  /** Share of the samples that have it, 0 to 1. */
  readonly share: number;
  /** Does the scenario as given have it? */
  readonly given: boolean;
  /** The known break on which it sits, and why results jump there; null where it sits on none. */
  readonly break: number | null;
  readonly breakReason: string;
  /** The curves do not meet: one of them has a step here that leaps over the other. */
  readonly leap: boolean;
}

/** A change of sign without a winner on both sides. */
export interface TieChange {
  readonly at: number;
  readonly low: number;
  readonly high: number;
  readonly to: Side;
}

export type CrossoverVerdict = 'crosses' | 'never' | 'undecided';

export interface Judgement {
  readonly crossings: readonly Crossing[];
  /** Of the scenario as given. */
  readonly withinTies: readonly TieChange[];
  readonly verdict: CrossoverVerdict;
  /** One sentence. */
  readonly reason: string;
}

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
  readonly metric: 'cpuPerByte' | 'throughput';
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
