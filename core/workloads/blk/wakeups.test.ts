/** What lies between a kick and the thread that it wakes. */
import { describe, expect, it } from 'vitest';
import { runSeen } from '../../experiment/testing.ts';

const ONE = { workload: 'blk-write', soc: 'xeon-2020', requests: 1, payloadBytes: 4096 } as const;

/** Nanoseconds from the end of the kick to the upcall, and from its end to the thread. */
function waysOf(
  hypervisor: 'xen-pv-dom0' | 'kvm-vhost',
  strategy: 'grant-map' | 'map-all-memory',
  kick: string,
) {
  const { events } = runSeen({ ...ONE, hypervisor, strategy });
  const of = (kind: string) => events.find((each) => each.kind === kind) ?? { ts: NaN, dur: NaN };
  const [sent, upcall, thread] = [of(kick), of('upcall'), of('SCHED')];
  return {
    toUpcall: (upcall.ts - sent.ts - sent.dur) / 1000,
    toThread: (thread.ts - upcall.ts - upcall.dur) / 1000,
  };
}

describe('a thread that an interrupt has just woken its CPU for', () => {
  it('goes on at once in a domain: the way there was measured to its first instruction', () => {
    const { toUpcall, toThread } = waysOf('xen-pv-dom0', 'grant-map', 'EVTCHNOP_send');
    // 10034 cycles of 3.3 GHz.
    expect(Math.round(toUpcall)).toBe(3041);
    expect(toThread).toBe(0);
  });

  it('leaves idleness once in a host: before the interrupt', () => {
    const { toUpcall, toThread } = waysOf('kvm-vhost', 'map-all-memory', 'ioeventfd');
    // 560 cycles, and 2 us out of C1.
    expect(Math.round(toUpcall)).toBe(2170);
    expect(toThread).toBe(0);
  });
});
