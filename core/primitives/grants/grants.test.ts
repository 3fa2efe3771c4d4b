/** Grant hypercalls by themselves: what is refused and how, who waits for whom, what the IOMMU is told. */
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../base/assert.ts';
import { parseScenario, type ScenarioInput } from '../../contract/scenario.ts';
import { CopyEngineChannel } from '../../devices/copy-engine.ts';
import type { Cpu } from '../../engine/cpu.ts';
import type { Steps } from '../../engine/engine.ts';
import { assemble } from '../../experiment/assemble.ts';
import { GNTPIN, GNTST } from '../../memory/grant-table.ts';
import { grantMap } from '../../strategies/grant-map.ts';
import { unmapByPolicy } from '../../strategies/grant-support.ts';
import { Iommu } from '../iommu.ts';
import type { Backend, Guest, World } from '../world.ts';
import { copyAsync } from './copy-async.ts';
import { Grants, type CopyElement, type MapElement } from './index.ts';

const MS = 1e9;

interface Bench {
  readonly world: World;
  readonly iommu: Iommu;
  readonly grants: Grants;
  readonly guest: Guest;
  readonly backend: Backend;
  readonly cpu: Cpu;
  /** Grants the guest's `page`-th page. */
  readonly grant: (page: number, readonly?: boolean) => Steps<number>;
}

/** Runs steps on a backend's CPU to their end. */
function on(input: ScenarioInput, steps: (bench: Bench) => Steps): Bench {
  const scenario = parseScenario({ hypervisor: 'xen-pv-dom0', soc: 'xeon-2020', ...input });
  const world = assemble(scenario, grantMap, null);
  const iommu = new Iommu(world);
  const grants = new Grants(world, iommu);
  const guest = world.guests[0] as Guest;
  const backend = world.backends[0] as Backend;
  const [front, cpu] = [guest.cpus[0] as Cpu, backend.cpus[0] as Cpu];
  const grant = (page: number, readonly = false) =>
    grants.grant(front, guest, backend, guest.memory.first + page, readonly, 0);
  const bench = { world, iommu, grants, guest, backend, cpu, grant };
  let ended = false;
  world.engine.spawn(
    (function* (): Steps {
      yield* cpu.acquire();
      yield* steps(bench);
      yield* cpu.release();
      ended = true;
    })(),
  );
  for (let i = 0; i < 1000 && !ended; i++) world.engine.run(1000);
  expect(ended, 'came to an end').toBe(true);
  return bench;
}

const element = (ref: number, readonly = false, kind: 'host' | 'device' = 'host'): MapElement => ({
  guest: 0,
  ref,
  readonly,
  kind,
  request: 0,
  handle: -1,
  mfn: -1,
  status: 99,
});

const copyOf = (ref: number, local: number, over: Partial<CopyElement> = {}): CopyElement => ({
  guest: 0,
  ref,
  offset: 0,
  bytes: 100,
  local,
  localOffset: 0,
  direction: 'out',
  request: 0,
  status: 99,
  ...over,
});

