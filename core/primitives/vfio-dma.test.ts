import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../base/brand.ts';
import { K } from '../contract/kinds.ts';
import { parseScenario } from '../contract/scenario.ts';
import { ACTOR, type Cpu } from '../engine/cpu.ts';
import type { Steps } from '../engine/engine.ts';
import { assemble } from '../experiment/assemble.ts';
import { viommuStrict } from '../strategies/viommu-strict.ts';
import type { Extent } from './copies.ts';
import { Iommu, TRANSLATION } from './iommu.ts';
import { VfioDma, type Flavour } from './vfio-dma.ts';
import type { World } from './world.ts';

function worldOf(
  cpus = 1,
  doorbell = true,
  invalidation: 'range' | 'page' | 'domain' = 'range',
): World {
  return assemble(
    parseScenario({
      strategy: 'viommu-strict',
      topology: 'assigned',
      hypervisor: 'kvm-vhost',
      soc: 'xeon-2020',
      viommu: { enforcement: 'vfio', doorbell, invalidation },
      frontend: { cpus },
    }),
    viommuStrict,
    null,
  );
}

/** Runs steps of a driver on a vCPU, to their end. */
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

function finish(world: World): void {
  while (world.engine.run(100_000));
  for (const cpu of world.guests[0]?.cpus ?? []) {
    expect(world.recorder.outermostPs(cpu.track)).toBe(cpu.busyPs);
  }
}

const extentOf = (world: World, pages: number): Extent => ({
  mfn: world.guests[0]?.memory.first ?? 0,
  offset: 0,
  bytes: pages * PAGE_SIZE,
});

/** Counts of 8 pages mapped for the device to write, and unmapped. */
function countsOf(
  flavour: Flavour,
  invalidation: 'range' | 'page' | 'domain' = 'range',
): Record<string, number> {
  const world = worldOf(1, true, invalidation);
  const dma = new VfioDma(world, new Iommu(world), flavour, false);
  drive(world, function* (cpu) {
    const extent = extentOf(world, 8);
    const mapping = yield* dma.map(cpu, ACTOR.frontend, extent, 'in', 0);
    for (let i = 0; i < 8; i++) {
      expect(mapping.context.table.lookup(mapping.dfn + i)).toBe(extent.mfn + i);
    }
    yield* dma.unmap(cpu, ACTOR.frontend, mapping, 0);
    expect(mapping.context.table.entries).toBe(0);
  });
  finish(world);
  const { trap, map, unmap, iotlbFlush, hypercall } = world.recorder.counts();
  return { trap, map, unmap, iotlbFlush, hypercall };
}

describe('eight pages mapped and unmapped by a guest with an assigned device', () => {
  it('virtio-iommu: an exit for MAP and one for UNMAP, one invalidation by the host', () => {
    const expected = { trap: 2, map: 8, unmap: 8, iotlbFlush: 1, hypercall: 0 };
    expect(countsOf('virtio-iommu')).toEqual(expected);
  });

  it('vtd-cm: two tables; the guest invalidates twice, the host for each page that the VMM unmaps', () => {
    const expected = { trap: 2, map: 16, unmap: 16, iotlbFlush: 2 + 8, hypercall: 0 };
    expect(countsOf('vtd-cm')).toEqual(expected);
  });

  it('nested: nothing but the forwarded invalidation leaves the guest', () => {
    const expected = { trap: 1, map: 8, unmap: 8, iotlbFlush: 2, hypercall: 0 };
    expect(countsOf('nested')).toEqual(expected);
  });

  it('nested, page by page: an exit for each; the whole address space: one exit', () => {
    const tables = { map: 8, unmap: 8, hypercall: 0 };
    expect(countsOf('nested', 'page')).toEqual({ ...tables, trap: 8, iotlbFlush: 16 });
    expect(countsOf('nested', 'domain')).toEqual({ ...tables, trap: 1, iotlbFlush: 2 });
  });

  it('pins each page for as long as it is mapped, except where the hardware walks the guest’s table', () => {
    for (const [flavour, references] of [
      ['virtio-iommu', 2],
      ['vtd-cm', 2],
      ['nested', 1],
    ] as const) {
      const world = worldOf();
      const dma = new VfioDma(world, new Iommu(world), flavour, false);
      drive(world, function* (cpu) {
        const extent = extentOf(world, 1);
        const mapping = yield* dma.map(cpu, ACTOR.frontend, extent, 'in', 0);
        expect(world.frames.referencesOf(extent.mfn), flavour).toBe(references);
        yield* dma.unmap(cpu, ACTOR.frontend, mapping, 0);
        expect(world.frames.referencesOf(extent.mfn)).toBe(1);
      });
      finish(world);
    }
  });
});

