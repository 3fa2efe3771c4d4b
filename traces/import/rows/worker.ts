/** A thread that writes the rows of imports into their parts, one after another. */
import type Database from 'better-sqlite3';
import { PART_SUFFIX } from '../../files.ts';
import { obeyOrders } from '../../threads/obey.ts';
import { openPart, writeError } from '../../write/part.ts';
import { EventRows } from './event-rows.ts';
import type { RowsOrder } from './thread.ts';

let db: Database.Database | null = null;
let rows: EventRows | null = null;

obeyOrders((order: RowsOrder): void => {
  switch (order.type) {
    case 'open':
      return closingOnError(order.part, () => {
        db = openPart(order.part, 'import');
        rows = new EventRows(db);
      });
    case 'portion':
      closingOnError(db?.name ?? '', () => rows?.writeAll(order.portion));
      // At once: the garbage collector would let a hundred portions lie.
      order.portion.numbers.buffer.transfer(0);
      order.portion.texts.transfer(0);
      return;
    case 'close':
      return closingOnError(db?.name ?? '', () => {
        rows?.flush();
        db?.exec('COMMIT');
        close();
      });
    case 'drop':
      return close();
  }
});

/** Of an import that went wrong nothing more is taken. */
function closingOnError(part: string, work: () => void): void {
  try {
    work();
  } catch (thrown) {
    close();
    throw writeError(traceOf(part), thrown);
  }
}

/** The user knows the trace by its final name. */
function traceOf(part: string): string {
  return part.endsWith(PART_SUFFIX) ? part.slice(0, -PART_SUFFIX.length) : part;
}

function close(): void {
  db?.close();
  db = null;
  rows = null;
}
