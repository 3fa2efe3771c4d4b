/** Plays a trace: moves the playhead through its time. */
import type { Replay } from '../replay.svelte.ts';
import { advance, basePace, followed, NORMAL_SPEED, SPEEDS } from './pace.ts';

/** What the step buttons go by. */
export type StepMode = 'event' | 'request';

export class Playback {
  playing = $state(false);
  speed = $state(NORMAL_SPEED);
  mode = $state<StepMode>('event');
  looping = $state(false);
  /** Picoseconds of the trace in a second at speed 1. */
  basePs = $state(1);
  readonly pacePs = $derived(this.basePs * (SPEEDS[this.speed] ?? 1));
  readonly #replay: Replay;
  #frame = 0;
  #last = 0;

  constructor(replay: Replay) {
    this.#replay = replay;
  }

  /** A trace was opened. */
  opened(viewPs: number): void {
    this.pause();
    this.basePs = basePace(viewPs);
    this.looping = false;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    const replay = this.#replay;
    if (this.playing || replay.phase !== 'ready') return;
    // At the end there is only one way to go.
    if (!this.looping && replay.playhead >= replay.bounds.last) {
      replay.movePlayhead(replay.bounds.first);
    }
    this.playing = true;
    this.#last = performance.now();
    this.#frame = requestAnimationFrame(this.#step);
  }

  pause(): void {
    cancelAnimationFrame(this.#frame);
    this.playing = false;
  }

  setSpeed(index: number): void {
    this.speed = Math.max(0, Math.min(SPEEDS.length - 1, index));
  }

  /** One event or one request on (1) or back (-1). */
  async step(step: 1 | -1): Promise<void> {
    this.pause();
    if (this.mode === 'request') await this.#replay.stepRequest(step);
    else await this.#replay.stepTime(step);
  }

  toggleLoop(): void {
    const replay = this.#replay;
    this.looping = !this.looping;
    // Nothing selected: what is on screen.
    if (this.looping && replay.range === null) replay.range = { ...replay.view };
  }

  readonly #step = (now: number): void => {
    const replay = this.#replay;
    // A window in the background must not leap when it comes back.
    const seconds = Math.min(0.1, (now - this.#last) / 1000);
    this.#last = now;
    const loop = this.looping ? replay.range : null;
    const ticks = (seconds * this.pacePs) / replay.tickPs;
    const { at, ended } = advance(replay.playhead, ticks, loop, replay.bounds);
    replay.playhead = at;
    const view = followed(replay.view, at, replay.bounds);
    if (view !== replay.view) replay.show(view);
    if (ended) this.playing = false;
    else this.#frame = requestAnimationFrame(this.#step);
  };
}
