/** When a guest's driver takes back what it has sent. */
import { describe, expect, it } from 'vitest';
import { runSeen, type SeenEvent } from '../../experiment/testing.ts';

/** Port of the first queue's notification of what has been sent. */
const TO_TRANSMITTER = 2;
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
  const virtio = (net: object) =>
    runSeen({
      ...SEND,
      ...{ hypervisor: 'kvm-vhost', strategy: 'map-all-memory', payloadBytes: 1500 },
      ...{ device: { linkMbps: 10_000 }, backend: { copy: 'never' }, net },
    });

  it('takes them with the packets that it sends', () => {
    const { sending } = turnsOf(virtio({}).events);
    expect(sending).toBeGreaterThan(0);
  });

  it('takes them with the acknowledgements that it receives, and wants few interrupts then', () => {
    const { events } = virtio({ ackEvery: 2 });
    const polls = events.filter((each) => each.kind === 'net_rx_action');
    const turns = events.filter((each) => each.kind === 'free_old_xmit');
    const { sending } = turnsOf(events);
    expect(polls.length).toBeGreaterThan(0);
    expect(turns.length - sending).toBeGreaterThan(0);
    // Of its own interrupts there are but few: those that end a backlog.
    const told = events.filter((each) => each.kind === 'upcall' && each.arg === TO_TRANSMITTER);
    expect(told.length).toBeLessThan(polls.length);
  });
});
