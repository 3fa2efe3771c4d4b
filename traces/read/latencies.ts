/** How long each request took. */
import { int, type TraceStore } from './store.ts';

const MAX_REQUESTS = 5_000_000;

/** Picoseconds from submission to completion, in the order of the requests; those not completed are left out. */
export function readLatencies(store: TraceStore): Float64Array {
  const rows = store.raw(
    `SELECT completed - submitted FROM requests WHERE completed IS NOT NULL ORDER BY id
     LIMIT ${MAX_REQUESTS}`,
  );
  return Float64Array.from(rows.all() as unknown[][], ([ticks]) => int(ticks) * store.tickPs);
}
