/**
 * What a run hands to whoever records it. The simulator fills chunks of columns; a sink (the trace
 * writer, a test) must be done with a chunk when its method returns, for the arrays are used again.
 *
 * Events arrive in id order; ids are dense from 1 and times never go back. All numbers are integers
 * below 2^53. A column holds `NONE` where the file holds NULL.
 */
import type { ActorId, HazardId } from '../contract/ids.ts';
import type { Exposure } from '../contract/result.ts';

/** Stands for NULL in a column. */
export const NONE = -Number.MAX_SAFE_INTEGER;

/** Columns of `count` finished events; ids are `firstId`, `firstId + 1`, ... */
export interface EventChunk {
  readonly firstId: number;
  readonly count: number;
  /** Start, ticks. */
  readonly ts: Float64Array;
  /** Duration, ticks; 0 for an instant. */
  readonly dur: Float64Array;
  readonly kind: Uint8Array;
  readonly track: Uint16Array;
  /** Nesting depth on the track, 0 outermost. */
  readonly level: Uint8Array;
  /** Request number or NONE. */
  readonly request: Float64Array;
  readonly frame: Float64Array;
  readonly bytes: Float64Array;
  readonly n: Float64Array;
  readonly status: Float64Array;
  readonly arg: Float64Array;
}

/** A request when it completes; a run that ends early reports the open ones with NONE. */
export interface RequestRecord {
  readonly id: number;
  /** Ticks. */
  readonly submitted: number;
  /** Ticks, or NONE. */
  readonly completed: number;
  readonly bytes: number;
  /** Ids of its first and last event. */
  readonly firstEvent: number;
  readonly lastEvent: number;
}

/** One occurrence of a hazard, reported when it closes or at the end of the run. */
export interface HazardRecord {
  readonly id: number;
  readonly code: HazardId;
  readonly actor: ActorId;
  /** First mfn and number of frames. */
  readonly frame: number;
  readonly frames: number;
  /** Ticks. */
  readonly opened: number;
  /** Ticks, or NONE when it was open at the end. */
  readonly closed: number;
  /** Request or NONE. */
  readonly request: number;
  /** Event ids that led there, oldest first. */
  readonly causes: readonly number[];
  readonly note: string;
}

export interface ActorRecord {
  readonly id: number;
  readonly name: string;
  readonly role: ActorId | 'oracle' | 'recorded';
}

export interface TrackRecord {
  readonly id: number;
  /** Row of the actor. */
  readonly actor: number;
  readonly name: string;
  readonly detail: string;
}

export interface CounterRecord {
  readonly id: number;
  readonly name: string;
  /** `pages`, `slots`, `KiB`, ... */
  readonly unit: string;
}

/** Memory of one guest. */
export interface GuestMemory {
  readonly id: number;
  readonly name: string;
  /** First mfn and number of frames. */
  readonly frame: number;
  readonly frames: number;
  /** gfn of the first. */
  readonly gfn: number;
}

/** One time during which an actor could reach a frame of a guest. */
export interface ReachRecord {
  readonly actor: 'backend' | 'device';
  /** mfn. */
  readonly frame: number;
  readonly write: boolean;
  /** Ticks. */
  readonly opened: number;
  /** From then on only a cached translation led there; NONE when none did. */
  readonly stale: number;
  /** NONE when it was open at the end of the run. */
  readonly closed: number;
}

/** One time during which requests in flight needed frames. */
export interface NeedRecord {
  /** First mfn and number of frames. */
  readonly frame: number;
  readonly frames: number;
  /** Ticks; `closed` is NONE when it was open at the end of the run. */
  readonly opened: number;
  readonly closed: number;
}

/**
 * Takes what the oracle knows of guests' memory. Reach and needs come when they end, so in the order in
 * which they do, and those still open last.
 */
export interface MemorySink {
  guest(memory: GuestMemory): void;
  /** A range that an actor reaches for the whole run. */
  standing(range: {
    readonly actor: ReachRecord['actor'];
    readonly frame: number;
    readonly frames: number;
    readonly note: string;
  }): void;
  reach(record: ReachRecord): void;
  need(record: NeedRecord): void;
}

/** Consumer of a run. Calls come in this order: `begin`, any of the others, `end`. */
export interface TraceSink {
  begin(
    actors: readonly ActorRecord[],
    tracks: readonly TrackRecord[],
    counters: readonly CounterRecord[],
  ): void;
  events(chunk: EventChunk): void;
  request(record: RequestRecord): void;
  hazard(record: HazardRecord): void;
  /** A counter has this value from `ts` on. Times never go back within a counter. */
  sample(counter: number, ts: number, value: number): void;
  exposure(actor: ActorId, exposure: Exposure): void;
  /** Left out by those who do not care. */
  readonly memory?: MemorySink;
}
