/** DMA modes of a driver that owns its device (P, Q, R), and virtual IOMMUs (M): what they refuse, what they leave open. */
import { describe, expect, it } from 'vitest';
import { parseScenario, type ScenarioInput } from '../contract/scenario.ts';
import type { RunResult } from '../contract/result.ts';
import { assemble } from '../experiment/assemble.ts';
import { judge, prepareRun } from '../experiment/index.ts';
import { Iommu } from '../primitives/iommu.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { strategyOf } from './index.ts';
import type { StrategyId } from '../contract/ids.ts';

const KVM = { hypervisor: 'kvm-vhost', soc: 'xeon-2020' } as const;

function run(input: ScenarioInput): RunResult {
  const simulation = prepareRun(parseScenario({ ...KVM, ...input }), null);
  while (simulation.step(10_000)) {
    // Go on.
  }
  return simulation.finish();
}

const statusOf = (input: ScenarioInput) => judge(parseScenario({ ...KVM, ...input })).status;

describe('pairs', () => {
  it('DMA modes are refused between guest and backend, and virtual IOMMUs without a guest', () => {
    for (const strategy of [
      'iommu-strict',
      'iommu-lazy',
      'iommu-passthrough',
      'ro-identity-tx',
    ] as const) {
      expect(statusOf({ strategy, topology: 'mediated' }), strategy).toBe('refused');
      expect(statusOf({ strategy, topology: 'native' }), strategy).not.toBe('refused');
      const identity = { iommu: 'virtio-iommu' } as const;
      expect(statusOf({ strategy, topology: 'native', identity }), strategy).toBe('refused');
    }
    expect(statusOf({ strategy: 'viommu-strict', topology: 'native' })).toBe('refused');
  });

  it('a refused topology is refused for what the strategy is', () => {
    const reason = (strategy: StrategyId, topology: 'mediated' | 'native') =>
      judge(parseScenario({ ...KVM, strategy, topology })).reason;
    expect(reason('grant-map', 'native')).toMatch(/guest and a backend.*the mediated topology/);
    expect(reason('viommu-strict', 'native')).toMatch(/the topologies mediated and assigned/);
    expect(reason('map-all-memory', 'native')).toMatch(/the topologies mediated and assigned/);
    expect(reason('iommu-lazy', 'mediated')).toMatch(/DMA mode.*hostDma in its place/);
    const gpu = { strategy: 'gfn-lookup', workload: 'gpu-gtt', topology: 'native' } as const;
    expect(judge(parseScenario({ ...KVM, ...gpu })).reason).not.toMatch(/DMA mode/);
    const mediated = { strategy: 'gfn-lookup', topology: 'mediated' } as const;
    expect(judge(parseScenario({ ...KVM, ...mediated })).reason).toMatch(/the assigned topology/);
  });

  it('enforcement vfio is for assigned devices alone, and they take no other', () => {
    const strategy = 'viommu-strict';
    for (const enforcement of ['stage2', 'advisory', 'vfio'] as const) {
      const assigned = statusOf({ strategy, topology: 'assigned', viommu: { enforcement } });
      const mediated = statusOf({ strategy, topology: 'mediated', viommu: { enforcement } });
      expect(assigned === 'refused', enforcement).toBe(enforcement !== 'vfio');
      expect(mediated === 'refused', enforcement).toBe(enforcement === 'vfio');
    }
  });

  it('a doorbell that is never rung is a question to a nested IOMMU alone', () => {
    for (const flavour of ['vtd-cm', 'virtio-iommu', 'nested'] as const) {
      const viommu = { enforcement: 'vfio', flavour, doorbell: false } as const;
      const status = statusOf({ strategy: 'viommu-strict', topology: 'assigned', viommu });
      expect(status === 'refused', flavour).toBe(flavour !== 'nested');
    }
  });

  it('nothing defers behind caching mode, nor over virtio-iommu before its driver could', () => {
    const topology = 'assigned';
    for (const flavour of ['vtd-cm', 'virtio-iommu', 'nested'] as const) {
      const viommu = { enforcement: 'vfio', flavour } as const;
      const deferred = statusOf({ strategy: 'viommu-deferred', topology, viommu });
      const lazy = statusOf({ strategy: 'iommu-lazy', topology, identity: { iommu: flavour } });
      expect(deferred === 'refused', flavour).toBe(flavour !== 'nested');
      expect(lazy === 'refused', flavour).toBe(flavour !== 'nested');
    }
    const later = { enforcement: 'vfio', lazyDriver: true } as const;
    expect(statusOf({ strategy: 'viommu-deferred', topology, viommu: later })).toBe('native');
  });
});

