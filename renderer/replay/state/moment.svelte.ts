/** The state of the machine at the playhead, fetched as it moves. */
import { toErrorData, type LabErrorData, type TraceState } from '../../../core/contract/index.ts';
import type { Lab } from '../../app/lab.svelte.ts';
import type { Replay } from '../replay.svelte.ts';

/** Rows of each list. */
const LIMIT = 1000;
/** Between two fetches while the playhead runs. */
const PAUSE_MS = 120;

export class Moment {
  state = $state.raw<TraceState | null>(null);
  error = $state.raw<LabErrorData | null>(null);
  readonly #lab: Lab;
  readonly #replay: Replay;
  #busy = false;
  #wanted: number | null = null;

  constructor(lab: Lab, replay: Replay) {
    this.#lab = lab;
    this.#replay = replay;
  }

  /** The playhead is somewhere else. Only the latest place is fetched. */
  moved(ts: number): void {
    this.#wanted = ts;
    if (!this.#busy) void this.#fetch();
  }

  async #fetch(): Promise<void> {
    this.#busy = true;
    while (this.#wanted !== null) {
      const [trace, ts] = [this.#replay.id, this.#wanted];
      this.#wanted = null;
      if (trace === null) break;
      try {
        const state = await this.#lab.call('trace.state', { trace, ts, limit: LIMIT });
        if (this.#replay.id === trace) [this.state, this.error] = [state, null];
      } catch (thrown) {
        // The last good state would be that of another moment.
        [this.state, this.error] = [null, toErrorData(thrown)];
      }
      if (this.#wanted !== null) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    this.#busy = false;
  }
}
