/** What the page of `fingerprints.test.ts` runs: the simulator, as it is, in a browser. */
import { parseScenario } from '../../core/contract/scenario.ts';
import { prepareRun } from '../../core/experiment/index.ts';

/** Runs a scenario to its end and returns the fingerprint. */
export function fingerprint(input: unknown): string {
  const simulation = prepareRun(parseScenario(input), null);
  while (simulation.step(100_000)) {
    // Go on.
  }
  return simulation.finish().fingerprint;
}
