/** What every importer makes of its input. */
import type { Payload } from './payload/index.ts';

/** Where an event was recorded. */
export interface Place {
  /** Part of the file with a clock of its own, from 1. */
  readonly segment: number;
  /** CPU of the recorded machine; null where the recording does not say. */
  readonly cpu: number | null;
}

/** What tells which events belong together, see `pairs.ts`; those of its details that it has. */
export interface Facts {
  readonly name?: string;
  readonly pid?: string;
  readonly vcpu?: string;
  /** Of a DMA mapping. */
  readonly device?: string;
  readonly phys_addrs?: string;
  /** Of a block request. */
  readonly dev?: string;
}

/** One event, with all that the recording says of it. */
export interface RecordedEvent {
  readonly place: Place;
  /**
   * Seconds of the recorded clock and nanoseconds in them; null where the recording gives no time:
   * the event then follows the one before it.
   */
  readonly time: { readonly sec: bigint; readonly ns: number } | null;
  readonly payload: Payload;
  /**
   * Nanoseconds it took, where the recording says so; null for an event whose end is a record of its
   * own, see `complete`. Left out where durations are not said: events are then paired.
   */
  readonly dur?: number | null;
  /** Number of the request that it belongs to, where the recording says so. */
  readonly request?: number;
  /**
   * For `details`: name, comm, pid, flags and the message's own fields. As an object, or as the JSON
   * of one without its last brace, quicker to make; then `facts` has what is asked of it.
   */
  readonly details: Readonly<Record<string, string>> | string;
  readonly facts?: Facts | undefined;
  /** Line in the source, from 1, and its text; of a source without lines, the record. */
  readonly line: number;
  readonly text: string;
}

/** What the end of an event adds to it. */
export interface EventEnd {
  /** Nanoseconds from the event's start. */
  readonly dur: number;
  /** Further fields, if any; they take the place of earlier ones of the same name. */
  readonly details: Readonly<Record<string, string>> | null;
  /** A further piece of source; empty when there is none. */
  readonly text: string;
}

export interface TrackNames {
  readonly actor: string;
  readonly track: string;
  /** What tells it from others of its name. */
  readonly detail?: string;
}

export interface CounterSample {
  readonly counter: string;
  readonly unit: string;
  readonly time: { readonly sec: bigint; readonly ns: number };
  readonly value: number;
}

/** Takes the events of an importer, in the order of its input. */
export interface RecordedSink {
  /** Gives a number by which `complete` knows it; null when it cannot be kept, after a warning. */
  event(event: RecordedEvent): number | null;
  /** An event's end, when it comes in a line or record of its own. Once for an event at most. */
  complete(event: number, end: EventEnd): void;
  /** What to call the track of a place, and the actor of its segment. */
  name(place: Place, names: TrackNames): void;
  /** A counter has a value from a time on; seconds and nanoseconds as of an event. */
  sample?(sample: CounterSample): void;
  /** A line that could not be read, or that does not add up. */
  warn(line: number, reason: string, text: string): void;
}
