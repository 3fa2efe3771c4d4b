/**
 * Frames that their guest has given back and that do not return to the heap, because somebody holds a
 * reference: charged to the guest, and of no use to anyone (H9a). A frame that a device works on just
 * then is let go within `PATIENCE_PS`; one that stays longer is held.
 */
import type { Engine } from '../engine/engine.ts';
import type { HazardLog } from './hazards.ts';
import { PATIENCE_PS } from './patience.ts';

export class Orphans {
  readonly #engine: Engine;
  readonly #hazards: HazardLog;
  readonly #since = new Map<number, { readonly ps: number; readonly event: number }>();

  constructor(engine: Engine, hazards: HazardLog) {
    this.#engine = engine;
    this.#hazards = hazards;
  }

  /** A guest has given a frame back that others hold. */
  add(mfn: number, event: number): void {
    this.#since.set(mfn, { ps: this.#engine.now, event });
  }

  /** The last reference has gone. */
  free(mfn: number): void {
    this.#judge(mfn);
    this.#hazards.close('H9a', 'backend', mfn, 'orphan');
    this.#since.delete(mfn);
  }

  /** The run is over. */
  finish(): void {
    for (const mfn of this.#since.keys()) this.#judge(mfn);
  }

  #judge(mfn: number): void {
    const since = this.#since.get(mfn);
    if (since === undefined || this.#engine.now - since.ps <= PATIENCE_PS) return;
    this.#hazards.open({
      code: 'H9a',
      actor: 'backend',
      frame: mfn,
      key: 'orphan',
      causes: [since.event],
      sincePs: since.ps,
      note: 'given back by its guest and referenced for more than 5 ms after that',
    });
  }
}
