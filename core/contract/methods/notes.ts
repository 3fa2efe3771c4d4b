/** What a user adds to a trace: it lies beside the trace and changes nothing in it. */
import * as v from 'valibot';
import { id, method, nothing } from './method.ts';

const tick = v.pipe(v.number(), v.safeInteger());
const line = (max: number) => v.pipe(v.string(), v.maxLength(max));

export const NotesSchema = v.strictObject({
  /** Free text, Markdown. */
  text: v.optional(line(100_000), ''),
  tags: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(60))), v.maxLength(50)),
    [],
  ),
  /** Moments, in ticks of the trace. */
  bookmarks: v.optional(
    v.pipe(v.array(v.strictObject({ tick, text: v.optional(line(2000), '') })), v.maxLength(5000)),
    [],
  ),
  /** Views by name: `view` is what the interface has in its address. */
  views: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
          view: line(8000),
        }),
      ),
      v.maxLength(500),
    ),
    [],
  ),
});
export type Notes = v.InferOutput<typeof NotesSchema>;
export type Bookmark = Notes['bookmarks'][number];

/** The notes of one trace in a list. */
export interface NotedTrace {
  readonly trace: string;
  readonly tags: readonly string[];
  readonly text: string;
  readonly bookmarks: number;
}

export const NOTES_METHODS = {
  /** Empty where the user has added nothing. Errors: NOT_FOUND, CORRUPT_FILE, NEWER_FORMAT. */
  'notes.get': method<Notes>()(v.strictObject({ trace: id })),
  /**
   * Replaces them. Errors: NOT_FOUND, UNWRITABLE; CORRUPT_FILE and NEWER_FORMAT when what is there
   * cannot be read, for then it is not overwritten.
   */
  'notes.set': method<Notes>()(v.strictObject({ trace: id, notes: NotesSchema })),
  /** Traces of the library that have notes; those whose notes cannot be read are left out. */
  'notes.list': method<readonly NotedTrace[]>()(nothing),
} as const;
