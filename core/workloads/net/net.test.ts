/** Network workloads from outside, with the strategies that carry them. */
import { describe, expect, it } from 'vitest';
import { LabError } from '../../contract/errors.ts';
import { parseScenario, type ScenarioInput } from '../../contract/scenario.ts';
import type { RunResult } from '../../contract/result.ts';
import type { RequestRecord, TraceSink } from '../../engine/recording.ts';
import { prepareRun, prepareRunOf } from '../../experiment/run.ts';
import type { World } from '../../primitives/world.ts';
import { grantCopy } from '../../strategies/grant-copy.ts';
import type { Carrier, Strategy, Transfer } from '../../strategies/types.ts';

const WORKLOADS = ['net-tx', 'net-rx', 'net-both', 'net-rr'] as const;
const X86 = { soc: 'xeon-2020', hypervisor: 'xen-pv-dom0', strategy: 'grant-copy' } as const;
const PAIR = { guests: 2, net: { destination: 'vm' } } as const;
const ONE = { requests: 1 } as const;

function run(input: ScenarioInput, sink: TraceSink | null = null): RunResult {
  const simulation = prepareRun(parseScenario(input), sink);
  while (simulation.step(10_000)) {
    // Go on.
  }
  return simulation.finish();
}

/** What became of every request. */
function requestsOf(input: ScenarioInput): RequestRecord[] {
  const records: RequestRecord[] = [];
  const nothing = () => undefined;
  run(input, {
    begin: nothing,
    events: nothing,
    request: (record) => records.push(record),
    hazard: nothing,
    sample: nothing,
    exposure: nothing,
  });
  return records;
}

/** A strategy that carries like grant-copy, watched. */
function watched(): {
  strategy: Strategy;
  world: () => World;
  open: Map<number, number>;
} {
  let world: World | null = null;
  const open = new Map<number, number>();
  const count = ({ guest }: Transfer, delta: number) =>
    open.set(guest, (open.get(guest) ?? 0) + delta);
  return {
    strategy: {
      ...grantCopy,
      carrier(made, iommu): Carrier {
        world = made;
        const inner = (grantCopy.carrier as NonNullable<Strategy['carrier']>)(made, iommu);
        return {
          ...inner,
          *share(cpu, transfer) {
            const shared = yield* inner.share(cpu, transfer);
            if (shared) count(transfer, 1);
            return shared;
          },
          *reclaim(cpu, transfer) {
            count(transfer, -1);
            yield* inner.reclaim(cpu, transfer);
          },
        };
      },
    },
    world: () => world as unknown as World,
    open,
  };
}

function errorOf(input: ScenarioInput): string {
  try {
    run(input);
  } catch (error) {
    if (error instanceof LabError) return error.data.code;
    throw error;
  }
  return 'ran';
}

describe('what cannot be', () => {
  it('is refused: guests without a partner, packets to where nobody is, rings too large', () => {
    expect(errorOf({ ...X86, guests: 3, net: { destination: 'vm' } })).toBe('BAD_SCENARIO');
    const native = { topology: 'native', strategy: 'iommu-strict' } as const;
    const rings = { frontend: { memoryMiB: 64 }, device: { ringEntries: 16_384 } } as const;
    expect(errorOf({ ...native, ...rings, workload: 'net-rx' })).toBe('BAD_SCENARIO');
    expect(errorOf({ ...native, net: { destination: 'vm' }, guests: 2 })).toBe('BAD_SCENARIO');
    expect(errorOf({ ...native, net: { destination: 'local' } })).toBe('BAD_SCENARIO');
  });
});

