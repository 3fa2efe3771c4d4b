/** Foreign maps of an emulator in a translated domain (I, PVH). */
import { describe, expect, it } from 'vitest';
import { runSeen } from '../experiment/testing.ts';

const GPU = {
  strategy: 'gfn-map-refcount',
  hypervisor: 'xen-pvh-dom0',
  workload: 'gpu-gtt',
  topology: 'assigned',
  requests: 100,
  gpu: { entries: 64, batch: 4 },
} as const;

function seen(soc: 'xeon-2020' | 'epyc-2020') {
  const { events } = runSeen({ ...GPU, soc });
  return (kind: string) => events.filter((each) => each.kind === kind);
}

describe('XENMEM_remove_from_physmap', () => {
  it('takes one page a hypercall, unlike the batch that adds them', () => {
    const of = seen('xeon-2020');
    expect(new Set(of('XENMEM_add_to_physmap_batch').map((each) => each.n))).toEqual(new Set([4]));
    const removed = of('XENMEM_remove_from_physmap').map((each) => each.n);
    expect(removed.length).toBeGreaterThan(100);
    expect(new Set(removed)).toEqual(new Set([1]));
    expect(of('EPT.sync').length).toBe(removed.length);
  });
});

describe('the IOMMU of an emulator’s device', () => {
  it('walks the table that is shared with the CPUs: no entries of its own, an invalidation each', () => {
    const of = seen('xeon-2020');
    expect([of('IOMMU.map').length, of('IOMMU.unmap').length]).toEqual([0, 0]);
    expect(of('IOTLB.inv').length).toBe(of('XENMEM_remove_from_physmap').length);
  });

  it('has a table of its own where AMD-Vi cannot share', () => {
    const of = seen('epyc-2020');
    expect(of('IOMMU.unmap').length).toBe(of('XENMEM_remove_from_physmap').length);
  });
});
