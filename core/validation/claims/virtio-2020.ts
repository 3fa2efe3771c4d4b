/** Claims of stratos-dev 2020: virtio over pre-shared memory or a virtual IOMMU. */
import type { ScenarioInput } from '../../contract/scenario.ts';
import { reversals, rank } from '../../ranking/rank.ts';
import {
  cpuPerByte,
  figure,
  hazard,
  verdictOf,
  verdictOver,
  type Claim,
  type Lab,
} from './claim.ts';

const A53 = { hypervisor: 'xen-arm-dom0', soc: 'cortex-a53' } as const;
const N1 = { hypervisor: 'kvm-vhost', soc: 'neoverse-n1' } as const;
const X86 = { hypervisor: 'kvm-vhost', soc: 'xeon-2020' } as const;
const PLACES = [A53, N1, X86] as const;
/** More than three times what is under way at once, so that rates are of a steady state. */
const TX = { workload: 'net-tx', requests: 2000 } as const satisfies ScenarioInput;

/** Payload that a socket has just written: the copy reads the cache. */
const SENT = {
  input: TX,
  sizes: [1500, 4096, 9000, 16_384, 32_768, 61_440],
} as const;
/** Payload that nobody has touched of late, contiguous so that one MAP covers what one can. */
const WRITTEN = {
  input: {
    workload: 'blk-write',
    requests: 300,
    blk: { contiguous: true },
    frontend: { memoryMiB: 2048 },
  },
  sizes: [4096, 16_384, 65_536, 262_144, 1_048_576],
} as const satisfies { input: ScenarioInput; sizes: readonly number[] };

/** The smallest size at which mapping costs less CPU time than copying, or null. */
async function crossing(
  lab: Lab,
  place: ScenarioInput,
  { input, sizes }: typeof SENT | typeof WRITTEN,
): Promise<number | null> {
  for (const payloadBytes of sizes) {
    const base = { ...input, ...place, payloadBytes, backend: { copy: 'never' } } as const;
    const map = await lab.run({ ...base, strategy: 'viommu-strict' });
    const copy = await lab.run({ ...base, strategy: 'swiotlb-bounce' });
    if (cpuPerByte(map) < cpuPerByte(copy)) return payloadBytes;
  }
  return null;
}

