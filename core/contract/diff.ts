/** Two traces compared: one value that can be saved, sent and opened again. */
import type { Exposure } from './result.ts';

/** One figure in two traces. `null` stands for what a trace cannot say; never for nothing. */
export interface Change {
  readonly a: number | null;
  readonly b: number | null;
  /** `b - a`. */
  readonly change: number | null;
  /** `(b - a) / a`; null where `a` is 0. */
  readonly relative: number | null;
}

/** Where a trace comes from; what it does not say is null. */
export interface Provenance {
  /** As the user named it; in the window the trace's id. */
  readonly file: string;
  readonly kind: 'simulated' | 'imported' | 'interrupted' | 'part';
  readonly status: string;
  /** Program and version that wrote it. */
  readonly program: string | null;
  readonly name: string | null;
  readonly fingerprint: string | null;
  readonly seed: string | null;
  readonly scenarioHash: string | null;
  /** Hashes of the cost model by profile. */
  readonly profiles: Readonly<Record<string, string>>;
  /** Of a recording. */
  readonly sourceName: string | null;
  readonly sourceSha256: string | null;
}

export interface FieldDifference {
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

export interface ScenarioDiff {
  readonly differs: readonly FieldDifference[];
  /** Profiles of the cost model whose hashes differ or that one side alone uses. */
  readonly costModel: readonly FieldDifference[];
}

export interface Alignment {
  /** Requests with the same id are compared one by one, or only distributions are. */
  readonly by: 'request' | 'kind';
  readonly reason: string;
}

/** A Mann-Whitney U test. */
export interface RankTest {
  readonly test: 'Mann-Whitney U, two-sided, normal approximation with tie correction';
  /** What was compared, with its unit. */
  readonly of: string;
  readonly valuesA: number;
  readonly valuesB: number;
  /** Pairs in which B is larger, ties as half. */
  readonly u: number;
  /** Positive where B tends to be larger. */
  readonly z: number;
  readonly p: number;
  /** Chance that a value of B exceeds one of A, ties as half: 0.5 is no difference, whatever p says. */
  readonly superiority: number;
}

/** Why there is no test. */
export interface NoTest {
  readonly test: null;
  readonly reason: string;
}

/** What the events of one kind amount to. */
export interface KindDiff {
  readonly code: number;
  readonly name: string;
  readonly category: string;
  /** Which trace has events of this kind. */
  readonly in: 'both' | 'a' | 'b';
  readonly count: Change;
  /** Sum of durations. */
  readonly timeNs: Change;
  /** The same without what is nested inside on the same CPU or track. */
  readonly selfNs: Change;
  readonly bytes: Change;
  /** The same per completed request; null where a trace has none. */
  readonly perRequest: {
    readonly count: Change;
    readonly timeNs: Change;
    readonly selfNs: Change;
    readonly bytes: Change;
  } | null;
  /**
   * Of the time of this kind in each request where its events belong to requests, otherwise of the
   * duration of its events. Values are taken to within 1.6 %.
   */
  readonly significance: RankTest | NoTest;
}

export interface LatencyDiff {
  /** Completed requests. */
  readonly completed: Change;
  readonly meanNs: Change;
  readonly percentilesNs: Readonly<Record<'min' | 'p50' | 'p90' | 'p99' | 'p999' | 'max', Change>>;
  /**
   * Buckets that either side has; a latency of `from` or more and less than `to`. `a` and `b` are
   * fractions of each side's completed requests and sum to 1.
   */
  readonly histogram: readonly {
    readonly fromNs: number;
    readonly toNs: number;
    readonly a: number;
    readonly b: number;
  }[];
  readonly test: RankTest | NoTest;
  /** The same request in both; null where requests are not aligned. */
  readonly paired: {
    readonly slower: number;
    readonly faster: number;
    readonly same: number;
    readonly medianChangeNs: number | null;
  } | null;
}

/** Who paid. Means over completed requests, in nanoseconds; all of them sum to the mean latency. */
export interface Components {
  readonly actors: Readonly<
    Record<
      string,
      {
        /** Work on the request itself. */
        readonly ownNs: Change;
        /** Work on a batch that the request is part of, while nobody worked on itself. */
        readonly sharedNs: Change;
        readonly totalNs: Change;
      }
    >
  >;
  /** Nobody worked on it, nor on a batch that it is part of. */
  readonly waitingNs: Change;
  readonly latencyNs: Change;
  /** How sure each mean is; null in a diff that an earlier version has saved. */
  readonly intervalsNs: { readonly a: PayerIntervals; readonly b: PayerIntervals } | null;
}
/** Means over the completed requests of a trace. */
export interface PayerMeans {
  readonly requests: number;
  /** By actor, `waiting` and `latency`, which is the sum of the others; nanoseconds. */
  readonly ns: Readonly<
    Record<
      string,
      {
        readonly total: number;
        /** The part that was spent on a batch which the request is part of. */
        readonly shared: number;
        readonly interval: readonly [low: number, high: number] | null;
      }
    >
  >;
}

/**
 * 95 % interval of each mean by its payer, of `waiting` and of `latency`; null with too few requests.
 * By the method of batch means, since requests that queue behind each other are not independent.
 */
export type PayerIntervals = Readonly<Record<string, readonly [low: number, high: number]>> | null;

export type Turn =
  'appears' | 'vanishes' | 'more' | 'less' | 'same' | 'not checked in a' | 'not checked in b';

export interface HazardDiff {
  readonly code: string;
  readonly name: string;
  /** Frames that it befell. */
  readonly occurrences: Change;
  readonly turn: Turn;
}

export const REACH = [
  'heldByteSeconds',
  'obtainableByteSeconds',
  'standingBytes',
  'granuleByteSeconds',
  'staleByteSeconds',
] as const satisfies readonly (keyof Exposure)[];
export type Reach = (typeof REACH)[number];

export interface ExposureDiff {
  readonly actor: string;
  readonly reach: Readonly<Record<Reach, Change & { readonly turn: Turn }>>;
}

/** How the sequences of kinds compare. */
export interface Parting {
  readonly sameSequence: number;
  readonly otherSequence: number;
  /** The first request of another sequence, or null. */
  readonly request: number | null;
}

export interface FirstDivergence extends Parting {
  readonly request: number;
  /** How many events of the request are of the same kinds before. */
  readonly position: number;
  /** The last kind in common, or null. */
  readonly after: string | null;
  /** The first event that differs; null where the request has no more. */
  readonly a: DivergingEvent | null;
  readonly b: DivergingEvent | null;
}

export interface DivergingEvent {
  readonly event: number;
  readonly kind: string;
  /** Since the start of the trace. */
  readonly atNs: number;
}

/** Where the time of one request went, in nanoseconds; all parts sum to `latencyNs`. */
export interface RequestParts {
  readonly latencyNs: number;
  readonly waitingNs: number;
  /** Work on the request itself, by actor. */
  readonly ownNs: Readonly<Record<string, number>>;
  /** Batches that the request is part of, while nobody worked on itself. */
  readonly sharedNs: Readonly<Record<string, number>>;
}

export interface ChangedRequest {
  readonly request: number;
  readonly bytes: number;
  readonly latencyNs: Change;
  readonly a: RequestParts;
  readonly b: RequestParts;
}

/**
 * How the latency of every request that completed in both changed, in the order of their numbers:
 * one column for each figure, one place for so many requests in a row.
 */
export interface ChangeStrip {
  /** Requests that a place stands for; the last may stand for fewer. */
  readonly each: number;
  /** First request of a place, and when A submitted it, since the start of the trace. */
  readonly first: readonly number[];
  readonly atNs: readonly number[];
  readonly meanNs: readonly number[];
  readonly leastNs: readonly number[];
  readonly mostNs: readonly number[];
  /** The request of a place that changed most, up or down. */
  readonly largest: readonly number[];
}

export interface TraceDiff {
  /** Version of this document. */
  readonly format: 1;
  readonly a: Provenance;
  readonly b: Provenance;
  /** The two hold the same run or recording, event by event. */
  readonly identical: boolean;
  readonly alignment: Alignment;
  /** What a reader must know before believing the figures. */
  readonly notes: readonly string[];
  readonly scenario: ScenarioDiff;
  /** Of the whole trace. */
  readonly totals: {
    readonly events: Change;
    readonly requests: Change;
    readonly completed: Change;
    readonly payloadBytes: Change;
    readonly spanNs: Change;
    /** Primitives, each event under its most specific name. */
    readonly counts: Readonly<Record<string, Change>>;
    /** Time without nested time by role. */
    readonly selfNs: Readonly<Record<string, Change>>;
  };
  /** The same per completed request; null where a trace has none. */
  readonly perRequest: {
    readonly events: Change;
    readonly counts: Readonly<Record<string, Change>>;
    readonly selfNs: Readonly<Record<string, Change>>;
  } | null;
  /** What each run measured in its steady state; null where a trace holds no result. */
  readonly steadyState: Readonly<Record<string, Change>> | null;
  readonly kinds: readonly KindDiff[];
  readonly latency: LatencyDiff | null;
  readonly components: Components | null;
  readonly hazards: readonly HazardDiff[];
  readonly exposure: readonly ExposureDiff[];
  /** Null where requests are not aligned, or none differs. */
  readonly firstDivergence: FirstDivergence | null;
  readonly mostChanged: readonly ChangedRequest[];
  /** Null where requests are not aligned, or an earlier version has saved the diff. */
  readonly strip: ChangeStrip | null;
}
