/** Strategies that start from grants (A to E, G, T, U): what they refuse, one request of each by hand, what goes wrong. */
import { describe, expect, it } from 'vitest';
import { parseScenario, type ScenarioInput } from '../contract/scenario.ts';
import type { RunResult } from '../contract/result.ts';
import { judge, prepareRun } from '../experiment/index.ts';

const PV = { hypervisor: 'xen-pv-dom0', soc: 'xeon-2020' } as const;
const STRICT = { hypervisor: 'xen-pv-dom0-strict', soc: 'xeon-2020' } as const;
const PVH = { hypervisor: 'xen-pvh-dom0', soc: 'xeon-2020' } as const;
const ARM = { hypervisor: 'xen-arm-dom0', soc: 'neoverse-n1' } as const;
const ARM_DRIVER = { hypervisor: 'xen-arm-driver-domain', soc: 'neoverse-n1' } as const;
const ONE = { requests: 1 } as const;
const NET_4K = { ...ONE, workload: 'net-tx', payloadBytes: 4096 } as const;
const BLK_4K = { ...ONE, workload: 'blk-write', payloadBytes: 4096 } as const;
const BLK_64K = { ...ONE, workload: 'blk-write', payloadBytes: 65_536 } as const;

function run(input: ScenarioInput): RunResult {
  const simulation = prepareRun(parseScenario(input), null);
  while (simulation.step(10_000)) {
    // Go on.
  }
  return simulation.finish();
}

const pairOf = (input: ScenarioInput) => judge(parseScenario(input));

describe('what is refused, and why', () => {
  it.each<[ScenarioInput, RegExp]>([
    [{ ...PVH, strategy: 'grant-device-map' }, /general_error/],
    [{ ...ARM, strategy: 'grant-device-map' }, /general_error/],
    [{ ...PVH, strategy: 'grant-map', grants: { unmapPolicy: 'replace' } }, /PV callers/],
    [{ ...ARM, strategy: 'grant-copy-offload' }, /no copy engine/],
    [{ ...PV, soc: 'epyc-2020', strategy: 'grant-copy-offload' }, /no copy engine/],
    [{ ...PV, strategy: 'grant-light', net: { destination: 'local' } }, /local socket/],
    [{ ...PV, strategy: 'grant-device-map', net: { destination: 'local' } }, /local socket/],
    [
      { ...PV, strategy: 'grant-light', workload: 'blk-write', blk: { touch: 'checksum' } },
      /CPU mapping/,
    ],
    [{ ...PV, strategy: 'grant-map', topology: 'native' }, /mediated/],
  ])('%o', (input, reason) => {
    const pair = pairOf(input);
    expect(pair.status).toBe('refused');
    expect(pair.reason).toMatch(reason);
  });

  it('proposals and foreign hypervisors are hypothetical, the rest native', () => {
    const kvm = { hypervisor: 'kvm-vhost', soc: 'xeon-2020' } as const;
    const status = (input: ScenarioInput) => pairOf(input).status;
    expect(status({ ...PV, strategy: 'grant-map' })).toBe('native');
    expect(status({ ...kvm, strategy: 'grant-map' })).toBe('hypothetical');
    expect(status({ ...PV, strategy: 'grant-persistent', workload: 'blk-read' })).toBe('native');
    expect(status({ ...PV, strategy: 'grant-persistent', workload: 'net-tx' })).toBe(
      'hypothetical',
    );
    expect(status({ ...PV, strategy: 'grant-light' })).toBe('hypothetical');
    expect(status({ ...ARM, strategy: 'virtio-grant' })).toBe('native');
  });
});

