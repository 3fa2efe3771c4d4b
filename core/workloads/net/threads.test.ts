/** Threads of the backend: woken when there is work, and only then. */
import { describe, expect, it } from 'vitest';
import { runSeen } from '../../experiment/testing.ts';

const FOUR = {
  strategy: 'grant-map',
  hypervisor: 'xen-pv-dom0',
  soc: 'xeon-2012',
  payloadBytes: 9000,
  requests: 4,
} as const;

describe('the thread that unmaps', () => {
  it('is switched to once for packets that it finds together', () => {
    const { events } = runSeen({ ...FOUR, workload: 'net-tx' });
    const of = (kind: string) => events.filter((each) => each.kind === kind);
    expect(of('xenvif_dealloc_kthread').map((each) => each.n)).toEqual([12]);
    expect(of('SCHED').length).toBe(1);
  });
});

describe('an application of the backend', () => {
  it('is not switched to for packets that it has read already', () => {
    const scenario = { ...FOUR, strategy: 'grant-copy', workload: 'net-tx', requests: 40 } as const;
    const { events } = runSeen({ ...scenario, net: { destination: 'local' } });
    const reads = events.filter((each) => each.kind === 'tcp_recvmsg').map((each) => each.ts);
    const switches = events.filter((each) => each.kind === 'SCHED');
    expect(reads.length).toBe(40);
    expect(switches.filter(({ ts, dur }) => !reads.includes(ts + dur))).toEqual([]);
  });
});

describe('buffers of a guest that a backend posts to its card', () => {
  it('cost a doorbell, as its own do', () => {
    const { events } = runSeen({ ...FOUR, strategy: 'grant-device-map', workload: 'net-rx' });
    const doorbells = events.filter((each) => each.kind === 'DEV.doorbell');
    expect(doorbells.length).toBeGreaterThan(0);
    // 100 ns on this machine.
    expect(new Set(doorbells.map((each) => each.dur))).toEqual(new Set([100_000]));
  });
});
