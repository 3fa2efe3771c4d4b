/** A trace into a file for other programs. */
import { setImmediate } from 'node:timers/promises';
import { LabError } from '../../core/contract/errors.ts';
import type { ExportFormat } from '../../core/contract/methods/export.ts';
import { TraceStore } from '../read/store.ts';
import { ChromeJson } from './chrome.ts';
import { ticksOf, type TimeRange } from '../read/time-range.ts';
import { decodedEvents, readTracks, type DecodedEvent, type Range } from './decoded.ts';
import { Output, type OutputJob } from './output.ts';
import { ParquetEvents } from './parquet.ts';
import { PerfettoTrace } from './perfetto.ts';
import { CSV_TITLES, csvEvent, jsonEvent } from './tables.ts';
import { Times } from './times.ts';

/** Events between two looks at the signal. */
const STEP = 2000;

export interface ExportJob extends OutputJob {
  readonly to: ExportFormat;
  /** All of it where none is given. */
  readonly range?: TimeRange;
  readonly onProgress?: (events: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Writes the events of a trace. Memory does not grow with it; the output is there whole or not at all.
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
  const { from, to: until } = ticksOf(job.range ?? {}, store.tickPs);
  const range = {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  };
  const { event, end } = sinkFor(job.to, store, output, range);
  const pause = async (passed: number) => {
    job.onProgress?.(passed, store.lastId);
    await setImmediate();
    if (job.signal?.aborted === true) {
      throw new LabError('CANCELLED', 'the export was cancelled', job.output, 'nothing is left');
    }
  };
  let events = 0;
  for (const decoded of decodedEvents(store, readTracks(store), range)) {
    event(decoded);
    events += 1;
    if (events % STEP === 0) await pause(decoded.id);
  }
  await pause(store.lastId);
  end();
  return events;
}

interface Sink {
  readonly event: (event: DecodedEvent) => void;
  readonly end: () => void;
}

/** Writes the beginning of the file. */
function sinkFor(to: ExportFormat, store: TraceStore, output: Output, range: Range): Sink {
  const times = new Times(store.tickPs);
  const write = (text: string) => output.write(text);
  const bytes = (chunk: Uint8Array) => output.writeBytes(chunk);
  const nothing = () => undefined;
  switch (to) {
    case 'chrome-json': {
      const chrome = new ChromeJson(store, times, range, write);
      return { event: (each) => chrome.event(each), end: () => chrome.end() };
    }
    case 'perfetto': {
      const perfetto = new PerfettoTrace(store, times, range, bytes);
      return { event: (each) => perfetto.event(each), end: () => perfetto.end() };
    }
    case 'parquet': {
      const parquet = new ParquetEvents(store, range, bytes);
      return { event: (each) => parquet.event(each), end: () => parquet.end() };
    }
    case 'csv':
      write(`${CSV_TITLES.join(',')}\n`);
      return { event: (each) => write(csvEvent(each, times)), end: nothing };
    case 'jsonl':
      return { event: (each) => write(jsonEvent(each, times)), end: nothing };
  }
}