describe('one request by hand', () => {
  // Every line: two EVTCHNOP_send, and the hypercalls of the sequence.
  it.each<[string, ScenarioInput, Partial<RunResult['counts']>]>([
    // copy of the header, map, unmap
    ['grant-map 4 KiB PV', { ...NET_4K, ...PV, strategy: 'grant-map' }, counts(5, 1, 1, 1, 0, 1)],
    ['grant-map 4 KiB PVH', { ...NET_4K, ...PVH, strategy: 'grant-map' }, counts(5, 1, 1, 1, 1, 1)],
    ['grant-map 4 KiB Arm', { ...NET_4K, ...ARM, strategy: 'grant-map' }, counts(5, 1, 1, 1, 0, 1)],
    // map, unmap
    [
      'grant-map block 4 KiB',
      { ...BLK_4K, ...PV, strategy: 'grant-map' },
      counts(4, 1, 1, 1, 0, 0),
    ],
    // descriptors mapped and unmapped; 11 and 5 mapped; 16 unmapped
    [
      'grant-map 64 KiB PV',
      { ...BLK_64K, ...PV, strategy: 'grant-map' },
      counts(7, 17, 17, 2, 0, 0),
    ],
    // each map and unmap also one of the IOMMU
    [
      'grant-map 64 KiB strict',
      { ...BLK_64K, ...STRICT, strategy: 'grant-map' },
      counts(7, 34, 34, 2, 17, 0),
    ],
    [
      'grant-map 64 KiB PVH',
      { ...BLK_64K, ...PVH, strategy: 'grant-map' },
      counts(7, 17, 17, 17, 17, 0),
    ],
    [
      'grant-map 64 KiB Arm',
      { ...BLK_64K, ...ARM, strategy: 'grant-map' },
      counts(7, 17, 17, 17, 0, 0),
    ],
    [
      'grant-map 64 KiB Arm driver domain',
      { ...BLK_64K, ...ARM_DRIVER, strategy: 'grant-map' },
      counts(7, 17, 17, 17, 34, 0),
    ],
    // 16 hypercalls in the place of one, each with its flush
    [
      'grant-map 64 KiB replace',
      { ...BLK_64K, ...PV, strategy: 'grant-map', grants: { unmapPolicy: 'replace' } },
      counts(22, 17, 17, 17, 0, 0),
    ],
    // descriptors, then the payload
    ['grant-copy 64 KiB', { ...BLK_64K, ...PV, strategy: 'grant-copy' }, counts(4, 0, 0, 0, 0, 17)],
    // a process: two hypercalls of 16 elements at most
    [
      'grant-copy 128 KiB by a process',
      {
        ...BLK_64K,
        payloadBytes: 131_072,
        ...PV,
        strategy: 'grant-copy',
        backend: { kind: 'user' },
      },
      counts(5, 0, 0, 0, 0, 33),
    ],
    // 11 and 6 mapped and kept; the frontend copies
    [
      'grant-persistent 64 KiB',
      { ...BLK_64K, ...PV, strategy: 'grant-persistent' },
      counts(4, 17, 0, 0, 0, 16),
    ],
    [
      'grant-persistent 4 KiB',
      { ...NET_4K, ...PV, strategy: 'grant-persistent' },
      counts(3, 1, 0, 0, 0, 1),
    ],
    // copy of the header, light map, expiry; the IOMMU’s entry beside each
    [
      'grant-light 4 KiB',
      { ...NET_4K, ...STRICT, strategy: 'grant-light' },
      counts(5, 2, 2, 0, 1, 1),
    ],
    [
      'grant-light 4 KiB relaxed',
      { ...NET_4K, ...PV, strategy: 'grant-light' },
      counts(5, 1, 1, 0, 0, 1),
    ],
    [
      'grant-light 64 KiB',
      { ...BLK_64K, ...STRICT, strategy: 'grant-light' },
      counts(5, 32, 32, 0, 1, 1),
    ],
    [
      'grant-copy-offload 4 KiB',
      { ...NET_4K, ...PV, strategy: 'grant-copy-offload' },
      counts(3, 0, 0, 0, 0, 1),
    ],
    // stock Xen flushes although there is nothing to flush
    [
      'grant-device-map 4 KiB',
      { ...NET_4K, ...PV, strategy: 'grant-device-map' },
      counts(5, 1, 1, 1, 0, 1),
    ],
    [
      'grant-device-map 4 KiB, flush left out',
      {
        ...NET_4K,
        ...PV,
        strategy: 'grant-device-map',
        grants: { elideFlushIfNoHostMap: true },
      },
      counts(5, 1, 1, 0, 0, 1),
    ],
    // a backend that looks at the data maps it for its CPUs after all
    [
      'grant-device-map 4 KiB, checksum',
      {
        ...BLK_4K,
        ...PV,
        strategy: 'grant-device-map',
        blk: { touch: 'checksum' },
        grants: { elideFlushIfNoHostMap: true },
      },
      counts(4, 1, 1, 1, 0, 0),
    ],
    [
      'virtio-grant 4 KiB',
      { ...NET_4K, ...PV, strategy: 'virtio-grant' },
      counts(4, 1, 1, 1, 0, 0),
    ],
    [
      'virtio-grant 64 KiB',
      { ...BLK_64K, ...PV, strategy: 'virtio-grant' },
      counts(4, 16, 16, 1, 0, 0),
    ],
    [
      'virtio-grant 64 KiB kept',
      { ...BLK_64K, ...PV, strategy: 'virtio-grant', virtioGrant: { persistent: true } },
      counts(3, 16, 0, 0, 0, 0),
    ],
  ])('%s', (_, input, expected) => {
    const result = run(input);
    expect(result.counts).toMatchObject({ ...expected, notify: 2, fault: 0 });
    expect(result.dropped).toBe(0);
  });

  function counts(
    hypercall: number,
    map: number,
    unmap: number,
    tlbFlush: number,
    iotlbFlush: number,
    copy: number,
  ) {
    return { hypercall, map, unmap, tlbFlush, iotlbFlush, copy };
  }
});

