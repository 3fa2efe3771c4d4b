/**
 * Swarm tests: random scenarios with random features off, every checker on. A failure prints the seed
 * and the scenario. 300 run here; `MAPCOPY_LONG=1` runs 20,000. `MAPCOPY_SEED` starts elsewhere.
 */
import { describe, expect, it } from 'vitest';
import { LabError } from '../../core/contract/errors.ts';
import type { RunResult } from '../../core/contract/result.ts';
import { parseScenario, type Scenario } from '../../core/contract/scenario.ts';
import { RandomStream } from '../../core/engine/random.ts';
import { prepareRun } from '../../core/experiment/index.ts';
import { randomScenario } from './random-scenario.ts';

const LONG = process.env.MAPCOPY_LONG === '1';
const RUNS = LONG ? 20_000 : 300;
const PARTS = 10;
const SEED = Number(process.env.MAPCOPY_SEED ?? 2026);

/** Faults after which a run may end with requests unanswered. */
function mayLose({ faults }: Scenario): boolean {
  return faults.peer === 'dead' || faults.guestCrashUs > 0 || faults.backendCrashUs > 0;
}

function run(scenario: Scenario, slice: number): RunResult {
  const simulation = prepareRun(scenario, null);
  while (simulation.step(slice)) {
    // Go on.
  }
  return simulation.finish();
}

function check(scenario: Scenario, result: RunResult): void {
  expect(result.status).toBe('complete');
  if (!mayLose(scenario) && scenario.workload !== 'recorded') {
    expect(result.requests).toBe(scenario.requests);
  }
  for (const [code, count] of Object.entries(result.hazards)) {
    expect(count === null || count >= 0, code).toBe(true);
  }
  for (const value of [result.throughputGbps, result.simulatedNs, ...Object.values(result.busy)]) {
    expect(Number.isFinite(value) && value >= 0).toBe(true);
  }
}

describe('swarm', () => {
  it.each(Array.from({ length: PARTS }, (_, i) => SEED + i))(
    `seed %i: ${RUNS / PARTS} random scenarios run to their end with every check on`,
    { timeout: LONG ? 7_200_000 : 120_000 },
    (seed) => {
      const random = new RandomStream(seed, 'swarm');
      for (let done = 0; done < RUNS / PARTS;) {
        const input = randomScenario(random);
        const slice = 1 + random.below(5000);
        try {
          const scenario = parseScenario(input);
          const result = run(scenario, slice);
          check(scenario, result);
          // The same again, whole: a run does not depend on how it is cut.
          if (done % 10 === 0)
            expect(run(scenario, 1_000_000).fingerprint).toBe(result.fingerprint);
          done++;
        } catch (error) {
          const known = error instanceof LabError ? error.data.code : '';
          if (/^(REFUSED_PAIR|BAD_SCENARIO)$/.test(known)) continue;
          const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
          throw new Error(`seed ${seed}: ${JSON.stringify(input)}\n${text}`, { cause: error });
        }
      }
    },
  );
});
