/** What the tooltip over the timeline says. */
import { HAZARDS, type HazardId, type HazardRow } from '../../core/contract/index.ts';
import { duration, fixed, plural } from '../../core/figures/numbers.ts';
import type { TipContent } from '../parts/tips.svelte.ts';
import { docOf } from './meaning.ts';
import type { Replay } from './replay.svelte.ts';
import type { WindowData } from './window-data.ts';

export function hazardTip(replay: Replay, hazard: HazardRow): TipContent {
  const open = (hazard.closed ?? replay.bounds.last) - hazard.opened;
  const name = HAZARDS[hazard.code as HazardId]?.name ?? '';
  return {
    title: `${hazard.code} ${name}`.trim(),
    side: hazard.actor,
    lines: [
      `${duration(open * replay.tickPs)}${hazard.closed === null ? ', still open' : ''} · ${plural(hazard.frames, 'frame')}`,
      hazard.note,
    ],
  };
}

/** An event, or a bucket of many, by its place in a window. */
export function entryTip(replay: Replay, data: WindowData, i: number): TipContent {
  const kind = replay.kindOf(data.kind[i] ?? 0);
  const track = replay.layout.tracks[data.row[i] ?? 0]?.track;
  const side = track === undefined ? '' : `${track.name} ${track.detail}`.trim();
  const title = kind?.name ?? '';
  if (!data.exact) {
    const busy = duration((data.busy[i] ?? 0) * replay.tickPs);
    return {
      title,
      side,
      lines: [`${plural(data.n[i] ?? 0, 'event')}, ${busy} in all`, 'zoom in to see each one'],
    };
  }
  const length = data.dur[i] ?? 0;
  const request = data.request[i] ?? 0;
  return {
    title,
    side,
    lines: [
      (length === 0 ? 'instant' : duration(length * replay.tickPs)) +
        (request === 0 ? '' : ` · request #${fixed(request)}`),
      docOf(kind, null),
    ],
  };
}
