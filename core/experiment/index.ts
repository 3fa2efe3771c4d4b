import type { Scenario } from '../contract/scenario.ts';
import { identity } from './measure.ts';
import { profilesOf } from './profiles.ts';

export { alternatives } from './alternatives.ts';
export { catalogue } from './catalogue.ts';
export { judge, listPairs } from './pairs.ts';
export { prepareRun } from './run.ts';
export type { Simulation } from './simulation.ts';

/** Hashes that a trace file stores before the run starts. */
export interface RunIdentity {
  readonly scenarioHash: string;
  readonly profiles: Record<string, string>;
}

/** @throws LabError BAD_PROFILE for a wrong profile of the user's */
export function identify(scenario: Scenario): RunIdentity {
  return identity(scenario, profilesOf(scenario));
}
