/** Claims of the iommu list 2018: read-only identity mapping for transmission. */
import type { ScenarioInput } from '../../contract/scenario.ts';
import { figure, hazard, verdictOf, verdictOver, type Claim } from './claim.ts';

const NATIVE = {
  hypervisor: 'kvm-vhost',
  topology: 'native',
  requests: 4000,
  payloadBytes: 9000,
} as const;
const SOCS = ['xeon-2020', 'neoverse-n1', 'kunpeng-920'] as const;
const both = { ...NATIVE, workload: 'net-both' } as const satisfies ScenarioInput;

export const IDENTITY_2018: readonly Claim[] = [
  {
    number: 25,
    thread: '003',
    claim:
      'Read-only identity for transmission with dynamic reception gives about the throughput of passthrough; the device reads all and writes nowhere else.',
    async test(lab) {
      const holds: boolean[] = [];
      const texts: string[] = [];
      for (const soc of SOCS) {
        const ratios: string[] = [];
        // Pages are used again while what waits in the socket is less than the ring holds (1 MiB).
        for (const inFlight of [64, 256]) {
          const base = { ...both, soc, arrival: { inFlight } } as const;
          const ro = await lab.run({ ...base, strategy: 'ro-identity-tx' });
          const pt = await lab.run({ ...base, strategy: 'iommu-passthrough' });
          const ratio = ro.throughputGbps / pt.throughputGbps;
          holds.push(ratio > 0.95);
          ratios.push(`${figure(100 * ratio)} % (${ro.counts.unmap} unmaps)`);
        }
        texts.push(`${soc}: ${ratios.join(' and ')}`);
      }
      const rogue = await lab.run({
        ...both,
        soc: 'xeon-2020',
        strategy: 'ro-identity-tx',
        faults: { rogueDevice: true },
      });
      return {
        finding: `of passthrough, with 64 and with 256 requests of 9000 B outstanding: ${texts.join(', ')}; the longer backlog holds both halves of a page, so that the driver must unmap it; a rogue device reads (${hazard(rogue, 'H2')}) and writes outside its pages ${hazard(rogue, 'H10')} times`,
        verdict: hazard(rogue, 'H10') === 0 ? verdictOver(holds) : 'contradicted',
      };
    },
  },
  {
    number: 26,
    thread: '003',
    claim: 'Drivers that reuse receive pages map and unmap next to nothing.',
    async test(lab) {
      const rx = {
        ...NATIVE,
        workload: 'net-rx',
        soc: 'xeon-2020',
        payloadBytes: 1500,
        requests: 10_000,
        strategy: 'iommu-strict',
      } as const;
      const reuse = await lab.run(rx);
      const none = await lab.run({ ...rx, net: { rxReuse: false } });
      return {
        finding: `maps for each packet: ${figure(reuse.counts.map / reuse.requests)} with reuse, rings filled at the start included, ${figure(none.counts.map / none.requests)} without; unmaps ${reuse.counts.unmap} against ${none.counts.unmap}`,
        verdict: verdictOf(reuse.counts.unmap < none.counts.unmap / 100),
      };
    },
  },
  {
    number: 27,
    thread: '003',
    claim:
      'A map and an invalidation for each packet on a virtual IOMMU destroy the benefit of an assigned device.',
    async test(lab) {
      const base = {
        hypervisor: 'kvm-vhost',
        soc: 'xeon-2020',
        workload: 'net-tx',
        payloadBytes: 1500,
        requests: 6000,
      } as const;
      const vfio = await lab.run({
        ...base,
        topology: 'assigned',
        strategy: 'viommu-strict',
        viommu: { enforcement: 'vfio' },
      });
      const pt = await lab.run({ ...base, topology: 'assigned', strategy: 'iommu-passthrough' });
      const pv = await lab.run({ ...base, strategy: 'map-all-memory' });
      return {
        finding: `assigned with a virtual IOMMU ${figure(vfio.throughputGbps)} Gb/s, without ${figure(pt.throughputGbps)}, paravirtual ${figure(pv.throughputGbps)}`,
        verdict: verdictOf(
          vfio.throughputGbps < pv.throughputGbps && pt.throughputGbps > pv.throughputGbps,
        ),
      };
    },
  },
  {
    number: 28,
    thread: '003',
    claim: 'Receive maps are off the critical path; transmission goes without delay.',
    async test(lab) {
      const rr = {
        ...NATIVE,
        soc: 'xeon-2020',
        workload: 'net-rr',
        payloadBytes: 64,
        requests: 2000,
        arrival: { inFlight: 1 },
      } as const;
      const ro = await lab.run({ ...rr, strategy: 'ro-identity-tx' });
      const pt = await lab.run({ ...rr, strategy: 'iommu-passthrough' });
      const strict = await lab.run({ ...rr, strategy: 'iommu-strict' });
      return {
        finding: `a transaction takes ${figure(ro.latencyNs.p50)} ns, ${figure(pt.latencyNs.p50)} by passthrough, ${figure(strict.latencyNs.p50)} strict`,
        verdict: verdictOf(ro.latencyNs.p50 <= 1.05 * pt.latencyNs.p50),
      };
    },
  },
  {
    number: 29,
    thread: '003',
    claim:
      'Pages mapped writable tell what is dirty; an identity map that is writable would defeat that.',
    async test(lab) {
      const base = {
        hypervisor: 'kvm-vhost',
        soc: 'xeon-2020',
        topology: 'assigned',
        workload: 'net-both',
        payloadBytes: 9000,
        requests: 2000,
        dirtyTracking: 'exact',
        faults: { migrationUs: 1000 },
      } as const;
      const ro = await lab.run({
        ...base,
        strategy: 'ro-identity-tx',
        identity: { iommu: 'nested' },
      });
      const found = ro.dirtyPages;
      return found === null
        ? { finding: 'dirty tracking did not run', verdict: 'not decidable here' }
        : {
            finding: `${found.dirty} pages taken as dirty, ${found.missed} missed, ${found.needless} needless`,
            verdict: verdictOf(found.missed === 0),
          };
    },
  },
  {
    number: 30,
    thread: '003',
    claim:
      'The mock-up lacked deferred unmapping on receive: its throughput is below the final one.',
    async test(lab) {
      const rx = {
        ...NATIVE,
        workload: 'net-rx',
        soc: 'xeon-2020',
        strategy: 'ro-identity-tx',
        net: { rxReuse: false },
      } as const;
      const strict = await lab.run(rx);
      const lazy = await lab.run({ ...rx, identity: { receive: 'lazy' } });
      return {
        finding: `without page reuse: ${figure(strict.throughputGbps)} Gb/s strict, ${figure(lazy.throughputGbps)} deferred`,
        verdict: verdictOf(lazy.throughputGbps > strict.throughputGbps),
      };
    },
  },
];
