/** Two traces compared. */
import * as v from 'valibot';
import type { TraceDiff } from '../diff.ts';
import { id, method } from './method.ts';

export interface DiffProgress {
  /** Events read so far, of `total` in both traces. */
  readonly done: number;
  readonly total: number;
}

export const DIFF_METHODS = {
  /**
   * What differs between two traces of the library: the value that `mapcopy diff --json` prints, with
   * the traces' ids as file names.
   */
  'diff.run': method<TraceDiff, DiffProgress>()(v.strictObject({ a: id, b: id })),
} as const;
