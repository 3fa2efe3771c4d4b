/** Keys of Replay. W, S, A and D act as long as they are held, once per frame. */
import type { Binding } from '../app/keys.svelte.ts';
import type { Replay } from './replay.svelte.ts';

/** Share of the view that a second of panning covers, and how fast zooming is. */
const PAN_PER_SECOND = 1.1;
const ZOOM_PER_SECOND = 3.2;
/** A short press moves at least this long. */
const TAP_MS = 90;

export interface ReplayKeys {
  readonly list: readonly Binding[];
  stop(): void;
}

export function replayKeys(
  replay: Replay,
  pointer: () => number | null,
  panels: { toggleSide: () => void; toggleBottom: () => void },
): ReplayKeys {
  const held = new Map<string, number>();
  let frame = 0;
  let last = 0;

  const anchor = (): number => {
    const { from, to } = replay.view;
    const under = pointer();
    if (under !== null) return under;
    const selected = replay.detail?.event.ts;
    return selected !== undefined && selected > from && selected < to ? selected : (from + to) / 2;
  };
  const step = (now: number) => {
    const seconds = Math.min(0.05, (now - last) / 1000);
    last = now;
    const on = (key: string) => held.has(key);
    const zoom = (on('s') ? 1 : 0) - (on('w') ? 1 : 0);
    const move = (on('d') ? 1 : 0) - (on('a') ? 1 : 0);
    if (zoom !== 0) replay.zoom(Math.exp(zoom * ZOOM_PER_SECOND * seconds), anchor());
    if (move !== 0) {
      replay.pan(move * PAN_PER_SECOND * seconds * (replay.view.to - replay.view.from));
    }
    for (const [key, until] of held) if (now > until) held.delete(key);
    frame = held.size === 0 ? 0 : requestAnimationFrame(step);
  };
  const press = (key: string) => {
    held.set(key, Infinity);
    if (frame !== 0) return;
    last = performance.now();
    frame = requestAnimationFrame(step);
  };
  const hold = (key: string, label: string): Binding => {
    let since = 0;
    return {
      key,
      label,
      group: 'Timeline',
      run: (event) => {
        if (!event.repeat) since = performance.now();
        press(key);
      },
      release: () => {
        if (held.has(key)) held.set(key, Math.max(performance.now(), since + TAP_MS));
      },
    };
  };
  const one = (
    key: string,
    label: string,
    run: () => void,
    shown?: string,
    group = 'Timeline',
  ): Binding => ({ key, label, group, run, ...(shown === undefined ? {} : { shown }) });

  return {
    list: [
      hold('w', 'zoom in at the pointer'),
      hold('s', 'zoom out'),
      hold('a', 'pan left'),
      hold('d', 'pan right'),
      one('f', 'fit event, request, whole run', () => replay.fit()),
      one('home', 'whole run', () => replay.fitAll(), 'Home'),
      one('.', 'next event on the track', () => void replay.stepEvent(1), undefined, 'Selection'),
      one(',', 'previous event', () => void replay.stepEvent(-1), undefined, 'Selection'),
      one(']', 'next request', () => void replay.stepRequest(1), undefined, 'Selection'),
      one('[', 'previous request', () => void replay.stepRequest(-1), undefined, 'Selection'),
      one('escape', 'clear the selection', () => replay.clear(), 'Esc', 'Selection'),
      one('\\', 'side panel', panels.toggleSide, undefined, 'Panels'),
      one('`', 'lower panel', panels.toggleBottom, undefined, 'Panels'),
    ],
    stop() {
      cancelAnimationFrame(frame);
      held.clear();
    },
  };
}
