import type { Io } from './io.ts';
import { number } from './text.ts';

/** What a sweep says of itself. */
interface Progress {
  readonly runs: number;
  readonly done: number;
  readonly refused: number;
  readonly failed: number;
  readonly made: number;
  readonly toMake: number;
}

/** The progress line changes at most so often. */
const SHOW_MS = 100;
/** Lines for a log: one for each twentieth of the work, no closer together than this. */
const LOG_PARTS = 20;
const LOG_MS = 10_000;

/** Shows how far a sweep has come: a line that changes on a terminal, now and then one for a log. */
export class SweepMeter {
  readonly #io: Io;
  readonly #now: () => number;
  readonly #started: number;
  #shown = -Infinity;
  #logged: number;
  #part = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(io: Io, now: () => number) {
    this.#io = io;
    this.#now = now;
    this.#started = now();
    this.#logged = this.#started;
  }

  show(progress: Progress): void {
    const now = this.#now();
    const line = lineOf(progress, now - this.#started);
    const { made, toMake } = progress;
    const part = toMake === 0 ? 0 : Math.floor((LOG_PARTS * made) / toMake);
    if (part > this.#part && now - this.#logged >= LOG_MS) {
      this.#part = part;
      this.#logged = now;
      this.#io.progress('');
      this.#io.err(`${line}\n`);
    }
    if (now - this.#shown < SHOW_MS && made < toMake) return;
    this.#shown = now;
    this.#io.progress(line);
  }
}

/** `37 of 120 runs, 2 refused, 0 failed, 3.4 runs/s, 24 s left` */
export function lineOf(progress: Progress, elapsedMs: number): string {
  const { runs, done, refused, failed, made, toMake } = progress;
  const over = done + refused + failed;
  const parts = [
    `${number(over)} of ${number(runs)} runs`,
    `${number(refused)} refused`,
    `${number(failed)} failed`,
  ];
  if (made > 0 && elapsedMs > 0) {
    const perSecond = (made * 1000) / elapsedMs;
    const leftS = Math.ceil((toMake - made) / perSecond);
    parts.push(`${number(perSecond)} runs/s`, `${leftText(leftS)} left`);
  }
  return parts.join(', ');
}

function leftText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
