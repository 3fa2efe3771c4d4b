/**
 * Runs from outside: what is refused, that a run is a function of its scenario, and that what it does
 * is what the real drivers do, packet by packet.
 */
import { describe, expect, it } from 'vitest';
import { LabError } from '../contract/errors.ts';
import { parseScenario, type ScenarioInput } from '../contract/scenario.ts';
import type { RunResult } from '../contract/result.ts';
import type { TraceSink } from '../engine/recording.ts';
import { HYPERVISOR_IDS } from '../contract/ids.ts';
import { STRATEGIES } from '../strategies/index.ts';
import { judge, listPairs, prepareRun } from './index.ts';

function run(input: ScenarioInput, slice = 10_000, sink: TraceSink | null = null): RunResult {
  const simulation = prepareRun(parseScenario(input), sink);
  while (simulation.step(slice)) {
    // Go on.
  }
  return simulation.finish();
}

function refusal(input: ScenarioInput): string {
  try {
    prepareRun(parseScenario(input), null);
  } catch (error) {
    if (error instanceof LabError) return error.data.code;
    throw error;
  }
  return 'ran';
}

/** A sink that takes everything and keeps nothing. */
const SILENT: TraceSink = {
  begin: () => undefined,
  events: () => undefined,
  request: () => undefined,
  hazard: () => undefined,
  sample: () => undefined,
  exposure: () => undefined,
};

const X86 = { soc: 'xeon-2020', hypervisor: 'xen-pv-dom0' } as const;
const ARM = { soc: 'cortex-a53', hypervisor: 'xen-arm-dom0' } as const;
const ONE = { requests: 1 } as const;

/** Every combination that runs net-tx, on one SoC of each architecture. */
const RUNNABLE = listPairs(
  STRATEGIES.map((each) => each.id),
  HYPERVISOR_IDS,
  ['xeon-2020', 'cortex-a53'],
  parseScenario({}),
)
  .filter((pair) => pair.status !== 'refused')
  .map(({ strategy, hypervisor, soc }) => ({ strategy, hypervisor, soc }));

/** One machine of each for every strategy, by turns. */
const SAMPLE = STRATEGIES.flatMap(({ id }, turn) => {
  const own = RUNNABLE.filter((each) => each.strategy === id);
  return own.length === 0 ? [] : [own[turn % own.length] as (typeof own)[0]];
});

describe('what cannot run is refused', () => {
  it('with the code that says why', () => {
    expect(refusal({ profiles: { soc: { format: 1 } } })).toBe('BAD_PROFILE');
    expect(refusal({ hypervisor: 'xen-pv-dom0', soc: 'cortex-a53' })).toBe('REFUSED_PAIR');
    expect(refusal({ ...ARM, soc: 'xeon-2020' })).toBe('REFUSED_PAIR');
    expect(refusal({ workload: 'gpu-gtt' })).toBe('REFUSED_PAIR');
    expect(refusal({ strategy: 'gfn-lookup' })).toBe('REFUSED_PAIR');
    expect(refusal({ topology: 'assigned' })).toBe('REFUSED_PAIR');
    expect(refusal({ hostDma: 'strict' })).toBe('REFUSED_PAIR');
    expect(refusal({ strategy: 'viommu-strict', viommu: { enforcement: 'vfio' } })).toBe(
      'REFUSED_PAIR',
    );
    expect(refusal({ strategy: 'swiotlb-bounce', frontend: { memoryMiB: 64 } })).toBe(
      'BAD_SCENARIO',
    );
    expect(refusal({ swiotlb: { areas: 3 } })).toBe('BAD_SCENARIO');
  });

  it('with one sentence', () => {
    const { reason } = judge(parseScenario({ hypervisor: 'xen-pv-dom0', soc: 'cortex-a53' }));
    expect(reason).toMatch(/Xen on Arm has no PV guests\.$/);
  });
});

describe('a run is a function of its scenario', () => {
  it.each(SAMPLE)('$strategy on $hypervisor, $soc: again, in slices, recorded', (pair) => {
    const base = { ...pair, requests: 300, seed: 11 };
    const first = run(base);
    expect(run(base, 7)).toEqual(first);
    expect(run(base, 10_000, SILENT)).toEqual(first);
    expect(run({ ...base, seed: 12 }).fingerprint).not.toBe(first.fingerprint);
  });
});

