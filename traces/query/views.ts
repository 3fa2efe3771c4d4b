/** Views that a query finds besides those of the file. They live in this connection alone. */
import type Database from 'better-sqlite3';

const counted = (key: string) =>
  `SELECT * FROM named_events WHERE kind IN
     (SELECT name FROM kinds WHERE instr(',' || counts || ',', ',${key},') > 0)`;
const ns = (ticks: string) =>
  `${ticks} * (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'tick_ps') / 1000.0`;

export const QUERY_VIEWS: Readonly<Record<string, string>> = {
  waits: `SELECT * FROM named_events WHERE category = 'wait'`,
  faults: counted('fault'),
  traps: counted('trap'),
  latencies: `SELECT id, bytes, ${ns('submitted')} AS submitted_ns, ${ns('completed')} AS completed_ns,
    ${ns('(completed - submitted)')} AS latency_ns, first_event, last_event FROM requests`,
  hazard_windows: `SELECT id, code, actor, frame, frames, ${ns('opened')} AS opened_ns,
    ${ns('closed')} AS closed_ns, ${ns('(closed - opened)')} AS open_ns, request, note FROM hazards`,
};

/** Creates them; the connection is read-only again afterwards. */
export function createQueryViews(db: Database.Database): void {
  db.pragma('query_only = OFF');
  for (const [name, select] of Object.entries(QUERY_VIEWS)) {
    db.exec(`CREATE TEMP VIEW ${name} AS ${select}`);
  }
  db.pragma('query_only = ON');
}
