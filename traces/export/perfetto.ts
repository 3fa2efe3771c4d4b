/**
 * Perfetto TrackEvent protobuf: an actor is a process, a track a child of it, a span a pair of begin
 * and end, a request's way from track to track a flow. Times are whole nanoseconds from tick 0 with
 * the picoseconds as arguments; a clock snapshot says what tick 0 was on the recorded clock.
 */
import type { TraceStore } from '../read/store.ts';
import {
  counterSamples,
  lastEventOf,
  readTracks,
  trackName,
  type DecodedEvent,
  type Range,
  type Track,
  type Wide,
} from './decoded.ts';
import { Lanes } from './lanes.ts';
import { columnNames, exportedName } from './names.ts';
import { Packets, type Annotation, type FreshNames, type Name } from './perfetto-packets.ts';
import { labelOf, provenanceOf } from './provenance.ts';
import type { Times } from './times.ts';

/** Half of what fits, so that the trace has room behind it. */
const MAX_READING = 2n ** 62n;
/** Names that get a number; a recording may have any number of names, of any length. */
const MAX_NAMES = 10_000;
const MAX_NAME_CHARS = 200;
/** Lanes of a track that are listed below it; further ones come after the next track. */
const LANES_LISTED = 64;

export class PerfettoTrace {
  readonly #store: TraceStore;
  readonly #times: Times;
  readonly #range: Range;
  readonly #packets: Packets;
  readonly #lanes: Lanes;
  /** Track numbers of the file by actor and by lane. */
  readonly #processes = new Map<number, number>();
  readonly #threads = new Map<number, number>();
  /** For each request under way the lane it is on, and its last event. */
  readonly #flows = new Map<number, { lane: number; readonly lastEvent: number }>();
  readonly #categories = new Names();
  readonly #events = new Names();
  readonly #annotations = new Names();
  #uuid = 0;

