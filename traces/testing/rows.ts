/** All that is in a trace, for comparing two. */
import Database from 'better-sqlite3';
import { expect } from 'vitest';

/** Every row of every table of a whole file, but for `meta`, which says when it was made. Integers are bigints. */
export function allRows(file: string): unknown {
  const db = new Database(file, { readonly: true });
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.defaultSafeIntegers(true);
    const tables = db
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'meta'`)
      .pluck();
    return (tables.all() as string[]).map((name) => [
      name,
      db.prepare(`SELECT * FROM ${name}`).raw().all(),
    ]);
  } finally {
    db.close();
  }
}
