/** An open trace and the few facts every question needs. */
import type Database from 'better-sqlite3';
import { corrupt, openDatabase, readError } from './open.ts';

/** Tracks beyond these are not drawn; a file may claim any number. */
export const MAX_TRACKS = 4096;
/** `meta` values beyond this length are cut: nothing we write comes near. */
const MAX_META_CHARS = 4 * 1024 * 1024;
/** Events whose time is kept for searches: some 2 MiB. */
const MAX_PROBED = 1 << 14;

/** Takes an integer column that the format says is never NULL. */
export function int(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('a number was expected');
  return value;
}

export function intOrNull(value: unknown): number | null {
  return value === null ? null : int(value);
}

export function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('text was expected');
  return value;
}

export class TraceStore {
  readonly path: string;
  readonly db: Database.Database;
  readonly meta: ReadonlyMap<string, string>;
  /** Id of the last event; ids are dense, so this is also how many there are. */
  readonly lastId: number;
  /** Picoseconds in a tick. */
  readonly tickPs: number;
  /** End of the last event, ticks. */
  readonly span: number;
  /** Width of a level-0 bucket, ticks, and number of levels. */
  readonly lodTicks: number;
  readonly lodLevels: number;
  /** Events from one keyframe to the next; null in a trace of version 1, which has none. */
  readonly keyframeEvents: number | null;
  readonly #eventFrom: Database.Statement;
  readonly #statements = new Map<string, Database.Statement>();
  readonly #probed = new Map<number, readonly [id: number, ts: number]>();

  /** @throws LabError as `openDatabase` */
  constructor(path: string) {
    this.path = path;
    this.db = openDatabase(path);
    try {
      this.meta = this.#readMeta();
      this.#eventFrom = this.db
        .prepare('SELECT id, ts FROM events WHERE id >= ? ORDER BY id LIMIT 1')
        .raw();
      this.lastId = this.#checkIds();
      this.tickPs = this.#wholeMeta('tick_ps', 1, 1_000_000_000);
      const lastTs = this.lastId === 0 ? 0 : this.#tsFrom(this.lastId);
      const claimed = Number(this.meta.get('span') ?? Number.NaN);
      this.span = Number.isSafeInteger(claimed) && claimed >= lastTs ? claimed : lastTs;
      this.lodTicks = this.#wholeMeta('lod_ticks', 1, Number.MAX_SAFE_INTEGER);
      this.lodLevels = this.#wholeMeta('lod_levels', 1, 64);
      const version = Number(this.db.pragma('user_version', { simple: true }));
      this.keyframeEvents = version < 2 ? null : this.#wholeMeta('keyframe_events', 1, 1 << 17);
    } catch (thrown) {
      this.db.close();
      throw this.explain(thrown);
    }
  }

  /** A statement whose rows are arrays, prepared once. */
  raw(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.db.prepare(sql).raw();
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** All rows of a query as arrays. */
  rows(sql: string, ...values: (number | string)[]): unknown[][] {
    return this.raw(sql).all(...values) as unknown[][];
  }

  /**
   * The first id whose event starts at or after `ts`; `lastId + 1` where there is none. Id order is
   * time order, so this is a binary search and needs no index.
   */
  firstAt(ts: number): number {
    let low = 1;
    let high = this.lastId + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [id, start] = this.#probe(middle);
      if (start >= ts) high = middle;
      else low = Math.max(id, middle) + 1;
    }
    return Math.min(low, this.lastId + 1);
  }

  /** Id and start of the first event from an id on; infinite where there is none. */
  #probe(from: number): readonly [id: number, ts: number] {
    // Every search begins with the same ids.
    let probed = this.#probed.get(from);
    if (probed === undefined) {
      const row = this.#eventFrom.get(from) as unknown[] | undefined;
      probed = row === undefined ? [Infinity, Infinity] : [int(row[0]), int(row[1])];
      if (this.#probed.size === MAX_PROBED) this.#probed.clear();
      this.#probed.set(from, probed);
    }
    return probed;
  }

  /** Turns what a damaged file makes code throw into an error for people. */
  explain(thrown: unknown): unknown {
    if (
      thrown instanceof TypeError ||
      thrown instanceof RangeError ||
      thrown instanceof SyntaxError
    ) {
      return corrupt(this.path, `the trace is damaged (${thrown.message})`);
    }
    return readError(this.path, thrown);
  }

  #readMeta(): Map<string, string> {
    const meta = new Map<string, string>();
    for (const [key, value] of this.rows(
      `SELECT key, substr(value, 1, ${MAX_META_CHARS}) FROM meta WHERE value IS NOT NULL LIMIT 1000`,
    )) {
      meta.set(text(key), text(value));
    }
    return meta;
  }

  #checkIds(): number {
    const first = this.#eventFrom.get(Number.MIN_SAFE_INTEGER) as unknown[] | undefined;
    if (first === undefined) return 0;
    const last = int(this.rows('SELECT max(id) FROM events')[0]?.[0]);
    const bytes =
      Number(this.db.pragma('page_count', { simple: true })) *
      Number(this.db.pragma('page_size', { simple: true }));
    // A row takes at least a dozen bytes, so a file cannot hold more events than it has bytes.
    if (int(first[0]) !== 1 || last > bytes) {
      throw corrupt(this.path, 'the ids of its events are not 1, 2, 3, ...');
    }
    return last;
  }

  #tsFrom(id: number): number {
    const row = this.#eventFrom.get(id) as unknown[] | undefined;
    return int(row?.[1]);
  }

  #wholeMeta(key: string, min: number, max: number): number {
    const value = Number(this.meta.get(key) ?? Number.NaN);
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      throw corrupt(this.path, `its ${key} is missing or not a number in range`);
    }
    return value;
  }
}
