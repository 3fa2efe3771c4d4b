/** What is asked of the lab when a trace is opened, and how its windows are fetched later. */
import {
  CATEGORIES,
  type EventRow,
  type HazardRow,
  type TraceInfo,
  type TrackInfo,
} from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';
import type { CounterSamples, CounterWindow } from './draw-counters.ts';
import { isRate } from './layout.ts';
import { overviewOf, type OverviewColumns } from './draw-overview.ts';
import { clamp, wholeOf, type Bounds, type Viewport } from './viewport.ts';
import { WindowCache, type EventWindows } from './window-cache.ts';
import { prepare, type KindTable, type WindowData } from './window-data.ts';

const MAX_EVENTS = 16_000;
const MAX_HAZARDS = 10_000;
const OVERVIEW_COLUMNS = 560;

/** A trace as it was opened. */
export interface Opened {
  readonly info: TraceInfo;
  readonly hazards: readonly HazardRow[];
  readonly overview: OverviewColumns;
  readonly table: KindTable;
  /** Where to begin: a few hundred events in the middle of the run. */
  readonly view: Viewport;
}

export async function openTrace(lab: Lab, trace: string): Promise<Opened> {
  const opened = await lab.call('trace.open', { trace });
  const info = shownParts(opened);
  const middle = Math.max(1, Math.floor(info.events / 2) - 90);
  const [whole, sample, hazards] = await Promise.all([
    lab.call('trace.window', {
      trace,
      from: info.firstTick,
      to: info.lastTick,
      buckets: OVERVIEW_COLUMNS,
      maxEvents: 1,
    }),
    lab.call('trace.events', { trace, first: middle, limit: 1000 }),
    info.hazardsTotal > 0
      ? lab.call('trace.hazards', { trace, limit: MAX_HAZARDS })
      : Promise.resolve([]),
  ]);
  const table = kindTableOf(info, sample);
  const bounds = { first: info.firstTick, last: info.lastTick };
  return {
    info,
    hazards: [...hazards].sort((a, b) => a.opened - b.opened),
    overview: overviewOf(whole, table.category, bounds, OVERVIEW_COLUMNS),
    table,
    view: firstView(info, sample.slice(0, 180), bounds),
  };
}

/**
 * What is worth a place on the screen: tracks and counters with something in them. The oracle's own
 * track says what the hazard lane shows, and is left to traces with more hazards than that lists.
 */
function shownParts(info: TraceInfo): TraceInfo {
  const isOracle = ({ actor, name }: TrackInfo) => actor === 'oracle' || name === 'Hazards';
  const used = info.tracks.filter((track) => track.events > 0);
  const tracks = used.filter((track) => !isOracle(track));
  if (info.hazardsTotal > MAX_HAZARDS) tracks.push(...used.filter(isOracle));
  // A rate of nothing says much, a ring that nobody uses does not.
  const counters = info.counters.filter(
    (counter) => counter.max !== null && (counter.max > 0 || isRate(counter)),
  );
  return { ...info, tracks, counters };
}

function kindTableOf(info: TraceInfo, sample: readonly EventRow[]): KindTable {
  const rowOfTrack = new Map(info.tracks.map((track, index) => [track.id, index]));
  const usualDepth = new Map<number, number>();
  for (const event of sample) {
    const key = (rowOfTrack.get(event.track) ?? 0) * 1024 + event.kind;
    if (!usualDepth.has(key)) usualDepth.set(key, event.level);
  }
  const category = Object.fromEntries(
    info.kinds.map((kind) => [kind.code, Math.max(0, CATEGORIES.indexOf(kind.category))]),
  );
  return { category, rowOfTrack, usualDepth };
}

function firstView(info: TraceInfo, shown: readonly EventRow[], bounds: Bounds): Viewport {
  const first = shown[0];
  const last = shown.at(-1);
  return info.events > 2000 && first !== undefined && last !== undefined && last.ts > first.ts
    ? clamp({ from: first.ts, to: last.ts + last.dur }, bounds)
    : wholeOf(bounds);
}

/** Twice the pixels: a window may be looked at more closely before the next one is there. */
const bucketsOf = (pixels: number) => Math.min(10_000, Math.round(pixels * 2));

/**
 * Windows of a trace's events, fetched as they are needed.
 *
 * @param pixels width of the timeline at the time of asking
 */
export function eventWindows(
  lab: Lab,
  trace: string,
  table: KindTable,
  pixels: () => number,
  arrived: () => void,
): EventWindows {
  return new WindowCache<WindowData>(async ({ from, to, level }) => {
    const buckets = bucketsOf(pixels());
    const window = await lab.call('trace.window', {
      trace,
      from,
      to,
      buckets,
      maxEvents: MAX_EVENTS,
    });
    return prepare(window, from, to, level, table);
  }, arrived);
}

/** The same for its counters. */
export function counterWindows(
  lab: Lab,
  trace: string,
  pixels: () => number,
  arrived: () => void,
): WindowCache<CounterWindow> {
  return new WindowCache<CounterWindow>(async ({ from, to, level }) => {
    const buckets = bucketsOf(pixels());
    const list = await lab.call('trace.counters', { trace, from, to, buckets });
    const byCounter = new Map(
      list.map((each): [number, CounterSamples] => [
        each.counter,
        {
          ts: Float64Array.from(each.ts),
          min: Float64Array.from(each.min),
          max: Float64Array.from(each.max),
          last: Float64Array.from(each.last),
        },
      ]),
    );
    return { from, to, level, exact: false, byCounter };
  }, arrived);
}