export const VIRTIO_2020: readonly Claim[] = [
  {
    number: 15,
    thread: '002',
    claim: 'With a static region all traffic is copied.',
    async test(lab) {
      const region = await lab.run({
        ...X86,
        ...TX,
        payloadBytes: 16_384,
        strategy: 'preshared-frontend',
        backend: { copy: 'never' },
      });
      const share = region.copiedBytes / (region.requests * 16_384);
      return {
        finding: `${figure(share)} of all payload bytes copied at least once`,
        verdict: verdictOf(share >= 1),
      };
    },
  },
  {
    number: 16,
    thread: '002',
    claim:
      'Payloads smaller than a page need a bounce buffer anyway, or they show the rest of their page.',
    async test(lab) {
      const map = await lab.run({ ...X86, ...TX, payloadBytes: 1500, strategy: 'viommu-strict' });
      const bounce = await lab.run({
        ...X86,
        ...TX,
        payloadBytes: 1500,
        strategy: 'swiotlb-bounce',
      });
      return {
        finding: `pages shared for a part of them: ${hazard(map, 'H3')} mapped, ${hazard(bounce, 'H3')} bounced`,
        verdict: verdictOf(hazard(map, 'H3') > 0 && hazard(bounce, 'H3') === 0),
      };
    },
  },
  {
    number: 17,
    thread: '002',
    claim: 'For large payloads mapping by a virtual IOMMU may beat copying, in spite of the exits.',
    async test(lab) {
      const from = (size: number | null, largest: string) =>
        size === null ? `never up to ${largest}` : `from ${size} B`;
      const holds: boolean[] = [];
      const texts: string[] = [];
      for (const place of PLACES) {
        const sent = await crossing(lab, place, SENT);
        const written = await crossing(lab, place, WRITTEN);
        holds.push(sent !== null, written !== null);
        texts.push(
          `${place.soc}: sent while the cache holds it ${from(sent, '60 KiB')}, written to disk in one run ${from(written, '1 MiB')}`,
        );
      }
      return {
        finding: `${texts.join('; ')}. Mapping wins only where a page costs less to map and unmap than to copy`,
        verdict: verdictOver(holds),
      };
    },
  },
  {
    number: 18,
    thread: '002',
    claim: 'Xen’s PV network went over to hypervisor copies because they were faster.',
    async test(lab) {
      const of = async (soc: 'xeon-2012' | 'xeon-2020', payloadBytes: number) => {
        const base = { ...TX, hypervisor: 'xen-pv-dom0', soc, payloadBytes } as const;
        const copy = await lab.run({ ...base, strategy: 'grant-copy' });
        const map = await lab.run({ ...base, strategy: 'grant-map' });
        return {
          faster: copy.throughputGbps > map.throughputGbps,
          text: `${soc}, ${payloadBytes} B: ${figure(copy.throughputGbps)} against ${figure(map.throughputGbps)} Gb/s`,
        };
      };
      const all = [
        await of('xeon-2012', 1500),
        await of('xeon-2012', 61_440),
        await of('xeon-2020', 1500),
        await of('xeon-2020', 61_440),
      ];
      return {
        finding: `copy against map: ${all.map((each) => each.text).join('; ')}`,
        verdict: verdictOver(all.map((each) => each.faster)),
      };
    },
  },
  {
    number: 19,
    thread: '002',
    claim: 'virtio with a virtual IOMMU is slower than grant tables.',
    async test(lab) {
      const holds: boolean[] = [];
      const texts: string[] = [];
      for (const place of [A53, { hypervisor: 'xen-pv-dom0', soc: 'xeon-2020' }] as const) {
        for (const payloadBytes of [1500, 61_440]) {
          const viommu = await lab.run({
            ...TX,
            ...place,
            payloadBytes,
            strategy: 'viommu-strict',
          });
          const grants = await lab.run({ ...TX, ...place, payloadBytes, strategy: 'grant-map' });
          holds.push(viommu.throughputGbps < grants.throughputGbps);
          const fill = viommu.bottleneck === 'link' && grants.bottleneck === 'link';
          texts.push(
            `${place.soc}, ${payloadBytes} B: ${figure(viommu.throughputGbps)} against ${figure(grants.throughputGbps)} Gb/s${fill ? ' (both fill the link)' : ''}`,
          );
        }
      }
      return { finding: texts.join('; '), verdict: verdictOver(holds) };
    },
  },
  {
    number: 20,
    thread: '002',
    claim: 'swiotlb is less efficient than a single FIFO.',
    async test(lab) {
      const holds: boolean[] = [];
      const texts: string[] = [];
      for (const place of PLACES) {
        const base = { ...TX, ...place, payloadBytes: 9000, backend: { copy: 'never' } } as const;
        const bounce = await lab.run({ ...base, strategy: 'swiotlb-bounce' });
        const fifo = await lab.run({ ...base, strategy: 'single-fifo' });
        holds.push(cpuPerByte(fifo) < cpuPerByte(bounce));
        texts.push(
          `${place.soc}: ${figure(cpuPerByte(bounce))} against ${figure(cpuPerByte(fifo))} ns/B`,
        );
      }
      return { finding: texts.join('; '), verdict: verdictOver(holds) };
    },
  },
  {
    number: 21,
    thread: '002',
    claim: 'A single FIFO holds 512 KiB of a queue at most, and stalls when more is asked of it.',
    async test(lab) {
      const base = {
        ...X86,
        workload: 'net-tx',
        payloadBytes: 61_440,
        requests: 2000,
        strategy: 'single-fifo',
        backend: { copy: 'never' },
        // A link that is slower than the guest: what is wanted at once is on its way at once.
        device: { linkMbps: 10_000 },
      } as const;
      const much = await lab.run({ ...base, arrival: { inFlight: 64 } });
      const little = await lab.run({ ...base, arrival: { inFlight: 4 } });
      return {
        finding: `64 requests of 60 KiB wanted at once on a link of 10 Gb/s: the queue stopped ${hazard(much, 'H6')} times; 4 at once: ${hazard(little, 'H6')}`,
        verdict: verdictOf(hazard(much, 'H6') > 0 && hazard(little, 'H6') === 0),
      };
    },
  },
  {
    number: 22,
    thread: '002',
    claim:
      'Results differ between network and block, Xen and KVM, and machines: the order of strategies is not the same everywhere.',
    async test(lab) {
      const strategies = [
        'grant-map',
        'grant-copy',
        'swiotlb-bounce',
        'viommu-strict',
        'grant-persistent',
        'single-fifo',
      ] as const;
      const orders: Record<string, ReturnType<typeof rank>> = {};
      for (const workload of ['net-tx', 'blk-write'] as const) {
        for (const place of [
          ...PLACES,
          { hypervisor: 'xen-pvh-dom0', soc: 'epyc-2020' },
        ] as const) {
          const results = [];
          for (const strategy of strategies) {
            results.push(
              await lab.run({ ...place, workload, payloadBytes: 16_384, requests: 2000, strategy }),
            );
          }
          orders[`${workload} ${place.soc}`] = rank(results, 'cpuPerByte');
        }
      }
      const found = reversals(orders);
      return {
        finding: `${found.length} of ${(strategies.length * (strategies.length - 1)) / 2} pairs change places, for example ${found[0]?.first ?? 'none'} and ${found[0]?.second ?? ''}`,
        verdict: verdictOf(found.length > 0),
      };
    },
  },
  {
    number: 23,
    thread: '002',
    claim: 'Memory should come from the frontend, or a backend with many of them runs low.',
    async test(lab) {
      const many = {
        ...X86,
        ...TX,
        guests: 16,
        frontend: { memoryMiB: 64 },
        backend: { memoryMiB: 64 },
        preshared: { regionKiB: 8192 },
      } as const;
      const own = await lab.run({ ...many, strategy: 'preshared-frontend' });
      const backend = await lab.run({ ...many, strategy: 'preshared-backend' });
      return {
        finding: `16 guests with 8 MiB each on a backend of 64 MiB: ${backend.dropped} requests of guests that could not connect against ${own.dropped}`,
        verdict: verdictOf(backend.dropped > 0 && own.dropped === 0),
      };
    },
  },
  {
    number: 24,
    thread: '002',
    claim: 'A pre-shared or Argo demonstration takes weeks, a virtual IOMMU months.',
    test: () => ({
      finding: 'a matter of engineering effort, which no simulation tells',
      verdict: 'not decidable here',
    }),
  },
];
