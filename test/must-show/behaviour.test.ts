/** What each strategy must show, run as a whole: hazards where they belong, ceilings that are met. */
import { describe, expect, it } from 'vitest';
import { K } from '../../core/contract/kinds.ts';
import { parseScenario, type ScenarioInput } from '../../core/contract/scenario.ts';
import { judge } from '../../core/experiment/index.ts';
import { FLUSH_QUEUE_TIMEOUT_PS, FLUSH_QUEUE_USABLE } from '../../core/primitives/flush-queue.ts';
import { run, Watch } from './watch.ts';

const KVM = { hypervisor: 'kvm-vhost', soc: 'xeon-2020' } as const;
const PV = { hypervisor: 'xen-pv-dom0', soc: 'xeon-2020' } as const;

describe('a graphics device and a guest that gives pages back', () => {
  const gpu = (batch: number) =>
    ({
      ...PV,
      topology: 'assigned',
      workload: 'gpu-gtt',
      requests: 1000,
      gpu: { entries: 256, batch },
      faults: { balloonPerSecond: 100_000 },
    }) as const satisfies ScenarioInput;

  it('gfn-lookup: the device reaches frames that are another domain’s by then', () => {
    const { hazards } = run({ ...gpu(1), strategy: 'gfn-lookup' });
    expect(hazards.H5).toBeGreaterThan(0);
    expect(hazards.H10).toBeGreaterThan(0);
  });

  it('gfn-map-refcount: counted and put after the flush, neither that nor a stale window', () => {
    for (const batch of [1, 16]) {
      for (const users of [1, 2]) {
        const { hazards } = run({
          ...gpu(batch),
          strategy: 'gfn-map-refcount',
          pviommu: { users },
        });
        expect(hazards, `${batch} in a batch, ${users} users`).toMatchObject({ H4: 0, H5: 0 });
      }
    }
  });

  it('gfn-map-refcount: put before the flush of a batch, a stale window; alone there is none', () => {
    const shipped = { strategy: 'gfn-map-refcount', pviommu: { put: 'before-flush' } } as const;
    expect(run({ ...gpu(16), ...shipped }).hazards.H4).toBeGreaterThan(0);
    expect(run({ ...gpu(1), ...shipped }).hazards.H4).toBe(0);
  });

  it('gfn-map-refcount: one bit for two users lets go for both', () => {
    const bit = { refModel: 'bit', users: 2 } as const;
    const { hazards } = run({ ...gpu(1), strategy: 'gfn-map-refcount', pviommu: bit });
    expect(hazards.H5).toBeGreaterThan(0);
  });
});

describe('grant-map over network storage that loses acknowledgements', () => {
  const storage = (hypervisor: ScenarioInput['hypervisor'], unmapPolicy: 'sync' | 'async') =>
    run({
      soc: 'xeon-2020',
      hypervisor,
      strategy: 'grant-map',
      workload: 'blk-write',
      payloadBytes: 16_384,
      requests: 600,
      blk: { device: 'network', lossPpm: 30_000, rtoUs: 20_000 },
      grants: { unmapPolicy },
    });

  it('sync: a retransmission sends what nobody permits any more, or faults where the IOMMU is strict', () => {
    const relaxed = storage('xen-pv-dom0', 'sync');
    expect(relaxed.hazards.H2).toBeGreaterThan(0);
    expect(relaxed.wrongDataOnWire).toBeGreaterThan(0);
    const strict = storage('xen-pv-dom0-strict', 'sync');
    expect(strict.counts.fault).toBeGreaterThan(0);
    expect(strict.hazards.H2).toBe(0);
  });

  it('async: neither; answers are late instead', () => {
    for (const hypervisor of ['xen-pv-dom0', 'xen-pv-dom0-strict'] as const) {
      const { hazards, counts } = storage(hypervisor, 'async');
      expect(hazards, hypervisor).toMatchObject({ H1: 0, H2: 0 });
      expect(counts.fault, hypervisor).toBe(0);
      expect(hazards.H9b, hypervisor).toBeGreaterThan(0);
    }
  });
});