describe('one packet of 1500 bytes, nothing else going on', () => {
  it('grant-map: one header copy, one map, one unmap, one flush', () => {
    const { counts, copiedBytes } = run({
      strategy: 'grant-map',
      payloadBytes: 1500,
      ...X86,
      ...ONE,
    });
    // copy, map, unmap hypercalls, and one event channel send each way
    expect(counts).toMatchObject({
      hypercall: 5,
      map: 1,
      unmap: 1,
      tlbFlush: 1,
      copy: 1,
      notify: 2,
    });
    expect(copiedBytes).toBe(128);
    // the copied header and the rest of the page
    expect(counts.dma).toBe(2);
    expect(counts.iotlbFlush).toBe(0);
  });

  it('grant-map on Arm: a broadcast invalidation, and cache maintenance of two pages', () => {
    const { counts } = run({ strategy: 'grant-map', payloadBytes: 1500, ...ARM, ...ONE });
    // one GNTTABOP_cache_flush more than on x86: the mapped page is foreign, the header is not
    expect(counts).toMatchObject({ hypercall: 6, map: 1, unmap: 1, tlbFlush: 1, copy: 1 });
    expect(counts.cacheMaintenance).toBe(2);
  });

  it('grant-map maps nothing for a packet of 128 bytes', () => {
    const { counts } = run({ strategy: 'grant-map', payloadBytes: 128, ...X86, ...ONE });
    expect(counts).toMatchObject({ hypercall: 3, map: 0, unmap: 0, tlbFlush: 0, copy: 1, dma: 1 });
  });

  it('grant-copy: one copy of all bytes, no map and no flush', () => {
    for (const machine of [X86, ARM]) {
      const { counts, copiedBytes } = run({
        strategy: 'grant-copy',
        payloadBytes: 1500,
        ...machine,
        ...ONE,
      });
      expect(counts).toMatchObject({
        hypercall: 3,
        map: 0,
        unmap: 0,
        tlbFlush: 0,
        copy: 1,
        dma: 1,
      });
      expect(copiedBytes).toBe(1500);
    }
  });

  it('swiotlb-bounce: a copy by the frontend, and on KVM one by vhost', () => {
    const base = {
      strategy: 'swiotlb-bounce',
      payloadBytes: 1500,
      soc: 'xeon-2020',
      ...ONE,
    } as const;
    expect(run({ ...base, hypervisor: 'xen-pv-dom0' }).counts).toMatchObject({ copy: 1, map: 0 });
    const kvm = run({ ...base, hypervisor: 'kvm-vhost', hostDma: 'passthrough' });
    expect(kvm.counts).toMatchObject({ copy: 2, map: 0, hypercall: 0, trap: 1, notify: 2 });
    expect(kvm.copiedBytes).toBe(3000);
    const inPlace = run({ ...base, hypervisor: 'kvm-vhost', backend: { copy: 'never' } });
    expect(inPlace.counts.copy).toBe(1);
  });

  it('viommu-strict: an exit for MAP, an exit for UNMAP, one flush', () => {
    const { counts } = run({ strategy: 'viommu-strict', payloadBytes: 1500, ...X86, ...ONE });
    expect(counts).toMatchObject({ trap: 2, map: 1, unmap: 1, tlbFlush: 1, copy: 0, dma: 1 });
  });

  it('host DMA mapping adds a map, an unmap and, when strict, an invalidation with its wait', () => {
    const base = {
      strategy: 'swiotlb-bounce',
      soc: 'xeon-2020',
      hypervisor: 'kvm-vhost',
      payloadBytes: 1500,
      ...ONE,
    } as const;
    expect(run({ ...base, hostDma: 'strict' }).counts).toMatchObject({
      map: 1,
      unmap: 1,
      iotlbFlush: 1,
    });
    expect(run({ ...base, hostDma: 'lazy' }).counts).toMatchObject({
      map: 1,
      unmap: 1,
      iotlbFlush: 0,
    });
  });
});

