/**
 * One case for each strategy, workload and topology that run together, each on another machine, so
 * that all machines have their turn.
 */
import type { Scenario } from '../../core/contract/scenario.ts';
import { hashText } from '../../core/engine/fingerprint.ts';
import { judge } from '../../core/experiment/index.ts';
import { combinationsOf, STRATEGIES_OF_THE_GRID } from '../grid/grid.ts';

const REQUESTS = 500;

/** Cases by name: `STRATEGY WORKLOAD TOPOLOGY HYPERVISOR SOC`. */
export function goldenCases(): ReadonlyMap<string, Scenario> {
  const cases = new Map<string, Scenario>();
  for (const strategy of STRATEGIES_OF_THE_GRID) {
    const groups = new Map<string, Scenario[]>();
    for (const scenario of combinationsOf(strategy, REQUESTS)) {
      if (judge(scenario).status === 'refused') continue;
      const key = `${strategy} ${scenario.workload} ${scenario.topology}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [scenario]);
      else group.push(scenario);
    }
    for (const [key, group] of groups) {
      const turn = Number.parseInt(hashText(key).slice(0, 8), 16) % group.length;
      const chosen = group[turn] as Scenario;
      cases.set(`${key} ${chosen.hypervisor} ${chosen.soc}`, chosen);
    }
  }
  return cases;
}