/** Timer interrupt, whoever holds the CPU just then, and the flush itself: far below the timeout. */
const AFTER_TIMEOUT_PS = FLUSH_QUEUE_TIMEOUT_PS / 10;
const WINDOW_PS = FLUSH_QUEUE_TIMEOUT_PS + AFTER_TIMEOUT_PS;

const NET = { requests: 3000, net: { rxReuse: false } } as const satisfies ScenarioInput;

describe('deferred invalidation', () => {
  it.each<[string, ScenarioInput]>([
    [
      'iommu-lazy, native',
      { ...KVM, strategy: 'iommu-lazy', topology: 'native', workload: 'net-both' },
    ],
    [
      'iommu-lazy, assigned',
      { ...KVM, strategy: 'iommu-lazy', topology: 'assigned', workload: 'net-rx' },
    ],
    ['viommu-deferred, stage 2', { ...KVM, strategy: 'viommu-deferred', workload: 'net-tx' }],
    [
      'viommu-deferred, nested',
      {
        ...KVM,
        strategy: 'viommu-deferred',
        topology: 'assigned',
        workload: 'net-both',
        viommu: { enforcement: 'vfio', flavour: 'nested' },
      },
    ],
    [
      'viommu-deferred, virtio-iommu',
      {
        ...KVM,
        strategy: 'viommu-deferred',
        topology: 'assigned',
        workload: 'net-both',
        viommu: { enforcement: 'vfio', flavour: 'virtio-iommu', lazyDriver: true },
      },
    ],
  ])('%s: pages in use again within reach, for 255 unmaps or 10 ms at most', (_, input) => {
    // One page to a mapping, so that entries of the queue can be counted in pages.
    const busy = new Watch();
    run({ ...NET, payloadBytes: 1500, ...input }, busy);
    expect(busy.of('H4').length).toBeGreaterThan(0);
    expect(busy.mostAtOnce('H4')).toBeLessThanOrEqual(FLUSH_QUEUE_USABLE);
    const slow = new Watch();
    const arrival = { kind: 'poisson', perSecond: 10_000 } as const;
    run({ ...NET, ...input, payloadBytes: 1500, requests: 600, arrival }, slow);
    expect(slow.longest('H4')).toBeLessThan(WINDOW_PS);
    // Nothing but the timer ends the window where there is little to do.
    expect(slow.longest('H4')).toBeGreaterThan(FLUSH_QUEUE_TIMEOUT_PS / 4);
  });
});

