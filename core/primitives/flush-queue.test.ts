import { describe, expect, it } from 'vitest';
import { K } from '../contract/kinds.ts';
import { parseScenario } from '../contract/scenario.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { assemble } from '../experiment/assemble.ts';
import { iommuLazy } from '../strategies/iommu-lazy.ts';
import { HostDma, type DmaMapping } from './dma-api.ts';
import { FLUSH_QUEUE_TIMEOUT_PS } from './flush-queue.ts';
import { Iommu, TRANSLATION } from './iommu.ts';
import type { World } from './world.ts';

function setUp(cpus = 1) {
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
  const iommu = new Iommu(world);
  const context = iommu.context('test');
  const dma = new HostDma(world, iommu, 'lazy', context);
  const memory = world.guests[0]?.memory.first ?? 0;
  return { world, iommu, context, dma, memory };
}

function drive(world: World, work: (cpu: Cpu) => Steps, index = 0): void {
  const cpu = world.guests[0]?.cpus[index] as Cpu;
  world.engine.spawn(
    (function* (): Steps {
      yield* cpu.acquire();
      const span = world.recorder.begin(K.stackFrontend, cpu.track, 0);
      yield* work(cpu);
      world.recorder.end(span, cpu.track);
      yield* cpu.release();
    })(),
  );
}

/** Maps a page, lets the device touch it, unmaps it. */
function* use(
  { dma, iommu, memory, context }: ReturnType<typeof setUp>,
  cpu: Cpu,
): Steps<DmaMapping> {
  const extent = { mfn: memory, offset: 0, bytes: 4096 };
  const mapping = yield* dma.map(cpu, ACTOR.frontend, extent, 'in', 0);
  iommu.translate(context, mapping.dfn, true);
  yield* dma.unmap(cpu, ACTOR.frontend, mapping, 0);
  return mapping;
}

describe('a flush queue', () => {
  it('flushes when the 256th range comes, since one place of 256 stays empty', () => {
    const parts = setUp();
    const { world } = parts;
    drive(world, function* (cpu) {
      for (let i = 0; i < 255; i++) yield* use(parts, cpu);
      expect(world.recorder.counts().iotlbFlush).toBe(0);
      yield* use(parts, cpu);
      expect(world.recorder.counts().iotlbFlush).toBe(1);
      for (let i = 0; i < 254; i++) yield* use(parts, cpu);
      expect(world.recorder.counts().iotlbFlush).toBe(1);
    });
    while (world.engine.run(100_000));
  });

  it('flushes 10 ms after the first range, whatever else has come', () => {
    const parts = setUp();
    const { world, iommu, context } = parts;
    let mapping: DmaMapping | undefined;
    drive(world, function* (cpu) {
      mapping = yield* use(parts, cpu);
      const reached = iommu.translate(context, mapping.dfn, true);
      expect(reached).toMatchObject({ mfn: parts.memory, how: TRANSLATION.stale });
    });
    while (world.engine.run(1));
    const { now } = world.engine;
    expect(now).toBeGreaterThan(FLUSH_QUEUE_TIMEOUT_PS);
    expect(now).toBeLessThan(1.01 * FLUSH_QUEUE_TIMEOUT_PS);
    expect(world.recorder.counts().iotlbFlush).toBe(1);
    expect(iommu.translate(context, mapping?.dfn ?? -1, true).mfn).toBe(-1);
  });

  it('has no IOVA in use again before a flush that began after it was freed', () => {
    const parts = setUp(2);
    const { world } = parts;
    for (const index of [0, 1]) {
      drive(
        world,
        function* (cpu) {
          const waiting = new Set<number>();
          let flushes = 0;
          for (let i = 0; i < 600; i++) {
            const done = world.recorder.counts().iotlbFlush;
            if (done > flushes) waiting.clear();
            flushes = done;
            const { dfn } = yield* use(parts, cpu);
            if (world.recorder.counts().iotlbFlush === flushes) {
              expect(waiting.has(dfn)).toBe(false);
              waiting.add(dfn);
            }
          }
        },
        index,
      );
    }
    while (world.engine.run(100_000));
    expect(world.recorder.counts().iotlbFlush).toBeGreaterThan(2);
  });
});
