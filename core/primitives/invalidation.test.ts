import { describe, expect, it } from 'vitest';
import { parseScenario } from '../contract/scenario.ts';
import type { SocId } from '../contract/ids.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { assemble } from '../experiment/assemble.ts';
import { K } from '../contract/kinds.ts';
import { iommuStrict } from '../strategies/iommu-strict.ts';
import { HostDma } from './dma-api.ts';
import { Iommu } from './iommu.ts';
import { scopeOf } from './invalidation-scope.ts';
import type { Guest, World } from './world.ts';

function worldOf(soc: SocId, cpus: number): World {
  const scenario = parseScenario({
    strategy: 'iommu-strict',
    topology: 'native',
    hypervisor: 'kvm-vhost',
    soc,
    net: { queues: cpus > 16 ? 16 : cpus },
    frontend: { cpus },
  });
  return assemble(scenario, iommuStrict, null);
}

/** One page mapped and unmapped again and again on each CPU. Returns pairs a second of one CPU. */
function pairsPerSecond(soc: SocId, cpus: number): number {
  const world = worldOf(soc, cpus);
  const iommu = new Iommu(world);
  const dma = new HostDma(world, iommu, 'strict', iommu.context('test'));
  const guest = world.guests[0] as Guest;
  let done = 0;
  const loop = function* (cpu: Cpu, mfn: number): Steps {
    yield* cpu.acquire();
    const span = world.recorder.begin(K.stackFrontend, cpu.track, 0);
    for (let i = 0; i < 300; i++) {
      const extent = { mfn, offset: 0, bytes: 4096 };
      const mapping = yield* dma.map(cpu, ACTOR.frontend, extent, 'out', 0);
      yield* dma.unmap(cpu, ACTOR.frontend, mapping, 0);
      done++;
    }
    world.recorder.end(span, cpu.track);
  };
  guest.cpus.forEach((cpu, i) => world.engine.spawn(loop(cpu, guest.memory.first + i)));
  while (world.engine.run(100_000));
  return (done / cpus / world.engine.now) * 1e12;
}

describe('what one invalidation drops', () => {
  it('is an aligned block on VT-d and AMD-Vi, the range itself on an SMMU', () => {
    expect(scopeOf('VT-d', 8, 8)).toEqual({ first: 8, pages: 8, commands: 1 });
    expect(scopeOf('AMD-Vi', 7, 2)).toEqual({ first: 0, pages: 16, commands: 1 });
    expect(scopeOf('VT-d', 5, 3)).toEqual({ first: 4, pages: 4, commands: 1 });
    expect(scopeOf('SMMUv3', 5, 3)).toEqual({ first: 5, pages: 3, commands: 3 });
  });

  it('is the whole domain where no mask is wide enough', () => {
    expect(scopeOf('VT-d', 2 ** 19 - 1, 2).first).toBe(-1);
  });
});

describe('invalidations of many CPUs', () => {
  it('bring each CPU ever less, and all together less than a few on SMMUv3', () => {
    const counts = [1, 16, 32, 64];
    const each = counts.map((cpus) => pairsPerSecond('kunpeng-920', cpus));
    const all = each.map((rate, i) => rate * (counts[i] as number));
    expect(all[1]).toBeGreaterThan(2 * (all[0] as number));
    expect(all[2]).toBeLessThan(all[1] as number);
    expect(all[3]).toBeLessThan(all[2] as number);
    // Twice the CPUs, and each has less than half.
    expect(each[3]).toBeLessThan((each[2] as number) / 2);
  });

  it('gain nothing from more CPUs where one register serves all', () => {
    const [eight = 0, sixteen = 0] = [8, 16].map(
      (cpus) => cpus * pairsPerSecond('cortex-a72', cpus),
    );
    expect(sixteen).toBeLessThan(eight);
  });

  it('overlap on VT-d until the hardware is busy all the time, and no further', () => {
    const { iotlbInvService } = worldOf('xeon-2020', 1).costs;
    const hardware = 1e12 / iotlbInvService;
    const eight = 8 * pairsPerSecond('xeon-2020', 8);
    expect(eight).toBeLessThanOrEqual(hardware);
    expect(eight).toBeGreaterThan(0.9 * hardware);
  });
});
