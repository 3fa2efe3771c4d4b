/** When a guest's driver takes back what it has sent. */
import { describe, expect, it } from 'vitest';
import { runSeen, type SeenEvent } from '../../experiment/testing.ts';

const SEND = { soc: 'xeon-2020', workload: 'net-tx', requests: 2000 } as const;

/** Turns of taking answers back: in the driver, on the way of a packet, or in the interrupt. */
function turnsOf(events: readonly SeenEvent[]): { sending: number; interrupted: number } {
  const sends = events.filter((each) => each.kind === 'start_xmit');
  const turns = events.filter((each) => each.kind === 'free_old_xmit');
  const inside = turns.filter(({ ts }) =>
    sends.some((each) => each.ts <= ts && ts < each.ts + each.dur),
  );
  return { sending: inside.length, interrupted: turns.length - inside.length };
}

describe('netfront', () => {
  const { events } = runSeen({
    ...SEND,
    hypervisor: 'xen-pv-dom0',
    strategy: 'grant-map',
    payloadBytes: 1500,
  });

  it('takes what has been answered with each packet that it sends', () => {
    expect(turnsOf(events).sending).toBeGreaterThan(0);
  });
});

describe('virtio-net', () => {
  const { events, result } = runSeen({
    ...SEND,
    hypervisor: 'kvm-vhost',
    strategy: 'map-all-memory',
    payloadBytes: 64,
  });

  it('takes them with the packets that it sends, and wants few interrupts', () => {
    const { sending, interrupted } = turnsOf(events);
    expect(sending).toBeGreaterThan(interrupted);
    expect(result.counts.upcall).toBeLessThan(20);
  });
});
