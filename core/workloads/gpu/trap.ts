/** Who handles a write to a graphics table. */
import type { Scenario } from '../../contract/scenario.ts';
import type { HypervisorProfile } from '../../machine/hypervisor/profile.ts';

type Trap = Exclude<Scenario['gpu']['trap'], 'default'>;

/** KVMGT handles the write in the host's kernel; XenGT sends an ioreq to an emulator. */
export function gpuTrap({
  scenario,
  hypervisor,
}: {
  readonly scenario: Scenario;
  readonly hypervisor: HypervisorProfile;
}): Trap {
  const { trap } = scenario.gpu;
  if (trap !== 'default') return trap;
  return hypervisor.notification === 'event-channel' ? 'ioreq' : 'kernel';
}

/** Does that hypervisor have no such way? */
export function isForeignTrap(setting: Parameters<typeof gpuTrap>[0]): boolean {
  const isXen = setting.hypervisor.notification === 'event-channel';
  return (gpuTrap(setting) === 'kernel') === isXen;
}
