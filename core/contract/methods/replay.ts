/** What the replay of a trace asks beyond the trace itself. */
import * as v from 'valibot';
import { HAZARD_IDS, type PairStatus, type StrategyId } from '../ids.ts';
import { ScenarioSchema } from '../scenario.ts';
import { id, method, tick } from './method.ts';

/** Events of one kind on one track that begin in a range. */
export interface RangeRow {
  readonly track: number;
  readonly kind: number;
  readonly events: number;
  /** Their durations summed, ticks: what is nested in an event counts in both. */
  readonly busy: number;
  readonly longest: number;
  readonly bytes: number;
}

/** A part of a trace in figures. */
export interface RangeStatistics {
  readonly from: number;
  readonly to: number;
  readonly events: number;
  readonly rows: readonly RangeRow[];
  /** Requests submitted and completed in the range, and their bytes. */
  readonly requests: {
    readonly submitted: number;
    readonly completed: number;
    readonly completedBytes: number;
  };
  /** Occurrences and frames by hazard: that began in the range, and that were open at some time in it. */
  readonly hazards: readonly {
    readonly code: string;
    readonly began: number;
    readonly open: number;
    readonly frames: number;
  }[];
}

/** How else the work of a scenario could be done, and whether a hazard is to be expected then. */
export interface HazardAlternative {
  readonly strategy: StrategyId;
  /** Mode of the backend's own driver. */
  readonly hostDma: 'passthrough' | 'lazy' | 'strict';
  readonly pair: PairStatus;
  /** `none`: cannot show. `open`: depends on more than this. `some`: inherent. */
  readonly expect: 'none' | 'open' | 'some';
  /** Where it is not the plain property of the strategy. */
  readonly why: string;
}

export const REPLAY_METHODS = {
  /** Statistics of the events that begin at `from` or later and before `to`. */
  'trace.range': method<RangeStatistics>()(v.strictObject({ trace: id, from: tick, to: tick })),
  /** The scenario itself first, then what could take its place where it is not refused. */
  'hazard.alternatives': method<readonly HazardAlternative[]>()(
    v.strictObject({ scenario: ScenarioSchema, hazard: v.picklist(HAZARD_IDS) }),
  ),
} as const;