describe('one packet of 1500 bytes, grant-copy', () => {
  it('in: the ring is filled, with one event; one copy, one event back', () => {
    // Events: the first of 256 buffers posted; the response. Hypercalls: these, and GNTTABOP_copy.
    const { counts, copiedBytes } = run({ ...X86, ...ONE, workload: 'net-rx' });
    expect(counts).toMatchObject({ hypercall: 3, notify: 2, copy: 1, dma: 1, map: 0, fault: 0 });
    expect(copiedBytes).toBe(1500);
  });

  it('in and out again: a copy and a DMA transfer each way, two events more', () => {
    const { counts, copiedBytes } = run({ ...X86, ...ONE, workload: 'net-rr' });
    expect(counts).toMatchObject({ hypercall: 6, notify: 4, copy: 2, dma: 2 });
    expect(copiedBytes).toBe(3000);
  });

  it('to another guest: two copies, and no device', () => {
    const { counts, copiedBytes } = run({ ...X86, ...ONE, ...PAIR });
    expect(counts).toMatchObject({ copy: 2, dma: 0 });
    expect(copiedBytes).toBe(3000);
  });

  it('to the backend itself: one copy, since the pages are local then', () => {
    const { counts } = run({ ...X86, ...ONE, net: { destination: 'local' } });
    expect(counts).toMatchObject({ copy: 1, dma: 0 });
  });
});

describe('one packet of 1500 bytes, grant-map', () => {
  it('to the backend itself: what is mapped is copied once more before it is delivered', () => {
    const { counts, copiedBytes } = run({
      ...X86,
      ...ONE,
      strategy: 'grant-map',
      net: { destination: 'local' },
    });
    // 128 bytes by the hypervisor, the rest by skb_orphan_frags.
    expect(counts).toMatchObject({ copy: 2, map: 1, unmap: 1, dma: 0 });
    expect(copiedBytes).toBe(1500);
  });
});

describe('offloads', () => {
  const large = { ...X86, ...ONE, payloadBytes: 9000 } as const;

  it('without segmentation offload the frontend sends packets of 1500 bytes', () => {
    expect(run(large).batch['packets per backend poll']).toEqual({ 1: 1 });
    const cut = run({ ...large, net: { tso: false } });
    // 6 packets, however the polls fall.
    expect(total(cut.batch['packets per backend poll'])).toBe(6);
    expect(cut.counts).toMatchObject({ copy: 6, dma: 6 });
    expect(cut.copiedBytes).toBe(9000);
  });

  it('without scatter-gather each packet is copied into one page first', () => {
    const { counts, copiedBytes } = run({ ...large, net: { sg: false } });
    // 4096, 4096 and 808 bytes: by the frontend, then by the hypervisor.
    expect(counts.copy).toBe(6);
    expect(copiedBytes).toBe(18_000);
  });

  it('a large packet comes in as a whole, page by page', () => {
    const { counts, batch } = run({ ...X86, ...ONE, workload: 'net-rx', payloadBytes: 65_535 });
    expect(counts).toMatchObject({ dma: 16, copy: 16 });
    expect(batch['packets per delivery']).toEqual({ 1: 1 });
  });
});

function total(batches: Readonly<Record<string, number>> | undefined): number {
  return Object.entries(batches ?? {}).reduce((sum, [size, n]) => sum + Number(size) * n, 0);
}

describe('sizes', () => {
  it('imix has 64, 570 and 1500 bytes as 7 to 4 to 1', () => {
    const requests = requestsOf({ ...X86, requests: 12_000, net: { sizes: 'imix' } });
    const share = (bytes: number) => requests.filter((each) => each.bytes === bytes).length / 1000;
    expect(share(64)).toBeCloseTo(7, 0);
    expect(share(570)).toBeCloseTo(4, 0);
    expect(share(1500)).toBeCloseTo(1, 0);
    expect(share(64) + share(570) + share(1500)).toBe(12);
  });
});

const CASES: readonly ScenarioInput[] = WORKLOADS.flatMap((workload) => [
  { workload },
  { workload, payloadBytes: 65_536 },
  { workload, guests: 2, net: { queues: 2 } },
  { workload, guests: 2, net: { queues: 2 }, backend: { count: 2, cpus: 3 } },
  { workload, ...PAIR },
  { workload, net: { destination: 'local' } },
  { workload, net: { tso: false }, payloadBytes: 4000 },
  { workload, arrival: { kind: 'poisson', perSecond: 100_000 } },
  { workload, soc: 'cortex-a53', hypervisor: 'xen-arm-dom0' },
]);