describe('hazards of a driver that owns its device', () => {
  const base = { workload: 'net-both', requests: 1500, net: { rxReuse: false } } as const;

  it.each(['assigned', 'native'] as const)(
    '%s: lazy opens H4; strict leaves a page in reach for no longer than the wait',
    (topology) => {
      const strict = run({ ...base, topology, strategy: 'iommu-strict' });
      expect(strict.hazards.H4).toBe(0);
      const lazy = run({ ...base, topology, strategy: 'iommu-lazy' });
      expect(lazy.hazards.H4).toBeGreaterThan(0);
      const stale = ({ exposure }: RunResult) => exposure.device?.staleByteSeconds ?? 0;
      expect(stale(lazy)).toBeGreaterThan(10 * stale(strict));
      expect(lazy.counts.iotlbFlush).toBeLessThan(strict.counts.iotlbFlush / 50);
    },
  );

  it('passthrough lets a rogue device write where it likes; read-only identity does not', () => {
    const rogue = { ...base, topology: 'native', faults: { rogueDevice: true } } as const;
    const open = run({ ...rogue, strategy: 'iommu-passthrough' });
    expect(open.hazards.H10).toBeGreaterThan(0);
    expect(open.counts.fault).toBe(0);
    const guarded = run({ ...rogue, strategy: 'ro-identity-tx' });
    expect(guarded.hazards.H10).toBe(0);
    expect(guarded.hazards.H2).toBeGreaterThan(0);
    expect(guarded.counts.fault).toBeGreaterThan(0);
    const lazy = run({ ...rogue, strategy: 'ro-identity-tx', identity: { receive: 'lazy' } });
    expect(lazy.hazards.H4).toBeGreaterThan(0);
  });

  it('a nested doorbell that is never rung leaves what was unmapped in reach', () => {
    const viommu = { enforcement: 'vfio', flavour: 'nested' } as const;
    const vfio = { ...base, topology: 'assigned', strategy: 'viommu-strict' } as const;
    expect(run({ ...vfio, viommu }).hazards.H4).toBe(0);
    expect(run({ ...vfio, viommu: { ...viommu, doorbell: false } }).hazards.H4).toBeGreaterThan(0);
  });
});

describe('several guests with devices of their own', () => {
  it.each(['iommu-passthrough', 'ro-identity-tx'] as const)(
    '%s: no device reaches another guest',
    (id) => {
      const scenario = parseScenario({ ...KVM, strategy: id, topology: 'assigned', guests: 2 });
      const strategy = strategyOf(id);
      if (strategy?.dma === undefined) return expect.fail('a DMA mode');
      const world = assemble(scenario, strategy, null);
      const iommu = new Iommu(world);
      const dma = strategy.dma(world, iommu);
      const [one, other] = world.guests.map(({ memory }) => memory.first) as [number, number];
      const cpu = world.guests[0]?.cpus[0] as Cpu;
      world.engine.spawn(
        (function* (): Steps {
          const extent = { mfn: one, offset: 0, bytes: 4096 };
          const { context } = yield* dma.map(cpu, ACTOR.frontend, extent, 'out', 0);
          expect(iommu.translate(context, one + 5, false).mfn).toBe(one + 5);
          expect(iommu.translate(context, other, false).mfn).toBe(-1);
        })(),
      );
      while (world.engine.run(1000));
    },
  );
});

