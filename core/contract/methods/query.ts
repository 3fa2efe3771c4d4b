/** A user's own SQL on a trace. */
import * as v from 'valibot';
import { count, id, method } from './method.ts';

/** Rows of an answer at most, and where the user says nothing. */
export const MAX_QUERY_ROWS = 100_000;
export const DEFAULT_QUERY_ROWS = 10_000;
/** Far beyond what anybody types; SQLite itself would take a gigabyte. */
export const MAX_SQL_CHARS = 1_000_000;

/**
 * An integer beyond 2^53 - 1 is its decimal digits, a blob `x'...'`, an infinite real `Infinity`.
 */
export type QueryValue = number | string | null;

export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly QueryValue[])[];
  /** There were more rows than are here. */
  readonly truncated: boolean;
}

export const QUERY_METHODS = {
  /**
   * One statement that reads; cancel ends it whatever it does.
   *
   * Errors: BAD_ARGUMENT for SQL that is refused or fails (`where` is the SQL), CANCELLED, HOST_LOST
   * when its process ended, for want of memory for example. The lab goes on in each case.
   */
  'query.run': method<QueryAnswer>()(
    v.strictObject({
      trace: id,
      sql: v.pipe(v.string(), v.maxLength(MAX_SQL_CHARS)),
      limit: count(MAX_QUERY_ROWS),
    }),
  ),
} as const;
