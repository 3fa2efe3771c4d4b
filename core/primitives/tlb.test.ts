/** Remote TLB flushes: whose rounds wait for whose. */
import { describe, expect, it } from 'vitest';
import { parseScenario, type ScenarioInput } from '../contract/scenario.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { assemble } from '../experiment/assemble.ts';
import { grantMap } from '../strategies/grant-map.ts';
import { tlbIpi } from './tlb.ts';
import type { Backend } from './world.ts';

/** As many CPUs of one backend each make a round at the same time. */
function rounds(flushing: number, input: ScenarioInput) {
  const world = assemble(parseScenario(input), grantMap, null);
  const backend = world.backends[0] as Backend;
  const flush = function* (cpu: Cpu): Steps {
    yield* cpu.acquire();
    yield* tlbIpi(world, cpu, backend);
    yield* cpu.release();
  };
  for (const cpu of backend.cpus.slice(0, flushing)) world.engine.spawn(flush(cpu));
  while (world.engine.run(100));
  return { ps: world.engine.now, world };
}

const XEN = { hypervisor: 'xen-pv-dom0', soc: 'xeon-2012' } as const;

describe('rounds of interrupts', () => {
  it('of a CPU by itself reach nobody, and take no lock', () => {
    const { world } = rounds(1, { ...XEN, backend: { cpus: 1 } });
    expect(world.flushLock.acquisitions).toBe(0);
  });

  it('are one at a time in Xen', () => {
    const one = rounds(1, { ...XEN, backend: { cpus: 4 } });
    const four = rounds(4, { ...XEN, backend: { cpus: 4 } });
    expect(four.world.flushLock.acquisitions).toBe(4);
    expect(four.ps).toBeGreaterThanOrEqual(4 * one.ps);
  });

  it('overlap under Linux: nobody waits for a turn', () => {
    const kvm = { hypervisor: 'kvm-vhost', soc: 'xeon-2012', backend: { cpus: 4 } } as const;
    expect(rounds(4, kvm).world.flushLock.acquisitions).toBe(0);
    expect(rounds(4, kvm).ps).toBeLessThan(2 * rounds(1, kvm).ps);
  });
});
