/** Which machine a scenario is of. */
import type { Scenario } from '../scenario.ts';

/** Id of its SoC or hypervisor: the user's own profile where it has one. */
export function profileIdOf(
  scenario: Pick<Scenario, 'profiles' | 'soc' | 'hypervisor'>,
  kind: 'soc' | 'hypervisor',
): string {
  const own = scenario.profiles[kind]?.['id'];
  return typeof own === 'string' ? own : scenario[kind];
}
