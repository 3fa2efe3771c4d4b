/** What every importer of text does. */
import type { LabError } from '../../core/contract/errors.ts';
import type { Line } from './lines.ts';

export interface TextImporter {
  /** For the counts. */
  readonly format: string;
  /** Lines that are no events and need not be: comments, blank lines, samples of a profiler. */
  readonly skipped: number;
  /** Takes the next line. */
  line(line: Line): void;
  /** Call once after the last line. */
  end(): void;
  /** Why there was no event in it, and what to do. */
  nothingFound(path: string): LabError;
}
