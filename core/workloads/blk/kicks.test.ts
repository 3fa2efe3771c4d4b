/** How a block backend learns of what there is to do. */
import { describe, expect, it } from 'vitest';
import { runSeen } from '../../experiment/testing.ts';

/** Port of the first queue's event channel to the backend. */
const TO_BACKEND = 0;
const ONE_AT_A_TIME = {
  hypervisor: 'xen-pv-dom0',
  soc: 'xeon-2020',
  workload: 'blk-read',
  payloadBytes: 8192,
  requests: 50,
  blk: { depth: 1 },
} as const;

describe('a backend that has nothing to do', () => {
  const { events } = runSeen({ ...ONE_AT_A_TIME, strategy: 'grant-persistent' });
  const of = (kind: string) => events.filter((each) => each.kind === kind);

  it('is not woken by answers being taken: no poll finds the ring empty', () => {
    expect(of('do_block_io_op').map((each) => each.n)).toEqual(Array(50).fill(1));
  });

  it('takes a request when it has been told, not before', () => {
    const told = of('upcall').filter((each) => each.arg === TO_BACKEND);
    const taken = of('RING.pull');
    expect([told.length, taken.length]).toEqual([50, 50]);
    taken.forEach((pull, i) => expect(pull.ts).toBeGreaterThan(told[i]?.ts ?? Infinity));
  });
});

describe('a backend with replies for which there is no room', () => {
  it.each([
    { strategy: 'single-fifo', hypervisor: 'kvm-vhost', fifo: { kib: 128 } },
    { strategy: 'argo', hypervisor: 'xen-pv-dom0', argo: { ringKiB: 132 } },
  ] as const)('is told when some has been made: $strategy', (input) => {
    const { result } = runSeen({
      ...ONE_AT_A_TIME,
      ...input,
      payloadBytes: 65_536,
      blk: { depth: 32, device: 'ramdisk' },
    });
    expect(result.requests).toBe(50);
    expect(result.hazards.H6).toBeGreaterThan(0);
  });
});

describe('entries of a ring', () => {
  const pushed = (input: object) => {
    const { events } = runSeen({ ...ONE_AT_A_TIME, ...input });
    const of = (kind: string) => events.filter((each) => each.kind === kind);
    return { pulls: of('RING.pull').length, pushes: of('RING.push') };
  };

  it('are not written for messages that go without a ring', () => {
    const { pulls, pushes } = pushed({ strategy: 'argo' });
    expect([pulls, pushes.length]).toEqual([0, 0]);
  });

  it('are written once for a request and once for its answer', () => {
    const { pulls, pushes } = pushed({ strategy: 'grant-map' });
    expect([pulls, pushes.length]).toEqual([50, 100]);
  });

  it('are headers of records in a FIFO: of the request, of the reply, and one index that ends them', () => {
    const { pulls, pushes } = pushed({ strategy: 'single-fifo', hypervisor: 'kvm-vhost' });
    expect([pulls, pushes.length]).toEqual([0, 150]);
    expect(pushes.every((each) => each.dur > 0)).toBe(true);
  });
});
