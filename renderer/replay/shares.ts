/** Where the time of one request went, by category; what nobody worked on is waiting. */
import type { Category, EventRow } from '../../core/contract/index.ts';

export interface Share {
  readonly category: Category;
  readonly ticks: number;
}

/**
 * Attributes each instant between `from` and `to` to the innermost event that covers it. Work that
 * overlaps on several tracks counts once, for the event that began last.
 */
export function sharesOf(
  events: readonly EventRow[],
  from: number,
  to: number,
  categoryOf: (kind: number) => Category,
): readonly Share[] {
  const edges = new Set<number>([from, to]);
  const spans = events.filter(
    (event) => event.dur > 0 && event.ts < to && event.ts + event.dur > from,
  );
  for (const event of spans) {
    edges.add(Math.max(from, event.ts));
    edges.add(Math.min(to, event.ts + event.dur));
  }
  const times = [...edges].sort((a, b) => a - b);
  const sums = new Map<Category, number>();
  let open: EventRow[] = [];
  let next = 0;
  const sorted = [...spans].sort((a, b) => a.ts - b.ts);
  for (let i = 0; i + 1 < times.length; i += 1) {
    const start = times[i] ?? 0;
    const length = (times[i + 1] ?? 0) - start;
    open = open.filter((event) => event.ts + event.dur > start);
    while (next < sorted.length && (sorted[next]?.ts ?? Infinity) <= start) {
      const event = sorted[next];
      if (event !== undefined) open.push(event);
      next += 1;
    }
    const inner = open.reduce<EventRow | undefined>(
      (best, event) => (best === undefined || event.ts >= best.ts ? event : best),
      undefined,
    );
    const category = inner === undefined ? 'wait' : categoryOf(inner.kind);
    sums.set(category, (sums.get(category) ?? 0) + length);
  }
  return [...sums]
    .map(([category, ticks]) => ({ category, ticks }))
    .filter((share) => share.ticks > 0)
    .sort((a, b) => b.ticks - a.ticks);
}

/** A line of the waterfall: one event, or many alike in a row. */
export interface WaterfallRow {
  readonly first: EventRow;
  readonly count: number;
  readonly start: number;
  readonly end: number;
  readonly busy: number;
  /** Nobody works on the request: from the end of the last event to the start of this one. */
  readonly waitBefore: number;
}

/** Joins runs of alike events on one track, so that eleven DMA reads take one line. */
export function waterfallOf(
  events: readonly EventRow[],
  submitted: number,
): readonly WaterfallRow[] {
  const rows: WaterfallRow[] = [];
  let reach = submitted;
  for (const event of events) {
    const end = event.ts + event.dur;
    const last = rows.at(-1);
    if (
      last !== undefined &&
      last.first.kind === event.kind &&
      last.first.track === event.track &&
      last.first.level === event.level
    ) {
      rows[rows.length - 1] = {
        ...last,
        count: last.count + 1,
        end: Math.max(last.end, end),
        busy: last.busy + event.dur,
      };
    } else {
      const waitBefore = Math.max(0, event.ts - reach);
      rows.push({ first: event, count: 1, start: event.ts, end, busy: event.dur, waitBefore });
    }
    reach = Math.max(reach, end);
  }
  return rows;
}
