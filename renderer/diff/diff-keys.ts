/** Keys of the Diff room, while two timelines are shown. */
import type { Binding } from '../app/keys.svelte.ts';
import type { Diff } from './diff.svelte.ts';

/** How far one press goes; held keys repeat. */
const ZOOM = 0.8;
const PAN = 0.12;

/** @param pointer where the pointer is on the axis, or null: zooming goes there */
export function diffKeys(diff: Diff, pointer: () => number | null): readonly Binding[] {
  const span = () => diff.ranges[0].to - diff.ranges[0].from;
  const one = (
    key: string,
    label: string,
    run: () => void,
    group = 'Both timelines',
    shown?: string,
  ): Binding => ({ key, label, group, run, ...(shown === undefined ? {} : { shown }) });
  return [
    one('w', 'zoom in at the pointer', () => diff.zoom(ZOOM, 0, pointer() ?? undefined)),
    one('s', 'zoom out', () => diff.zoom(1 / ZOOM, 0, pointer() ?? undefined)),
    one('a', 'pan left', () => diff.pan(-PAN * span())),
    one('d', 'pan right', () => diff.pan(PAN * span())),
    one('f', 'what is aligned, then both whole', () => diff.fit()),
    one('x', 'swap A and B', () => diff.swap()),
    one('l', 'lock or free the scrolling of B', () => diff.toggleLock()),
    one('t', 'align by time or by request', () => diff.turnAlign()),
    one('z', 'normalise lengths', () => diff.go({ normalise: !diff.view?.normalise, range: null })),
    one('n', 'next difference', () => diff.nextDifference(), 'Differences'),
    one(']', 'next request', () => diff.stepRequest(1), 'Differences'),
    one('[', 'previous request', () => diff.stepRequest(-1), 'Differences'),
    one('escape', 'clear the selection', () => void diff.selectIn(0, null), 'Differences', 'Esc'),
  ];
}
