/** What claims compare must be rates that last. */
import { expect, it } from 'vitest';
import type { RunResult } from '../../contract/result.ts';
import type { Scenario } from '../../contract/scenario.ts';
import { prepareRun } from '../../experiment/run.ts';
import { CLAIMS, testClaims } from './index.ts';

it.each([19, 20])('claim %i compares runs in their steady state', async (number) => {
  const unsteady: string[] = [];
  // eslint-disable-next-line @typescript-eslint/require-await -- the lab's runs are promised
  const run = async (scenario: Scenario): Promise<RunResult> => {
    const simulation = prepareRun(scenario, null);
    while (simulation.step(100_000)) {
      // Go on.
    }
    const result = simulation.finish();
    if (!result.steady) unsteady.push(`${result.strategy} on ${result.soc}`);
    return result;
  };
  const claims = CLAIMS.filter((each) => each.number === number);
  expect(await testClaims(claims, run)).toHaveLength(1);
  expect(unsteady).toEqual([]);
});
