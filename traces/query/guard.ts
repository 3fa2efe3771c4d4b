/** Which SQL of a user is let through: what reads rows of the open file, and nothing else. */
import Database from 'better-sqlite3';
import { LabError } from '../../core/contract/errors.ts';
import { MAX_SQL_CHARS } from '../../core/contract/methods/query.ts';

/** What SQLite skips before a statement; an unfinished comment reaches to the end. */
const BLANK = /^(?:[\s\uFEFF;]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+/;

/** Why a statement is refused, for the words that people try. */
const REASONS: Readonly<Record<string, string>> = {
  ATTACH: 'a query may not open other databases',
  DETACH: 'a query may not open other databases',
  VACUUM: 'a query may not write files',
  PRAGMA: 'a query may not change settings; to read one write SELECT * FROM pragma_NAME',
};
const ONLY_READS = 'a trace is never changed';
const WRITES =
  /^(INSERT|REPLACE|UPDATE|DELETE|CREATE|DROP|ALTER|REINDEX|ANALYZE|BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)$/;
const REMEDY = 'write a SELECT';

/** The error for SQL that cannot be answered. */
export function badSql(what: string, sql: string, remedy = REMEDY): LabError {
  const line = sql.replace(/\s+/g, ' ').trim();
  return new LabError(
    'BAD_ARGUMENT',
    what,
    line.length > 80 ? `${line.slice(0, 77)}...` : line,
    remedy,
  );
}

/**
 * Looks at the first words only, before SQLite sees anything: some PRAGMAs act while they are
 * compiled, even behind EXPLAIN.
 */
function checkWords(sql: string): void {
  if (sql.length > MAX_SQL_CHARS) throw badSql('the SQL is longer than a million characters', sql);
  let rest = sql;
  const next = (): string => {
    rest = rest.replace(BLANK, '');
    const word = /^[A-Za-z_]*/.exec(rest)?.[0] ?? '';
    rest = rest.slice(word.length);
    return word.toUpperCase();
  };
  let word = next();
  if (word === '' && rest === '') throw badSql('there is no SQL', sql);
  if (word === 'EXPLAIN') {
    word = next();
    if (word === 'QUERY') {
      if (next() !== 'PLAN') throw badSql('EXPLAIN QUERY lacks its PLAN', sql);
      word = next();
    }
  }
  if (['SELECT', 'WITH', 'VALUES'].includes(word)) return;
  const reason = REASONS[word] ?? (WRITES.test(word) ? ONLY_READS : undefined);
  throw badSql(reason === undefined ? 'this is no query' : `${word} is refused: ${reason}`, sql);
}

/**
 * Compiles a user's statement.
 *
 * @throws LabError BAD_ARGUMENT unless it is one statement that reads rows and does nothing else
 */
export function prepareQuery(db: Database.Database, sql: string): Database.Statement {
  checkWords(sql);
  let statement: Database.Statement;
  try {
    statement = db.prepare(sql);
  } catch (thrown) {
    throw sqlError(thrown, sql);
  }
  // WITH may stand before a write, and RETURNING makes rows of one.
  if (!statement.readonly || !statement.reader) {
    throw badSql(`it writes, which is refused: ${ONLY_READS}`, sql);
  }
  return statement;
}

/** Turns what SQLite says of a user's SQL into words; passes everything else on. */
export function sqlError(thrown: unknown, sql: string): unknown {
  if (thrown instanceof Database.SqliteError) {
    if (thrown.message === 'not authorized') {
      return badSql('load_extension is refused: a query may not load code', sql);
    }
    if (/^SQLITE_(CORRUPT|NOTADB|IOERR|CANTOPEN|BUSY|LOCKED)/.test(thrown.code)) return thrown;
    return badSql(`the query fails: ${thrown.message}`, sql, 'mend the SQL; see traces/FORMAT.md');
  }
  if (thrown instanceof RangeError && thrown.message.includes('more than one statement')) {
    return badSql('there is more than one statement', sql, 'give one at a time');
  }
  if (thrown instanceof TypeError || thrown instanceof RangeError) {
    return badSql(`the query fails: ${thrown.message}`, sql, 'mend the SQL');
  }
  return thrown;
}
