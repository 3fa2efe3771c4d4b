/** What is in a sweep's database, for those who show it. */
import path from 'node:path';
import type Database from 'better-sqlite3';
import {
  toErrorData,
  type ResultOf,
  type RunResult,
  type Scenario,
  type StudyAxis,
  type StudyColumn,
  type StudyInfo,
  type StudyResult,
  type StudyRows,
} from '../../../core/contract/index.ts';
import { openSweep, type Provenance } from '../sweep/database.ts';
import { FIGURES } from '../sweep/figures.ts';
import { tally } from '../sweep/rows.ts';

type Cell = string | number | null;

/** Reads from a database and closes it. @throws LabError as `openSweep` */
function reading<T>(database: string, read: (db: Database.Database, about: Provenance) => T): T {
  const { db, about } = openSweep(database);
  try {
    return read(db, about);
  } finally {
    db.close();
  }
}

const axesOf = ({ axes }: Provenance): StudyAxis[] =>
  axes.map(({ name, kind, unit, doc, choices }) => ({
    name,
    kind: kind as StudyAxis['kind'],
    unit,
    doc,
    values: JSON.parse(choices) as StudyAxis['values'],
  }));

/** What a sweep is of and how far it has come. One that cannot be read says why. */
export function studyInfo(id: string, database: string): StudyInfo {
  const none = {
    id,
    kind: 'sweep' as const,
    createdAt: '',
    version: '',
    axes: [],
    runs: 0,
    live: null,
    database,
  };
  try {
    return reading(database, (db, about) => {
      const counts = tally(db);
      const over = counts.done + counts.refused;
      return {
        ...none,
        ...counts,
        name: about.name === '' ? id : about.name,
        state: over >= about.planRuns ? ('complete' as const) : ('partial' as const),
        createdAt: about.createdAt,
        version: about.version,
        axes: axesOf(about),
        runs: about.planRuns,
        problem: null,
      };
    });
  } catch (thrown) {
    const counts = { done: 0, refused: 0, failed: 0 };
    return { ...none, ...counts, name: id, state: 'broken', problem: toErrorData(thrown) };
  }
}

/** Rows of the view `results`. @throws LabError as `openSweep` */
export function studyRows(
  database: string,
  asked: {
    readonly columns: readonly string[] | null;
    readonly offset: number;
    readonly limit: number;
  },
): StudyRows {
  return reading(database, (db, about) => {
    const all = columnsOf(db, about);
    const { columns: names } = asked;
    const columns = names === null ? all : all.filter(({ name }) => names.includes(name));
    const order = orderOf(db, about);
    const page = order.slice(asked.offset, asked.offset + asked.limit);
    if (columns.length === 0) return { columns, rows: [], total: order.length };
    const list = columns.map(({ name }) => `"${name.replaceAll('"', '""')}"`).join(', ');
    const one = db.prepare(`SELECT ${list} FROM results WHERE id = ?`).raw();
    return { columns, rows: page.map(({ id }) => one.get(id) as Cell[]), total: order.length };
  });
}

/** Columns of the view, those of the axes first, with what they mean. */
function columnsOf(db: Database.Database, about: Provenance): StudyColumn[] {
  const names = db.prepare('SELECT * FROM results').columns();
  const meant = new Map(
    (db.prepare('SELECT name, unit, doc FROM columns').all() as StudyColumn[]).map((each) => [
      each.name,
      each,
    ]),
  );
  const figures = new Set(FIGURES.filter(({ type }) => type !== 'TEXT').map((each) => each.column));
  return names.map(({ name }) => {
    const axis = about.axes.find((each) => each.name === name);
    if (axis !== undefined) return { name, unit: axis.unit, doc: axis.doc, role: 'axis' as const };
    const { unit = '', doc = '' } = meant.get(name) ?? {};
    return { name, unit, doc, role: figures.has(name) ? ('figure' as const) : ('text' as const) };
  });
}

/** Ids of all rows in the order of the plan: the last axis varies fastest. */
function orderOf(db: Database.Database, about: Provenance): { readonly id: string }[] {
  const places = axesOf(about).map(({ name, values }) => ({
    name,
    at: new Map(values.map((value, i) => [value, i])),
  }));
  const keyed = (
    db.prepare('SELECT id, axes FROM runs').all() as { readonly id: string; axes: string }[]
  ).map(({ id, axes }) => {
    const values = JSON.parse(axes) as Record<string, string | number | boolean>;
    return { id, key: places.map(({ name, at }) => at.get(values[name] ?? '') ?? -1) };
  });
  keyed.sort((a, b) => {
    for (const [i, place] of a.key.entries()) {
      const difference = place - (b.key[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return keyed;
}

/** Whole results, for charts. @throws LabError as `openSweep` */
export function studyResults(
  database: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
  traceOf: (file: string) => string | null,
): ResultOf<'study.results'> {
  return reading(database, (db, about) => {
    const order = orderOf(db, about);
    const one = db.prepare(
      'SELECT axes, status, reason, scenario, result, trace FROM runs WHERE id = ?',
    );
    const results = order.slice(offset, offset + limit).map(({ id }): StudyResult => {
      const row = one.get(id) as {
        readonly axes: string;
        readonly status: StudyResult['status'];
        readonly reason: string | null;
        readonly scenario: string;
        readonly result: string | null;
        readonly trace: string | null;
      };
      const trace = row.trace === null ? null : path.resolve(path.dirname(database), row.trace);
      return {
        axes: JSON.parse(row.axes) as StudyResult['axes'],
        status: row.status,
        reason: row.reason ?? '',
        scenario: JSON.parse(row.scenario) as Scenario,
        result: row.result === null ? null : (JSON.parse(row.result) as RunResult),
        trace: trace === null ? null : traceOf(trace),
      };
    });
    return { results, total: order.length };
  });
}
