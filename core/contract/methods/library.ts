/** The traces of a user, and what comes in from elsewhere. */
import * as v from 'valibot';
import type { PairStatus } from '../ids.ts';
import { CsvMappingSchema, CsvSplitSchema, type ImportQuestion } from './mapping.ts';
import { id, method, nothing } from './method.ts';

/** Where an import finds its bytes. */
export const SourceSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('path'), path: id }),
  /** A file that the browser host has received; the id is the host's answer to the upload. */
  v.strictObject({ kind: v.literal('upload'), upload: id, name: id }),
]);
export type Source = v.InferOutput<typeof SourceSchema>;

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

/** A part of a recording is `imported`, as the whole was. */
export type TraceKind = 'simulated' | 'imported' | 'interrupted' | 'part';

/** Of which trace a trace is a part, and what was kept of it. */
export interface TracePart {
  /** Name of the file that it was taken from. */
  readonly of: string;
  /** Events that this one had. */
  readonly events: number;
  /** Ticks; null where nothing was cut off. */
  readonly from: number | null;
  readonly to: number | null;
  /** First and last request. */
  readonly requests: readonly [number, number] | null;
  /** How many tracks were kept; null for all. */
  readonly tracks: number | null;
}

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
  /** Null for a trace that is whole. */
  readonly part: TracePart | null;
  /** Set when the file cannot be opened: what is wrong with it. */
  readonly problem: string | null;
}

/** Clock rates that an import takes, in hertz: below is no machine, above no counter. */
export const MIN_CLOCK_HZ = 1_000_000;
export const MAX_CLOCK_HZ = 100_000_000_000;

export const LIBRARY_METHODS = {
  'library.list': method<readonly LibraryEntry[]>()(nothing),
  'library.import': method<{ entry: LibraryEntry; counts: ImportCounts | null }, ImportProgress>()(
    v.strictObject({
      source: SourceSchema,
      /** For a CSV file; guessed without. */
      mapping: v.optional(CsvMappingSchema),
      /** Of a recording of xentrace; 2.4 GHz without. */
      clockHz: v.optional(
        v.pipe(v.number(), v.integer(), v.minValue(MIN_CLOCK_HZ), v.maxValue(MAX_CLOCK_HZ)),
      ),
    }),
  ),
  /**
   * What has to be asked before a file is imported; null where it says all itself. With `split` it is
   * taken for a CSV file that falls into columns like that, and its columns are guessed anew.
   */
  'library.question': method<ImportQuestion | null>()(
    v.strictObject({ source: SourceSchema, split: v.optional(CsvSplitSchema) }),
  ),
  'library.rename': method<LibraryEntry>()(
    v.strictObject({ trace: id, name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)) }),
  ),
} as const;
