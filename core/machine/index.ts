import { LabError } from '../contract/errors.ts';
import { canonicalJson, hashText } from '../engine/fingerprint.ts';
import { kvmUserspace } from './hypervisor/kvm-userspace.ts';
import { kvmVhost } from './hypervisor/kvm-vhost.ts';
import type { HypervisorProfile } from './hypervisor/profile.ts';
import { xenArmDom0 } from './hypervisor/xen-arm-dom0.ts';
import { xenArmDriverDomain } from './hypervisor/xen-arm-driver-domain.ts';
import { xenHvmDriverDomain } from './hypervisor/xen-hvm-driver-domain.ts';
import { xenPvDom0 } from './hypervisor/xen-pv-dom0.ts';
import { xenPvDom0Strict } from './hypervisor/xen-pv-dom0-strict.ts';
import { xenPvDriverDomain } from './hypervisor/xen-pv-driver-domain.ts';
import { xenPvhDom0 } from './hypervisor/xen-pvh-dom0.ts';
import { cortexA53 } from './soc/cortex-a53.ts';
import { cortexA72 } from './soc/cortex-a72.ts';
import { epyc2020 } from './soc/epyc-2020.ts';
import { kunpeng920 } from './soc/kunpeng-920.ts';
import { neoverseN1 } from './soc/neoverse-n1.ts';
import type { SocProfile } from './soc/profile.ts';
import { xeon2012 } from './soc/xeon-2012.ts';
import { xeon2020 } from './soc/xeon-2020.ts';

export const SOCS: readonly SocProfile[] = [
  xeon2012,
  xeon2020,
  epyc2020,
  neoverseN1,
  kunpeng920,
  cortexA72,
  cortexA53,
];
export const HYPERVISORS: readonly HypervisorProfile[] = [
  xenPvDom0,
  xenPvDom0Strict,
  xenPvDriverDomain,
  xenPvhDom0,
  xenHvmDriverDomain,
  xenArmDom0,
  xenArmDriverDomain,
  kvmVhost,
  kvmUserspace,
];

function find<T extends { readonly id: string }>(all: readonly T[], id: string, what: string): T {
  const found = all.find((each) => each.id === id);
  if (found !== undefined) return found;
  throw new LabError(
    'UNKNOWN_ID',
    `unknown ${what} ${JSON.stringify(id)}`,
    what,
    `use one of ${all.map((each) => each.id).join(', ')}`,
  );
}

/** @throws LabError UNKNOWN_ID for an id without a shipped profile */
export function socOf(id: string): SocProfile {
  return find(SOCS, id, 'soc');
}

/** @throws LabError UNKNOWN_ID for an id without a shipped profile */
export function hypervisorOf(id: string): HypervisorProfile {
  return find(HYPERVISORS, id, 'hypervisor');
}

const hashes = new WeakMap<SocProfile | HypervisorProfile, string>();

/** Hash over every number of a profile and its provenance. */
export function profileHash(profile: SocProfile | HypervisorProfile): string {
  // A sweep asks for the same few profiles once for each of its runs.
  const known = hashes.get(profile) ?? hashText(canonicalJson(profile));
  hashes.set(profile, known);
  return known;
}
