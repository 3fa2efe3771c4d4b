/** What every format's importer is to the import. */
import type { LabError } from '../../core/contract/errors.ts';

/** Takes a recording in pieces and hands its events to a `RecordedSink`. */
export interface Importer {
  /** For the counts: importer and variant. */
  readonly format: string;
  /** Lines of a text, records of anything else. */
  readonly lines: number;
  /** Lines or records that are no events and no mistakes: comments, names, padding. */
  readonly skipped: number;
  /** Takes the next bytes, decompressed. */
  feed(chunk: Buffer): void;
  /** Call once after the last bytes. Yields now and then while there is work left. */
  end(): Iterable<void>;
  /** What to tell the user when there was no event. */
  nothingFound(path: string): LabError;
  /** Lets go of what it holds, whether it ended or not. */
  close?(): void;
}
