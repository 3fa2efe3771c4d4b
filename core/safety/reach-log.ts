/**
 * Who reached which frame from when to when, and when it was needed, for those who record a run. The
 * oracle says what holds; this makes intervals of it.
 */
import type { Engine } from '../engine/engine.ts';
import { NONE, type MemorySink, type ReachRecord } from '../engine/recording.ts';

type Actor = ReachRecord['actor'];

interface Open {
  readonly opened: number;
  stale: number;
  write: boolean;
}

interface Needed {
  frame: number;
  frames: number;
  readonly opened: number;
  readonly closed: number;
}

export class ReachLog {
  readonly #engine: Engine;
  readonly #sink: MemorySink;
  readonly #reach = { backend: new Map<number, Open>(), device: new Map<number, Open>() };
  readonly #needs = new Map<number, number>();
  /** The newest need that has ended; the next frame's may be part of it. */
  #ended: Needed | null = null;

  constructor(engine: Engine, sink: MemorySink) {
    this.#engine = engine;
    this.#sink = sink;
  }

  /** A range is reached for the whole run. */
  standing(actor: Actor, frame: number, frames: number, note: string): void {
    this.#sink.standing({ actor, frame, frames, note });
  }

  /** A mapping leads there. */
  mapped(actor: Actor, frame: number, write: boolean): void {
    const open = this.#reach[actor].get(frame);
    if (open !== undefined && open.stale === NONE) {
      open.write ||= write;
      return;
    }
    if (open !== undefined) this.#report(actor, frame, open, this.#engine.now);
    this.#reach[actor].set(frame, { opened: this.#engine.now, stale: NONE, write });
  }

  /** Only a cached translation leads there. */
  stale(actor: Actor, frame: number): void {
    const open = this.#reach[actor].get(frame);
    if (open !== undefined && open.stale === NONE) open.stale = this.#engine.now;
  }

  /** Nothing leads there any more. */
  gone(actor: Actor, frame: number): void {
    const open = this.#reach[actor].get(frame);
    if (open === undefined) return;
    this.#reach[actor].delete(frame);
    this.#report(actor, frame, open, this.#engine.now);
  }

  /** A request in flight needs the frame, or none does any more. */
  need(frame: number, isNeeded: boolean): void {
    if (isNeeded) {
      if (!this.#needs.has(frame)) this.#needs.set(frame, this.#engine.now);
      return;
    }
    const opened = this.#needs.get(frame);
    if (opened === undefined) return;
    this.#needs.delete(frame);
    if (opened === this.#engine.now) return;
    const last = this.#ended;
    const follows =
      last !== null &&
      last.frame + last.frames === frame &&
      last.opened === opened &&
      last.closed === this.#engine.now;
    if (follows) {
      last.frames += 1;
      return;
    }
    this.#flush();
    this.#ended = { frame, frames: 1, opened, closed: this.#engine.now };
  }

  /** Reports what is open at the end of the run. */
  finish(): void {
    this.#flush();
    for (const actor of ['backend', 'device'] as const) {
      for (const [frame, open] of this.#reach[actor]) this.#report(actor, frame, open, NONE);
    }
    for (const [frame, opened] of this.#needs) {
      this.#sink.need({ frame, frames: 1, opened, closed: NONE });
    }
  }

  #flush(): void {
    if (this.#ended !== null) this.#sink.need(this.#ended);
    this.#ended = null;
  }

  #report(actor: Actor, frame: number, { opened, stale, write }: Open, closed: number): void {
    if (opened !== closed) this.#sink.reach({ actor, frame, write, opened, stale, closed });
  }
}
