import type { HypervisorProfile } from './profile.ts';
import { xenPvDom0Strict } from './xen-pv-dom0-strict.ts';

/** A PV domain that has only a device and no privilege: it can map what it was granted, no more. */
export const xenPvDriverDomain: HypervisorProfile = {
  ...xenPvDom0Strict,
  id: 'xen-pv-driver-domain',
  family: 'xen-pv-driver-domain',
  name: 'Xen, PV driver domain',
  summary:
    'netback in an unprivileged PV domain with a passed-through device; the IOMMU follows its grants as in a strict dom0',
  domain: 'driver-domain',
  privilege: 'none',
  hostDmaReason:
    'the IOMMU belongs to Xen, which keeps the driver domain’s memory and its grants in it',
};
