import type { Scenario } from '../contract/scenario.ts';
import { hypervisorOf, socOf } from '../machine/index.ts';
import { identity } from './measure.ts';

export { catalogue } from './catalogue.ts';
export { judge, listPairs } from './pairs.ts';
export { prepareRun } from './run.ts';
export type { Simulation } from './simulation.ts';

/** Hashes that a trace file stores before the run starts. */
export interface RunIdentity {
  readonly scenarioHash: string;
  readonly profiles: Record<string, string>;
}

/** @throws LabError NOT_IN_THIS_VERSION for an id without a profile */
export function identify(scenario: Scenario): RunIdentity {
  return identity(scenario, {
    soc: socOf(scenario.soc),
    hypervisor: hypervisorOf(scenario.hypervisor),
  });
}
