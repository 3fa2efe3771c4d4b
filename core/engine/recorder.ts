/**
 * Takes down every event of a run: counts it, hashes it into the fingerprint and, where there is a
 * sink, passes it on in columns.
 *
 * Events get their ids when they begin, so that id order is time order. A span that is still open
 * holds back the events after it; spans are short, so little is held.
 */
import { assert } from '../base/assert.ts';
import { COUNT_KEYS, kindOf, KINDS } from '../contract/kinds.ts';
import type { Counts } from '../contract/result.ts';
import { Columns } from './columns.ts';
import type { Engine } from './engine.ts';
import { Fingerprint } from './fingerprint.ts';
import { NONE, type TraceSink } from './recording.ts';

/** Requests between the oldest and the newest that still get events. */
const REQUEST_WINDOW = 1 << 16;
const DEPTH_MAX = 16;

const isCopy = new Uint8Array(256);
for (const kind of KINDS) if (kind.counts.includes('copy')) isCopy[kind.code] = 1;

/** A span cut in two by a thread that sleeps. */
export interface SuspendedSpan {
  readonly kind: number;
  readonly handle: number;
  readonly request: number;
}

export class Recorder {
  readonly #engine: Engine;
  readonly #columns: Columns | null;
  readonly #fingerprint = new Fingerprint();
  readonly #byKind = new Float64Array(256);
  readonly #firstEvent = new Float64Array(REQUEST_WINDOW);
  readonly #lastEvent = new Float64Array(REQUEST_WINDOW);

  // Open spans, a stack for each track.
  readonly #depth: Uint8Array;
  readonly #openId: Float64Array;
  /** What the opener of each knows it by: the id of its first part. */
  readonly #openHandle: Float64Array;
  readonly #openRequest: Float64Array;
  readonly #openTs: Float64Array;
  readonly #openKind: Uint8Array;
  /** Picoseconds covered by outermost events, by track. */
  readonly #outermostPs: Float64Array;

  #lastId = 0;
  #copiedBytes = 0;

  /** @param tracks how many tracks the run has; their ids are 0 to `tracks` - 1 */
  constructor(engine: Engine, sink: TraceSink | null, tracks: number) {
    this.#engine = engine;
    this.#columns = sink === null ? null : new Columns(sink);
    this.#depth = new Uint8Array(tracks);
    this.#openId = new Float64Array(tracks * DEPTH_MAX);
    this.#openHandle = new Float64Array(tracks * DEPTH_MAX);
    this.#openRequest = new Float64Array(tracks * DEPTH_MAX);
    this.#openTs = new Float64Array(tracks * DEPTH_MAX);
    this.#openKind = new Uint8Array(tracks * DEPTH_MAX);
    this.#outermostPs = new Float64Array(tracks);
  }

  /** Id of the newest event. */
  get lastId(): number {
    return this.#lastId;
  }

  get copiedBytes(): number {
    return this.#copiedBytes;
  }

  /** Hash over all that was recorded so far. */
  fingerprint(): string {
    return this.#fingerprint.digest();
  }

  /** Picoseconds covered by outermost events of a track: what its CPU must have been busy for. */
  outermostPs(track: number): number {
    return this.#outermostPs[track] as number;
  }

  /** The next event is the first of this request. */
  openRequest(request: number): void {
    this.#firstEvent[request % REQUEST_WINDOW] = this.#lastId + 1;
    this.#lastEvent[request % REQUEST_WINDOW] = this.#lastId + 1;
  }

  /** Ids of the first and the newest event of a request in flight. */
  firstEventOf(request: number): number {
    return this.#firstEvent[request % REQUEST_WINDOW] as number;
  }
  lastEventOf(request: number): number {
    return this.#lastEvent[request % REQUEST_WINDOW] as number;
  }

  /** An event of known duration that starts now and has none inside. Returns its id. */
  leaf(
    kind: number,
    track: number,
    dur: number,
    request = NONE,
    frame = NONE,
    bytes = NONE,
    n = NONE,
    status = NONE,
    arg = NONE,
  ): number {
    const id = this.#start(kind, track, request);
    this.#finish(id, kind, dur, frame, bytes, n, status, arg);
    if (this.#depth[track] === 0) {
      this.#outermostPs[track] = (this.#outermostPs[track] as number) + dur;
    }
    return id;
  }