describe('conservation', () => {
  it.each(CASES)('%j', (input) => {
    const requests = 400;
    const { strategy, world, open } = watched();
    const scenario = parseScenario({ ...X86, requests, ...input });
    const simulation = prepareRunOf(strategy, scenario, null);
    while (simulation.step(1000)) {
      // Go on.
    }
    const result = simulation.finish();
    expect(result.requests).toBe(requests);
    expect(result.counts.fault).toBe(0);
    expect(result.counts.upcall).toBeLessThanOrEqual(result.counts.notify);
    expect(result.hazards).toMatchObject({ H1: 0, H2: 0, H10: 0 });
    // What is still shared are the buffers on receive rings: 256 slots for each queue that receives.
    for (const [guest, shared] of open) {
      const receives = input.workload !== 'net-tx' && (!isPaired(input) || guest % 2 === 1);
      const both = isPaired(input) && input.workload !== 'net-rx' && input.workload !== 'net-tx';
      const server = isPaired(input) && guest % 2 === 1;
      const posted = receives || both || server ? 256 * scenario.net.queues : 0;
      expect(shared).toBe(posted);
    }
    // And the backend has no page but those of the NIC's receive rings and their pool.
    for (const { budget, cpus } of world().backends) {
      const receives = input.workload !== 'net-tx' && scenario.net.destination === 'wire';
      const rings = cpus.length * scenario.device.ringEntries;
      expect(budget.used).toBeLessThanOrEqual(receives ? 3 * rings : 0);
    }
  });
});

function isPaired({ net }: ScenarioInput): boolean {
  return net?.destination === 'vm';
}

describe('a run is a function of its scenario', () => {
  it.each(CASES)('%j', (input) => {
    const base = { ...X86, requests: 200, ...input };
    expect(run(base).fingerprint).toBe(run(base).fingerprint);
    expect(run({ ...base, seed: 2 }).fingerprint).not.toBe(run(base).fingerprint);
  });
});

describe('a closed loop', () => {
  it.each(WORKLOADS)('%s never has more under way than its window', (workload) => {
    const inFlight = 7;
    const records = requestsOf({ ...X86, workload, requests: 300, arrival: { inFlight } });
    expect(records.length).toBe(300);
    const turns = records
      .flatMap(({ submitted, completed }) => [
        { at: submitted, by: 1 },
        { at: completed, by: -1 },
      ])
      .sort((a, b) => a.at - b.at || a.by - b.by);
    let underWay = 0;
    let most = 0;
    for (const { by } of turns) {
      underWay += by;
      most = Math.max(most, underWay);
    }
    // A sender for each direction, each with a window of its own.
    expect(most).toBeLessThanOrEqual(workload === 'net-both' ? 2 * inFlight : inFlight);
    expect(most).toBeGreaterThan(1);
  });

  it('sends again what was dropped, and carries everything', () => {
    // 64 buffers of the NIC, and requests of 16 pages: four fit.
    const result = run({
      ...X86,
      workload: 'net-rx',
      requests: 500,
      payloadBytes: 61_440,
      device: { ringEntries: 64 },
    });
    expect(result.dropped).toBeGreaterThan(0);
    expect(result.requests).toBe(500);
    expect(result.copiedBytes).toBe(500 * 61_440);
  });

  it('waits for the other end between a response and the next request', () => {
    const rr = { ...X86, workload: 'net-rr', requests: 200, arrival: { inFlight: 1 } } as const;
    const soon = run({ ...rr, net: { thinkNs: 0 } });
    const later = run({ ...rr, net: { thinkNs: 500_000 } });
    expect(later.requestsPerSecond).toBeLessThan(2000);
    expect(soon.requestsPerSecond).toBeGreaterThan(later.requestsPerSecond * 5);
  });
});

describe('an open loop', () => {
  it('loses what finds no room, and counts what it carried', () => {
    const perSecond = 20_000_000;
    const result = run({
      ...X86,
      workload: 'net-rx',
      requests: 5000,
      arrival: { kind: 'fixed', perSecond, inFlight: 4096 },
    });
    expect(result.dropped).toBeGreaterThan(0);
    expect(result.requests).toBe(5000);
    expect(result.requestsPerSecond).toBeLessThan(perSecond / 4);
    expect(result.copiedBytes).toBe((5000 - result.dropped) * 1500);
  });

  it('shares the offered load among guests and queues', () => {
    const perSecond = 200_000;
    const arrival = { kind: 'poisson', perSecond } as const;
    const result = run({ ...X86, requests: 8000, arrival, guests: 2, net: { queues: 2 } });
    expect(result.requestsPerSecond).toBeGreaterThan(perSecond * 0.9);
    expect(result.requestsPerSecond).toBeLessThan(perSecond * 1.1);
  });
});

