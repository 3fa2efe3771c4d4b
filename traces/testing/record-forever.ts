/**
 * A child process that records until it is killed: `node record-forever.ts FILE`. After every commit
 * window it prints how many events it has handed over.
 */
import { writeSync } from 'node:fs';
import { createTraceWriter } from '../index.ts';
import { EVENTS_PER_BATCH, begin, emitBatches, head } from './stream.ts';

const REQUESTS_PER_BATCH = 8;

const writer = createTraceWriter(process.argv[2] ?? '', head);
begin(writer);
emitBatches(writer, 1_000_000, (requests) => {
  if (requests % 8000 !== 0) return;
  writeSync(1, `${(requests / REQUESTS_PER_BATCH) * EVENTS_PER_BATCH}\n`);
});