describe('one request of 64 KiB: 16 pages in two packets, for an IP packet ends at 65535 bytes', () => {
  it('grant-map on x86 flushes once for all 16, on Arm once for each', () => {
    const base = { strategy: 'grant-map', payloadBytes: 65_536, ...ONE } as const;
    const x86 = run({ ...base, ...X86 });
    expect(x86.counts).toMatchObject({ map: 16, unmap: 16, tlbFlush: 1, copy: 2, hypercall: 5 });
    const arm = run({ ...base, ...ARM });
    expect(arm.counts).toMatchObject({ map: 16, unmap: 16, tlbFlush: 16, copy: 2 });
    // 16 foreign pages and two local headers
    expect(arm.counts.cacheMaintenance).toBe(18);
  });

  it('grant-copy copies page by page', () => {
    for (const machine of [X86, ARM]) {
      const { counts, copiedBytes } = run({
        strategy: 'grant-copy',
        payloadBytes: 65_536,
        ...machine,
        ...ONE,
      });
      expect(counts).toMatchObject({ copy: 16, map: 0, tlbFlush: 0 });
      expect(copiedBytes).toBe(65_536);
    }
  });

  it('swiotlb-bounce copies, and viommu-strict maps, each contiguous fragment: 32, 28 and 4 KiB', () => {
    const base = { payloadBytes: 65_536, ...ONE } as const;
    expect(run({ ...base, strategy: 'swiotlb-bounce', ...X86 }).counts.copy).toBe(3);
    const x86 = run({ ...base, strategy: 'viommu-strict', ...X86 }).counts;
    expect(x86).toMatchObject({ trap: 6, map: 16, unmap: 16, tlbFlush: 3 });
    const arm = run({ ...base, strategy: 'viommu-strict', ...ARM }).counts;
    expect(arm).toMatchObject({ trap: 6, map: 16, unmap: 16, tlbFlush: 16 });
  });
});

describe('grant unmap under load', () => {
  it('on PV flushes once for each 32 elements, on Arm for every element', () => {
    const base = { strategy: 'grant-map', payloadBytes: 65_536, requests: 400 } as const;
    const x86 = run({ ...base, ...X86 });
    const batches = Object.entries(x86.batch['slots per unmap'] ?? {});
    const flushes = batches.reduce((sum, [size, n]) => sum + Math.ceil(Number(size) / 32) * n, 0);
    expect(x86.counts.tlbFlush).toBe(flushes);
    const arm = run({ ...base, ...ARM });
    expect(arm.counts.tlbFlush).toBe(arm.counts.unmap);
  });
});

describe('steady state', () => {
  it('conserves: what is mapped is unmapped, what is sent is answered, all bytes leave', () => {
    for (const pair of SAMPLE) {
      const result = run({ ...pair, requests: 500, payloadBytes: 9000 });
      // What is kept mapped for the next request, or waits for company to be unmapped, is left.
      const keeps = /^(grant-persistent|viommu-deferred)$/.test(pair.strategy);
      if (keeps) expect(result.counts.unmap).toBeLessThan(result.counts.map);
      else expect(result.counts.map).toBe(result.counts.unmap);
      expect(result.requests).toBe(500);
      expect(result.counts.fault).toBe(0);
      expect(result.counts.upcall).toBeLessThanOrEqual(result.counts.notify);
      for (const fraction of Object.values(result.busy)) {
        expect(fraction).toBeGreaterThanOrEqual(0);
        expect(fraction).toBeLessThanOrEqual(1.000001);
      }
    }
  });

  it('never sends faster than the link', () => {
    for (const linkMbps of [100, 1000, 10_000]) {
      const result = run({ requests: 2000, payloadBytes: 9000, device: { linkMbps } });
      expect(result.throughputGbps).toBeLessThanOrEqual(linkMbps / 1000);
    }
  });

  it('in an open loop carries what is offered, and no more', () => {
    const arrival = { kind: 'poisson', perSecond: 50_000 } as const;
    const result = run({ requests: 4000, arrival });
    expect(result.requestsPerSecond).toBeGreaterThan(45_000);
    expect(result.requestsPerSecond).toBeLessThan(55_000);
    expect(result.bottleneck).toBe('offered load');
  });
});