describe('what Xen refuses', () => {
  it('maps: each element by itself, the others go on', () => {
    const { world } = on({}, function* ({ grants, cpu, grant, guest, world: at }) {
      const ro = yield* grant(1, true);
      const gone = yield* grant(2);
      at.frames.surrender(guest.memory.first + 2);
      const all = [
        element(100_000),
        element(ro + 100),
        element(ro),
        element(gone),
        element(ro, true),
      ];
      yield* grants.map(cpu, all);
      expect(all.map((each) => each.status)).toEqual([
        GNTST.bad_gntref,
        GNTST.general_error,
        GNTST.general_error,
        GNTST.bad_page,
        GNTST.okay,
      ]);
      expect(all.map((each) => each.handle >= 0)).toEqual([false, false, false, false, true]);
      grants.check();
    });
    expect(world.recorder.counts()).toMatchObject({ hypercall: 1, map: 5 });
  });

  it('unmaps of handles that are none; and nothing is unpinned for them', () => {
    on({}, function* ({ grants, cpu, grant, guest }) {
      const ref = yield* grant(1);
      const map = element(ref);
      yield* grants.map(cpu, [map]);
      const wrong = [
        { ...map, handle: -1 },
        { ...map, handle: map.handle + 1 },
        { ...map, handle: 10_000 },
      ];
      yield* grants.unmap(cpu, wrong);
      expect(wrong.map((each) => each.status)).toEqual(wrong.map(() => GNTST.bad_handle));
      const front = guest.cpus[0] as Cpu;
      expect(yield* grants.end(front, guest, ref, 0)).toBe(false);
      yield* grants.unmap(cpu, [map]);
      const again = { ...map };
      yield* grants.unmap(cpu, [again]);
      expect([map.status, again.status]).toEqual([GNTST.okay, GNTST.bad_handle]);
      expect(yield* grants.end(front, guest, ref, 0)).toBe(true);
    });
  });

  it('more mappings than there are handles', () => {
    const { world } = on({ grants: { maxMaptrackFrames: 1 } }, function* (bench) {
      const ref = yield* bench.grant(1);
      const other = yield* bench.grant(2);
      const third = yield* bench.grant(3);
      const all = [ref, other, third].flatMap((each) =>
        Array.from({ length: 100 }, () => element(each)),
      );
      yield* bench.grants.map(bench.cpu, all);
      const refused = all.filter((each) => each.status === GNTST.no_space);
      // 256 entries, one of which stays in the list.
      expect(refused).toHaveLength(300 - 255);
      yield* bench.grants.unmap(bench.cpu, [all[0] as MapElement]);
      const retried = element(third);
      yield* bench.grants.map(bench.cpu, [retried]);
      expect(retried.status).toBe(GNTST.okay);
    });
    expect(world.oracle.hazards().H6).toBe(1);
  });

  it('copies beyond a page, into what is read-only, and from what is not granted', () => {
    on({}, function* ({ grants, cpu, grant }) {
      const ro = yield* grant(1, true);
      const all = [
        copyOf(ro, 20, { offset: 4000, bytes: 97 }),
        copyOf(ro, 20, { localOffset: 4096, bytes: 1 }),
        copyOf(ro, 20, { direction: 'in' }),
        copyOf(ro + 1, 20),
        copyOf(ro, 20, { offset: 4000, bytes: 96 }),
        copyOf(ro, 20, { bytes: 0 }),
      ];
      yield* grants.copy(cpu, all);
      expect(all.map((each) => each.status)).toEqual([
        GNTST.bad_copy_arg,
        GNTST.bad_copy_arg,
        GNTST.general_error,
        GNTST.general_error,
        GNTST.okay,
        GNTST.okay,
      ]);
    });
  });

  it('grants beyond the table, which then counts as run out', () => {
    const { world } = on({ grants: { maxFrames: 1 } }, function* ({ grant }) {
      for (let i = 0; i < 504; i++) expect(yield* grant(i)).toBeGreaterThan(7);
      expect(yield* grant(504)).toBe(-1);
    });
    expect(world.oracle.hazards().H6).toBe(1);
  });
});

describe('a page that is mapped', () => {
  it('is not the granter’s to take, and stays when it is ballooned out', () => {
    on({}, function* ({ grants, cpu, grant, guest, world }) {
      const ref = yield* grant(1);
      const mfn = guest.memory.first + 1;
      const map = element(ref);
      yield* grants.map(cpu, [map]);
      world.frames.surrender(mfn);
      expect(world.frames.ownerOf(mfn)).toBe(guest.domain);
      // The entry stands for the frame of its first pin: it can be mapped again.
      const second = element(ref);
      yield* grants.map(cpu, [second]);
      expect([second.status, second.mfn]).toEqual([GNTST.okay, mfn]);
      yield* grants.unmap(cpu, [map, second]);
      expect(world.frames.ownerOf(mfn)).toBe(-1);
    });
  });

  it.each([
    ['async', 30],
    ['sync', 0],
  ] as const)('%s: a reference dropped after 20 ms lets it go after %i ms', (unmapPolicy, ms) => {
    let at = -1;
    on({ grants: { unmapPolicy } }, function* ({ grants, cpu, grant, world }) {
      const refs = [yield* grant(1), yield* grant(2)];
      const maps = refs.map((ref) => element(ref));
      yield* grants.map(cpu, maps);
      const start = world.engine.now;
      // One page of two is enough: the request waits as a whole.
      const { mfn } = maps[1] as MapElement;
      world.pageRefs.get(mfn);
      world.engine.spawn(
        (function* (): Steps {
          yield 20 * MS;
          world.pageRefs.put(mfn);
        })(),
      );
      yield* unmapByPolicy(world, grants, cpu, maps);
      at = (world.engine.now - start) / MS;
      expect(maps.map((each) => each.status)).toEqual([GNTST.okay, GNTST.okay]);
    });
    expect(at).toBeGreaterThanOrEqual(ms);
    expect(at).toBeLessThan(ms + 0.1);
  });

  it('async: tries again after 5, 15, 30, 50 ms, however long it takes', () => {
    const looks: number[] = [];
    on({}, function* ({ grants, cpu, grant, world }) {
      const map = element(yield* grant(1));
      yield* grants.map(cpu, [map]);
      const start = world.engine.now;
      world.pageRefs.count = () => {
        looks.push(Math.round((world.engine.now - start) / MS));
        return looks.length > 6 ? 1 : 2;
      };
      yield* unmapByPolicy(world, grants, cpu, [map]);
    });
    expect(looks).toEqual([0, 5, 15, 30, 50, 75, 105]);
  });

  it('replace: one hypercall and one flush for each, never a batch', () => {
    const { world } = on({ grants: { unmapPolicy: 'replace' } }, function* (bench) {
      const maps: MapElement[] = [];
      for (let i = 0; i < 5; i++) maps.push(element(yield* bench.grant(i)));
      yield* bench.grants.map(bench.cpu, maps);
      yield* unmapByPolicy(bench.world, bench.grants, bench.cpu, maps);
    });
    expect(world.recorder.counts()).toMatchObject({ hypercall: 6, unmap: 5, tlbFlush: 5 });
  });
});

