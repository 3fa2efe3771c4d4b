/** What the table of several traces asks the lab. */
import { toErrorData, type LabErrorData, type TraceInfo } from '../../core/contract/index.ts';
import type { Lab } from '../app/lab.svelte.ts';

export type TableEntry =
  | { readonly id: string; readonly info: TraceInfo }
  | { readonly id: string; readonly error: LabErrorData };

export class TraceTable {
  entries = $state.raw<ReadonlyMap<string, TableEntry>>(new Map());
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Opens what is not open yet, one after the other. */
  async open(traces: readonly string[]): Promise<void> {
    for (const id of traces) {
      if (this.entries.has(id)) continue;
      const entry = await this.#lab.call('trace.open', { trace: id }).then(
        (info) => ({ id, info }),
        (thrown: unknown) => ({ id, error: toErrorData(thrown) }),
      );
      this.entries = new Map(this.entries).set(id, entry);
    }
  }
}
