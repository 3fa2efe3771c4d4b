/** The state of the machine at a moment of a trace. */
import * as v from 'valibot';
import type { HazardRow, RequestRow } from './trace.ts';
import { count, id, method, row, tick } from './method.ts';

/** The first rows of a list that may be long, and how many there are in all. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** Kinds of things that stand between an event that makes them and one that ends them. */
export const ENTRY_GROUPS = ['grants', 'maps', 'iommu', 'bounce', 'pins', 'gtt'] as const;
export type EntryGroup = (typeof ENTRY_GROUPS)[number];

/** One grant, mapping, IOMMU entry, bounce slot, pin or graphics table entry. */
export interface StateEntry {
  /** The event that made it. */
  readonly event: number;
  readonly kind: number;
  readonly track: number;
  /** Start of that event. */
  readonly since: number;
  /**
   * `arg` of that event: a grant's reference, a mapping's handle, an IOMMU entry's dfn or iova, the
   * first bounce slot. `KindInfo.arg` says which.
   */
  readonly key: string | null;
  /** As `KindInfo.frame` says: gfn of a grant or bounce slot, mfn of a mapping. */
  readonly frame: string | null;
  /** Elements: pages of an IOMMU range, slots. */
  readonly n: number | null;
  readonly bytes: number | null;
  readonly request: number | null;
  /** False: the entry is gone from its table, and a cached translation may still lead to the frame. */
  readonly live: boolean;
  /** May the other side write? Null where the trace does not say. */
  readonly write: boolean | null;
}

/** What was last written to and read from the rings by one track. Indices count requests. */
export interface RingState {
  readonly track: number;
  /** Producer and consumer index after the newest event; null where there was none, or it had none. */
  readonly pushed: number | null;
  readonly pulled: number | null;
  /**
   * Slots that requests in flight were given by this track's pushes, and how many of them the other side
   * has not taken yet. Null where the trace does not say: pushes that name no request, as those of
   * responses and of receive buffers, or a request in flight that began too far back.
   */
  readonly slots: { readonly inFlight: number; readonly waiting: number } | null;
}

export interface OpenSpan {
  readonly event: number;
  readonly kind: number;
  readonly ts: number;
  readonly dur: number;
  readonly level: number;
  readonly request: number | null;
}

/**
 * How an actor reaches a frame: a request in flight needs it; nothing does; only a cached translation
 * leads there, whose entry is gone; or it is mapped, and the trace does not say what is needed.
 */
export const REACHES = ['needed', 'needless', 'stale', 'mapped'] as const;
export type ReachHow = (typeof REACHES)[number];

/** Guest memory, and who reaches what of it. Frames that are in no range are reached by nobody. */
export interface ReachState {
  /** Each guest's memory; empty for a recording. `firstGfn` is the gfn of frame `first`. */
  readonly guests: readonly {
    readonly name: string;
    readonly first: number;
    readonly frames: number;
    readonly firstGfn: number;
  }[];
  /** Roles, in the order of `frames` below; with `actor` an index into it. */
  readonly actors: readonly string[];
  /**
   * Ranges of equal state, by actor and then first frame; all columns have the same length. A frame is an
   * mfn, or a page of a byte address in a recording.
   */
  readonly actor: readonly number[];
  readonly frame: readonly number[];
  readonly frames: readonly number[];
  /** Index into `REACHES`. */
  readonly how: readonly number[];
  /** 1: the actor may write there. 2: the trace does not say. */
  readonly write: readonly number[];
  /** There are more ranges; ask for fewer frames. */
  readonly truncated: boolean;
}

export interface TraceState {
  readonly ts: number;
  /** The newest event that has begun; 0 when none has. */
  readonly event: number;
  /**
   * Entries made before this moment are not known, because what made them is not in the file (a part of
   * a trace, the beginning of a recording) or too far back in a file of the first version. Null: all are.
   */
  readonly knownFrom: number | null;
  readonly entries: Readonly<Record<EntryGroup, Listed<StateEntry>>>;
  /** Requests in flight. */
  readonly requests: Listed<RequestRow>;
  /** Hazards that are open. */
  readonly hazards: Listed<HazardRow>;
  readonly rings: readonly RingState[];
  /** Ring slots, flush queue, bounce slots, mapped pages: see `TraceInfo.counters`. */
  readonly counters: readonly { readonly counter: number; readonly value: number }[];
  /** What each busy track is doing, outermost first. */
  readonly tracks: readonly { readonly track: number; readonly spans: readonly OpenSpan[] }[];
  readonly reach: ReachState;
}

/** Ranges of one answer at most. */
export const MAX_REACH_RANGES = 50_000;

export const STATE_METHODS = {
  /** The state just after everything that begins at `ts`. */
  'trace.state': method<TraceState>()(
    v.strictObject({
      trace: id,
      ts: tick,
      /** Rows of each list at most. */
      limit: count(10_000),
      /** Only these frames in `reach`. */
      reach: v.optional(v.strictObject({ first: row, frames: row })),
    }),
  ),
} as const;
