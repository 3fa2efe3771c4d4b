import { NONE, type EventChunk, type TraceSink } from './recording.ts';

const CAPACITY = 8192;

/**
 * Events on their way to a sink, in columns. Rows leave in order and only when they are finished;
 * the caller says how many are.
 */
export class Columns {
  readonly #sink: TraceSink;
  #capacity = 0;
  /** Id of the first row. */
  base = 1;
  count = 0;
  ts = new Float64Array(0);
  dur = new Float64Array(0);
  kind = new Uint8Array(0);
  track = new Uint16Array(0);
  level = new Uint8Array(0);
  request = new Float64Array(0);
  frame = new Float64Array(0);
  bytes = new Float64Array(0);
  n = new Float64Array(0);
  status = new Float64Array(0);
  arg = new Float64Array(0);

  constructor(sink: TraceSink) {
    this.#sink = sink;
    this.#resize(CAPACITY);
  }

  get full(): boolean {
    return this.count === this.#capacity;
  }

  /** Starts a row, to be completed by `finish`. */
  start(ts: number, kind: number, track: number, level: number, request: number): void {
    const at = this.count++;
    this.ts[at] = ts;
    this.kind[at] = kind;
    this.track[at] = track;
    this.level[at] = level;
    this.request[at] = request;
  }

  finish(
    id: number,
    dur: number,
    frame: number,
    bytes: number,
    n: number,
    status: number,
    arg: number,
  ): void {
    const at = id - this.base;
    this.dur[at] = dur;
    this.frame[at] = frame;
    this.bytes[at] = bytes;
    this.n[at] = n;
    this.status[at] = status;
    this.arg[at] = arg;
  }

  /** Hands rows before `firstOpenId` to the sink; grows when that leaves too little room. */
  makeRoom(firstOpenId: number): void {
    this.flush(Math.min(this.count, firstOpenId - this.base));
    if (this.count > this.#capacity / 2) this.#resize(this.#capacity * 2);
  }

  /** Hands the first `count` rows to the sink. */
  flush(count: number): void {
    if (count === 0) return;
    const chunk: EventChunk = {
      firstId: this.base,
      count,
      ts: this.ts,
      dur: this.dur,
      kind: this.kind,
      track: this.track,
      level: this.level,
      request: this.request,
      frame: this.frame,
      bytes: this.bytes,
      n: this.n,
      status: this.status,
      arg: this.arg,
    };
    this.#sink.events(chunk);
    const left = this.count;
    for (const column of [this.ts, this.dur, this.request, this.frame]) {
      column.copyWithin(0, count, left);
    }
    for (const column of [this.bytes, this.n, this.status, this.arg]) {
      column.copyWithin(0, count, left);
    }
    for (const column of [this.kind, this.track, this.level]) column.copyWithin(0, count, left);
    this.base += count;
    this.count -= count;
  }

  #resize(capacity: number): void {
    const floats = (from: Float64Array) => {
      const to = new Float64Array(capacity).fill(NONE);
      to.set(from);
      return to;
    };
    const bytes = (from: Uint8Array) => {
      const to = new Uint8Array(capacity);
      to.set(from);
      return to;
    };
    this.#capacity = capacity;
    this.ts = floats(this.ts);
    this.dur = floats(this.dur);
    this.kind = bytes(this.kind);
    const track = new Uint16Array(capacity);
    track.set(this.track);
    this.track = track;
    this.level = bytes(this.level);
    this.request = floats(this.request);
    this.frame = floats(this.frame);
    this.bytes = floats(this.bytes);
    this.n = floats(this.n);
    this.status = floats(this.status);
    this.arg = floats(this.arg);
  }
}
