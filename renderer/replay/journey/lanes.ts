/** Bars of a request's events in lanes, one lane for each track. */
import type { EventRow } from '../../../core/contract/index.ts';
import { waterfallOf } from '../shares.ts';

export const BAR = 13;
const PITCH = 15;
const PADDING = 6;
/** Deeper levels share the last line of a lane. */
const MAX_LINES = 3;

export interface Bar {
  readonly event: EventRow;
  readonly count: number;
  readonly from: number;
  readonly to: number;
  readonly y: number;
}

export interface Lane {
  readonly track: number;
  readonly y: number;
  readonly height: number;
  readonly bars: readonly Bar[];
}

/** Lanes in the order in which the request first comes to them. */
export function lanesOf(events: readonly EventRow[], submitted: number): readonly Lane[] {
  let y = 0;
  return [...Map.groupBy(waterfallOf(events, submitted), (row) => row.first.track)].map(
    ([track, rows]): Lane => {
      const levels = [...new Set(rows.map((row) => row.first.level))].sort((a, b) => a - b);
      const lines = Math.min(MAX_LINES, levels.length);
      const top = y;
      const height = lines * PITCH + PADDING;
      const bars = rows.map((row): Bar => {
        const line = Math.min(lines - 1, levels.indexOf(row.first.level));
        const at = top + PADDING / 2 + line * PITCH;
        return { event: row.first, count: row.count, from: row.start, to: row.end, y: at };
      });
      y += height;
      return { track, y: top, height, bars };
    },
  );
}
