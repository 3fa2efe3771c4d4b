/** Claims of xen-devel 2014: translation and mapping for XenGT. */
import type { ScenarioInput } from '../../contract/scenario.ts';
import { figure, hazard, verdictOf, verdictOver, type Claim } from './claim.ts';

const GPU = {
  hypervisor: 'xen-pv-dom0',
  soc: 'xeon-2020',
  topology: 'assigned',
  workload: 'gpu-gtt',
  requests: 2000,
  gpu: { entries: 256 },
} as const satisfies ScenarioInput;
const BALLOON = { faults: { balloonPerSecond: 100_000 } } as const;

const total = (perRequest: Readonly<Record<string, number>>): number =>
  Object.values(perRequest).reduce((sum, each) => sum + each, 0);

export const XENGT_2014: readonly Claim[] = [
  {
    number: 9,
    thread: '001',
    claim: 'A lookup without a reference races with ballooning; a map with a reference does not.',
    async test(lab) {
      const lookup = await lab.run({ ...GPU, ...BALLOON, strategy: 'gfn-lookup' });
      const counted = await lab.run({ ...GPU, ...BALLOON, strategy: 'gfn-map-refcount' });
      return {
        finding: `accesses to frames of another domain: ${hazard(lookup, 'H5')} by lookup, ${hazard(counted, 'H5')} by counted map`,
        verdict: verdictOf(hazard(lookup, 'H5') > 0 && hazard(counted, 'H5') === 0),
      };
    },
  },
  {
    number: 10,
    thread: '001',
    claim:
      'An extra unmap for each table change costs media workloads something; batching removes most of it.',
    async test(lab) {
      const hot = (strategy: 'gfn-lookup' | 'gfn-map-refcount', batch: number) =>
        lab.run({ ...GPU, strategy, gpu: { entries: 4096, hotPercent: 80, batch } });
      const each = async (batch: number) => {
        const map = total((await hot('gfn-map-refcount', batch)).cpuNsPerRequest) / batch;
        const lookup = total((await hot('gfn-lookup', batch)).cpuNsPerRequest) / batch;
        return map - lookup;
      };
      const [one, many] = [await each(1), await each(64)];
      return {
        finding: `mapping with a count costs ${figure(one)} ns for each entry more than a lookup, one by one, and ${figure(many)} in batches of 64`,
        verdict: verdictOf(one > 0 && many < one / 2),
      };
    },
  },
  {
    number: 11,
    thread: '001',
    claim:
      'The unmap is small beside trap, emulation, ioreq and scheduling; but invalidations can be expensive.',
    async test(lab) {
      const x86 = await lab.run({ ...GPU, strategy: 'gfn-map-refcount' });
      const lookup = await lab.run({ ...GPU, strategy: 'gfn-lookup' });
      const rest = total(lookup.cpuNsPerRequest);
      const extra = total(x86.cpuNsPerRequest) - rest;
      return {
        finding: `one update: ${figure(rest)} ns of CPU time and ${figure(lookup.latencyNs.p50)} ns of waiting without a map, ${figure(extra)} ns more with map and unmap`,
        verdict: verdictOver([extra < rest / 2, extra < lookup.latencyNs.p50 / 4]),
      };
    },
  },
  {
    number: 12,
    thread: '001',
    claim: 'A reserved range made at boot needs no change of the IOMMU at run time.',
    async test(lab) {
      const one = await lab.run({ ...GPU, strategy: 'bfn-reserved' });
      const batch = await lab.run({
        ...GPU,
        strategy: 'bfn-reserved',
        gpu: { entries: 4096, batch: 32 },
      });
      return {
        finding: `entries unmapped ${one.counts.unmap}, invalidations ${one.counts.iotlbFlush} one by one; in batches of 32, as shipped, ${batch.counts.iotlbFlush} flushes of the whole domain all the same; ${hazard(one, 'H7')} frames over-broad`,
        verdict: verdictOf(one.counts.unmap === 0 && one.counts.iotlbFlush === 0),
      };
    },
  },
  {
    number: 13,
    thread: '001',
    claim: 'Xen must remember references for the clean-up after a crash.',
    async test(lab) {
      const shipped = await lab.run({
        ...GPU,
        strategy: 'bfn-reserved',
        faults: { backendCrashUs: 5000 },
      });
      const grants = await lab.run({
        hypervisor: 'xen-pv-dom0',
        soc: 'xeon-2020',
        strategy: 'grant-map',
        payloadBytes: 9000,
        requests: 2000,
        faults: { backendCrashUs: 500 },
      });
      return {
        finding: `pages that stay referenced after the emulator’s crash: ${hazard(shipped, 'H9a')} where only the emulator knew of them; grants are dropped with their domain (${hazard(grants, 'H9a')} pages waited for their device)`,
        verdict: verdictOf(hazard(shipped, 'H9a') > 0),
      };
    },
  },
  {
    number: 14,
    thread: '001',
    claim:
      'Mappings need not be contiguous, but device frame numbers must not clash with ballooning or hotplug.',
    async test(lab) {
      const range = await lab.run({ ...GPU, ...BALLOON, strategy: 'bfn-reserved' });
      const own = await lab.run({ ...GPU, ...BALLOON, strategy: 'gfn-map-refcount' });
      return {
        finding: `with numbers apart from all memory (an offset, or a space of its own) ballooning brings ${hazard(range, 'H5')} and ${hazard(own, 'H5')} wrong accesses; whether numbers clash cannot be told: the lab has no allocator that takes them from where memory may come`,
        verdict: 'not decidable here',
      };
    },
  },
];
