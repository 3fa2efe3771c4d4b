/** A trace, or a part of it, on its way out of the lab. */
import * as v from 'valibot';
import type { LibraryEntry } from './library.ts';
import { id, method, row, tick } from './method.ts';

/** What a trace can be written as, with the end of the file's name. */
export const EXPORT_EXTENSIONS = {
  'chrome-json': '.json',
  perfetto: '.pftrace',
  csv: '.csv',
  jsonl: '.jsonl',
  parquet: '.parquet',
} as const;
export type ExportFormat = keyof typeof EXPORT_EXTENSIONS;
export const EXPORT_FORMATS = Object.keys(EXPORT_EXTENSIONS) as [ExportFormat, ...ExportFormat[]];

export interface ExportProgress {
  /** Events passed so far, of `total`. */
  readonly events: number;
  readonly total: number;
}

/**
 * A finished file that waits to be handed to the user: the page's host does that, by a download or a
 * dialog (`Native.deliver`). It can be had once.
 */
export interface Delivery {
  /** Says nothing to anybody but the host. */
  readonly delivery: string;
  /** What to call the file. */
  readonly name: string;
  readonly bytes: number;
  readonly events: number;
}

const range = {
  /** Ticks: what touches `from` <= t < `until`; from the beginning and to the end unless given. */
  from: v.optional(tick),
  until: v.optional(tick),
};

export const EXPORT_METHODS = {
  /** The library's file is not touched; cancel leaves nothing. */
  'trace.export': method<Delivery, ExportProgress>()(
    v.strictObject({ trace: id, format: v.picklist(EXPORT_FORMATS), ...range }),
  ),
  /** A part of a trace as a new trace of the library; an event must meet all that is given. */
  'trace.trim': method<LibraryEntry, ExportProgress>()(
    v.strictObject({
      trace: id,
      ...range,
      /** First and last request: their events, and the batches that served them. */
      requests: v.optional(v.tuple([row, row])),
      /** Ids of tracks. */
      tracks: v.optional(v.pipe(v.array(row), v.minLength(1), v.maxLength(4096))),
    }),
  ),
} as const;
