/** The requests of a recording, gathered while its events pass by. */
import type Database from 'better-sqlite3';
import { RowInserter } from '../write/rows.ts';

/** Requests that a recording itself numbers; more are events without a request. */
const MAX_NUMBERED = 1_000_000;

interface Request {
  readonly submitted: number;
  completed: number | null;
  bytes: number;
  readonly first: number;
  last: number;
}

export class Requests {
  #db: Database.Database;
  readonly #rows: RowInserter;
  readonly #open = new Map<number, Request>();
  #last = 0;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#rows = new RowInserter(db, 'requests', 6);
  }

  /** A request begins, without a number of its own. @returns its number */
  issue(event: number, ts: number, bytes: number): number {
    const id = (this.#last += 1);
    this.#open.set(id, { submitted: ts, completed: null, bytes, first: event, last: event });
    return id;
  }

  complete(id: number, event: number, ts: number): void {
    const request = this.#open.get(id);
    if (request === undefined) return;
    this.#open.delete(id);
    this.#write(id, { ...request, completed: ts, last: event });
  }

  /** Nobody completed it: it stays as it is. */
  abandon(id: number): void {
    const request = this.#open.get(id);
    if (request === undefined) return;
    this.#open.delete(id);
    this.#write(id, request);
  }

  /** An event of a request that the recording numbers: it lasts from its first event to its last. */
  numbered(id: number, event: number, ts: number, end: number, bytes: number): void {
    const request = this.#open.get(id);
    if (request !== undefined) {
      request.completed = Math.max(request.completed ?? 0, end);
      request.bytes = Math.max(request.bytes, bytes);
      request.last = event;
    } else if (this.#open.size < MAX_NUMBERED) {
      this.#open.set(id, { submitted: ts, completed: end, bytes, first: event, last: event });
    }
  }

  /** Goes on in another database, to which everything written so far has been brought. */
  use(db: Database.Database): void {
    this.#db = db;
    this.#rows.use(db);
  }

  /** Writes what is open as it is. */
  finish(): void {
    for (const [id, request] of this.#open) this.#write(id, request);
    this.#open.clear();
    this.#rows.flush();
  }

  /** Forgets all that was written. */
  discard(): void {
    this.#open.clear();
    this.#rows.flush();
    this.#db.exec('DELETE FROM requests');
    this.#last = 0;
  }

  #write(id: number, { submitted, completed, bytes, first, last }: Request): void {
    this.#rows.add(id, submitted, completed, bytes, first, last);
  }
}