describe('receive', () => {
  it('is copied by grant-map, and lands in place where the device alone is let in', () => {
    const receive = { ...STRICT, workload: 'net-rx', payloadBytes: 4096, requests: 500 } as const;
    const copied = run({ ...receive, strategy: 'grant-map' });
    expect(copied.counts).toMatchObject({ map: 0, copy: 500 });
    for (const strategy of ['grant-light', 'grant-device-map'] as const) {
      const { counts, hazards } = run({ ...receive, strategy });
      expect(counts, strategy).toMatchObject({ copy: 0, dma: 500, fault: 0 });
      // A ring of 256 buffers stays posted.
      expect(counts.map - counts.unmap, strategy).toBe(2 * 256);
      expect({ ...hazards, H3: 0 }, strategy).toMatchObject({ H1: 0, H4: 0, H10: 0 });
    }
  });
});

describe('leases', () => {
  const light = { ...STRICT, strategy: 'grant-light', requests: 300 } as const;

  it('that end before the device has come are refused it, and the packets are lost', () => {
    for (const input of [{ workload: 'net-tx' }, { workload: 'blk-read' }] as const) {
      const early = run({ ...light, ...input, light: { expiry: 'ttl', ttlUs: 1 } });
      expect(early.counts.fault, input.workload).toBeGreaterThan(0);
      expect(early.hazards.H1, input.workload).toBeGreaterThan(0);
      expect(early.hazards.H2, input.workload).toBe(0);
      const late = run({ ...light, ...input, light: { expiry: 'ttl', ttlUs: 100_000 } });
      expect(late.counts.fault, input.workload).toBe(0);
    }
  });

  it('are worth nothing where the IOMMU holds all memory anyway', () => {
    const open = run({ ...light, ...PV, light: { expiry: 'ttl', ttlUs: 1 } });
    expect(open.counts.fault).toBe(0);
    expect(open.hazards.H2).toBeGreaterThan(0);
  });

  it('that end with the first access are missed when the device comes again', () => {
    const again = { refetchPpm: 500_000 };
    const first = run({ ...light, light: { ...again, expiry: 'first-dma' } });
    expect(first.hazards.H1).toBeGreaterThan(50);
    expect(run({ ...light, light: { ...again, expiry: 'completion' } }).hazards.H1).toBe(0);
  });

  it('of a batch end with one invalidation', () => {
    const { counts } = run({ ...light, requests: 2000 });
    expect(counts.unmap).toBe(4000);
    expect(counts.iotlbFlush).toBeLessThan(500);
  });
});

