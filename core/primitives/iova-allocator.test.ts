import { describe, expect, it } from 'vitest';
import { K } from '../contract/kinds.ts';
import { parseScenario } from '../contract/scenario.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { assemble } from '../experiment/assemble.ts';
import { IovaSpace } from '../memory/iova.ts';
import { iommuLazy } from '../strategies/iommu-lazy.ts';
import { IovaAllocator } from './iova-allocator.ts';

const ROUNDS = 200;

/** Ranges taken and given back by each CPU, again and again. */
function use(cpus: number, pages: number, space?: IovaSpace) {
  const world = assemble(
    parseScenario({
      strategy: 'iommu-lazy',
      topology: 'native',
      hypervisor: 'kvm-vhost',
      frontend: { cpus },
    }),
    iommuLazy,
    null,
  );
  const iova = new IovaAllocator(world, space);
  let refused = 0;
  const loop = function* (cpu: Cpu): Steps {
    yield* cpu.acquire();
    const span = world.recorder.begin(K.stackFrontend, cpu.track, 0);
    for (let i = 0; i < ROUNDS; i++) {
      const page = yield* iova.take(cpu, ACTOR.frontend, pages, 0);
      if (page === -1) refused++;
      else yield* iova.give(cpu, ACTOR.frontend, page, pages, 0);
    }
    world.recorder.end(span, cpu.track);
    yield* cpu.release();
  };
  for (const cpu of world.guests[0]?.cpus ?? []) world.engine.spawn(loop(cpu));
  while (world.engine.run(100_000));
  for (const cpu of world.guests[0]?.cpus ?? []) {
    expect(world.recorder.outermostPs(cpu.track)).toBe(cpu.busyPs);
  }
  return { ps: world.engine.now, lock: iova.lock, refused, hazards: world.oracle.hazards() };
}

describe('IOVA space of many CPUs', () => {
  it('that is too small is H6, and refuses', () => {
    const { refused, hazards } = use(1, 32, new IovaSpace(33, 16));
    expect(refused).toBe(ROUNDS);
    expect(hazards.H6).toBe(1);
  });

  it('costs no more with more CPUs up to 32 pages: each has caches of its own', () => {
    const one = use(1, 32);
    const eight = use(8, 32);
    expect(eight.lock.acquisitions).toBe(8);
    expect(eight.ps).toBeLessThan(1.5 * one.ps);
  });

  it('is one tree behind one lock for 33 pages: eight CPUs wait for each other', () => {
    const one = use(1, 33);
    const eight = use(8, 33);
    expect(eight.lock.acquisitions).toBe(2 * 8 * ROUNDS);
    expect(eight.lock.waitPs).toBeGreaterThan(0);
    expect(eight.ps).toBeGreaterThan(7 * one.ps);
  });
});
