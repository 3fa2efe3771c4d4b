/** Who reaches which frames at a moment. */
import { K } from '../../core/contract/kinds.ts';
import { MAX_REACH_RANGES, REACHES, type ReachState } from '../../core/contract/methods/index.ts';
import type { LiveGroup } from '../state/live.ts';
import type { Made } from './state.ts';
import type { TraceStore } from './store.ts';

const PAGE = 4096n;
const MAPPED = REACHES.indexOf('mapped');
const STALE = REACHES.indexOf('stale');

/**
 * From the entries that stand: a file that says nothing else.
 */
export function readReach(
  _store: TraceStore,
  _ts: number,
  groups: ReadonlyMap<LiveGroup, readonly Made[]>,
  only: { readonly first: number; readonly frames: number } | undefined,
): ReachState {
  const actors = ['backend', 'device'];
  const found: { actor: number; frame: number; frames: number; how: number }[] = [];
  for (const [group, entries] of groups) {
    if (group !== 'maps' && group !== 'iommu') continue;
    for (const { entry } of entries) {
      if (entry.frame === null) continue;
      const isRecorded = entry.kind >= 150;
      const forDevice = group === 'iommu' || entry.kind === K.grantLightMap;
      found.push({
        actor: forDevice ? 1 : 0,
        frame: Number(isRecorded ? BigInt(entry.frame) / PAGE : BigInt(entry.frame)),
        frames: isRecorded ? Math.max(1, Math.ceil((entry.bytes ?? 0) / 4096)) : (entry.n ?? 1),
        how: entry.live ? MAPPED : STALE,
      });
    }
  }
  const end = only === undefined ? Infinity : only.first + only.frames;
  const inside = found
    .filter((each) => each.frame + each.frames > (only?.first ?? 0) && each.frame < end)
    .sort((a, b) => a.actor - b.actor || a.frame - b.frame);
  const kept = inside.slice(0, MAX_REACH_RANGES);
  return {
    guests: [],
    actors,
    actor: kept.map((each) => each.actor),
    frame: kept.map((each) => each.frame),
    frames: kept.map((each) => each.frames),
    how: kept.map((each) => each.how),
    write: kept.map(() => 2),
    truncated: kept.length < inside.length,
  };
}
