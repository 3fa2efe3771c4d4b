/** Domains that stop from one instant to the next, and who cleans up after them. */
import type { World } from '../primitives/world.ts';
import type { Strategy } from '../strategies/types.ts';
import { reallocate } from './reallocate.ts';

/**
 * Guest 0 is gone. Xen frees each of its frames that nobody holds a reference to; a host kernel keeps
 * the memory of a dead guest for as long as its backends have it mapped.
 */
export function guestCrash(world: World): void {
  const { guests, frames, hypervisor } = world;
  const guest = guests[0];
  if (guest === undefined) return;
  for (const cpu of guest.cpus) cpu.stop();
  if (hypervisor.notification === 'eventfd') return;
  reallocate(world);
  const { first, frames: count } = guest.memory;
  for (let mfn = first; mfn < first + count; mfn++) {
    if (frames.ownerOf(mfn) === guest.domain && !frames.isSurrendered(mfn)) frames.surrender(mfn);
  }
}

/**
 * The backends, or the emulator, are gone. The hypervisor or the kernel drops what they had mapped;
 * references that only the emulator knew of stay until the guest is destroyed.
 */
export function backendCrash(world: World, strategy: Strategy): void {
  const { backends, oracle } = world;
  for (const cpu of backends.flatMap((each) => each.cpus)) cpu.stop();
  if (strategy.leaksOnCrash === true) {
    oracle.leaked((mfn) => world.frames.referencesOf(mfn) > 1);
    return;
  }
  oracle.gone('backend');
}
