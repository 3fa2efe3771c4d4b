/** Where each track is drawn. */
import type { CounterInfo, TrackInfo } from '../../core/contract/index.ts';

export const LEVEL_PITCH = 18;
export const SPAN_HEIGHT = 16;
export const PADDING = 4;
export const COUNTER_HEIGHT = 45;
export const GUTTER = 152;
export const RULER_HEIGHT = 24;
export const LANE_HEIGHT = 24;
/** Levels beyond this share the last line. */
export const MAX_LEVELS = 8;

export interface TrackRow {
  readonly kind: 'track';
  readonly track: TrackInfo;
  readonly y: number;
  readonly height: number;
  readonly levels: number;
}

export interface CounterRow {
  readonly kind: 'counter';
  readonly counter: CounterInfo;
  readonly y: number;
  readonly height: number;
}

export interface Layout {
  readonly tracks: readonly TrackRow[];
  readonly counters: readonly CounterRow[];
  readonly height: number;
}

export function layoutOf(tracks: readonly TrackInfo[], counters: readonly CounterInfo[]): Layout {
  let y = 0;
  const trackRows = tracks.map((track): TrackRow => {
    const levels = Math.max(1, Math.min(MAX_LEVELS, track.levels));
    const height = Math.max(26, levels * LEVEL_PITCH + 2 * PADDING);
    const row = { kind: 'track', track, y, height, levels } as const;
    y += height;
    return row;
  });
  const counterRows = counters.map((counter): CounterRow => {
    const row = { kind: 'counter', counter, y, height: COUNTER_HEIGHT } as const;
    y += COUNTER_HEIGHT;
    return row;
  });
  return { tracks: trackRows, counters: counterRows, height: y };
}

/** Top of a span, inside the scrolled tracks. */
export function spanTop(row: TrackRow, depth: number): number {
  return row.y + PADDING + Math.min(depth, row.levels - 1) * LEVEL_PITCH;
}

/** The track and level at a height, or null between them. */
export function levelAt(
  layout: Layout,
  y: number,
): { readonly row: number; readonly depth: number } | null {
  const row = layout.tracks.findIndex((each) => y >= each.y && y < each.y + each.height);
  const track = layout.tracks[row];
  if (track === undefined) return null;
  const depth = Math.floor((y - track.y - PADDING) / LEVEL_PITCH);
  return depth < 0 || depth >= track.levels ? null : { row, depth };
}
