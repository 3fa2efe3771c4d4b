/** One trace: what a viewer of it asks. */
import * as v from 'valibot';
import type { Category, CountKey } from '../kinds.ts';
import type { Exposure, RunResult } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import type { ImportCounts, TraceKind, TracePart } from './library.ts';
import { count, id, method, row, tick } from './method.ts';

export interface TrackInfo {
  readonly id: number;
  readonly name: string;
  /** Second line of the label, for example `CPU 0`. */
  readonly detail: string;
  readonly actor: string;
  /** Greatest `level` of the track's events plus one. */
  readonly levels: number;
  readonly events: number;
}

export interface KindInfo {
  readonly code: number;
  readonly name: string;
  readonly category: Category;
  readonly counts: readonly CountKey[];
  readonly frame: string | null;
  readonly arg: string | null;
  readonly doc: string;
  /** Events of this kind in the trace. */
  readonly events: number;
}

export interface CounterInfo {
  readonly id: number;
  readonly name: string;
  readonly unit: string;
  /** Greatest value; null where the trace has no sample of it. */
  readonly max: number | null;
}

/** What a viewer must know before it draws a trace. */
export interface TraceInfo {
  readonly id: string;
  readonly name: string;
  readonly kind: TraceKind;
  readonly status: string;
  /** Picoseconds in one tick: 1 simulated, 1000 recorded. */
  readonly tickPs: number;
  readonly firstTick: number;
  readonly lastTick: number;
  readonly events: number;
  readonly requests: number;
  readonly tracks: readonly TrackInfo[];
  readonly kinds: readonly KindInfo[];
  readonly counters: readonly CounterInfo[];
  readonly exposure: Record<string, Exposure> | null;
  /** Rows of hazards; one may stand for many frames. */
  readonly hazardsTotal: number;
  /** Everything in `meta`, as text. */
  readonly provenance: Record<string, string>;
  readonly scenario: Scenario | null;
  readonly result: RunResult | null;
  readonly importCounts: ImportCounts | null;
  /** Null for a trace that is whole. */
  readonly part: TracePart | null;
}

/** Columns of spans or buckets of one window; all arrays have the same length. */
export interface TraceWindow {
  /** `events`: each entry is one event. `summary`: each is a bucket of events of one kind. */
  readonly mode: 'events' | 'summary';
  /** First event id in a bucket, or the event's id. */
  readonly id: readonly number[];
  readonly ts: readonly number[];
  /** Duration, or width of the bucket. */
  readonly dur: readonly number[];
  readonly kind: readonly number[];
  readonly track: readonly number[];
  readonly level: readonly number[];
  /** Request number, 0 for none and for buckets. */
  readonly request: readonly number[];
  /** Events: 1. Buckets: how many. */
  readonly n: readonly number[];
  /** Events: `dur`. Buckets: time covered by their events. */
  readonly busy: readonly number[];
}

/** One event, for tables and details. Big values are decimal strings; null where there is none. */
export interface EventRow {
  readonly id: number;
  readonly ts: number;
  readonly dur: number;
  readonly kind: number;
  /** The kind's name, or the recorded name of a generic or raw event. */
  readonly name: string;
  readonly track: number;
  readonly level: number;
  readonly request: number | null;
  readonly frame: string | null;
  readonly bytes: number | null;
  readonly n: number | null;
  readonly status: number | null;
  readonly arg: string | null;
}

export interface EventDetail {
  readonly event: EventRow;
  /** Enclosing spans on the same track, outermost first. */
  readonly parents: readonly EventRow[];
  /** Spans directly inside, the first 200. */
  readonly children: readonly EventRow[];
  /** Further fields: recorded key=value pairs, comm, pid, flags. */
  readonly details: Record<string, string>;
  /** Line of the source and its text, for recorded events. */
  readonly source: { readonly line: number; readonly text: string } | null;
}

export interface RequestRow {
  readonly id: number;
  readonly submitted: number;
  readonly completed: number | null;
  readonly bytes: number;
  readonly firstEvent: number;
  readonly lastEvent: number;
}

export interface RequestDetail {
  readonly request: RequestRow;
  /** Events of the request, and batches that served it, by time; at most 2000. */
  readonly events: readonly EventRow[];
  /** Ids among `events` of batches shared with other requests. */
  readonly shared: readonly number[];
  readonly truncated: boolean;
}

export interface HazardRow {
  readonly id: number;
  readonly code: string;
  readonly actor: string;
  /** First frame (mfn) and how many. */
  readonly frame: number;
  readonly frames: number;
  readonly opened: number;
  /** Null when it was open at the end. */
  readonly closed: number | null;
  readonly request: number | null;
  /** Events that led there, oldest first. */
  readonly causes: readonly number[];
  readonly note: string;
}

export const TRACE_METHODS = {
  'trace.open': method<TraceInfo>()(v.strictObject({ trace: id })),
  'trace.window': method<TraceWindow>()(
    v.strictObject({
      trace: id,
      from: tick,
      to: tick,
      /** Pixels to fill: a summary has at least a quarter as many buckets over the window. */
      buckets: count(10_000),
      /** Up to so many events are sent as they are; beyond, a summary. */
      maxEvents: count(50_000),
    }),
  ),
  'trace.counters': method<
    readonly {
      readonly counter: number;
      readonly ts: readonly number[];
      readonly min: readonly number[];
      readonly max: readonly number[];
      readonly last: readonly number[];
    }[]
  >()(v.strictObject({ trace: id, from: tick, to: tick, buckets: count(10_000) })),
  /** A page of the event table; `first` is the id of its first event (ids are dense from 1). */
  'trace.events': method<readonly EventRow[]>()(
    v.strictObject({ trace: id, first: row, limit: count(1000) }),
  ),
  'trace.event': method<EventDetail>()(v.strictObject({ trace: id, event: row })),
  /** The first event that starts at or after a time. */
  'trace.at': method<{ event: number }>()(v.strictObject({ trace: id, ts: tick })),
  'trace.request': method<RequestDetail>()(v.strictObject({ trace: id, request: row })),
  /** At most `limit`: where there are more, of each code the first ones. In the order of their ids. */
  'trace.hazards': method<readonly HazardRow[]>()(
    v.strictObject({ trace: id, limit: count(10_000) }),
  ),
} as const;
