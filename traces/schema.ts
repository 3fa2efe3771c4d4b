/**
 * The trace file in one place: identity, tables, views. `FORMAT.md` is the
 * specification; a test holds the two together.
 */
import Database from 'better-sqlite3';
import { COUNT_KEYS, KINDS } from '../core/contract/kinds.ts';

/** `PRAGMA application_id` of a trace: `MCOP`. */
export const APPLICATION_ID = 0x4d434f50;
/** `PRAGMA user_version`: the version of the format. */
export const FORMAT_VERSION = 2;
/** Bytes in a database page. Large pages waste less on rows of 40 bytes and keep the tree flat. */
export const PAGE_BYTES = 16_384;

/**
 * Tables are STRICT, so that a column holds what it says. Those with a composite key are WITHOUT
 * ROWID, which stores them once instead of twice. `events` has no index: its id order is time order.
 */
const TABLES = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE kinds (
  code INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, counts TEXT NOT NULL,
  frame TEXT, arg TEXT, doc TEXT NOT NULL
) STRICT;
CREATE TABLE actors (id INTEGER PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL) STRICT;
CREATE TABLE tracks (
  id INTEGER PRIMARY KEY, actor INTEGER NOT NULL, name TEXT NOT NULL, detail TEXT NOT NULL,
  levels INTEGER NOT NULL, events INTEGER NOT NULL
) STRICT;
CREATE TABLE events (
  id INTEGER PRIMARY KEY, ts INTEGER NOT NULL, dur INTEGER NOT NULL, kind INTEGER NOT NULL,
  track INTEGER NOT NULL, level INTEGER NOT NULL, request INTEGER, frame INTEGER, bytes INTEGER,
  n INTEGER, status INTEGER, arg INTEGER
) STRICT;
CREATE TABLE requests (
  id INTEGER PRIMARY KEY, submitted INTEGER NOT NULL, completed INTEGER, bytes INTEGER NOT NULL,
  first_event INTEGER NOT NULL, last_event INTEGER NOT NULL
) STRICT;
CREATE TABLE hazards (
  id INTEGER PRIMARY KEY, code TEXT NOT NULL, actor TEXT NOT NULL, frame INTEGER NOT NULL,
  frames INTEGER NOT NULL, opened INTEGER NOT NULL, closed INTEGER, request INTEGER,
  note TEXT NOT NULL
) STRICT;
CREATE TABLE hazard_causes (
  hazard INTEGER NOT NULL, position INTEGER NOT NULL, event INTEGER NOT NULL,
  PRIMARY KEY (hazard, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE exposure (
  actor TEXT PRIMARY KEY, held_byte_seconds REAL NOT NULL, obtainable_byte_seconds REAL NOT NULL,
  standing_bytes REAL NOT NULL, granule_byte_seconds REAL NOT NULL, stale_byte_seconds REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE counters (id INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL) STRICT;
CREATE TABLE samples (
  counter INTEGER NOT NULL, ts INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (counter, ts)
) STRICT, WITHOUT ROWID;
CREATE TABLE lod (
  level INTEGER NOT NULL, track INTEGER NOT NULL, bucket INTEGER NOT NULL, kind INTEGER NOT NULL,
  n INTEGER NOT NULL, busy INTEGER NOT NULL, longest INTEGER NOT NULL, bytes INTEGER NOT NULL,
  first_id INTEGER NOT NULL, PRIMARY KEY (level, track, bucket, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE details (event INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
CREATE TABLE source (event INTEGER PRIMARY KEY, line INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
CREATE TABLE warnings (
  id INTEGER PRIMARY KEY, line INTEGER NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
`;

/** What version 2 added: guests' memory and who reached it, and keyframes. */
const TABLES_2 = `
CREATE TABLE guests (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, frame INTEGER NOT NULL, frames INTEGER NOT NULL,
  gfn INTEGER NOT NULL
) STRICT;
CREATE TABLE standing_reach (
  id INTEGER PRIMARY KEY, actor INTEGER NOT NULL, frame INTEGER NOT NULL, frames INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE TABLE reach (
  id INTEGER PRIMARY KEY, actor INTEGER NOT NULL, frame INTEGER NOT NULL, write INTEGER NOT NULL,
  ts INTEGER NOT NULL, mapped INTEGER, stale INTEGER
) STRICT;
CREATE TABLE needs (
  id INTEGER PRIMARY KEY, frame INTEGER NOT NULL, frames INTEGER NOT NULL, ts INTEGER NOT NULL,
  dur INTEGER
) STRICT;
CREATE TABLE keyframes (
  level INTEGER NOT NULL, slot INTEGER NOT NULL, what INTEGER NOT NULL, row INTEGER NOT NULL,
  PRIMARY KEY (level, slot, what, row)
) STRICT, WITHOUT ROWID;
`;

/**
 * Makes a trace of an older version look like one of this version: what it lacks is there, empty, as TEMP
 * tables. The file stays as it is.
 */
export function upgrade(db: Database.Database, version: number): void {
  if (version < 2) db.exec(TABLES_2.replaceAll('CREATE TABLE', 'CREATE TEMP TABLE'));
}

/** The same for good, in an unfinished trace that is about to become one of this version. */
export function migrate(db: Database.Database, version: number): void {
  if (version < 2) db.exec(TABLES_2);
  db.pragma(`user_version = ${FORMAT_VERSION}`);
}

/** Views that show the events of one category, by name. */
export const CATEGORY_VIEWS = {
  hypercalls: 'hypercall',
  flushes: 'flush',
  copies: 'copy',
  maps: 'map',
  dmas: 'dma',
  notifications: 'notify',
} as const;

/** Views use nothing that a stock SQLite 3.40 lacks. */
const VIEWS = `
CREATE VIEW named_events AS
  SELECT e.id, e.ts, e.dur, k.name AS kind, k.category, t.name AS track, e.level, e.request,
         e.frame, e.bytes, e.n, e.status, e.arg,
         e.ts * (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'tick_ps') / 1000.0 AS ts_ns,
         e.dur * (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'tick_ps') / 1000.0 AS dur_ns
  FROM events AS e
  LEFT JOIN kinds AS k ON k.code = e.kind
  LEFT JOIN tracks AS t ON t.id = e.track;
${Object.entries(CATEGORY_VIEWS)
  .map(
    ([view, category]) =>
      `CREATE VIEW ${view} AS SELECT * FROM named_events WHERE category = '${category}';`,
  )
  .join('\n')}
CREATE VIEW counts AS
  WITH names (position, name) AS (
    VALUES ${COUNT_KEYS.map((name, position) => `(${position}, '${name}')`).join(', ')}
  ), totals (kind, n) AS (
    SELECT kind, sum(n) FROM lod
    WHERE level = (SELECT CAST(value AS INTEGER) - 1 FROM meta WHERE key = 'lod_levels')
    GROUP BY kind
  )
  SELECT names.name AS name, coalesce(sum(totals.n), 0) AS n
  FROM names
  LEFT JOIN kinds ON instr(',' || kinds.counts || ',', ',' || names.name || ',') > 0
  LEFT JOIN totals ON totals.kind = kinds.code
  GROUP BY names.position
  ORDER BY names.position;
`;

/**
 * Marks an empty database as a trace and creates tables, views and the vocabulary.
 *
 * @param version an older one, to know what its files look like
 */
export function createSchema(db: Database.Database, version = FORMAT_VERSION): void {
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma(`user_version = ${version}`);
  db.exec(TABLES);
  if (version >= 2) db.exec(TABLES_2);
  db.exec(VIEWS);
  const insert = db.prepare('INSERT INTO kinds VALUES (?, ?, ?, ?, ?, ?, ?)');
  for (const kind of KINDS) {
    const { code, name, category, counts, frame, arg, doc } = kind;
    insert.run(code, name, category, counts.join(','), frame, arg, doc);
  }
}

/** A table or view as the database describes it. */
export interface SchemaObject {
  readonly type: string;
  readonly name: string;
  /** Tables: columns with type and place in the key, storage. Views: their text. */
  readonly shape: string;
}

/**
 * Tables, views, triggers and indexes of a database in name order, in a form that can be compared.
 * Automatic indexes and the tables of ANALYZE are left out: they change no answer.
 */
export function describeSchema(db: Database.Database): SchemaObject[] {
  const objects = db
    .prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name, type LIMIT 1000')
    .raw()
    .all() as unknown[][];
  const storage = new Map<string, string>();
  for (const row of db
    .prepare(`SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'`)
    .raw()
    .all() as unknown[][]) {
    storage.set(String(row[0]), `${String(row[1])} ${String(row[2])} ${String(row[3])}`);
  }
  const columns = db
    .prepare('SELECT name, type, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid LIMIT 1000')
    .raw();
  const found: SchemaObject[] = [];
  for (const [type, name, sql] of objects) {
    const label = String(name);
    if (label.startsWith('sqlite_')) continue;
    const shape =
      type === 'table'
        ? `${storage.get(label) ?? ''}: ${(columns.all(label) as unknown[][]).map((each) => each.join(' ')).join(', ')}`
        : String(sql).replace(/\s+/g, ' ').trim();
    found.push({ type: String(type), name: label, shape });
  }
  return found;
}

const expected = new Map<number, readonly SchemaObject[]>();

/** What `describeSchema` says of a trace of a version. */
export function expectedSchema(version = FORMAT_VERSION): readonly SchemaObject[] {
  let objects = expected.get(version);
  if (objects === undefined) {
    const db = new Database(':memory:');
    try {
      createSchema(db, version);
      expected.set(version, (objects = describeSchema(db)));
    } finally {
      db.close();
    }
  }
  return objects;
}
