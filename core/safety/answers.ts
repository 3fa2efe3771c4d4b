/** Answers that come late, or never (H9b). */
import type { Engine } from '../engine/engine.ts';
import type { HazardLog } from './hazards.ts';
import { PATIENCE_PS } from './patience.ts';

/** Requests between the oldest and the newest in flight. */
const REQUEST_WINDOW = 1 << 16;

export class Answers {
  readonly #engine: Engine;
  readonly #hazards: HazardLog;
  /** When the device last accessed memory for a request, by request modulo the window. */
  readonly #lastAccess = new Float64Array(REQUEST_WINDOW).fill(-1);

  constructor(engine: Engine, hazards: HazardLog) {
    this.#engine = engine;
    this.#hazards = hazards;
  }

  /** Memory was accessed for a request. */
  served(request: number): void {
    if (request >= 0) this.#lastAccess[request % REQUEST_WINDOW] = this.#engine.now;
  }

  /** @param patient false where a dead or slow peer is part of the scenario: all of the wait counts */
  answered(request: number, submittedPs: number, patient: boolean): void {
    const last = this.#lastAccess[request % REQUEST_WINDOW] as number;
    this.#lastAccess[request % REQUEST_WINDOW] = -1;
    const since = patient ? last : submittedPs;
    if (since === -1 || this.#engine.now - since <= PATIENCE_PS) return;
    this.#late(request, since);
    this.#hazards.close('H9b', 'backend', 0, String(request));
  }

  /** A request has no answer when the run ends. */
  unanswered(request: number, submittedPs: number): void {
    if (this.#engine.now - submittedPs > PATIENCE_PS) this.#late(request, submittedPs);
  }

  #late(request: number, sincePs: number): void {
    this.#hazards.open({
      code: 'H9b',
      actor: 'backend',
      frame: 0,
      key: String(request),
      request,
      sincePs,
      note: 'the answer came later than 5 ms after its service, or not at all',
    });
  }
}
