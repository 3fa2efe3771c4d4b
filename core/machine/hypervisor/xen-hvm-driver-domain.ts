import type { HypervisorProfile } from './profile.ts';
import { xenPvhDom0 } from './xen-pvh-dom0.ts';

/** An HVM domain with PV drivers and a passed-through device ("PVHVM"), without privilege. */
export const xenHvmDriverDomain: HypervisorProfile = {
  ...xenPvhDom0,
  id: 'xen-hvm-driver-domain',
  family: 'xen-hvm-driver-domain',
  name: 'Xen, HVM driver domain',
  summary:
    'netback in an unprivileged HVM domain with a passed-through device; TLB and IOTLB flushes for each unmapped page as in a PVH dom0',
  domain: 'driver-domain',
  privilege: 'none',
  hostDmaReason: 'the IOMMU belongs to Xen, which keeps in it what the p2m of the domain holds',
};
