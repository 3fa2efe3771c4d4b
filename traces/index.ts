/** The trace file: what the rest of the lab may use of it. */
export { findParts, isTrace, markLive, PART_SUFFIX, TRACE_EXTENSION, unmarkLive } from './files.ts';
export { APPLICATION_ID, FORMAT_VERSION } from './schema.ts';
export {
  createTraceWriter,
  type TraceEnd,
  type TraceHead,
  type TraceWriter,
} from './write/writer.ts';
export { recoverTrace, removeUnfinished } from './write/recover.ts';
export { openTrace, type TraceReader } from './read/reader.ts';
export type { TraceDescription, TraceSummary } from './read/info.ts';
export type { RequestStream } from './read/stream.ts';
export type { WindowArgs } from './read/window.ts';
export type { CounterArgs, CounterWindow } from './read/counters.ts';
export { importTrace, type ImportOptions } from './import/import.ts';
export { startQuery, type StartProcess } from './query/start.ts';
export { checkMapping, parseMapping } from './import/csv/mapping.ts';
export { importQuestion } from './import/question.ts';
export { notesFileOf, readNotes, writeNotes } from './notes/notes.ts';
