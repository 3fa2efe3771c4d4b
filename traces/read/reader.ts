/** A trace as a set of answers. */
import type { RequestColumns, SequenceEvent, Subject } from '../../core/diff/index.ts';
import type {
  EventDetail,
  EventRow,
  Found,
  HazardRow,
  RangeStatistics,
  RequestDetail,
  TraceInfo,
  TraceState,
  TraceWindow,
} from '../../core/contract/methods/index.ts';
import { readCounters, type CounterArgs, type CounterWindow } from './counters.ts';
import { readDetail } from './detail.ts';
import { readRequests, readSequence, readSubject } from './digest.ts';
import { findEvents, type FindArgs } from './find.ts';
import { readHazards } from './hazards.ts';
import {
  readDescription,
  readInfo,
  readSummary,
  type TraceDescription,
  type TraceSummary,
} from './info.ts';
import { readLatencies } from './latencies.ts';
import { readRange } from './range.ts';
import { readRequest } from './request.ts';
import { readEvents } from './rows.ts';
import { readState, type StateArgs } from './state.ts';
import { TraceStore } from './store.ts';
import { readStream, type RequestStream } from './stream.ts';
import { readWindow, type WindowArgs } from './window.ts';

/**
 * An open trace. Every method may throw LabError CORRUPT_FILE, for a damaged file can betray itself
 * late. All times are ticks of the trace.
 */
export interface TraceReader {
  /** @param name what to call the trace instead of the name it has in itself */
  info(id: string, name?: string): TraceInfo;
  summary(): TraceSummary;
  /** Events, or summaries where there are more than `maxEvents`; see `read/window.ts`. */
  window(args: WindowArgs): TraceWindow;
  counters(args: CounterArgs): CounterWindow[];
  /** Up to `limit` events from id `first` on. */
  events(first: number, limit: number): EventRow[];
  /** @throws LabError NOT_FOUND */
  event(id: number): EventDetail;
  /** The first event that starts at or after `ts`; 0 when there is none. */
  at(ts: number): { event: number };
  /** @throws LabError NOT_FOUND */
  request(id: number): RequestDetail;
  hazards(limit: number): HazardRow[];
  /** Picoseconds that each completed request took. */
  latencies(): Float64Array;
  /** All requests, without reading their events; times in picoseconds. */
  requests(): RequestColumns;
  /** Grants, mappings, IOMMU entries, rings, reach: see `read/state.ts`. */
  state(args: StateArgs): TraceState;
  /** One step of a search; see `read/find.ts`. */
  find(args: FindArgs): Found;
  /** Statistics of the events that begin in a part; see `read/range.ts`. */
  range(from: number, to: number): RangeStatistics;
  /** Its requests, to be played again. */
  stream(): RequestStream;
  /**
   * One side of a diff; reads every event once.
   * @param file how to name the file
   * @param seen called now and then with how many events have been read
   */
  subject(file: string, seen?: (events: number) => void): Subject;
  /** Events of one request, in order; none for a request that is not there. */
  sequence(request: number): SequenceEvent[];
  /** @param file how to name the file in the answer */
  describe(file: string): TraceDescription;
  close(): void;
}

/**
 * Opens a trace for reading. Nothing in the file is trusted: who and what it is, its version and
 * every table are checked before the first answer.
 *
 * @throws LabError FILE_NOT_FOUND, NOT_A_TRACE, NEWER_FORMAT, CORRUPT_FILE, BUSY_FILE
 */
export function openTrace(path: string): TraceReader {
  const store = new TraceStore(path);
  // It counts samples and kinds; a file does not change while it is open.
  let info: Omit<TraceInfo, 'id'> | undefined;
  const answer = <T>(read: () => T): T => {
    try {
      return read();
    } catch (thrown) {
      throw store.explain(thrown);
    }
  };
  return {
    info: (id, name) =>
      answer(() => {
        info ??= readInfo(store);
        return { ...info, id, name: name ?? info.name };
      }),
    summary: () => answer(() => readSummary(store)),
    window: (args) => answer(() => readWindow(store, args)),
    counters: (args) => answer(() => readCounters(store, args)),
    events: (first, limit) => answer(() => readEvents(store, first, limit)),
    event: (id) => answer(() => readDetail(store, id)),
    at: (ts) =>
      answer(() => {
        const event = store.firstAt(ts);
        return { event: event > store.lastId ? 0 : event };
      }),
    request: (id) => answer(() => readRequest(store, id)),
    hazards: (limit) => answer(() => readHazards(store, limit)),
    state: (args) => answer(() => readState(store, args)),
    find: (args) => answer(() => findEvents(store, args)),
    latencies: () => answer(() => readLatencies(store)),
    requests: () => answer(() => readRequests(store)),
    range: (from, to) => answer(() => readRange(store, from, to)),
    stream: () => answer(() => readStream(store)),
    subject: (file, seen) => answer(() => readSubject(store, file, seen)),
    sequence: (request) => answer(() => readSequence(store, request)),
    describe: (file) => answer(() => readDescription(store, file)),
    close: () => {
      store.db.close();
    },
  };
}
