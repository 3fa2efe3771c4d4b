/** A thread that writes the rows of imports into their parts, one after another. */
import type Database from 'better-sqlite3';
import { parentPort } from 'node:worker_threads';
import { toErrorData } from '../../../core/contract/errors.ts';
import { openPart, writeError } from '../../write/part.ts';
import { EventRows } from './event-rows.ts';
import type { RowsMessage, RowsOrder } from './thread.ts';

let open: { readonly db: Database.Database; readonly rows: EventRows } | null = null;

function obey(order: RowsOrder): void {
  switch (order.type) {
    case 'open': {
      const db = openPart(order.part, 'import');
      open = { db, rows: new EventRows(db) };
      return;
    }
    case 'portion':
      open?.rows.writeAll(order.portion);
      return;
    case 'close':
      open?.rows.flush();
      open?.db.exec('COMMIT');
      close();
      return;
    case 'drop':
      close();
  }
}

function close(): void {
  open?.db.close();
  open = null;
}

parentPort?.on('message', (order: RowsOrder) => {
  let said: RowsMessage = { error: null };
  try {
    obey(order);
  } catch (thrown) {
    // Of an import that went wrong nothing more is taken.
    close();
    said = { error: toErrorData(writeError('', thrown)) };
  }
  parentPort?.postMessage(said);
});
