/** Search, and pages of filtered events. */
import * as v from 'valibot';
import type { EventRow } from './trace.ts';
import { count, id, method, row } from './method.ts';

/** Looked through by one call at most; then it says where it got to. */
export const MAX_FIND_EVENTS = 500_000;

const FRAME = /^(0[xX][0-9a-fA-F]{1,16}|\d{1,20})$/;

/** One step of a search. */
export interface Found {
  /** In the direction of the search. */
  readonly events: readonly EventRow[];
  /** Where to go on: `from` of the next call. Null when there is nothing more. */
  readonly next: number | null;
  /** Events that this call looked through. */
  readonly scanned: number;
}

export const FIND_METHODS = {
  /**
   * Events that meet every condition given, from one event on. A call ends with `limit` events or after
   * a bounded part of the trace, whichever comes first: it may find nothing and still have a `next`.
   */
  'trace.find': method<Found>()(
    v.strictObject({
      trace: id,
      /** First event to look at; 0 means the first of all, or backwards the last. */
      from: row,
      direction: v.optional(v.picklist(['forward', 'backward']), 'forward'),
      limit: count(1000),
      /**
       * Part of the event's name, of a recorded event's fields, or of its line. Case does not matter.
       */
      text: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
      kinds: v.optional(v.pipe(v.array(row), v.maxLength(256))),
      tracks: v.optional(v.pipe(v.array(row), v.maxLength(4096))),
      request: v.optional(row),
      /** Decimal or 0x hexadecimal, in the column `frame`. */
      frame: v.optional(v.pipe(v.string(), v.regex(FRAME))),
      /**
       * Events about this machine frame, whichever name they have for it: its mfn, its gfn in its guest,
       * or a device frame number that leads to it at that time. Of a recording: a page of a physical
       * address, or of an iova that leads there. Decimal or 0x hexadecimal.
       */
      about: v.optional(v.pipe(v.string(), v.regex(FRAME))),
      /** Only events that failed. */
      failed: v.optional(v.boolean(), false),
      /** At least so long, ticks. */
      minDur: v.optional(row),
    }),
  ),
} as const;
