/** What a part of a trace is a part of, in words. */
import type { TracePart } from '../../core/contract/index.ts';
import { clock, fixed, plural } from '../../core/figures/numbers.ts';

/** What was kept: `44 752 events: 1.2 ms to 1.4 ms, requests #3 to #9, 2 tracks`. */
export function partText(part: TracePart, tickPs: number, lastTick: number): string {
  const at = (tick: number) => {
    const { text, unit } = clock(tick * tickPs, lastTick * tickPs, tickPs);
    return `${text} ${unit}`;
  };
  const { from, to, requests, tracks } = part;
  const kept = [
    ...(from === null && to === null
      ? []
      : [`${from === null ? 'the beginning' : at(from)} to ${to === null ? 'the end' : at(to)}`]),
    ...(requests === null ? [] : [`requests #${fixed(requests[0])} to #${fixed(requests[1])}`]),
    ...(tracks === null ? [] : [plural(tracks, 'track')]),
  ];
  return `part of ${part.of}, which has ${plural(part.events, 'event')}: ${kept.join(', ')}`;
}
