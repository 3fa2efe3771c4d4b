/** What the user removed and can still have back. */
import * as v from 'valibot';
import type { LibraryEntry } from './library.ts';
import { id, method, nothing } from './method.ts';

/** What was removed is kept this long, then their files go when a lab starts. */
export const TRASH_DAYS = 30;

export interface TrashItem {
  readonly id: string;
  /** A study is a sweep, the runs of a plan or a crossover: `study.restore` brings it back. */
  readonly kind: 'trace' | 'study';
  /** Its name as it was in the library. */
  readonly name: string;
  readonly sizeBytes: number;
  /** ISO 8601. */
  readonly removedAt: string;
}

export const TRASH_METHODS = {
  /** Moves a trace of the user's to the trash. */
  'library.remove': method<TrashItem>()(v.strictObject({ trace: id })),
  /** The latest removal first. */
  'library.trash': method<readonly TrashItem[]>()(nothing),
  /** Brings a trace back, under another file name where its own has been taken since. */
  'library.restore': method<LibraryEntry>()(v.strictObject({ item: id })),
  /** Deletes what is in the trash for good. @returns how many things that were */
  'library.emptyTrash': method<number>()(nothing),
} as const;
