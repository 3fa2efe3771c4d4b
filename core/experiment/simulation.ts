import type { RunResult } from '../contract/result.ts';
import type { Scenario } from '../contract/scenario.ts';

/**
 * One run in progress. A host calls `step` again and again, does other things in between, and reads
 * the result with `finish`, which also works in the middle of a run that was cancelled.
 */
export interface Simulation {
  /** Simulates about `events` engine events more. Returns true while there is more to do. */
  step(events: number): boolean;
  readonly requestsTotal: number;
  readonly requestsDone: number;
  /** Recorded events so far. */
  readonly eventsDone: number;
  /** Virtual time reached, nanoseconds. */
  readonly simulatedNs: number;
  /**
   * Closes what is open, hands the last chunk to the sink, runs the final checks and computes the
   * result. `file` is null and `wallMs` 0: the host knows those.
   */
  finish(): RunResult;
}

/** Runs a scenario to its end; throws LabError when it cannot. */
export type RunScenario = (scenario: Scenario) => Promise<RunResult>;
