/** A trace into a file for other programs. */
import { setImmediate } from 'node:timers/promises';
import { LabError } from '../../core/contract/errors.ts';
import { TraceStore } from '../read/store.ts';
import { ChromeJson } from './chrome.ts';
import { decodedEvents, readTracks, type DecodedEvent } from './decoded.ts';
import { Output, type OutputJob } from './output.ts';
import { CSV_TITLES, csvEvent, jsonEvent } from './tables.ts';
import { Times } from './times.ts';

export const EXPORT_FORMATS = ['chrome-json', 'csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Events between two looks at the signal. */
const STEP = 5000;

export interface ExportJob extends OutputJob {
  readonly to: ExportFormat;
  readonly onProgress?: (events: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Writes all events of a trace. Memory does not grow with it; the output is there whole or not at all.
 *
 * @throws LabError as opening a trace does; UNWRITABLE; CANCELLED
 */
export async function exportTrace(job: ExportJob): Promise<{ file: string; events: number }> {
  const store = new TraceStore(job.input);
  try {
    const output = new Output(job);
    try {
      const events = await writeEvents(store, job, output);
      output.finish();
      return { file: job.output, events };
    } finally {
      output.discard();
    }
  } catch (thrown) {
    throw store.explain(thrown);
  } finally {
    store.db.close();
  }
}

async function writeEvents(store: TraceStore, job: ExportJob, output: Output): Promise<number> {
  const { event, end } = sinkFor(job.to, store, (text) => output.write(text));
  let events = 0;
  for (const decoded of decodedEvents(store, readTracks(store))) {
    event(decoded);
    events += 1;
    if (events % STEP > 0) continue;
    job.onProgress?.(events, store.lastId);
    await setImmediate();
    if (job.signal?.aborted === true) {
      throw new LabError('CANCELLED', 'the export was cancelled', job.output, 'nothing is left');
    }
  }
  end();
  return events;
}

interface Sink {
  readonly event: (event: DecodedEvent) => void;
  readonly end: () => void;
}

/** Writes the beginning of the file. */
function sinkFor(to: ExportFormat, store: TraceStore, write: (text: string) => void): Sink {
  const times = new Times(store.tickPs);
  const nothing = () => undefined;
  if (to === 'jsonl') return { event: (each) => write(jsonEvent(each, times)), end: nothing };
  if (to === 'csv') {
    write(`${CSV_TITLES.join(',')}\n`);
    return { event: (each) => write(csvEvent(each, times)), end: nothing };
  }
  const chrome = new ChromeJson(store, times, write);
  return { event: (each) => chrome.event(each), end: () => chrome.end() };
}