  constructor(store: TraceStore, times: Times, range: Range, write: (bytes: Uint8Array) => void) {
    this.#store = store;
    this.#times = times;
    this.#range = range;
    this.#packets = new Packets(write);
    const base = (key: string) => BigInt(store.meta.get(key) ?? 0);
    const reading = base('base_sec') * 1_000_000_000n + base('base_ns');
    // A viewer's clocks have 63 bits and do not run before zero: then tick 0 is all there is.
    const fits = reading >= 0n && reading < MAX_READING;
    this.#packets.begin(fits ? reading : 0n);
    const tracks = [...readTracks(store).values()];
    this.#lanes = new Lanes(
      tracks.reduce((last, { id }) => Math.max(last, id), 0),
      (lane, end) => this.#packets.end(times.wholeNs(end), this.#threads.get(lane) ?? 0),
    );
    this.#provenance();
    for (const track of tracks) this.#thread(track.id, track, 0);
  }

  event(event: DecodedEvent): void {
    const { ts, dur, track } = event;
    const { tid: lane, fresh } = this.#lanes.place(track.id, ts, dur);
    const slice = {
      ns: this.#times.wholeNs(ts),
      track: this.#threads.get(lane) ?? this.#thread(lane, track, fresh),
      name: this.#events.get(event.name),
      category: this.#categories.get(event.kind.category),
      flow: dur > 0 ? this.#flowOf(event, lane) : 0,
      annotations: this.#annotationsOf(event),
    };
    this.#packets.slice(dur > 0 ? 'begin' : 'instant', slice, this.#freshNames());
  }

  /** Ends what is still open, and adds the counters. */
  end(): void {
    this.#lanes.finish();
    let parent = 0;
    const counters = new Map<number, number>();
    for (const { id, counter, unit, ts, value } of counterSamples(this.#store, this.#range)) {
      if (parent === 0) parent = this.#declare({ parent: 0, name: 'counters', rank: 0 });
      let uuid = counters.get(id);
      if (uuid === undefined) {
        uuid = this.#declare({ parent, name: counter, rank: counters.size, unit });
        counters.set(id, uuid);
      }
      this.#packets.counter(this.#times.wholeNs(ts), uuid, value);
    }
    this.#packets.flush();
  }

  /** Where the trace comes from, as the arguments of an instant on a track of its own. */
  #provenance(): void {
    const track = this.#declare({ parent: 0, name: 'trace', rank: 0 });
    const annotations = Object.entries(provenanceOf(this.#store, this.#range)).map(
      ([name, value]) => ({
        name: { text: name, iid: 0 },
        value,
      }),
    );
    const plain = (text: string) => ({ text, iid: 0 });
    const ns = this.#times.wholeNs(this.#range.from ?? 0);
    const [name, category] = [plain('provenance'), plain('mapcopy')];
    this.#packets.slice('instant', { ns, track, name, category, flow: 0, annotations }, null);
  }

  #thread(lane: number, track: Track, overlap: number): number {
    let parent = this.#processes.get(track.actor);
    if (parent === undefined) {
      const pid = this.#processes.size + 1;
      parent = this.#declare({ parent: 0, name: track.actorName, rank: pid, pid });
      this.#processes.set(track.actor, parent);
    }
    const name = trackName(track) + (overlap === 0 ? '' : ` (overlap ${overlap})`);
    const rank = track.id * LANES_LISTED + overlap;
    const uuid = this.#declare({ parent, name, rank });
    this.#threads.set(lane, uuid);
    return uuid;
  }

  #declare(track: {
    readonly parent: number;
    readonly name: string;
    readonly rank: number;
    readonly pid?: number;
    readonly unit?: string;
  }): number {
    this.#uuid += 1;
    this.#packets.track({ uuid: this.#uuid, ...track });
    return this.#uuid;
  }

  /** A request's own number where it comes to another track, else 0. */
  #flowOf({ id, request }: DecodedEvent, lane: number): number {
    if (request === null) return 0;
    let flow = this.#flows.get(request);
    const moves = flow?.lane !== lane;
    if (flow === undefined) {
      const lastEvent = lastEventOf(this.#store, request);
      if (lastEvent === null) return 0;
      this.#flows.set(request, (flow = { lane, lastEvent }));
    }
    flow.lane = lane;
    if (id >= flow.lastEvent) this.#flows.delete(request);
    return moves ? request : 0;
  }

  /** What an event holds, by name; a recorded field that has the name of a column is prefixed. */
  #annotationsOf(event: DecodedEvent): Annotation[] {
    const { id, kind, ts, dur, request, frame, bytes, n, status, arg, details } = event;
    const annotations: Annotation[] = [];
    const add = (name: string, value: number | bigint | string | null, address = false) => {
      if (value !== null) annotations.push({ name: this.#annotations.get(name), value, address });
    };
    add('event', id);
    add('ts_ps', this.#times.ps(ts));
    if (dur > 0) add('dur_ps', this.#times.ps(dur));
    add('request', request);
    add('bytes', bytes);
    add('n', n);
    add('status', status);
    add(labelOf(kind.frame, 'frame'), whole(frame), true);
    add(labelOf(kind.arg, 'arg'), whole(arg));
    const columns = columnNames(kind);
    for (const [name, value] of Object.entries(details ?? {})) {
      add(exportedName(name, columns), value);
    }
    return annotations;
  }

  #freshNames(): FreshNames | null {
    const [categories, events] = [this.#categories.takeFresh(), this.#events.takeFresh()];
    const annotations = this.#annotations.takeFresh();
    if (categories.length + events.length + annotations.length === 0) return null;
    return { categories, events, annotations };
  }
}

function whole(value: Wide): number | bigint | null {
  return typeof value === 'string' ? BigInt(value) : value;
}

/** Numbers for names that come again. */
class Names {
  readonly #names = new Map<string, Name>();
  #fresh: Name[] = [];

  get(text: string): Name {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#names.size === MAX_NAMES || text.length > MAX_NAME_CHARS) return { text, iid: 0 };
    const name = { text, iid: this.#names.size + 1 };
    this.#names.set(text, name);
    this.#fresh.push(name);
    return name;
  }

  /** Names that no packet has yet. */
  takeFresh(): Name[] {
    if (this.#fresh.length === 0) return this.#fresh;
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }
}
