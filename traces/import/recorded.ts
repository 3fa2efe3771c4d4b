/** What every importer makes of its input. */
import type { Payload } from './payload/index.ts';

/** Where an event was recorded. */
export interface Place {
  /** Part of the file with a clock of its own, from 1. */
  readonly segment: number;
  /** CPU of the recorded machine; null where the recording does not say. */
  readonly cpu: number | null;
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
  /** Who did it, in a form that tells threads apart; null where that is unknown. */
  readonly thread: string | null;
  /** For `details`: name, comm, pid, flags and the message's own fields. */
  readonly details: Readonly<Record<string, string>>;
  /** Line in the source, and its text. */
  readonly line: number;
  readonly text: string;
}

/** Takes the events of an importer, in the order of its input. */
export interface RecordedSink {
  event(event: RecordedEvent): void;
  /** A line that could not be read, or that does not add up. */
  warn(line: number, reason: string, text: string): void;
}