describe('dirty pages told from maps and invalidations', () => {
  const base = {
    topology: 'assigned',
    workload: 'net-both',
    requests: 1500,
    net: { rxReuse: false },
    faults: { migrationUs: 1500 },
  } as const;
  const pages = (input: ScenarioInput) => {
    const { dirtyPages } = run({ ...base, ...input });
    if (dirtyPages === null) return expect.fail('there is a monitor');
    return dirtyPages;
  };

  it('are not looked for where nobody asks, nor where there is no guest with a device', () => {
    expect(run({ ...base, strategy: 'iommu-strict' }).dirtyPages).toBeNull();
    const native = { ...base, topology: 'native', dirtyTracking: 'exact' } as const;
    expect(run({ ...native, strategy: 'iommu-strict' }).dirtyPages).toBeNull();
  });

  it('naive: pages that the device only read are sent too; exact and read-only identity spare them', () => {
    const naive = pages({ strategy: 'iommu-strict', dirtyTracking: 'naive' });
    const exact = pages({ strategy: 'iommu-strict', dirtyTracking: 'exact' });
    const identity = pages({ strategy: 'ro-identity-tx', dirtyTracking: 'naive' });
    expect(exact.dirty).toBeLessThan(naive.dirty);
    expect(exact.needless).toBeLessThan(naive.needless);
    expect(identity).toEqual(pages({ strategy: 'ro-identity-tx', dirtyTracking: 'exact' }));
    for (const each of [naive, exact, identity]) expect(each.missed).toBe(0);
  });

  it('are all of memory where all of it stays writable', () => {
    const { dirty, missed } = pages({ strategy: 'iommu-passthrough', dirtyTracking: 'exact' });
    expect(dirty).toBe(2 ** 18);
    expect(missed).toBe(0);
  });

  it('naive: a device that goes back to old addresses writes what is never sent; exact misses nothing', () => {
    const rogue = { rogueDevice: true, migrationUs: 0 } as const;
    const late = {
      strategy: 'iommu-lazy',
      workload: 'net-rx',
      soc: 'neoverse-n1',
      requests: 6000,
      faults: rogue,
    } as const;
    expect(pages({ ...late, dirtyTracking: 'naive' }).missed).toBeGreaterThan(0);
    expect(pages({ ...late, dirtyTracking: 'exact' }).missed).toBe(0);
  });
});

describe('what mapping costs', () => {
  const receive = { topology: 'native', workload: 'net-rx', requests: 3000 } as const;
  const perRequest = (strategy: StrategyId, input: ScenarioInput): number => {
    const { cpuNsPerRequest } = run({ ...input, strategy });
    return Object.values(cpuNsPerRequest).reduce((sum, each) => sum + each, 0);
  };

  it('nothing for a read-only identity as a whole, where receive pages are used again', () => {
    const open = perRequest('iommu-passthrough', receive);
    const guarded = perRequest('ro-identity-tx', receive);
    expect(Math.abs(guarded / open - 1)).toBeLessThan(0.05);
  });

  it('more for strict than for lazy, and more for lazy than for nothing, where they are not', () => {
    const fresh = { ...receive, net: { rxReuse: false } };
    const [open = 0, lazy = 0, strict = 0] = (
      ['iommu-passthrough', 'iommu-lazy', 'iommu-strict'] as const
    ).map((strategy) => perRequest(strategy, fresh));
    expect(lazy).toBeGreaterThan(open);
    expect(strict).toBeGreaterThan(lazy);
  });

  it('an exit for each buffer behind a virtual IOMMU: several times the native price', () => {
    const send = { topology: 'assigned', requests: 1000, payloadBytes: 1500 } as const;
    const own = perRequest('iommu-strict', send);
    const viommu = { enforcement: 'vfio' } as const;
    expect(perRequest('viommu-strict', { ...send, viommu })).toBeGreaterThan(2 * own);
  });
});

describe('a virtual IOMMU between guest and backend', () => {
  const base = { payloadBytes: 4096, requests: 1000 } as const;

  it('enforced and strict: the backend reaches nothing that no request needs', () => {
    const { hazards, exposure } = run({ ...base, strategy: 'viommu-strict' });
    expect(hazards).toMatchObject({ H4: 0, H7: 0 });
    expect(exposure.backend?.standingBytes).toBe(0);
  });

  it('as advice: the backend has all memory, whatever is mapped', () => {
    const viommu = { enforcement: 'advisory' } as const;
    const { hazards, exposure } = run({ ...base, strategy: 'viommu-strict', viommu });
    expect(hazards.H7).toBeGreaterThan(0);
    expect(exposure.backend?.standingBytes).toBe(1024 * 2 ** 20);
  });

  it('deferred: fewer exits, and pages that are in use again within the backend’s reach', () => {
    const strict = run({ ...base, strategy: 'viommu-strict' });
    const deferred = run({ ...base, strategy: 'viommu-deferred' });
    expect(deferred.counts.trap).toBeLessThan(strict.counts.trap * 0.7);
    expect(deferred.hazards.H4).toBeGreaterThan(0);
    expect(strict.hazards.H4).toBe(0);
  });

  it('receives as well as it sends: each posted buffer is mapped writable and unmapped', () => {
    const { counts, requests } = run({ ...base, strategy: 'viommu-strict', workload: 'net-rx' });
    expect(requests).toBe(1000);
    expect(counts.map).toBeGreaterThanOrEqual(1000);
    expect(counts.trap).toBeGreaterThanOrEqual(2000);
  });
});
