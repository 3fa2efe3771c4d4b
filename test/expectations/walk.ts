/** Runs that bring out what each strategy is exposed to, held against the field's table. */
import { unreachable } from '../../core/base/assert.ts';
import type { HazardId, StrategyId } from '../../core/contract/ids.ts';
import type { RunResult } from '../../core/contract/result.ts';
import { parseScenario, type ScenarioInput } from '../../core/contract/scenario.ts';
import type { TraceSink } from '../../core/engine/recording.ts';
import { judge, prepareRun } from '../../core/experiment/index.ts';
import { hypervisorOf } from '../../core/machine/index.ts';
import {
  ADVERSARIES,
  expectationOf,
  type Adversary,
  type Place,
} from '../../core/safety/expectations.ts';
import { Evidence } from './evidence.ts';
import { scenarioFor, SPOTS, type Spot } from './places.ts';

/** A cell of the walk that contradicts the table. */
export interface Contradiction {
  readonly strategy: StrategyId;
  readonly hazard: HazardId;
  readonly adversary: Adversary;
  readonly where: string;
  readonly expect: 'some' | 'none';
  readonly found: number;
  readonly why: string;
  readonly input: ScenarioInput;
}

/** Runs a scenario to its end; null where it is refused. */
function run(input: ScenarioInput, sink: TraceSink | null = null): RunResult | null {
  const scenario = parseScenario(input);
  if (judge(scenario).status === 'refused') return null;
  const simulation = prepareRun(scenario, sink);
  while (simulation.step(100_000)) {
    // Go on.
  }
  return simulation.finish();
}

const hasPeer = ({ topology }: Spot, { workload }: ScenarioInput): boolean =>
  topology === 'mediated' || workload === 'gpu-gtt';

function placeOf({ input, topology }: Spot, { pair, hostDma, workload }: RunResult): Place {
  const profile = hypervisorOf(input.hypervisor ?? 'xen-pv-dom0');
  const { notification, backendCopies, passthroughReach } = profile;
  // The host drives the device: for a backend, or for an emulator of KVM's.
  const hosted = topology === 'mediated' || (workload === 'gpu-gtt' && notification === 'eventfd');
  return {
    topology,
    relaxed: hosted && hostDma === 'passthrough' && passthroughReach === 'host',
    lazy: hosted && hostDma === 'lazy',
    native: pair === 'native',
    hostPins: notification === 'eventfd',
    backendCopies,
  };
}

/** Every cell of one strategy that contradicts the table, and how many runs were made. */
export function contradictionsOf(strategy: StrategyId): {
  readonly runs: number;
  readonly found: readonly Contradiction[];
} {
  const found: Contradiction[] = [];
  let runs = 0;
  for (const spot of SPOTS) {
    for (const adversary of ADVERSARIES) {
      const input = scenarioFor(strategy, spot, adversary);
      // Whoever drives its device itself has no peer.
      if (/peer$/.test(adversary) && !hasPeer(spot, input)) continue;
      const result = run(input);
      if (result === null) continue;
      runs++;
      const place = placeOf(spot, result);
      for (const [id, count] of Object.entries(result.hazards)) {
        const hazard = id as HazardId;
        const { expect, why } = expectationOf(strategy, hazard, place, adversary);
        if (expect === 'open' || count === null || (expect === 'some') === count > 0) continue;
        const where = spot.name;
        found.push({ strategy, hazard, adversary, where, expect, found: count, why, input });
      }
    }
  }
  return { runs, found };
}

/** A contradiction in words, with the events that led there. */
export function tell(contradiction: Contradiction): string {
  const { strategy, hazard, adversary, where, expect, found, why, input } = contradiction;
  const evidence = new Evidence(hazard);
  const result = run(input, evidence);
  const head = `${hazard} of ${strategy} under ${adversary} on ${where}: expected ${expect} (${why}), found ${found}`;
  switch (expect) {
    case 'none':
      return [head, ...evidence.lines()].join('\n');
    case 'some':
      return `${head}\n  in ${result?.events} events: ${JSON.stringify(result?.counts)}; other hazards ${JSON.stringify(result?.hazards)}`;
    default:
      return unreachable(expect);
  }
}
