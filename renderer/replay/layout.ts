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
  /** Distance of the first level from the top of the row. */
  readonly top: number;
  /** The label's two parts stand on one line. */
  readonly inline: boolean;
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
    // A long label takes a second line, so that it can be read.
    const long = track.name.length + track.detail.length > 17;
    const height = Math.max(long ? 40 : 26, levels * LEVEL_PITCH + 2 * PADDING);
    const top = levels === 1 ? (height - SPAN_HEIGHT) / 2 : PADDING;
    const row = { kind: 'track', track, y, top, height, levels, inline: !long } as const;
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

/** Does a counter tell a share in percent, of which 100 is all? */
export function isRate({ unit }: Pick<CounterInfo, 'unit'>): boolean {
  return unit.startsWith('%');
}

/** What a counter's track reaches up to. */
export function topOf(counter: CounterInfo): number {
  return isRate(counter) ? 100 : Math.max(1, counter.max ?? 1);
}

/** Top of a span, inside the scrolled tracks. */
export function spanTop(row: TrackRow, depth: number): number {
  return row.y + row.top + Math.min(depth, row.levels - 1) * LEVEL_PITCH;
}

/** The track and level at a height, or null between them. */
export function levelAt(
  layout: Layout,
  y: number,
): { readonly row: number; readonly depth: number } | null {
  const row = layout.tracks.findIndex((each) => y >= each.y && y < each.y + each.height);
  const track = layout.tracks[row];
  if (track === undefined) return null;
  const depth = Math.floor((y - track.y - track.top) / LEVEL_PITCH);
  return depth < 0 || depth >= track.levels ? null : { row, depth };
}