describe('flushes of 70 unmaps', () => {
  const flushes = (input: ScenarioInput, kind: 'host' | 'device' = 'host') => {
    const { world } = on(input, function* ({ grants, cpu, grant }) {
      const maps: MapElement[] = [];
      for (let i = 0; i < 70; i++) maps.push(element(yield* grant(i), true, kind));
      yield* grants.map(cpu, maps);
      yield* grants.unmap(cpu, maps);
    });
    const { tlbFlush, iotlbFlush, hypercall } = world.recorder.counts();
    expect(hypercall).toBe(2);
    return { tlbFlush, iotlbFlush };
  };

  it.each([
    ['xen-pv-dom0', 'xeon-2020', 3, 0],
    ['xen-pv-dom0-strict', 'xeon-2020', 3, 70],
    // EPT is shared with the IOMMU on Intel only; AMD’s table is changed by itself.
    ['xen-pvh-dom0', 'xeon-2020', 70, 70],
    ['xen-pvh-dom0', 'epyc-2020', 70, 70],
    ['xen-arm-dom0', 'neoverse-n1', 70, 0],
    // Each map and each unmap drops the whole domain.
    ['xen-arm-driver-domain', 'neoverse-n1', 70, 140],
  ] as const)('%s on %s: %i of TLBs, %i of the IOTLB', (hypervisor, soc, tlbFlush, iotlbFlush) => {
    expect(flushes({ hypervisor, soc })).toEqual({ tlbFlush, iotlbFlush });
  });

  it('happen for device mappings too, unless the proposal leaves them out', () => {
    expect(flushes({}, 'device').tlbFlush).toBe(3);
    expect(flushes({ grants: { elideFlushIfNoHostMap: true } }, 'device').tlbFlush).toBe(0);
    expect(flushes({ grants: { elideFlushIfNoHostMap: true } }, 'host').tlbFlush).toBe(3);
  });
});

describe('the IOMMU of a strict backend', () => {
  it('permits what the users of a frame need together, and nothing without any', () => {
    on({ hypervisor: 'xen-pv-dom0-strict' }, function* ({ grants, cpu, grant, iommu }) {
      const refs = [yield* grant(1), yield* grant(1), yield* grant(1)];
      const [reader, other, writer] = refs.map((ref, i) => element(ref, i < 2)) as [
        MapElement,
        MapElement,
        MapElement,
      ];
      yield* grants.map(cpu, [reader, other]);
      const { mfn } = reader;
      const can = (write: boolean) => iommu.translate(iommu.host, mfn, write).mfn === mfn;
      expect([can(false), can(true)]).toEqual([true, false]);
      yield* grants.map(cpu, [writer]);
      expect([can(false), can(true)]).toEqual([true, true]);
      yield* grants.unmap(cpu, [reader, writer]);
      expect([can(false), can(true)]).toEqual([true, false]);
      yield* grants.unmap(cpu, [other]);
      expect([can(false), can(true)]).toEqual([false, false]);
    });
  });

  it('is invalidated when an entry changes or goes, not when it comes or stays', () => {
    const { world } = on({ hypervisor: 'xen-pv-dom0-strict' }, function* ({ grants, cpu, grant }) {
      const refs = [yield* grant(1), yield* grant(1)];
      const [reader, writer] = refs.map((ref, i) => element(ref, i === 0)) as [
        MapElement,
        MapElement,
      ];
      // Comes; changes to writable; changes back; goes.
      yield* grants.map(cpu, [reader]);
      yield* grants.map(cpu, [writer]);
      yield* grants.unmap(cpu, [writer]);
      yield* grants.unmap(cpu, [reader]);
      const pair = refs.map((ref) => element(ref));
      // Comes, stays, stays, goes.
      yield* grants.map(cpu, pair);
      yield* grants.unmap(cpu, pair);
    });
    expect(world.recorder.counts().iotlbFlush).toBe(3 + 1);
  });
});

