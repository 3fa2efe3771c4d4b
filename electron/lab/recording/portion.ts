/** What a run says, in a form that another thread takes without copying number by number. */
import type { ActorId } from '../../../core/contract/ids.ts';
import type { Exposure } from '../../../core/contract/result.ts';
import type {
  ActorRecord,
  CounterRecord,
  EventChunk,
  GuestMemory,
  HazardRecord,
  MemorySink,
  ReachRecord,
  RequestRecord,
  TraceSink,
  TrackRecord,
} from '../../../core/engine/recording.ts';

/** What is said seldom, or holds more than numbers. */
type Call =
  | readonly ['begin', readonly ActorRecord[], readonly TrackRecord[], readonly CounterRecord[]]
  | readonly ['guest', GuestMemory]
  | readonly ['standing', Parameters<MemorySink['standing']>[0]]
  | readonly ['hazard', HazardRecord]
  | readonly ['exposure', ActorId, Exposure];

/** Part of a run: plain data. Records are numbers one after another, in the order of their fields. */
export interface Portion {
  readonly calls: readonly Call[];
  readonly chunk: EventChunk | null;
  readonly requests: Float64Array<ArrayBuffer>;
  readonly samples: Float64Array<ArrayBuffer>;
  readonly reach: Float64Array<ArrayBuffer>;
  readonly needs: Float64Array<ArrayBuffer>;
}

const REQUEST = 6;
const SAMPLE = 3;
const REACH = 6;
const NEED = 4;
const REACHERS: readonly ReachRecord['actor'][] = ['backend', 'device'];

/** Columns of a chunk that are numbers of any size. */
const WIDE = ['ts', 'dur', 'request', 'frame', 'bytes', 'n', 'status', 'arg'] as const;

/** Gathers what a run says. A chunk of events, the bulk of it, completes a portion. */
export class Gatherer implements TraceSink {
  readonly #give: (portion: Portion, transfer: ArrayBuffer[]) => void;
  #calls: Call[] = [];
  readonly #requests = new Numbers();
  readonly #samples = new Numbers();
  readonly #reach = new Numbers();
  readonly #needs = new Numbers();

  /** @param give called with each portion, and with what of it may be handed over for good */
  constructor(give: (portion: Portion, transfer: ArrayBuffer[]) => void) {
    this.#give = give;
  }

  begin(
    actors: readonly ActorRecord[],
    tracks: readonly TrackRecord[],
    counters: readonly CounterRecord[],
  ): void {
    this.#calls.push(['begin', actors, tracks, counters]);
  }

  events(chunk: EventChunk): void {
    this.#complete(copyOf(chunk));
  }

  request(record: RequestRecord): void {
    const { id, submitted, completed, bytes, firstEvent, lastEvent } = record;
    this.#requests.add(id, submitted, completed, bytes, firstEvent, lastEvent);
  }

  hazard(record: HazardRecord): void {
    this.#calls.push(['hazard', record]);
  }

  sample(counter: number, ts: number, value: number): void {
    this.#samples.add(counter, ts, value);
  }

  exposure(actor: ActorId, exposure: Exposure): void {
    this.#calls.push(['exposure', actor, exposure]);
  }

  readonly memory: MemorySink = {
    guest: (memory) => this.#calls.push(['guest', memory]),
    standing: (range) => this.#calls.push(['standing', range]),
    reach: ({ actor, frame, write, opened, stale, closed }) => {
      this.#reach.add(REACHERS.indexOf(actor), frame, write ? 1 : 0, opened, stale, closed);
    },
    need: ({ frame, frames, opened, closed }) => this.#needs.add(frame, frames, opened, closed),
  };

  /** Gives what is left. */
  flush(): void {
    this.#complete(null);
  }

  #complete(chunk: EventChunk | null): void {
    const portion: Portion = {
      calls: this.#calls,
      chunk,
      requests: this.#requests.take(),
      samples: this.#samples.take(),
      reach: this.#reach.take(),
      needs: this.#needs.take(),
    };
    this.#calls = [];
    const { requests, samples, reach, needs } = portion;
    const buffers = [requests, samples, reach, needs].map(({ buffer }) => buffer);
    if (chunk !== null) {
      const { ts, kind, track, level } = chunk;
      for (const { buffer } of [ts, kind, track, level]) buffers.push(buffer as ArrayBuffer);
    }
    this.#give(portion, buffers);
  }
}

/** Says to `sink` what a portion holds. */
export function replay(portion: Portion, sink: TraceSink): void {
  for (const call of portion.calls) say(call, sink);
  const { requests, samples, reach, needs } = portion;
  const number = (from: Float64Array, at: number) => from[at] as number;
  for (let at = 0; at < requests.length; at += REQUEST) {
    sink.request({
      id: number(requests, at),
      submitted: number(requests, at + 1),
      completed: number(requests, at + 2),
      bytes: number(requests, at + 3),
      firstEvent: number(requests, at + 4),
      lastEvent: number(requests, at + 5),
    });
  }
  for (let at = 0; at < samples.length; at += SAMPLE) {
    sink.sample(number(samples, at), number(samples, at + 1), number(samples, at + 2));
  }
  for (let at = 0; at < reach.length; at += REACH) {
    sink.memory?.reach({
      actor: REACHERS[number(reach, at)] as ReachRecord['actor'],
      frame: number(reach, at + 1),
      write: number(reach, at + 2) === 1,
      opened: number(reach, at + 3),
      stale: number(reach, at + 4),
      closed: number(reach, at + 5),
    });
  }
  for (let at = 0; at < needs.length; at += NEED) {
    sink.memory?.need({
      frame: number(needs, at),
      frames: number(needs, at + 1),
      opened: number(needs, at + 2),
      closed: number(needs, at + 3),
    });
  }
  // As in the run: what was said of its events is committed with them.
  if (portion.chunk !== null) sink.events(portion.chunk);
}

function say(call: Call, sink: TraceSink): void {
  switch (call[0]) {
    case 'begin':
      return sink.begin(call[1], call[2], call[3]);
    case 'guest':
      return sink.memory?.guest(call[1]);
    case 'standing':
      return sink.memory?.standing(call[1]);
    case 'hazard':
      return sink.hazard(call[1]);
    case 'exposure':
      return sink.exposure(call[1], call[2]);
  }
}

/** The engine uses the arrays of a chunk again. */
function copyOf(chunk: EventChunk): EventChunk {
  const { firstId, count } = chunk;
  const all = new Float64Array(WIDE.length * count);
  const wide = WIDE.map((name, i) => {
    const column = all.subarray(i * count, (i + 1) * count);
    column.set(chunk[name].subarray(0, count));
    return [name, column] as const;
  });
  return {
    firstId,
    count,
    kind: chunk.kind.slice(0, count),
    track: chunk.track.slice(0, count),
    level: chunk.level.slice(0, count),
    ...(Object.fromEntries(wide) as Pick<EventChunk, (typeof WIDE)[number]>),
  };
}

/** Numbers that become an array now and then. */
class Numbers {
  #values = new Float64Array(1024);
  #count = 0;

  add(...numbers: readonly number[]): void {
    if (this.#count + numbers.length > this.#values.length) {
      const grown = new Float64Array(2 * this.#values.length);
      grown.set(this.#values);
      this.#values = grown;
    }
    for (const number of numbers) this.#values[this.#count++] = number;
  }

  take(): Float64Array<ArrayBuffer> {
    const taken = this.#values.slice(0, this.#count);
    this.#count = 0;
    return taken;
  }
}
