/** The machine and the hypervisor of a scenario: shipped ones, or the user's own built on them. */
import type { Scenario } from '../contract/scenario.ts';
import { hypervisorOf, socOf } from '../machine/index.ts';
import type { HypervisorProfile } from '../machine/hypervisor/profile.ts';
import { applyHypervisor, applySoc, parseProfile } from '../machine/override.ts';
import type { SocProfile } from '../machine/soc/profile.ts';

/**
 * @throws LabError BAD_PROFILE for a document of the user's that is wrong, naming the field
 */
export function profilesOf(scenario: Scenario): {
  readonly soc: SocProfile;
  readonly hypervisor: HypervisorProfile;
} {
  const { soc, hypervisor } = scenario.profiles;
  return {
    soc: soc === null ? socOf(scenario.soc) : applySoc(parseProfile(soc, 'scenario: profiles.soc')),
    hypervisor:
      hypervisor === null
        ? hypervisorOf(scenario.hypervisor)
        : applyHypervisor(parseProfile(hypervisor, 'scenario: profiles.hypervisor')),
  };
}
