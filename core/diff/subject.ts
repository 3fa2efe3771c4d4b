/** One side of a diff, as it was read. */
import type { Provenance } from '../contract/diff.ts';
import type { Exposure, RunResult } from '../contract/result.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { EventDigest } from './digest.ts';

export interface KindName {
  readonly code: number;
  readonly name: string;
  readonly category: string;
  /** Counters that one event adds one to. */
  readonly counts: readonly string[];
}

export interface Subject {
  readonly provenance: Provenance;
  readonly scenario: Scenario | null;
  readonly result: RunResult | null;
  /** Occurrences by hazard; a hazard that was not checked is null. Null for a recording. */
  readonly hazards: Readonly<Record<string, number | null>> | null;
  readonly exposure: Readonly<Record<string, Exposure>> | null;
  /** End of the last event, picoseconds. */
  readonly spanPs: number;
  readonly kinds: readonly KindName[];
  readonly digest: EventDigest;
}

/** One event of a request in its order; `at` in picoseconds. */
export interface SequenceEvent {
  readonly event: number;
  readonly kind: number;
  readonly at: number;
}
