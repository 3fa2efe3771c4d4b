/**
 * Chrome Trace Event JSON: an actor is a process, a track a thread, a span a complete event, an event
 * without duration an instant. A request's way from track to track is a flow.
 */
import type { TraceStore } from '../read/store.ts';
import {
  counterSamples,
  lastEventOf,
  readTracks,
  trackName,
  type DecodedEvent,
  type Range,
  type Wide,
} from './decoded.ts';
import { notesFileOf, notesOfPart, readNotes } from '../notes/notes.ts';
import { Lanes } from './lanes.ts';
import { columnNames, exportedName } from './names.ts';
import { labelOf, provenanceOf } from './provenance.ts';
import type { Times } from './times.ts';

/** Where a flow touches a track: within the span that starts there. */
interface FlowPoint {
  readonly ts: number;
  readonly pid: number;
  readonly tid: number;
}

interface Flow {
  /** Start of the request's current stay on a track; written when the next begins. */
  point: FlowPoint;
  started: boolean;
  readonly lastEvent: number;
}

/** Viewers take process 0 and thread 0 for the idle task of a kernel; our ids begin at 0. */
const FIRST = 1;

export class ChromeJson {
  readonly #store: TraceStore;
  readonly #times: Times;
  readonly #range: Range;
  readonly #write: (text: string) => void;
  readonly #flows = new Map<number, Flow>();
  readonly #lanes: Lanes;
  readonly #countersPid: number;
  #separator = '\n';

  constructor(store: TraceStore, times: Times, range: Range, write: (text: string) => void) {
    this.#store = store;
    this.#range = range;
    this.#times = times;
    this.#write = write;
    const tracks = [...readTracks(store).values()];
    this.#lanes = new Lanes(tracks.reduce((last, { id }) => Math.max(last, id), 0) + FIRST);
    this.#countersPid = tracks.reduce((last, { actor }) => Math.max(last, actor), 0) + FIRST + 1;
    const notes = notesOf(store, times, range);
    const other = JSON.stringify({ ...provenanceOf(store, range), ...notes });
    write(`{"displayTimeUnit":"ns","otherData":${other},"traceEvents":[`);
    for (const actor of new Set(tracks.map((each) => each.actor))) {
      const name = tracks.find((each) => each.actor === actor)?.actorName ?? '';
      this.#name('process', actor + FIRST, 0, name, actor);
    }
    for (const { id, actor, name, detail } of tracks) {
      this.#name('thread', actor + FIRST, id + FIRST, trackName({ name, detail }), id);
    }
  }

  event(event: DecodedEvent): void {
    const { ts, dur, track, kind, request } = event;
    const pid = track.actor + FIRST;
    const { tid, fresh } = this.#lanes.place(track.id + FIRST, ts, dur);
    if (fresh > 0) this.#name('thread', pid, tid, `${track.name} (overlap ${fresh})`, tid);
    const head = `"pid":${pid},"tid":${tid},"ts":${this.#times.us(ts)}`;
    const shape =
      dur > 0 ? `"ph":"X",${head},"dur":${this.#times.us(dur)}` : `"ph":"i","s":"t",${head}`;
    const rest = { name: event.name, cat: kind.category, args: argsOf(event) };
    this.#line(`{${shape},${JSON.stringify(rest).slice(1)}`);
    if (request !== null) this.#follow(request, event.id, { ts, pid, tid }, dur > 0);
  }

  /** Writes what is still open, the counters, and the end. */
  end(): void {
    for (const request of [...this.#flows.keys()]) this.#endFlow(request);
    let named = false;
    for (const { counter, unit, ts, value } of counterSamples(this.#store, this.#range)) {
      if (!named) this.#name('process', this.#countersPid, 0, 'counters', this.#countersPid);
      named = true;
      const rest = { name: counter, args: { [unit]: value } };
      this.#line(
        `{"ph":"C","pid":${this.#countersPid},"tid":0,"ts":${this.#times.us(ts)},${JSON.stringify(rest).slice(1)}`,
      );
    }
    this.#write('\n]}\n');
  }

  /** A flow has a point where a request comes to a track, and binds to spans alone. */
  #follow(request: number, id: number, point: FlowPoint, isSpan: boolean): void {
    let flow = this.#flows.get(request);
    if (flow === undefined) {
      if (!isSpan) return;
      const lastEvent = lastEventOf(this.#store, request);
      if (lastEvent === null) return;
      this.#flows.set(request, (flow = { point, started: false, lastEvent }));
    } else if (isSpan && (flow.point.pid !== point.pid || flow.point.tid !== point.tid)) {
      this.#flowPoint(flow.started ? 't' : 's', request, flow.point);
      flow.started = true;
      flow.point = point;
    }
    if (id >= flow.lastEvent) this.#endFlow(request);
  }

  #endFlow(request: number): void {
    const flow = this.#flows.get(request);
    if (flow?.started === true) this.#flowPoint('f', request, flow.point);
    this.#flows.delete(request);
  }

  #flowPoint(ph: 's' | 't' | 'f', request: number, { ts, pid, tid }: FlowPoint): void {
    const bind = ph === 'f' ? '"bp":"e",' : '';
    this.#line(
      `{"ph":"${ph}",${bind}"id":${request},"pid":${pid},"tid":${tid},"ts":${this.#times.us(ts)},"name":"request","cat":"request"}`,
    );
  }

  #name(what: 'process' | 'thread', pid: number, tid: number, name: string, index: number): void {
    for (const [key, args] of [
      [`${what}_name`, { name }],
      [`${what}_sort_index`, { sort_index: index }],
    ] as const) {
      this.#line(JSON.stringify({ ph: 'M', pid, tid, name: key, args }));
    }
  }

  #line(text: string): void {
    this.#write(`${this.#separator}${text}`);
    this.#separator = ',\n';
  }
}

/** What an event holds, by name; addresses as hexadecimal text. */
function argsOf(event: DecodedEvent): Record<string, Wide> {
  const { id, kind, request, frame, bytes, n, status, arg, details } = event;
  const args: Record<string, Wide> = { event: id };
  const columns = columnNames(kind);
  for (const [name, value] of Object.entries(details ?? {})) {
    args[exportedName(name, columns)] = value;
  }
  for (const [key, value] of Object.entries({ request, bytes, n, status })) {
    if (value !== null) args[key] = value;
  }
  if (frame !== null) args[labelOf(kind.frame, 'frame')] = hex(frame);
  if (arg !== null) args[labelOf(kind.arg, 'arg')] = arg;
  return args;
}

function hex(value: number | string): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}

/** What the user has added to the trace, after its provenance; bookmarks in microseconds. */
function notesOf(store: TraceStore, times: Times, { from, until }: Range): object {
  const notes = notesOfPart(readNotes(notesFileOf(store.path)), from, until);
  const { text, tags } = notes;
  const bookmarks = notes.bookmarks.map(({ tick, ...rest }) => ({ ts: times.us(tick), ...rest }));
  const isEmpty = text === '' && tags.length === 0 && bookmarks.length === 0;
  return isEmpty ? {} : { notes: { text, tags, bookmarks } };
}
