/**
 * What a diff needs to know of a trace, gathered from its events in one pass and in bounded memory: a
 * stack per CPU, the requests in flight, a fixed histogram per kind, a row of numbers per request.
 */
import { firstWhere } from '../base/first-where.ts';
import { Fifo } from '../base/fifo.ts';
import { Histogram } from '../engine/histogram.ts';
import { PAYERS, Path, payerOf, SHARED } from './critical-path.ts';

/** A lane of events. */
export interface Track {
  readonly id: number;
  /** Role of its actor. */
  readonly role: string;
  /** The CPU it runs on, as the id of that CPU's own track; its own id for everything else. */
  readonly cpu: number;
}

/** Requests by ascending id; times in picoseconds. */
export interface RequestColumns {
  readonly id: Float64Array;
  readonly submitted: Float64Array;
  /** NaN where the run ended first. */
  readonly completed: Float64Array;
  readonly bytes: Float64Array;
  /** Id of the last event. */
  readonly lastEvent: Float64Array;
}

/** All events of one kind; times in picoseconds. */
export interface KindTotals {
  readonly code: number;
  count: number;
  /** Sum of durations. */
  timePs: number;
  /** The same without what is nested inside on the same CPU. */
  selfPs: number;
  bytes: number;
  /** How many belong to a request, by their own word or by the span they are in. */
  ofRequests: number;
  /** Durations of single events. */
  readonly perEvent: Histogram;
  /** Sum of durations in each completed request that has any. */
  readonly perRequest: Histogram;
}

/** What one pass found. */
export interface EventDigest {
  readonly events: number;
  readonly kinds: ReadonlyMap<number, KindTotals>;
  /** Time without nested time by role of the track's actor, picoseconds. */
  readonly selfPs: Readonly<Record<string, number>>;
  readonly requests: RequestColumns;
  /** A row of `PAYERS.length` for each request, picoseconds; zeros where it did not complete. */
  readonly parts: Float64Array;
  /** Hash of each request's sequence of kinds, two numbers a request. */
  readonly sequences: Int32Array;
  /** Hash of the whole stream, order included. */
  readonly hash: readonly [number, number];
}

/** One event; times in picoseconds, 0 for what is NULL. */
export interface Row {
  id: number;
  ts: number;
  dur: number;
  kind: number;
  track: number;
  level: number;
  request: number;
  bytes: number;
  n: number;
}

/** A span that may still be open. */
interface Open {
  readonly track: number;
  readonly level: number;
  readonly start: number;
  readonly end: number;
  readonly kind: KindTotals;
  readonly role: string;
  readonly payer: number | undefined;
  readonly request: number;
  nested: number;
  /** The last request for which it was noted as a batch. */
  noted: number;
}

/** A request in flight. */
interface Flight {
  readonly path: Path;
  readonly kinds: KindTotals[];
  readonly times: number[];
  /** End of its last span so far: what happens inside that is its own, too. */
  until: number;
}

/** A trace has some hundred kinds at most, and far fewer tracks than this. */
const MAX_KINDS = 1024;
const MAX_DEPTH = 512;
const MAX_IN_FLIGHT = 1_000_000;
/** So many requests wait for one that lasts long before it is taken as over. */
const MAX_LEAVING = 4096;

export class Digester {
  readonly #tracks = new Map<number, Track>();
  readonly #requests: RequestColumns;
  readonly #kinds = new Map<number, KindTotals>();
  readonly #stacks = new Map<number, Open[]>();
  readonly #flights = new Map<number, Flight>();
  readonly #selfPs: Record<string, number> = {};
  /** Requests that have had their last event, as positions, in that order. */
  readonly #leaving = new Fifo<number>();
  readonly #landed: Uint8Array;
  readonly #parts: Float64Array;
  readonly #sequences: Int32Array;
  #events = 0;
  #hashA = 0x2545f491;
  #hashB = 0x1b873593;

