import { BLOCK, type Engine, type Steps } from './engine.ts';
import type { Cpu } from './cpu.ts';
import { K } from '../contract/kinds.ts';
import { NONE } from './recording.ts';
import type { Recorder } from './recorder.ts';

/** Codes of what a CPU spins for, in `arg` of a `spin` event; see FORMAT.md. */
export const LOCK = {
  grantTable: 0,
  maptrack: 1,
  p2m: 2,
  invalidation: 3,
  bounceArea: 4,
  iovaTree: 5,
  copyEngine: 8,
  tlbFlush: 9,
} as const;

/**
 * A queued spinlock: first come, first served, and whoever waits keeps its CPU busy. Handing it over
 * takes longer the more CPUs wait, since each of them fetches the line that the release has written.
 */
export class Lock {
  readonly name: string;
  readonly #code: number;
  readonly #engine: Engine;
  readonly #recorder: Recorder;
  readonly #handoffPs: number;
  readonly #waiters: number[] = [];
  #held = false;
  /** Acquisitions and picoseconds spent spinning, over the whole run. */
  acquisitions = 0;
  waitPs = 0;

  /** @param handoffPs what each waiter adds to the handing over, picoseconds */
  constructor(engine: Engine, recorder: Recorder, code: number, name: string, handoffPs = 0) {
    this.#engine = engine;
    this.#recorder = recorder;
    this.#code = code;
    this.#handoffPs = handoffPs;
    this.name = name;
  }

  /** Takes the lock when nobody holds it. False when somebody does: then it takes `acquire`. */
  take(): boolean {
    if (this.#held) return false;
    this.#held = true;
    this.acquisitions++;
    return true;
  }

  /** Takes the lock, spinning on `cpu` as `actor` while another holds it. */
  *acquire(cpu: Cpu, actor: number, track: number): Steps {
    if (this.take()) return;
    this.acquisitions++;
    const from = this.#engine.now;
    const event = this.#recorder.begin(K.lockWait, track, NONE);
    this.#waiters.push(this.#engine.current);
    yield BLOCK;
    const waited = this.#engine.now - from;
    this.waitPs += waited;
    cpu.charge(actor, waited);
    this.#recorder.end(event, track, NONE, NONE, NONE, NONE, this.#code);
  }

  release(): void {
    const handoff = this.#handoffPs * this.#waiters.length;
    const next = this.#waiters.shift();
    if (next === undefined) this.#held = false;
    else this.#engine.wake(next, handoff);
  }
}