describe('a device of a guest', () => {
  it('is refused what is not mapped, the other direction, and what the VMM had no entry left for', () => {
    const world = worldOf();
    const iommu = new Iommu(world);
    const dma = new VfioDma(world, iommu, 'virtio-iommu', false, undefined, 2);
    drive(world, function* (cpu) {
      const extents = [0, 1, 2].map((i) => ({
        ...extentOf(world, 1),
        mfn: extentOf(world, 1).mfn + i,
      }));
      const mappings = yield* dma.mapAll(cpu, ACTOR.frontend, extents, 'out', 0);
      const reach = (i: number, write: boolean) =>
        iommu.translate(dma.context, mappings[i]?.dfn as number, write).mfn;
      expect(reach(0, false)).toBe(extents[0]?.mfn);
      expect(reach(0, true)).toBe(-1);
      expect(world.oracle.hazards().H6).toBe(1);
      expect(reach(2, false)).toBe(-1);
      yield* dma.unmapAll(cpu, ACTOR.frontend, mappings, 0);
      expect(reach(0, false)).toBe(-1);
      // There is room again.
      const [again] = yield* dma.mapAll(cpu, ACTOR.frontend, extents.slice(2), 'out', 0);
      expect(iommu.translate(dma.context, again?.dfn as number, false).mfn).toBe(extents[2]?.mfn);
    });
    finish(world);
  });

  it('reaches what a driver that defers has unmapped, until the flush, and that is stale', () => {
    const world = worldOf();
    const iommu = new Iommu(world);
    const dma = new VfioDma(world, iommu, 'virtio-iommu', true);
    let dfn = -1;
    drive(world, function* (cpu) {
      const mapping = yield* dma.map(cpu, ACTOR.frontend, extentOf(world, 1), 'in', 0);
      ({ dfn } = mapping);
      yield* dma.unmap(cpu, ACTOR.frontend, mapping, 0);
      expect(world.recorder.counts().trap).toBe(1);
      expect(iommu.translate(dma.context, dfn, true)).toMatchObject({ how: TRANSLATION.stale });
    });
    finish(world);
    expect(world.engine.now).toBeGreaterThan(10_000_000_000);
    expect(world.recorder.counts().trap).toBe(2);
    expect(iommu.translate(dma.context, dfn, true).mfn).toBe(-1);
  });

  it('keeps what is in its IOTLB for ever where invalidations are queued and nobody is told', () => {
    for (const doorbell of [true, false]) {
      const world = worldOf(1, doorbell);
      const iommu = new Iommu(world);
      const dma = new VfioDma(world, iommu, 'nested', false);
      drive(world, function* (cpu) {
        const mapping = yield* dma.map(cpu, ACTOR.frontend, extentOf(world, 1), 'in', 0);
        const { mfn } = iommu.translate(dma.context, mapping.dfn, true);
        yield* dma.unmap(cpu, ACTOR.frontend, mapping, 0);
        expect(iommu.translate(dma.context, mapping.dfn, true).mfn).toBe(doorbell ? -1 : mfn);
      });
      finish(world);
    }
  });
});

describe('many vCPUs of a guest with a nested IOMMU', () => {
  /** Pages mapped and unmapped each second, all vCPUs together. */
  const rate = (cpus: number, doorbell: boolean): number => {
    const world = worldOf(cpus, doorbell);
    const dma = new VfioDma(world, new Iommu(world), 'nested', false);
    for (let index = 0; index < cpus; index++) {
      drive(
        world,
        function* (cpu) {
          for (let i = 0; i < 100; i++) {
            const extent = { ...extentOf(world, 1), mfn: extentOf(world, 1).mfn + index };
            const mapping = yield* dma.map(cpu, ACTOR.frontend, extent, 'out', 0);
            yield* dma.unmap(cpu, ACTOR.frontend, mapping, 0);
          }
        },
        index,
      );
    }
    finish(world);
    return ((100 * cpus) / world.engine.now) * 1e12;
  };

  it('wait for each other’s exits, and do not where there is no exit', () => {
    expect(rate(16, true)).toBeLessThan(2 * rate(1, true));
    expect(rate(8, false)).toBeGreaterThan(4 * rate(8, true));
  });
});

describe('a scattered buffer behind virtio-iommu', () => {
  it('is one UNMAP, and for VFIO as many calls and invalidations as it had mappings', () => {
    const world = worldOf();
    const dma = new VfioDma(world, new Iommu(world), 'virtio-iommu', false);
    const { mfn } = extentOf(world, 1);
    const parts = [0, 10, 20].map((at) => ({ mfn: mfn + at, offset: 0, bytes: 2 * PAGE_SIZE }));
    drive(world, function* (cpu) {
      const mappings = yield* dma.mapAll(cpu, ACTOR.frontend, parts, 'in', 0);
      yield* dma.unmapAll(cpu, ACTOR.frontend, mappings, 0);
    });
    finish(world);
    const { trap, unmap, iotlbFlush } = world.recorder.counts();
    // MAP names one range of memory each: three exits, and one to unmap them.
    expect([trap, unmap, iotlbFlush]).toEqual([4, 6, 3]);
  });
});
