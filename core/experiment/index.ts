import type { CATALOGUES, CatalogueRow, Pair } from '../contract/methods.ts';
import { LabError } from '../contract/errors.ts';
import type { HypervisorId, SocId, StrategyId } from '../contract/ids.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { TraceSink } from '../engine/recording.ts';
import type { Simulation } from './simulation.ts';

export type { Simulation } from './simulation.ts';

/** Hashes and labels that a trace file stores before the run starts. */
export interface RunIdentity {
  readonly scenarioHash: string;
  readonly profiles: Record<string, string>;
}

/** @throws LabError NOT_IN_THIS_VERSION, REFUSED_PAIR */
export function prepareRun(scenario: Scenario, _sink: TraceSink | null): Simulation {
  throw new LabError('NOT_IN_THIS_VERSION', 'not built yet', scenario.strategy, '');
}
export function identify(_scenario: Scenario): RunIdentity {
  return { scenarioHash: '', profiles: {} };
}
export function listPairs(
  _strategies: readonly StrategyId[],
  _hypervisors: readonly HypervisorId[],
  _socs: readonly SocId[],
  _base: Scenario,
): readonly Pair[] {
  return [];
}
export function catalogue(_what: (typeof CATALOGUES)[number]): readonly CatalogueRow[] {
  return [];
}
