import { describe, expect, it } from 'vitest';
import { K } from '../contract/kinds.ts';
import { parseScenario } from '../contract/scenario.ts';
import type { Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { assemble } from '../experiment/assemble.ts';
import { viommuStrict } from '../strategies/viommu-strict.ts';
import { VhostIotlb } from './vhost-iotlb.ts';

/** Runs steps on a CPU of the backend, to their end. */
function onBackend(work: (iotlb: VhostIotlb, cpu: Cpu) => Steps): void {
  const world = assemble(
    parseScenario({
      strategy: 'viommu-strict',
      hypervisor: 'kvm-vhost',
      viommu: { enforcement: 'advisory' },
    }),
    viommuStrict,
    null,
  );
  const cpu = world.backends[0]?.cpus[0] as Cpu;
  const iotlb = new VhostIotlb(world);
  world.engine.spawn(
    (function* (): Steps {
      yield* cpu.acquire();
      const span = world.recorder.begin(K.handleTx, cpu.track, 0);
      yield* work(iotlb, cpu);
      world.recorder.end(span, cpu.track);
      yield* cpu.release();
    })(),
  );
  while (world.engine.run(100_000));
  expect(world.recorder.outermostPs(cpu.track)).toBe(cpu.busyPs);
}

describe('the vhost IOTLB', () => {
  it('asks for what it does not know, once, and again after an invalidation', () => {
    onBackend(function* (iotlb, cpu) {
      for (const page of [5, 5, 6, 5]) yield* iotlb.translate(cpu, page, 0);
      expect(iotlb.misses).toBe(2);
      iotlb.invalidate(5, 1);
      yield* iotlb.translate(cpu, 6, 0);
      expect(iotlb.misses).toBe(2);
      yield* iotlb.translate(cpu, 5, 0);
      expect(iotlb.misses).toBe(3);
    });
  });

  it('holds 2048 pages and drops the oldest for the next', () => {
    onBackend(function* (iotlb, cpu) {
      for (let page = 0; page < 2049; page++) yield* iotlb.translate(cpu, page, 0);
      expect(iotlb.misses).toBe(2049);
      for (const page of [1, 2048]) yield* iotlb.translate(cpu, page, 0);
      expect(iotlb.misses).toBe(2049);
      yield* iotlb.translate(cpu, 0, 0);
      expect(iotlb.misses).toBe(2050);
    });
  });
});
