/** Version 1 of the results database: identity, tables, view. README.md describes it for users. */
import type Database from 'better-sqlite3';
import { FIGURES, snake } from './figures.ts';

/** `PRAGMA application_id`: `MCSW`. */
export const SWEEP_APPLICATION_ID = 0x4d435357;
/** `PRAGMA user_version`: the version of the format. */
export const SWEEP_FORMAT = 1;
/** Name of the database in its folder. */
export const DATABASE = 'sweep.sqlite';
/** Folder of the traces beside it. */
export const TRACES = 'traces';

/** Columns of `runs` before the figures. */
export const RUN_COLUMNS = [
  ['id', 'TEXT PRIMARY KEY', '', 'Hash of the resolved scenario and of the profiles it uses.'],
  ['status', 'TEXT NOT NULL', '', 'done, refused or failed.'],
  ['code', 'TEXT', '', 'Refused or failed: the error code, as REFUSED_PAIR. Otherwise NULL.'],
  ['reason', 'TEXT', '', 'Refused or failed: why, in words. Otherwise NULL.'],
  ['axes', 'TEXT NOT NULL', '', 'JSON: the value on each axis of the plan, by its name.'],
  ['strategy', 'TEXT NOT NULL', '', 'As in the scenario.'],
  ['hypervisor', 'TEXT NOT NULL', '', 'Id of the profile, a user’s own included.'],
  ['soc', 'TEXT NOT NULL', '', 'Id of the profile, a user’s own included.'],
  ['workload', 'TEXT NOT NULL', '', 'As in the scenario.'],
  ['topology', 'TEXT NOT NULL', '', 'As in the scenario.'],
  ['payload_bytes', 'INTEGER NOT NULL', 'B', 'As in the scenario.'],
  ['requests', 'INTEGER NOT NULL', 'requests', 'As in the scenario.'],
  ['seed', 'INTEGER NOT NULL', '', 'As in the scenario.'],
  ['pair', 'TEXT', '', 'native or hypothetical; NULL unless done.'],
  ['pair_reason', 'TEXT', '', 'Why it is hypothetical.'],
] as const;
/** Columns of `runs` after the figures. */
export const LAST_COLUMNS = [
  ['trace', 'TEXT', '', 'File of the trace, relative to the database’s folder; NULL without one.'],
  ['scenario', 'TEXT NOT NULL', '', 'JSON: the resolved scenario, which mapcopy run takes.'],
  [
    'result',
    'TEXT',
    '',
    'JSON: the whole result; its file is null and its wallMs 0. NULL unless done.',
  ],
] as const;

/** Names of the columns of `runs`, in order. */
export const COLUMN_NAMES: readonly string[] = [
  ...RUN_COLUMNS.map(([name]) => name),
  ...FIGURES.map(({ column }) => column),
  ...LAST_COLUMNS.map(([name]) => name),
];

const columnLines = [
  ...RUN_COLUMNS.map(([name, type]) => `${name} ${type}`),
  ...FIGURES.map(({ column, type }) => `${column} ${type}`),
  ...LAST_COLUMNS.map(([name, type]) => `${name} ${type}`),
].join(',\n  ');

/**
 * `runs` holds nothing that depends on when or where a run was made: databases of the same plan are
 * equal row for row. What does depend on it is in `executions`.
 */
export const TABLES: Readonly<Record<string, string>> = {
  meta: 'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',
  profiles: 'CREATE TABLE profiles (id TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT, WITHOUT ROWID',
  axes: `CREATE TABLE axes (
  position INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, unit TEXT NOT NULL,
  doc TEXT NOT NULL, choices TEXT NOT NULL
) STRICT`,
  columns: `CREATE TABLE columns (
  name TEXT PRIMARY KEY, unit TEXT NOT NULL, doc TEXT NOT NULL
) STRICT, WITHOUT ROWID`,
  runs: `CREATE TABLE runs (
  ${columnLines}
) STRICT, WITHOUT ROWID`,
  executions: `CREATE TABLE executions (
  run TEXT PRIMARY KEY, shard TEXT NOT NULL, finished_at TEXT NOT NULL, wall_ms INTEGER NOT NULL,
  platform TEXT NOT NULL, attempts INTEGER NOT NULL, stack TEXT
) STRICT, WITHOUT ROWID`,
};

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** A column for each axis, then status and figures: what a table program wants. */
export function resultsView(axes: readonly string[]): string {
  const first = ['id', 'status', 'reason'];
  const ofAxes = axes.map(
    (name) => `json_extract(axes, ${literal(`$.${quoted(name)}`)}) AS ${quoted(name)}`,
  );
  // An axis comes before the column of the same meaning, which is then left out.
  const taken = new Set(axes.map(snake));
  const rest = [
    ...RUN_COLUMNS.slice(5).map(([name]) => name),
    ...FIGURES.map((each) => each.column),
  ]
    .filter((name) => !taken.has(name))
    .concat('trace');
  return `CREATE VIEW results AS SELECT ${[...first, ...ofAxes, ...rest].join(', ')} FROM runs`;
}

/** Marks an empty database as a sweep and creates its tables, its view and what explains them. */
export function createSchema(
  db: Database.Database,
  axes: readonly { readonly name: string }[],
): void {
  db.pragma(`application_id = ${SWEEP_APPLICATION_ID}`);
  db.pragma(`user_version = ${SWEEP_FORMAT}`);
  for (const sql of Object.values(TABLES)) db.exec(sql);
  db.exec(resultsView(axes.map((each) => each.name)));
  const insert = db.prepare('INSERT INTO columns VALUES (?, ?, ?)');
  for (const [name, , unit, doc] of [...RUN_COLUMNS, ...LAST_COLUMNS]) insert.run(name, unit, doc);
  for (const { column, unit, doc } of FIGURES) insert.run(column, unit, doc);
}