  /** An event that starts now; what its track records until `end` is inside. Returns its id. */
  begin(kind: number, track: number, request: number): number {
    const id = this.#start(kind, track, request);
    const depth = this.#depth[track] as number;
    assert(depth < DEPTH_MAX, 'events are nested too deeply');
    const at = track * DEPTH_MAX + depth;
    this.#openId[at] = id;
    this.#openHandle[at] = id;
    this.#openRequest[at] = request;
    this.#openTs[at] = this.#engine.now;
    this.#openKind[at] = kind;
    this.#depth[track] = depth + 1;
    return id;
  }

  /** Ends what `begin` started. Spans of one track end innermost first. */
  end(
    id: number,
    track: number,
    frame = NONE,
    bytes = NONE,
    n = NONE,
    status = NONE,
    arg = NONE,
  ): void {
    const depth = (this.#depth[track] as number) - 1;
    const at = track * DEPTH_MAX + depth;
    assert(depth >= 0 && this.#openHandle[at] === id, 'spans of a track end innermost first');
    const row = this.#openId[at] as number;
    const dur = this.#engine.now - (this.#openTs[at] as number);
    this.#depth[track] = depth;
    this.#finish(row, this.#openKind[at] as number, dur, frame, bytes, n, status, arg);
    if (depth === 0) this.#outermostPs[track] = (this.#outermostPs[track] as number) + dur;
  }

  /**
   * A thread sleeps in the middle of its spans: each ends here, and a second part of it begins with
   * `resume`. Returns what `resume` needs.
   */
  suspend(track: number): readonly SuspendedSpan[] {
    const spans: SuspendedSpan[] = [];
    while ((this.#depth[track] as number) > 0) {
      const at = track * DEPTH_MAX + (this.#depth[track] as number) - 1;
      const kind = this.#openKind[at] as number;
      assert(kindOf(kind)?.counts.length === 0, 'what counts is not cut in two');
      const handle = this.#openHandle[at] as number;
      spans.unshift({ kind, handle, request: this.#openRequest[at] as number });
      this.end(handle, track);
    }
    return spans;
  }

  /** The thread runs again, on a track where nothing is open. */
  resume(track: number, spans: readonly SuspendedSpan[]): void {
    assert(this.#depth[track] === 0, 'a thread is resumed on a track that is in use');
    for (const { kind, handle, request } of spans) {
      this.begin(kind, track, request);
      this.#openHandle[track * DEPTH_MAX + (this.#depth[track] as number) - 1] = handle;
    }
  }

  /** Counters of a result. */
  counts(): Counts {
    const counts = Object.fromEntries(COUNT_KEYS.map((key) => [key, 0])) as Counts;
    for (const kind of KINDS) {
      for (const key of kind.counts) counts[key] += this.#byKind[kind.code] as number;
    }
    return counts;
  }

  /** Ends what is still open and passes on all that is left. */
  finish(): void {
    for (let track = 0; track < this.#depth.length; track++) {
      while ((this.#depth[track] as number) > 0) {
        const at = track * DEPTH_MAX + (this.#depth[track] as number) - 1;
        this.end(this.#openHandle[at] as number, track);
      }
    }
    this.#columns?.flush(this.#columns.count);
  }

  #start(kind: number, track: number, request: number): number {
    const id = ++this.#lastId;
    this.#byKind[kind] = (this.#byKind[kind] as number) + 1;
    this.#fingerprint.add(kind + track * 256);
    this.#fingerprint.add(this.#engine.now);
    if (request !== NONE) {
      this.#fingerprint.add(request);
      this.#lastEvent[request % REQUEST_WINDOW] = id;
    }
    const columns = this.#columns;
    if (columns !== null) {
      if (columns.full) columns.makeRoom(this.#firstOpenId());
      columns.start(this.#engine.now, kind, track, this.#depth[track] as number, request);
    }
    return id;
  }

  #finish(
    id: number,
    kind: number,
    dur: number,
    frame: number,
    bytes: number,
    n: number,
    status: number,
    arg: number,
  ): void {
    const hash = this.#fingerprint;
    hash.add(dur);
    if (frame !== NONE) hash.add(frame);
    if (bytes !== NONE) {
      hash.add(bytes);
      if (isCopy[kind] === 1) this.#copiedBytes += bytes;
    }
    if (n !== NONE) hash.add(n);
    if (status !== NONE) hash.add(status);
    if (arg !== NONE) hash.add(arg);
    this.#columns?.finish(id, dur, frame, bytes, n, status, arg);
  }

  #firstOpenId(): number {
    let first = this.#lastId;
    for (let track = 0; track < this.#depth.length; track++) {
      if ((this.#depth[track] as number) > 0) {
        first = Math.min(first, this.#openId[track * DEPTH_MAX] as number);
      }
    }
    return first;
  }
}
