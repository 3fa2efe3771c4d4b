/** One query of a user, answered in this thread. It may take for ever: see `start.ts`. */
import Database from 'better-sqlite3';
import type { QueryAnswer, QueryValue } from '../../core/contract/methods/query.ts';
import { TraceStore } from '../read/store.ts';
import { defineFunctions } from './functions.ts';
import { prepareQuery, sqlError } from './guard.ts';
import { createQueryViews } from './views.ts';

/** Characters of all values of an answer together. */
const MAX_CHARS = 64 * 1024 * 1024;

export interface QueryJob {
  readonly file: string;
  readonly sql: string;
  /** Rows at most. */
  readonly limit: number;
}

/**
 * Opens a trace, answers one query and closes it.
 *
 * @throws LabError as opening a trace does; BAD_ARGUMENT for SQL that is refused or fails
 */
export function queryTrace({ file, sql, limit }: QueryJob): QueryAnswer {
  const store = new TraceStore(file);
  const { db } = store;
  try {
    defineFunctions(db, store);
    createQueryViews(db);
    const statement = prepareQuery(db, sql).safeIntegers().raw();
    const columns = statement.columns().map(({ name }) => name);
    const rows: QueryValue[][] = [];
    let chars = 0;
    for (const row of statement.iterate() as Iterable<unknown[]>) {
      if (rows.length === limit || chars > MAX_CHARS) return { columns, rows, truncated: true };
      const values = row.map(toValue);
      for (const value of values) chars += typeof value === 'string' ? value.length : 8;
      rows.push(values);
    }
    return { columns, rows, truncated: false };
  } catch (thrown) {
    const error = sqlError(thrown, sql);
    throw error instanceof Database.SqliteError ? store.explain(error) : error;
  } finally {
    db.close();
  }
}

function toValue(value: unknown): QueryValue {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Buffer.isBuffer(value)) return `x'${value.toString('hex')}'`;
  return value as string | null;
}