describe('backends', () => {
  it('share queues: each has work on its CPUs', () => {
    const result = run({
      ...X86,
      requests: 2000,
      net: { queues: 2 },
      backend: { count: 2, cpus: 1 },
    });
    expect(result.busy['backend 0 CPU 0']).toBeGreaterThan(0.1);
    expect(result.busy['backend 1 CPU 0']).toBeGreaterThan(0.1);
  });

  it('without memory drop what comes, and the run still ends', () => {
    const result = run({
      ...X86,
      workload: 'net-rx',
      requests: 300,
      payloadBytes: 61_440,
      backend: { memoryMiB: 16, cpus: 64 },
      guests: 16,
      net: { queues: 4 },
      frontend: { memoryMiB: 256 },
    });
    expect(result.requests).toBe(300);
    expect(result.hazards.H6).toBeGreaterThan(0);
  });
});

describe('a run ends', () => {
  const ended = (input: ScenarioInput) => {
    const result = run({ ...X86, requests: 300, ...input });
    expect(result.requests).toBe(300);
    return result;
  };

  it('when a wake-up comes while its sleeper is still going to sleep', () => {
    for (const workload of WORKLOADS) {
      for (const inFlight of [1, 2]) ended({ workload, arrival: { inFlight } });
    }
  });

  it('when receive buffers have taken a pool whole, so that nothing can be sent', () => {
    const small = { strategy: 'swiotlb-bounce', swiotlb: { poolKiB: 512 } } as const;
    const result = ended({ ...small, workload: 'net-rr', payloadBytes: 30_000 });
    expect(result.dropped).toBeGreaterThan(0);
    expect(result.hazards.H6).toBeGreaterThan(0);
  });

  it('when the backend cannot map a part of what a guest sends to another', () => {
    const result = ended({
      strategy: 'grant-map',
      guests: 4,
      payloadBytes: 53_762,
      frontend: { cpus: 1, memoryMiB: 256 },
      net: { queues: 4, tso: false, destination: 'vm' },
      grants: { maxMaptrackFrames: 1 },
    });
    expect(result.dropped).toBeGreaterThan(0);
  });
});

describe('a driver that owns its device', () => {
  const native = { topology: 'native', strategy: 'iommu-strict', requests: 2000 } as const;

  it('maps and unmaps each packet that it sends', () => {
    const { counts } = run({ ...native, workload: 'net-tx' });
    expect(counts).toMatchObject({ map: 2000, unmap: 2000, iotlbFlush: 2000, copy: 0 });
  });

  it('that reuses its receive pages maps its ring once and for all', () => {
    const { counts } = run({ ...native, workload: 'net-rx' });
    expect(counts).toMatchObject({ map: 512, unmap: 0, dma: 2000 });
  });

  it('that does not maps one page for each packet, and unmaps it', () => {
    const { counts } = run({ ...native, workload: 'net-rx', net: { rxReuse: false } });
    expect(counts).toMatchObject({ map: 512 + 2000, unmap: 2000 });
  });

  it('never has the device reach what it has not mapped', () => {
    for (const topology of ['native', 'assigned'] as const) {
      for (const workload of WORKLOADS) {
        const result = run({ ...native, topology, workload, guests: 2, net: { queues: 2 } });
        expect(result.requests).toBe(2000);
        expect(result.hazards, `${topology} ${workload}`).toMatchObject({ H1: 0, H2: 0, H4: 0 });
      }
    }
  });

  it('reaches another guest through the switch of the card', () => {
    const result = run({ ...native, topology: 'assigned', ...PAIR, payloadBytes: 9000 });
    expect(result.requests).toBe(2000);
    expect(result.busy['link']).toBe(0);
  });

  it('has its interrupt through the hypervisor when it is in a guest', () => {
    expect(run({ ...native, topology: 'assigned' }).counts.upcall).toBeGreaterThan(0);
    expect(run(native).counts.upcall).toBe(0);
  });
});
