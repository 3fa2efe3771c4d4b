/** What is asked of a trace in SQL, and what it answered. */
import { createContext } from 'svelte';
import {
  LabError,
  toErrorData,
  type LabErrorData,
  type QueryAnswer,
} from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';
import { EXAMPLES } from './examples.ts';
import { placeOfError, type Place } from './position.ts';
import { fill, type Selected } from './selection.ts';

/** Rows that are fetched; more are said to be there. */
export const ROW_LIMIT = 10_000;
const TEXT_KEY = 'mapcopy.sql';
const HISTORY_KEY = 'mapcopy.sql.history';
const HISTORY = 50;

/** Names of tables and views with their columns. */
export type Schema = Readonly<Record<string, readonly string[]>>;
const SCHEMA = `SELECT m.name, c.name AS "column" FROM
  (SELECT name, type FROM sqlite_schema UNION ALL SELECT name, type FROM sqlite_temp_schema) m
  JOIN pragma_table_info(m.name) c WHERE m.type IN ('table', 'view')`;

export interface Asked {
  readonly trace: string;
  /** As it was written, and with the values in place of what stands for the selection. */
  readonly sql: string;
  readonly filled: string;
  readonly answer: QueryAnswer;
  readonly ms: number;
}
export interface Failed {
  readonly error: LabErrorData;
  readonly place: Place | null;
}

function storedHistory(): readonly string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(HISTORY_KEY) ?? '[]');
    return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

export class Sql {
  text = $state(localStorage.getItem(TEXT_KEY) ?? EXAMPLES[0]?.sql ?? '');
  asked = $state.raw<Asked | null>(null);
  failed = $state.raw<Failed | null>(null);
  /** When the running query was started, in milliseconds of the page. */
  runningSince = $state<number | null>(null);
  history = $state.raw<readonly string[]>(storedHistory());
  schema = $state.raw<Schema>({});
  readonly #lab: Lab;
  #abort: AbortController | null = null;
  #schemaOf: string | null = null;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  write(text: string): void {
    this.text = text;
    this.failed = null;
    localStorage.setItem(TEXT_KEY, text);
  }

  /** Asks what is written; an older question that still runs is given up. */
  async run(trace: string, selected: Selected): Promise<void> {
    const written = this.text;
    const { sql, missing, written: writtenAt } = fill(written, selected);
    if (missing !== null) {
      const { name, at, what, remedy } = missing;
      const error = new LabError('BAD_ARGUMENT', what, name, remedy).data;
      this.failed = { error, place: { from: at, to: at + name.length } };
      return;
    }
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    this.failed = null;
    this.runningSince = performance.now();
    const began = this.runningSince;
    try {
      const answer = await this.#ask(trace, sql, ROW_LIMIT, abort.signal);
      if (this.#abort !== abort) return;
      this.asked = { trace, sql: written, filled: sql, answer, ms: performance.now() - began };
      this.#remember(written);
    } catch (thrown) {
      if (this.#abort !== abort) return;
      const error = toErrorData(thrown);
      this.failed = { error, place: null };
      const place = await placeOfError(error.what, sql, (part) => this.#complaint(trace, part));
      if (this.#abort === abort && place !== null) {
        const [from, to] = [writtenAt(place.from), writtenAt(place.to)];
        this.failed = { error, place: { from, to } };
      }
    } finally {
      if (this.#abort === abort) this.runningSince = null;
    }
  }

  cancel(): void {
    this.#abort?.abort();
  }

  /** Tables, views and columns of this trace, for completion. */
  async loadSchema(trace: string): Promise<void> {
    if (this.#schemaOf === trace) return;
    this.#schemaOf = trace;
    const answer = await this.#ask(trace, SCHEMA, 2000).catch(() => null);
    if (answer === null) {
      this.#schemaOf = null;
      return;
    }
    const schema: Record<string, string[]> = {};
    for (const [table, column] of answer.rows) (schema[String(table)] ??= []).push(String(column));
    this.schema = schema;
  }

  #ask(trace: string, sql: string, limit: number, signal?: AbortSignal): Promise<QueryAnswer> {
    return this.#lab.call(
      'query.run',
      { trace, sql, limit },
      signal === undefined ? {} : { signal },
    );
  }

  async #complaint(trace: string, sql: string): Promise<string | null> {
    try {
      await this.#ask(trace, `EXPLAIN ${sql}`, 1);
      return null;
    } catch (thrown) {
      return toErrorData(thrown).what;
    }
  }

  #remember(sql: string): void {
    this.history = [sql, ...this.history.filter((each) => each !== sql)].slice(0, HISTORY);
    localStorage.setItem(HISTORY_KEY, JSON.stringify(this.history));
  }
}

export const [useSql, provideSql] = createContext<Sql>();