describe('read-only identity', () => {
  const receive = {
    hypervisor: 'kvm-vhost',
    topology: 'native',
    workload: 'net-rx',
    requests: 3000,
  } as const satisfies ScenarioInput;
  const SOCS = ['xeon-2020', 'epyc-2020', 'neoverse-n1', 'kunpeng-920', 'cortex-a72'] as const;

  it.each(SOCS)('%s: as fast as passthrough where receive pages are used again', (soc) => {
    // 64 requests of 9000 bytes are less than the 512 halves of pages on the ring.
    for (const load of [
      { payloadBytes: 1500 },
      { payloadBytes: 9000, arrival: { inFlight: 64 } },
    ]) {
      const own = run({ ...receive, ...load, soc, strategy: 'ro-identity-tx' });
      const free = run({ ...receive, ...load, soc, strategy: 'iommu-passthrough' });
      expect(own.throughputGbps).toBeGreaterThan(0.95 * free.throughputGbps);
      expect(own.throughputGbps).toBeLessThan(1.05 * free.throughputGbps);
      expect(own.counts.unmap).toBe(0);
    }
  });

  it('is slower than that where they are not', () => {
    const fresh = { ...receive, soc: 'xeon-2020', net: { rxReuse: false } } as const;
    const own = run({ ...fresh, strategy: 'ro-identity-tx' });
    const free = run({ ...fresh, strategy: 'iommu-passthrough' });
    expect(own.throughputGbps).toBeLessThan(0.95 * free.throughputGbps);
  });

  const rogue = { ...receive, soc: 'xeon-2020', faults: { rogueDevice: true } } as const;

  it.each([true, false])('strict: no device write outside mapped pages (reuse: %s)', (rxReuse) => {
    const watch = new Watch([K.iommuMap, K.iotlbInv, K.dmaWrite]);
    const result = run({ ...rogue, strategy: 'ro-identity-tx', net: { rxReuse } }, watch);
    expect(result.hazards).toMatchObject({ H4: 0, H5: 0, H10: 0 });
    expect(result.counts.fault).toBeGreaterThan(0);
    // By event: each write goes to a page that was mapped and whose invalidation is not over.
    const mapped = new Set<number>();
    let writes = 0;
    for (const { kind, frame, n, arg } of watch.seen) {
      if (kind === K.iommuMap) for (let i = 0; i < Math.max(1, n); i++) mapped.add(arg + i);
      else if (kind === K.iotlbInv) for (let i = 0; i < Math.max(1, n); i++) mapped.delete(arg + i);
      else {
        writes++;
        expect(mapped.has(frame), `device frame ${frame}`).toBe(true);
      }
    }
    expect(writes).toBeGreaterThan(3000);
  });

  it('lazy: late writes, each within an open window', () => {
    const watch = new Watch();
    const identity = { receive: 'lazy' } as const;
    const net = { rxReuse: false } as const;
    run({ ...rogue, requests: 6000, strategy: 'ro-identity-tx', identity, net }, watch);
    const late = watch.of('H10');
    expect(late.length).toBeGreaterThan(0);
    for (const { frame, opened } of late) {
      const window = watch
        .of('H4')
        .find((each) => each.frame === frame && each.opened <= opened && opened <= ended(each));
      expect(window, `a write to frame ${frame}`).toBeDefined();
    }
    expect(watch.longest('H4')).toBeLessThan(WINDOW_PS);
  });
});

const ended = ({ closed }: { readonly closed: number }): number => (closed < 0 ? Infinity : closed);

describe('single-fifo', () => {
  const wanted = (inFlight: number, watch: Watch) =>
    run(
      {
        ...KVM,
        strategy: 'single-fifo',
        workload: 'net-tx',
        payloadBytes: 61_440,
        requests: 1000,
        backend: { copy: 'never' },
        // Slower than the guest: what is wanted at once is on its way at once.
        device: { linkMbps: 10_000 },
        arrival: { inFlight },
      },
      watch,
    );
  const heldBytes = (watch: Watch) => watch.maxOf('bounceSlots') * 16;

  it('never holds more than 512 KiB, headers included, and stops its queue when more is wanted', () => {
    const watch = new Watch();
    const { hazards, requests } = wanted(64, watch);
    expect(hazards.H6).toBeGreaterThan(0);
    expect(requests).toBe(1000);
    // Eight records of 60 KiB and their headers; a ninth would not fit.
    expect(heldBytes(watch)).toBeGreaterThanOrEqual(8 * (61_440 + 16));
    expect(heldBytes(watch)).toBeLessThanOrEqual(512 * 1024);
  });

  it('is refused requests that no FIFO can hold, and takes the largest that one can', () => {
    const asks = (payloadBytes: number) =>
      judge(
        parseScenario({ ...KVM, strategy: 'single-fifo', workload: 'blk-write', payloadBytes }),
      );
    expect(asks(524_288)).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('does not fit') as string,
    });
    expect(asks(4_194_304).status).toBe('refused');
    const largest = { payloadBytes: 520_192, requests: 20, workload: 'blk-write' } as const;
    expect(run({ ...KVM, strategy: 'single-fifo', ...largest }).requests).toBe(20);
  });

  it('does not stop where less is wanted', () => {
    const watch = new Watch();
    expect(wanted(4, watch).hazards.H6).toBe(0);
    // Four records, and a pad where one would have wrapped.
    expect(heldBytes(watch)).toBeLessThan(5 * (61_440 + 16));
  });
});

