/** Keys of Replay. W, S, A and D act as long as they are held, once per frame. */
import type { Binding } from '../app/keys.svelte.ts';
import type { Panels } from './panels.svelte.ts';
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

/** What keys reach outside the store. */
export interface Reached {
  /** Time under the pointer, or null. */
  readonly pointer: () => number | null;
  readonly mark: () => void;
  /** Keys for undo and redo. */
  readonly undo: readonly Binding[];
  readonly find: () => void;
  readonly hazard: (step: 1 | -1) => void;
}

export function replayKeys(replay: Replay, panels: Panels, reached: Reached): ReplayKeys {
  const playback = replay.playback;
  const held = new Map<string, number>();
  let frame = 0;
  let last = 0;

  const anchor = (): number => {
    const { from, to } = replay.view;
    const under = reached.pointer();
    if (under !== null) return under;
    const at = replay.playhead;
    return at > from && at < to ? at : (from + to) / 2;
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

  const range = (key: string, label: string, choose: () => void): Binding =>
    one(
      key,
      label,
      () => {
        choose();
        panels.turnTo('selection');
      },
      key.toUpperCase(),
      'Range',
    );
  const back = (key: string, shown: string, step: 1 | -1): Binding =>
    one(
      key,
      step === -1 ? 'the view before' : 'the view after',
      () => void replay.travel(step),
      shown,
    );

  return {
    list: [
      hold('w', 'zoom in at the pointer'),
      hold('s', 'zoom out'),
      hold('a', 'pan left'),
      hold('d', 'pan right'),
      one('f', 'fit event, request, whole run', () => replay.fit()),
      one('home', 'whole run', () => replay.fitAll(), 'Home'),
      ...reached.undo,
      back('alt+arrowleft', 'Alt ←', -1),
      back('alt+arrowright', 'Alt →', 1),
      one(' ', 'play, pause', () => playback.toggle(), 'Space', 'Play'),
      one('arrowright', 'step forth', () => void playback.step(1), '→', 'Play'),
      one('arrowleft', 'step back', () => void playback.step(-1), '←', 'Play'),
      one('>', 'faster', () => playback.setSpeed(playback.speed + 1), undefined, 'Play'),
      one('<', 'slower', () => playback.setSpeed(playback.speed - 1), undefined, 'Play'),
      one('l', 'loop the range', () => playback.toggleLoop(), undefined, 'Play'),
      one('.', 'next event on the track', () => void replay.stepEvent(1), undefined, 'Selection'),
      one(',', 'previous event', () => void replay.stepEvent(-1), undefined, 'Selection'),
      one(']', 'next request', () => void replay.stepRequest(1), undefined, 'Selection'),
      one('[', 'previous request', () => void replay.stepRequest(-1), undefined, 'Selection'),
      one('escape', 'clear the selection', () => replay.stepOut(), 'Esc', 'Selection'),
      range('r', 'range of the selection, or of the view', () => replay.selectRange()),
      range('i', 'range begins at the playhead', () => replay.setRangeEdge('from')),
      range('o', 'range ends at the playhead', () => replay.setRangeEdge('to')),
      one('m', 'mark at the playhead', reached.mark, 'M', 'Find'),
      one('h', 'next hazard', () => reached.hazard(1), 'H', 'Find'),
      one('g', 'hazard before', () => reached.hazard(-1), 'G', 'Find'),
      one('n', 'next mark', () => replay.marks.step(1), 'N', 'Find'),
      one('b', 'mark before', () => replay.marks.step(-1), 'B', 'Find'),
      one('/', 'find', reached.find, undefined, 'Find'),
      one('\\', 'side panel', () => panels.toggleSide(), undefined, 'Panels'),
      one('`', 'lower panel', () => panels.toggleLower(), undefined, 'Panels'),
    ],
    stop() {
      cancelAnimationFrame(frame);
      held.clear();
    },
  };
}
