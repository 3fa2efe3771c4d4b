/** How the columns of a CSV file become events: what `import --guess` writes and a user edits. */
import * as v from 'valibot';

/** What a column can be. `detail` keeps it as text among an event's details, `ignore` drops it. */
export const CSV_FIELDS = [
  'time',
  'duration',
  'name',
  'cpu',
  'comm',
  'pid',
  'frame',
  'arg',
  'bytes',
  'n',
  'status',
  'detail',
  'ignore',
] as const;
export type CsvField = (typeof CSV_FIELDS)[number];

/** Units of the columns `time` and `duration`. */
export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(1000));

/** How a CSV file falls into rows and columns. */
export const CsvSplitSchema = v.strictObject({
  delimiter: v.picklist([',', ';', '\t', '|']),
  /** Does the first line name the columns? Without, they are `column 1`, `column 2` and so on. */
  header: v.boolean(),
});
export type CsvSplit = v.InferOutput<typeof CsvSplitSchema>;

export const CsvMappingSchema = v.strictObject({
  ...CsvSplitSchema.entries,
  /** Of the columns `time` and `duration`, where they are numbers; a `time` may also be a date. */
  timeUnit: v.picklist(TIME_UNITS),
  /** What stands before the fraction of those numbers; a point unless given. */
  decimal: v.optional(v.picklist(['.', ','])),
  columns: v.record(text, v.picklist(CSV_FIELDS)),
  /** Kinds of this vocabulary by what stands in the column `name`; others become generic events. */
  kinds: v.optional(v.record(text, text)),
});
export type CsvMapping = v.InferOutput<typeof CsvMappingSchema>;

/** What of a recording only its user can say. */
export type ImportQuestion =
  | { readonly kind: 'columns'; readonly guess: CsvGuess }
  /** The rate of the clock that its times were read from. */
  | { readonly kind: 'clock' };

/** A mapping that was guessed, and what it was guessed from. */
export interface CsvGuess {
  readonly mapping: CsvMapping;
  /** The columns as they stand in a row; `mapping.columns` keeps no order where titles are numbers. */
  readonly titles: readonly string[];
  /** The first rows, for people to compare; at most fifty. */
  readonly rows: readonly (readonly string[])[];
}