describe('a static region for each guest', () => {
  const MIB = 2 ** 20;
  const many = (strategy: 'preshared-backend' | 'preshared-frontend', input: ScenarioInput) =>
    run({
      ...KVM,
      strategy,
      workload: 'net-tx',
      requests: 40 * (input.guests ?? 1),
      frontend: { memoryMiB: 64 },
      preshared: { regionKiB: 8192 },
      ...input,
      backend: { memoryMiB: 64, copy: 'never' },
    });

  it('of the backend’s memory: it pays for every guest until it runs out', () => {
    for (const guests of [1, 4, 8]) {
      const { memoryBytes, dropped, hazards } = many('preshared-backend', { guests });
      expect(memoryBytes.backend, `${guests} guests`).toBe(guests * 8 * MIB);
      expect(dropped, `${guests} guests`).toBe(0);
      expect(hazards.H6, `${guests} guests`).toBe(0);
    }
    const nine = many('preshared-backend', { guests: 9 });
    expect(nine.memoryBytes.backend).toBe(64 * MIB);
    expect(nine.dropped).toBeGreaterThan(0);
    expect(nine.hazards.H6).toBeGreaterThan(0);
  });

  it('of the frontend’s: the backend pays nothing for payload', () => {
    for (const guests of [1, 9]) {
      const { memoryBytes, dropped } = many('preshared-frontend', { guests });
      expect(memoryBytes.backend, `${guests} guests`).toBe(0);
      expect(memoryBytes.frontend, `${guests} guests`).toBeGreaterThanOrEqual(guests * 8 * MIB);
      expect(dropped, `${guests} guests`).toBe(0);
    }
  });

  it('of the frontend’s, under Xen: a handle for each page, until these run out', () => {
    // 32 frames of 256 handles: four regions of 2048 pages.
    const xen = { ...PV, grants: { maxMaptrackFrames: 32 } } as const;
    expect(many('preshared-frontend', { ...xen, guests: 4 })).toMatchObject({ dropped: 0 });
    const five = many('preshared-frontend', { ...xen, guests: 5 });
    expect(five.dropped).toBeGreaterThan(0);
    expect(five.hazards.H6).toBeGreaterThan(0);
    expect(many('preshared-backend', { ...xen, guests: 5 })).toMatchObject({ dropped: 0 });
  });
});

describe('grant-map in a driver domain', () => {
  const withCpus = (hypervisor: ScenarioInput['hypervisor'], cpus: number) =>
    run({
      soc: 'xeon-2020',
      hypervisor,
      strategy: 'grant-map',
      workload: 'net-tx',
      payloadBytes: 61_440,
      requests: 1000,
      backend: { cpus },
    });

  it.each(['xen-hvm-driver-domain', 'xen-pv-driver-domain'] as const)(
    '%s: slower with more backend vCPUs, for each flush interrupts them all',
    (hypervisor) => {
      const [few, more, most] = [2, 8, 32].map((cpus) => withCpus(hypervisor, cpus));
      if (few === undefined || more === undefined || most === undefined) return expect.fail();
      expect(more.throughputGbps).toBeLessThan(few.throughputGbps);
      expect(most.throughputGbps).toBeLessThan(more.throughputGbps);
    },
  );

  it('most of all where each page has a flush of its own', () => {
    const loss = (hypervisor: ScenarioInput['hypervisor']) =>
      withCpus(hypervisor, 32).throughputGbps / withCpus(hypervisor, 2).throughputGbps;
    expect(loss('xen-hvm-driver-domain')).toBeLessThan(0.5);
    expect(loss('xen-pv-driver-domain')).toBeGreaterThan(0.5);
  });
});