  constructor(tracks: readonly Track[], requests: RequestColumns) {
    for (const track of tracks) this.#tracks.set(track.id, track);
    this.#requests = requests;
    this.#landed = new Uint8Array(requests.id.length);
    this.#parts = new Float64Array(requests.id.length * PAYERS.length);
    this.#sequences = new Int32Array(requests.id.length * 2);
  }

  /**
   * Takes the next event, by ascending id.
   *
   * @throws RangeError for what no trace has
   */
  add(row: Row): void {
    this.#events += 1;
    this.#hash(row);
    const kind = this.#kindOf(row.kind);
    kind.count += 1;
    kind.timePs += row.dur;
    kind.bytes += row.bytes;
    kind.perEvent.add(row.dur);
    const track = this.#tracks.get(row.track);
    const role = track?.role ?? 'unknown';
    const payer = payerOf(role);
    const stack = this.#stackOf(track?.cpu ?? row.track);
    this.#close(stack, row);
    const parent = stack.at(-1);
    if (parent !== undefined) {
      parent.nested += Math.max(Math.min(row.ts + row.dur, parent.end) - row.ts, 0);
    }
    const request = row.request === 0 ? requestAround(stack) : row.request;
    const index = request === 0 ? -1 : this.#indexOf(request);
    if (index !== -1) this.#note(row, request, index, kind, payer, stack);
    if (row.dur > 0) {
      if (stack.length === MAX_DEPTH) throw new RangeError('its spans nest too deeply');
      const { ts: start, level } = row;
      const end = start + row.dur;
      const nested = 0;
      stack.push({
        track: row.track,
        level,
        start,
        end,
        kind,
        role,
        payer,
        request,
        nested,
        noted: 0,
      });
    }
    if (index !== -1 && row.id === this.#requests.lastEvent[index]) this.#leaving.push(index);
    this.#landThoseOver(row.ts);
  }

  finish(): EventDigest {
    for (const stack of this.#stacks.values()) while (stack.length > 0) this.#pop(stack);
    for (const request of [...this.#flights.keys()]) this.#land(request, this.#indexOf(request));
    return {
      events: this.#events,
      kinds: this.#kinds,
      selfPs: this.#selfPs,
      requests: this.#requests,
      parts: this.#parts,
      sequences: this.#sequences,
      hash: [this.#hashA, this.#hashB],
    };
  }

  /** Takes from a CPU's stack what is over when `row` starts. */
  #close(stack: Open[], row: Row): void {
    let keep = stack.length;
    for (let i = stack.length - 1; i >= 0; i--) {
      const open = stack[i] as Open;
      if (open.track === row.track && open.level >= row.level) keep = i;
    }
    while (stack.length > keep) this.#pop(stack);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      // An instant at the very end of a span of its own track is still inside.
      if (top.end > row.ts || (top.end === row.ts && top.track === row.track)) return;
      this.#pop(stack);
    }
  }

  #pop(stack: Open[]): void {
    const open = stack.pop();
    if (open === undefined) return;
    const self = Math.max(open.end - open.start - open.nested, 0);
    open.kind.selfPs += self;
    this.#selfPs[open.role] = (this.#selfPs[open.role] ?? 0) + self;
  }

  /** Notes an event as work on a request, and the spans around it as batches that it is part of. */
  #note(
    row: Row,
    request: number,
    index: number,
    kind: KindTotals,
    payer: number | undefined,
    stack: readonly Open[],
  ): void {
    kind.ofRequests += 1;
    if (row.request !== 0) {
      const at = index * 2;
      this.#sequences[at] = mix(this.#sequences[at] as number, row.kind);
      this.#sequences[at + 1] = mix(this.#sequences[at + 1] as number, row.kind ^ 0x5bd1e995);
    }
    if (this.#landed[index] === 1) return;
    const flight = this.#flightOf(request);
    flight.until = Math.max(flight.until, row.ts + row.dur);
    const known = flight.kinds.indexOf(kind);
    if (known === -1) {
      flight.kinds.push(kind);
      flight.times.push(row.dur);
    } else {
      flight.times[known] = (flight.times[known] as number) + row.dur;
    }
    if (payer === undefined) return;
    if (row.dur > 0) flight.path.add(payer, row.ts, row.ts + row.dur);
    for (let i = stack.length - 1; i >= 0; i--) {
      const open = stack[i] as Open;
      if (open.request !== 0 || open.payer === undefined || open.noted === request) continue;
      open.noted = request;
      flight.path.add(open.payer + SHARED, open.start, open.end);
    }
  }

  /** Lands requests that have had their last event, once their last span is over. */
  #landThoseOver(ts: number): void {
    for (let index = this.#leaving.first; index !== undefined; index = this.#leaving.first) {
      const request = this.#requests.id[index] as number;
      const until = this.#flights.get(request)?.until ?? 0;
      if (until >= ts && this.#leaving.length < MAX_LEAVING) return;
      this.#leaving.shift();
      this.#land(request, index);
    }
  }

  #land(request: number, index: number): void {
    const flight = this.#flights.get(request);
    if (flight === undefined) return;
    this.#flights.delete(request);
    this.#landed[index] = 1;
    const submitted = this.#requests.submitted[index] as number;
    const completed = this.#requests.completed[index] as number;
    if (Number.isNaN(completed)) return;
    flight.path.settle(submitted, completed, this.#parts, index * PAYERS.length);
    flight.kinds.forEach((kind, i) => kind.perRequest.add(flight.times[i] as number));
  }

  #flightOf(request: number): Flight {
    let flight = this.#flights.get(request);
    if (flight === undefined) {
      if (this.#flights.size === MAX_IN_FLIGHT) {
        throw new RangeError('too many of its requests are in flight at a time');
      }
      flight = { path: new Path(), kinds: [], times: [], until: 0 };
      this.#flights.set(request, flight);
    }
    return flight;
  }

  #stackOf(cpu: number): Open[] {
    let stack = this.#stacks.get(cpu);
    if (stack === undefined) {
      if (this.#stacks.size > this.#tracks.size) throw new RangeError('it has unknown tracks');
      this.#stacks.set(cpu, (stack = []));
    }
    return stack;
  }

  #kindOf(code: number): KindTotals {
    let kind = this.#kinds.get(code);
    if (kind === undefined) {
      if (this.#kinds.size === MAX_KINDS) throw new RangeError('it has too many kinds of events');
      kind = {
        code,
        count: 0,
        timePs: 0,
        selfPs: 0,
        bytes: 0,
        ofRequests: 0,
        perEvent: new Histogram(),
        perRequest: new Histogram(),
      };
      this.#kinds.set(code, kind);
    }
    return kind;
  }

  #indexOf(request: number): number {
    return indexOfRequest(this.#requests, request);
  }

  #hash(row: Row): void {
    const low = mix(mix(mix(mix(this.#hashA, row.ts), row.dur), row.request), row.bytes);
    const a = mix(mix(low, row.kind ^ (row.track << 9) ^ (row.level << 25)), row.n);
    const high = mix(mix(this.#hashB, row.ts / 4294967296), row.dur / 4294967296);
    this.#hashA = a;
    this.#hashB = mix(mix(high, row.bytes / 4294967296), a);
  }
}

/** Position of a request, or -1; ids are nearly always 1, 2, 3, ... */
export function indexOfRequest({ id: ids }: RequestColumns, request: number): number {
  const guess = request - (ids[0] ?? 0);
  if (ids[guess] === request) return guess;
  const at = firstWhere(0, ids.length, (i) => (ids[i] as number) >= request);
  return ids[at] === request ? at : -1;
}

/** The request of the innermost span that has one. */
function requestAround(stack: readonly Open[]): number {
  for (let i = stack.length - 1; i >= 0; i--) {
    const { request } = stack[i] as Open;
    if (request !== 0) return request;
  }
  return 0;
}

/** One round of a 32-bit hash (after MurmurHash3 by Austin Appleby). */
function mix(hash: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}
