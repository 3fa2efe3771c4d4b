/** What else would have done the same work without a hazard. */
import { STRATEGY_IDS, type HazardId } from '../contract/ids.ts';
import type { HazardAlternative } from '../contract/methods/index.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { HypervisorProfile } from '../machine/hypervisor/profile.ts';
import { expectationOf, type Adversary, type Place } from '../safety/expectations.ts';
import { judge } from './pairs.ts';
import { profilesOf } from './profiles.ts';

/**
 * Every strategy that can carry the scenario out, with every mode of the backend's own driver, and what
 * is expected of it: `none` where the hazard cannot show, `open` where it depends, `some` where it is
 * inherent. The scenario as it is comes first; what is refused here is left out.
 *
 * @throws LabError BAD_PROFILE for a wrong profile of the user's
 */
export function alternatives(scenario: Scenario, hazard: HazardId): readonly HazardAlternative[] {
  const { hypervisor } = profilesOf(scenario);
  const own = hostDmaOf(scenario, hypervisor);
  const others = STRATEGY_IDS.filter((id) => id !== scenario.strategy);
  // Beyond mediated scenarios the mode is a strategy of its own.
  const modes = scenario.topology === 'mediated' ? hypervisor.hostDmaChoices : [];
  const changed = [scenario, ...others.map((strategy) => ({ ...scenario, strategy }))].flatMap(
    (each) => [
      each,
      ...modes.filter((mode) => mode !== own).map((hostDma) => ({ ...each, hostDma })),
    ],
  );
  return changed.flatMap((each): HazardAlternative[] => {
    const pair = judge(each);
    if (pair.status === 'refused') return [];
    const place = placeOf(each, hypervisor, pair.status === 'native');
    const { expect, why } = worstOf(
      adversariesOf(scenario).map((adversary) =>
        expectationOf(each.strategy, hazard, place, adversary),
      ),
    );
    const hostDma = hostDmaOf(each, hypervisor);
    return [{ strategy: each.strategy, hostDma, pair: pair.status, expect, why }];
  });
}

/** What the scenario is exposed to on purpose: what is free of a hazard is so under all of it. */
function adversariesOf({ faults }: Scenario): readonly Adversary[] {
  const list: Adversary[] = ['none'];
  if (faults.balloonPerSecond > 0) list.push('balloon');
  if (faults.rogueDevice) list.push('rogue-device');
  if (faults.rogueFrontend) list.push('rogue-frontend');
  if (faults.rogueBackend) list.push('rogue-backend');
  if (faults.peer === 'dead') list.push('dead-peer');
  if (faults.peer === 'slow') list.push('slow-peer');
  return list;
}

type Expected = ReturnType<typeof expectationOf>;
const ORDER = ['none', 'open', 'some'] as const;

function worstOf(list: readonly Expected[]): Expected {
  return list.reduce((worst, each) =>
    ORDER.indexOf(each.expect) > ORDER.indexOf(worst.expect) ? each : worst,
  );
}

type HostDma = HazardAlternative['hostDma'];

function hostDmaOf(scenario: Scenario, hypervisor: HypervisorProfile): HostDma {
  if (scenario.hostDma !== 'default') return scenario.hostDma;
  const { soc } = profilesOf(scenario);
  return hypervisor.hostDma[soc.arch] ?? 'passthrough';
}

/** Where a scenario takes place, as far as expectations turn on it. */
function placeOf(scenario: Scenario, hypervisor: HypervisorProfile, native: boolean): Place {
  const { topology, workload } = scenario;
  const { notification, passthroughReach } = hypervisor;
  const { copy } = scenario.backend;
  const copiesByDefault = hypervisor.backendCopies && !workload.startsWith('blk-');
  // The host drives the device: for a backend, or for an emulator of KVM's.
  const hosted = topology === 'mediated' || (workload === 'gpu-gtt' && notification === 'eventfd');
  const hostDma = hostDmaOf(scenario, hypervisor);
  return {
    topology,
    relaxed: hosted && hostDma === 'passthrough' && passthroughReach === 'host',
    lazy: hosted && hostDma === 'lazy',
    native,
    hostPins: notification === 'eventfd',
    backendCopies: copy === 'default' ? copiesByDefault : copy === 'always',
  };
}
