/**
 * Every question the lab answers: name, arguments with their schema, and result type. Hosts serve
 * this table, the window and the command line call it, and nothing else passes between them.
 *
 * Times are ticks of the trace (`TraceInfo.tickPs` picoseconds each) unless the name says otherwise.
 * 64-bit values that a double cannot hold travel as decimal strings.
 */
import * as v from 'valibot';
import {
  HYPERVISOR_IDS,
  SOC_IDS,
  STRATEGY_IDS,
  type HypervisorId,
  type PairStatus,
  type SocId,
  type StrategyId,
} from './ids.ts';
import type { Category, CountKey } from './kinds.ts';
import type { Exposure, RunResult } from './result.ts';
import { ScenarioSchema, type Scenario, type ScenarioField } from './scenario.ts';

/** A call's arguments schema; `result` and `progress` exist for the compiler only. */
export interface Method<Args extends v.GenericSchema, Out, Progress> {
  readonly args: Args;
  readonly result?: Out;
  readonly progress?: Progress;
}

function method<Out, Progress = never>() {
  return <Args extends v.GenericSchema>(args: Args): Method<Args, Out, Progress> => ({ args });
}

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(512));
const tick = v.pipe(v.number(), v.finite());
const row = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max));
const nothing = v.strictObject({});

/** Where an import finds its bytes. */
export const SourceSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('path'), path: id }),
  /** A file that the browser host has received; the id is the host's answer to the upload. */
  v.strictObject({ kind: v.literal('upload'), upload: id, name: id }),
]);
export type Source = v.InferOutput<typeof SourceSchema>;

export const CATALOGUES = [
  'strategies',
  'hypervisors',
  'socs',
  'workloads',
  'hazards',
  'fields',
] as const;

/** One row of a catalogue: `{id, name, ...}`; further fields depend on the catalogue. */
export interface CatalogueRow {
  readonly id: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

/** Can this combination be run, and how must it be labelled? */
export interface Pair {
  readonly strategy: StrategyId;
  readonly hypervisor: HypervisorId;
  readonly soc: SocId;
  readonly status: PairStatus;
  /** Why it is hypothetical or refused; empty for native. */
  readonly reason: string;
}

export interface RunProgress {
  /** Requests completed so far, of `total`. */
  readonly done: number;
  readonly total: number;
  readonly events: number;
  /** Virtual time reached. */
  readonly simulatedNs: number;
}

/** What an importer could and could not read. `events = typed + generic + raw`. */
export interface ImportCounts {
  /** Importer and variant, for example `ftrace`. */
  readonly format: string;
  readonly lines: number;
  readonly events: number;
  readonly typed: number;
  readonly generic: number;
  readonly raw: number;
  /** Comment and blank lines. */
  readonly skipped: number;
  /** Lines that were neither event nor comment, or events that do not add up; the first 1000. */
  readonly warnings: readonly { readonly line: number; readonly reason: string }[];
  /** All warnings, also those beyond the first 1000. */
  readonly warningsTotal: number;
}

export interface ImportProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly events: number;
}

export type TraceKind = 'simulated' | 'imported' | 'interrupted';

/** One trace in the library. */
export interface LibraryEntry {
  readonly id: string;
  readonly name: string;
  /** File name with its folder, for people. */
  readonly file: string;
  readonly origin: 'sample' | 'user';
  readonly kind: TraceKind;
  readonly status: string;
  readonly strategy: string | null;
  readonly hypervisor: string | null;
  readonly soc: string | null;
  readonly workload: string | null;
  readonly pair: PairStatus | null;
  readonly events: number;
  readonly requests: number;
  readonly spanNs: number;
  readonly sizeBytes: number;
  /** ISO 8601, from the file's provenance; empty where it says nothing. */
  readonly recordedAt: string;
  /** Occurrences by hazard; null for a hazard not checked; null as a whole for recorded traces. */
  readonly hazards: Record<string, number | null> | null;
  /** Events in 48 equal parts of the span. */
  readonly activity: readonly number[];
  readonly importCounts: ImportCounts | null;
  /** Set when the file cannot be opened: what is wrong with it. */
  readonly problem: string | null;
}

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
  readonly max: number;
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
  readonly hazardsTotal: number;
  /** Everything in `meta`, as text. */
  readonly provenance: Record<string, string>;
  readonly scenario: Scenario | null;
  readonly result: RunResult | null;
  readonly importCounts: ImportCounts | null;
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

export const METHODS = {
  'lab.about': method<{ version: string; node: string; sqlite: string; library: string }>()(
    nothing,
  ),

  'catalogue.list': method<readonly CatalogueRow[]>()(
    v.strictObject({ what: v.picklist(CATALOGUES) }),
  ),
  'catalogue.fields': method<readonly ScenarioField[]>()(nothing),
  'experiment.pairs': method<readonly Pair[]>()(
    v.strictObject({
      strategies: v.array(v.picklist(STRATEGY_IDS)),
      hypervisors: v.array(v.picklist(HYPERVISOR_IDS)),
      socs: v.array(v.picklist(SOC_IDS)),
      base: ScenarioSchema,
    }),
  ),
  /** Runs one scenario; with `record` it leaves a trace in the library or at `out`. */
  'experiment.run': method<RunResult & { readonly trace: string | null }, RunProgress>()(
    v.strictObject({
      scenario: ScenarioSchema,
      record: v.boolean(),
      /** File to write instead of a new one in the library. Command line only. */
      out: v.optional(v.nullable(id), null),
    }),
  ),

  'library.list': method<readonly LibraryEntry[]>()(nothing),
  'library.import': method<{ entry: LibraryEntry; counts: ImportCounts | null }, ImportProgress>()(
    v.strictObject({ source: SourceSchema }),
  ),
  'library.remove': method<null>()(v.strictObject({ trace: id })),
  'library.rename': method<LibraryEntry>()(
    v.strictObject({ trace: id, name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)) }),
  ),

  'trace.open': method<TraceInfo>()(v.strictObject({ trace: id })),
  'trace.window': method<TraceWindow>()(
    v.strictObject({
      trace: id,
      from: tick,
      to: tick,
      /** Pixels to fill: a summary has at least this many buckets over the window. */
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
  'trace.hazards': method<readonly HazardRow[]>()(
    v.strictObject({ trace: id, limit: count(10_000) }),
  ),
} as const;

export type MethodName = keyof typeof METHODS;
export type ArgsInput<M extends MethodName> = v.InferInput<(typeof METHODS)[M]['args']>;
export type ArgsOf<M extends MethodName> = v.InferOutput<(typeof METHODS)[M]['args']>;
export type ResultOf<M extends MethodName> =
  (typeof METHODS)[M] extends Method<v.GenericSchema, infer Out, infer _> ? Out : never;
export type ProgressOf<M extends MethodName> =
  (typeof METHODS)[M] extends Method<v.GenericSchema, infer _, infer Progress> ? Progress : never;

/** What an implementation may do while it answers. */
export interface CallContext<M extends MethodName> {
  readonly progress: (progress: ProgressOf<M>) => void;
  /** Fires when the caller cancels or goes away. */
  readonly signal: AbortSignal;
}

/** One implementation for each method. */
export type LabHandlers = {
  readonly [M in MethodName]: (
    args: ArgsOf<M>,
    context: CallContext<M>,
  ) => ResultOf<M> | Promise<ResultOf<M>>;
};
