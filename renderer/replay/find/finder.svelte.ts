/** Search through the events of the open trace, hit by hit, and the filter of the events table. */
import { toErrorData, type EventRow, type Found } from '../../../core/contract/index.ts';
import type { Lab } from '../../app/lab.svelte.ts';
import type { Replay } from '../replay.svelte.ts';
import { parseQuery, type Conditions } from './query.ts';

/** What a search says of itself. */
export type Outcome =
  | { readonly is: 'idle' }
  | { readonly is: 'searching'; readonly at: number }
  | { readonly is: 'found'; readonly event: number }
  | { readonly is: 'nothing'; readonly step: 1 | -1 }
  | { readonly is: 'wrong'; readonly what: string };

export class Finder {
  /** The search bar is shown. */
  open = $state(false);
  query = $state('');
  outcome = $state.raw<Outcome>({ is: 'idle' });
  /** Filter of the events table, in the same language. */
  filter = $state('');
  /** Called when the table is to be shown. */
  onlist: () => void = () => undefined;
  readonly #lab: Lab;
  readonly #replay: Replay;
  /** Grows with each search: an earlier one that still runs stops. */
  #turn = 0;

  constructor(lab: Lab, replay: Replay) {
    this.#lab = lab;
    this.#replay = replay;
  }

  /** A trace was opened. */
  reset(): void {
    this.#turn += 1;
    this.outcome = { is: 'idle' };
    this.filter = '';
  }

  /** The query as conditions; null with an outcome that says what is wrong, or that there is none. */
  #conditions(): Conditions | null {
    const parsed = this.parse(this.query);
    if ('wrong' in parsed) this.outcome = { is: 'wrong', what: parsed.wrong };
    else if (parsed.empty) this.outcome = { is: 'idle' };
    else return parsed.conditions;
    return null;
  }

  parse(query: string): ReturnType<typeof parseQuery> {
    const { info, tickPs } = this.#replay;
    return parseQuery(query, { kinds: info?.kinds ?? [], tracks: info?.tracks ?? [], tickPs });
  }

  /** Goes to the next (1) or previous (-1) hit, from the selection or the playhead on. */
  async step(step: 1 | -1): Promise<void> {
    const replay = this.#replay;
    const trace = replay.id;
    const conditions = this.#conditions();
    if (trace === null || conditions === null) return;
    const turn = (this.#turn += 1);
    try {
      let from: number | null = await this.#begin(trace, step);
      while (from !== null && from > 0) {
        this.outcome = { is: 'searching', at: from };
        const direction = step === 1 ? 'forward' : 'backward';
        const found: Found = await this.#lab.call('trace.find', {
          trace,
          from,
          direction,
          limit: 1,
          ...conditions,
        });
        if (turn !== this.#turn) return;
        const hit = found.events[0];
        if (hit !== undefined) {
          this.outcome = { is: 'found', event: hit.id };
          await replay.select(hit.id);
          return;
        }
        from = found.next;
      }
      this.outcome = { is: 'nothing', step };
    } catch (thrown) {
      if (turn === this.#turn) this.outcome = { is: 'wrong', what: toErrorData(thrown).what };
    }
  }

  /** The event at which a search begins. */
  async #begin(trace: string, step: 1 | -1): Promise<number> {
    const { selectedId, playhead } = this.#replay;
    if (selectedId !== null) return selectedId + step;
    const { event } = await this.#lab.call('trace.at', { trace, ts: playhead });
    return step === 1 ? event : event - 1;
  }

  /** A page of events that meet some conditions. */
  async page(
    trace: string,
    from: number,
    conditions: Conditions,
  ): Promise<{ readonly events: readonly EventRow[]; readonly next: number | null }> {
    return await this.#lab.call('trace.find', { trace, from, limit: 500, ...conditions });
  }

  /** Shows all hits of the query in the events table. */
  list(query = this.query): void {
    this.filter = query;
    this.onlist();
  }

  /** Shows all events about a machine frame. */
  listFrame(frame: number): void {
    this.list(`mfn:0x${frame.toString(16)}`);
  }

  close(): void {
    this.#turn += 1;
    this.open = false;
  }
}