describe('the lock of a guest’s table', () => {
  /** When the last of four CPUs has mapped one page 25 times. */
  const duration = (lock: 'percpu' | 'rwlock' | 'global'): number => {
    let ends = 0;
    const input = { grants: { lock }, backend: { cpus: 4 } } as const;
    on(input, function* ({ grants, backend, grant, world }) {
      const ref = yield* grant(1, true);
      for (const cpu of backend.cpus) {
        const maps = Array.from({ length: 25 }, () => element(ref, true));
        world.engine.spawn(
          (function* (): Steps {
            yield* grants.map(cpu, maps);
            ends = world.engine.now;
          })(),
        );
      }
      yield MS;
    });
    return ends;
  };

  it('costs nothing by CPU, the line’s moves for readers, and turns with a spinlock', () => {
    const [percpu, rwlock, global] = [duration('percpu'), duration('rwlock'), duration('global')];
    expect(rwlock).toBeGreaterThan(percpu);
    expect(global).toBeGreaterThan(percpu);
  });
});

describe('copies by an engine', () => {
  const fill = (channel: CopyEngineChannel): number => {
    let taken = 0;
    while (channel.reserve(4096)) taken++;
    return taken;
  };

  /** Who has copied four pages' worth of `bytes` each? */
  const copier = (bytes: number, prepare?: (channel: CopyEngineChannel) => void) => {
    let by = '';
    const { world } = on({}, function* ({ grants, cpu, grant, world: at }) {
      const channel = new CopyEngineChannel(at);
      prepare?.(channel);
      const elements: CopyElement[] = [];
      for (let i = 0; i < 4; i++) elements.push(copyOf(yield* grant(i), 100 + i, { bytes }));
      yield* copyAsync(at, grants, channel, cpu, elements);
      expect(elements.map((each) => each.status)).toEqual([0, 0, 0, 0]);
      grants.check();
      by = channel.busyPs > 0 ? 'engine' : 'CPU';
    });
    expect(world.recorder.counts().copy).toBe(4);
    return by;
  };

  it('are the CPU’s below the threshold, and when the ring is full', () => {
    expect(copier(1023)).toBe('CPU');
    expect(copier(1024)).toBe('engine');
    expect(copier(4096, fill)).toBe('CPU');
  });

  it('of what is not granted are not handed to it, and give their room back', () => {
    on({}, function* ({ grants, cpu, grant, world }) {
      const channel = new CopyEngineChannel(world);
      const wrong = copyOf((yield* grant(1)) + 100, 100, { bytes: 4096 });
      yield* copyAsync(world, grants, channel, cpu, [wrong]);
      expect(wrong.status).toBe(GNTST.general_error);
      expect(channel.busyPs).toBe(0);
      expect(fill(channel)).toBe(channel.costs.ringEntries);
    });
  });

  it('keep the page from its owner until the last byte is in place', () => {
    on({}, function* ({ grants, cpu, grant, guest, world }) {
      const channel = new CopyEngineChannel(world);
      const ref = yield* grant(1);
      const front = guest.cpus[0] as Cpu;
      let asked = false;
      world.engine.spawn(
        (function* (): Steps {
          while (channel.busyPs === 0) yield 10_000;
          expect(yield* grants.end(front, guest, ref, 0)).toBe(false);
          asked = true;
        })(),
      );
      yield* copyAsync(world, grants, channel, cpu, [copyOf(ref, 100, { bytes: 4096 })]);
      expect(asked).toBe(true);
      expect(yield* grants.end(front, guest, ref, 0)).toBe(true);
    });
  });

  it('find a ring with room for so many descriptors, and give back only what they took', () => {
    on({}, function* ({ world }) {
      const channel = new CopyEngineChannel(world);
      expect(fill(channel)).toBe(channel.costs.ringEntries);
      channel.forgo(4096);
      expect(channel.reserve(4096)).toBe(true);
      expect(channel.reserve(1)).toBe(false);
      const other = new CopyEngineChannel(world);
      expect(() => other.forgo(1)).toThrow(InvariantError);
      yield 0;
    });
  });
});

it('a pin of the hypervisor’s own keeps an entry as a mapping does', () => {
  on({}, function* ({ grants, cpu, grant, guest }) {
    const ref = yield* grant(1);
    expect(grants.pin(cpu, { guest: 0, ref }, GNTPIN.devw)).toBe(GNTST.okay);
    const front = guest.cpus[0] as Cpu;
    expect(yield* grants.end(front, guest, ref, 0)).toBe(false);
    grants.unpin({ guest: 0, ref }, GNTPIN.devw);
    expect(yield* grants.end(front, guest, ref, 0)).toBe(true);
  });
});
