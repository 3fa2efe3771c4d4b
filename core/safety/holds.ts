/**
 * Pages that the backend holds without reaching them: granted for a device alone. Their owner cannot
 * have them back until the backend lets go (H9a), as if they were mapped.
 */
import type { Engine } from '../engine/engine.ts';
import type { FrameState } from './frame-state.ts';
import type { HazardLog } from './hazards.ts';
import { PATIENCE_PS } from './patience.ts';

interface Hold {
  readonly since: number;
  count: number;
}

export class Holds {
  readonly #engine: Engine;
  readonly #hazards: HazardLog;
  readonly #state: FrameState;
  readonly #held = new Map<number, Hold>();

  constructor(engine: Engine, hazards: HazardLog, state: FrameState) {
    this.#engine = engine;
    this.#hazards = hazards;
    this.#state = state;
  }

  take(mfn: number): void {
    const known = this.#held.get(mfn);
    if (known === undefined) this.#held.set(mfn, { since: this.#engine.now, count: 1 });
    else known.count++;
  }

  drop(mfn: number): void {
    const hold = this.#held.get(mfn);
    if (hold === undefined || --hold.count > 0) return;
    this.#held.delete(mfn);
    this.#judge(mfn, Math.max(hold.since, this.#state.neededUntil(mfn - this.#state.first)));
    this.#hazards.close('H9a', 'backend', mfn, 'held');
  }

  /** The run is over: what is held still, needed or not, has been since it was taken. */
  finish(): void {
    for (const [mfn, { since }] of this.#held) this.#judge(mfn, since);
  }

  #judge(mfn: number, since: number): void {
    if (!this.#state.holds(mfn) || this.#engine.now - since <= PATIENCE_PS) return;
    this.#hazards.open({
      code: 'H9a',
      actor: 'backend',
      frame: mfn,
      key: 'held',
      sincePs: since,
      note: 'held for more than 5 ms after its last use, for a device',
    });
  }
}