describe('what runs out', () => {
  it('handles: packets are dropped, requests fail, and all of it is told', () => {
    const grants = { maxMaptrackFrames: 1 };
    const net = { ...PV, payloadBytes: 60_000, requests: 300, net: { queues: 4 }, grants } as const;
    const sent = run({ ...net, strategy: 'grant-map' });
    expect(sent.requests).toBe(300);
    expect(sent.hazards.H6).toBeGreaterThan(0);
    expect(sent.dropped).toBeGreaterThan(0);
    const enough = run({ ...net, strategy: 'grant-map', grants: {} });
    expect([enough.hazards.H6, enough.dropped]).toEqual([0, 0]);
    // A copy takes no handle.
    expect(run({ ...net, strategy: 'grant-copy' }).dropped).toBe(0);
  });

  it('entries of the grant table: the frontend waits, nothing is lost', () => {
    const queues = { ...PV, payloadBytes: 60_000, requests: 300, net: { queues: 4 } } as const;
    const { hazards, requests, dropped } = run({
      ...queues,
      strategy: 'grant-copy',
      grants: { maxFrames: 1 },
    });
    expect(hazards.H6).toBeGreaterThan(0);
    expect([requests, dropped]).toEqual([300, 0]);
  });

  it('persistent grants: the rest is mapped for one request and unmapped again', () => {
    const blk = { ...PV, strategy: 'grant-persistent', workload: 'blk-write' } as const;
    const large = { ...blk, payloadBytes: 65_536, requests: 200 };
    const kept = run(large);
    expect([kept.counts.unmap, kept.hazards.H6]).toEqual([0, 0]);
    const mixed = run({ ...large, persistent: { max: 16 } });
    expect(mixed.counts.unmap).toBeGreaterThan(200);
    expect(mixed.hazards.H6).toBeGreaterThan(0);
    expect(mixed.requests).toBe(200);
  });

  it('persistent grants: each ring has its share of the table, and too small a share is refused', () => {
    const blk = { ...PV, strategy: 'grant-persistent', workload: 'blk-mixed' } as const;
    const small = { ...blk, payloadBytes: 131_072, requests: 200, grants: { maxFrames: 1 } };
    expect(() => run({ ...small, blk: { queues: 16 } })).toThrow(
      'leaves each of 16 rings 31 pages, and one request may need 33',
    );
    expect(run({ ...small, blk: { queues: 2 } }).requests).toBe(200);
  });

  it('handles of a backend that keeps mappings: it drops those that it is not using', () => {
    const { requests, counts, hazards } = run({
      ...PV,
      strategy: 'virtio-grant',
      workload: 'net-rx',
      payloadBytes: 4096,
      requests: 1000,
      virtioGrant: { persistent: true },
      grants: { maxMaptrackFrames: 1 },
    });
    expect(requests).toBe(1000);
    expect(hazards.H6).toBeGreaterThan(0);
    expect(counts.unmap).toBeGreaterThan(0);
    expect(counts.map - counts.unmap).toBeLessThanOrEqual(255);
  });
});

describe('pools', () => {
  it('are as small as what is in flight at once, since the page used last is used first', () => {
    const base = { ...PV, strategy: 'grant-persistent', workload: 'blk-write' } as const;
    const { counts } = run({ ...base, payloadBytes: 4096, requests: 1000, blk: { depth: 8 } });
    expect(counts.map).toBe(8);
  });

  it('of the backend’s own memory leave nothing of the frontend’s in reach', () => {
    const net = { ...PV, strategy: 'grant-persistent', payloadBytes: 4096, requests: 300 } as const;
    const theirs = run({ ...net, persistent: { owner: 'backend' } });
    expect(theirs.counts).toMatchObject({ map: 0, copy: 300 });
    expect(theirs.exposure.backend?.heldByteSeconds).toBe(0);
    expect(run(net).exposure.backend?.heldByteSeconds).toBeGreaterThan(0);
  });
});

describe('a process as backend', () => {
  it('pays a system call for each map and unmap, and for its pages again', () => {
    const blk = {
      ...PV,
      strategy: 'grant-map',
      workload: 'blk-write',
      payloadBytes: 65_536,
    } as const;
    const [kernel, user] = (['kernel', 'user'] as const).map((kind) =>
      run({ ...blk, requests: 200, backend: { kind } }),
    ) as [RunResult, RunResult];
    expect(user.counts.map).toBe(kernel.counts.map);
    expect(user.cpuNsPerRequest.backend).toBeGreaterThan(
      1.5 * (kernel.cpuNsPerRequest.backend ?? 0),
    );
  });
});
