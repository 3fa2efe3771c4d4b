/**
 * Who a request waited for: every moment between submission and completion goes to one payer, so that
 * the parts add up to the latency.
 */
import { ACTOR_IDS, type ActorId } from '../contract/ids.ts';

/**
 * Who has a moment in which several are at work, the first of these that is. A hypervisor works inside
 * a call of a backend, a table walk inside a transfer: what lies deepest is what the request waits for.
 */
const DEEPEST_FIRST: readonly ActorId[] = [
  'iommu',
  'device',
  'engine',
  'hypervisor',
  'vmm',
  'backend',
  'frontend',
];

/** Payers by number, in order of precedence: work on the request itself, then batches it is part of. */
export const PAYERS: readonly { readonly actor: ActorId; readonly shared: boolean }[] = [
  ...DEEPEST_FIRST.map((actor) => ({ actor, shared: false })),
  ...DEEPEST_FIRST.map((actor) => ({ actor, shared: true })),
];

/** Number of an actor's own work; undefined for a role that pays for nothing. */
export function payerOf(role: string): number | undefined {
  const index = DEEPEST_FIRST.indexOf(role as ActorId);
  return index === -1 ? undefined : index;
}
export const SHARED = ACTOR_IDS.length;

/** Separate spans kept of one request; what comes after so many counts as waiting. */
const MAX_SPANS = 65_536;

/** Spans of work on one request, joined where they touch. */
export class Path {
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #payer: number[] = [];
  /** Last span of each payer, or -1. */
  readonly #last: number[] = new Array<number>(PAYERS.length).fill(-1);

  add(payer: number, from: number, to: number): void {
    const last = this.#last[payer] as number;
    if (last !== -1 && from <= (this.#to[last] as number) && to >= (this.#from[last] as number)) {
      this.#from[last] = Math.min(this.#from[last] as number, from);
      this.#to[last] = Math.max(this.#to[last] as number, to);
      return;
    }
    if (this.#from.length === MAX_SPANS) return;
    this.#last[payer] = this.#from.length;
    this.#from.push(from);
    this.#to.push(to);
    this.#payer.push(payer);
  }

  /**
   * Time of each payer between `submitted` and `completed`, added to `parts` from `offset` on. What no
   * payer has is waiting, and is not written.
   */
  settle(submitted: number, completed: number, parts: Float64Array, offset: number): void {
    const starts = order(this.#from);
    const ends = order(this.#to);
    const open = new Array<number>(PAYERS.length).fill(0);
    let at = submitted;
    let s = 0;
    let e = 0;
    while (e < ends.length) {
      const start = s < starts.length ? (this.#from[starts[s] as number] as number) : Infinity;
      const end = this.#to[ends[e] as number] as number;
      const next = Math.min(start, end, completed);
      if (next > at) {
        const payer = open.findIndex((count) => count > 0);
        if (payer !== -1) parts[offset + payer] = (parts[offset + payer] as number) + next - at;
        at = next;
      }
      if (Math.min(start, end) >= completed) return;
      // A span that starts as another ends: which comes first makes no difference.
      const opens = start <= end;
      const payer = this.#payer[(opens ? starts[s++] : ends[e++]) as number] as number;
      open[payer] = (open[payer] as number) + (opens ? 1 : -1);
    }
  }
}

/** Indices of values, ascending; they are nearly so. */
function order(values: readonly number[]): number[] {
  const indices = values.map((_, index) => index);
  if (values.length > 48) {
    return indices.sort((x, y) => (values[x] as number) - (values[y] as number));
  }
  for (let i = 1; i < indices.length; i++) {
    const index = indices[i] as number;
    const value = values[index] as number;
    let j = i;
    for (; j > 0 && (values[indices[j - 1] as number] as number) > value; j--) {
      indices[j] = indices[j - 1] as number;
    }
    indices[j] = index;
  }
  return indices;
}
