/**
 * What the lab process needs of the rest of the house. The real parts are `core/experiment` and
 * `traces`; tests put fakes in their place.
 */
import type {
  ArgsOf,
  ImportQuestion,
  CsvMapping,
  CsvSplit,
  CatalogueRow,
  CATALOGUES,
  EventDetail,
  EventRow,
  HazardRow,
  HypervisorId,
  ImportCounts,
  ImportProgress,
  LibraryEntry,
  Notes,
  Pair,
  QueryAnswer,
  RequestDetail,
  ResultOf,
  RunResult,
  Scenario,
  SocId,
  StrategyId,
  TraceInfo,
  TraceWindow,
} from '../../core/contract/index.ts';
import type { TraceDiff } from '../../core/diff/index.ts';
import type { TraceSink } from '../../core/engine/recording.ts';
import type { RunIdentity, Simulation } from '../../core/experiment/index.ts';
import type { FileJob, FileWatch } from './files/thread.ts';

/** `core/experiment`, as far as the lab uses it. */
export interface Simulator {
  prepareRun(scenario: Scenario, sink: TraceSink | null): Simulation;
  identify(scenario: Scenario): RunIdentity;
  listPairs(
    strategies: readonly StrategyId[],
    hypervisors: readonly HypervisorId[],
    socs: readonly SocId[],
    base: Scenario,
  ): readonly Pair[];
  catalogue(what: (typeof CATALOGUES)[number]): readonly CatalogueRow[];
}

/** What is known of a run before it starts. */
export interface RecordingAbout {
  readonly name: string;
  readonly scenario: Scenario;
  readonly scenarioHash: string;
  readonly profiles: Record<string, string>;
  /** ISO 8601. */
  readonly recordedAt: string;
}

/** How a recording ended. */
export interface RecordingEnd {
  readonly status: 'complete' | 'incomplete';
  readonly result: RunResult;
  /** Why an incomplete run stopped, in words. */
  readonly interrupted?: string;
}

/** Writes one run into a file. */
export interface Recording extends TraceSink {
  /** Resolves when the run may go on; null when it may go on at once. Rejects with what went wrong. */
  ready(): Promise<void> | null;
  /** Completes the file and gives it its final name. */
  finish(end: RecordingEnd): Promise<{ readonly file: string; readonly events: number }>;
  /** Removes what was written, unless its disk or its thread failed. Does nothing after `finish`. */
  abandon(): Promise<void>;
}

/** The fields of a library entry that the file itself can tell. */
export type TraceSummary = Omit<
  LibraryEntry,
  'id' | 'file' | 'origin' | 'sizeBytes' | 'problem' | 'name'
> & { readonly name: string };

/** One open trace. */
export interface Reader {
  info(id: string, name?: string): TraceInfo;
  summary(): TraceSummary;
  window(args: Omit<ArgsOf<'trace.window'>, 'trace'>): TraceWindow;
  counters(args: Omit<ArgsOf<'trace.counters'>, 'trace'>): ResultOf<'trace.counters'>;
  events(first: number, limit: number): readonly EventRow[];
  event(id: number): EventDetail;
  at(ts: number): { readonly event: number };
  request(id: number): RequestDetail;
  hazards(limit: number): readonly HazardRow[];
  state(args: Omit<ArgsOf<'trace.state'>, 'trace'>): ResultOf<'trace.state'>;
  find(args: Omit<ArgsOf<'trace.find'>, 'trace'>): ResultOf<'trace.find'>;
  range(from: number, to: number): ResultOf<'trace.range'>;
  /** `recorded` of a scenario that plays its requests again, and how many were too many for one. */
  stream(): Pick<Scenario['recorded'], 'protocol' | 'stream'> & { readonly left: number };
  /** What `mapcopy info --json` prints. */
  describe(file: string): object;
  close(): void;
}

/** One import. */
export interface ImportJob {
  readonly input: string;
  readonly output: string;
  readonly name: string;
  readonly recordedAt: string;
  readonly mapping?: CsvMapping;
  readonly clockHz?: number;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

/** One query of a user. */
export interface QueryJob {
  readonly file: string;
  readonly sql: string;
  /** Rows at most. */
  readonly limit: number;
}

/** `traces`, as far as the lab uses it. */
export interface TraceStore {
  record(path: string, about: RecordingAbout): Recording;
  openTrace(path: string): Reader;
  importTrace(job: ImportJob): Promise<ImportCounts>;
  checkMapping(mapping: CsvMapping): void;
  importQuestion(path: string, split?: CsvSplit): Promise<ImportQuestion | null>;
  recoverTrace(part: string): { readonly file: string; readonly events: number };
  /** Removes what an interrupted import or trim left; false when it is something else. */
  removeUnfinished(part: string): boolean;
  findParts(folder: string): readonly string[];
  /** Where the notes on a trace lie; reading and writing them. */
  notesFileOf(trace: string): string;
  readNotes(file: string): Notes;
  writeNotes(file: string, notes: Notes): void;
  startQuery(job: QueryJob, signal: AbortSignal): Promise<QueryAnswer>;
}

/** Two traces to be compared. */
export interface CompareJob {
  readonly a: TraceSide;
  readonly b: TraceSide;
  /** Called with how many events of both have been read. */
  readonly onProgress: (events: number) => void;
  readonly signal: AbortSignal;
}

export interface TraceSide {
  readonly file: string;
  /** What the diff calls it. */
  readonly name: string;
}

/** Everything a lab is made of. */
export interface LabParts {
  readonly simulator: Simulator;
  readonly traces: TraceStore;
  /** Compares two traces away from this thread. @throws LabError CANCELLED when the signal fires */
  readonly compare: (job: CompareJob) => Promise<TraceDiff>;
  /** Writes an export or a part of a trace away from this thread. @returns events in the file */
  readonly writeFile: (work: FileJob, watch: FileWatch) => Promise<number>;
  /** Wall clock; tests give their own. */
  readonly now: () => Date;
}
