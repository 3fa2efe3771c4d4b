/** What a user may say of a recording that the recording does not say itself. */
import type { CsvMapping } from '../../core/contract/methods/index.ts';

export interface RecordingHints {
  /** How the columns of a CSV file become events; guessed without. Makes a CSV file of any text. */
  readonly mapping?: CsvMapping;
  /** Counts of the time stamp counter a second, for recordings of xentrace; 2.4 GHz without. */
  readonly clockHz?: number;
}
