/* eslint-disable require-yield -- the carriers of these tests take no time */
/**
 * The ways of receiving that grant-copy does not take, with carriers made for the test: they charge
 * nothing and keep count.
 */
import { describe, expect, it } from 'vitest';
import { parseScenario, type ScenarioInput } from '../../contract/scenario.ts';
import type { RunResult } from '../../contract/result.ts';
import { prepareRunOf } from '../../experiment/run.ts';
import { grantCopy } from '../../strategies/grant-copy.ts';
import type { Carrier, ReceiveWay, RespondAt, Strategy, Transfer } from '../../strategies/types.ts';

const SILENT: Omit<Carrier, 'respondAt' | 'slotsOf'> = {
  locks: [],
  reservedBytes: { frontend: 0, backend: 0 },
  signalling: 'ring',
  *share() {
    return true;
  },
  *accept(_cpu, batch) {
    for (const transfer of batch) transfer.device = [...transfer.fragments];
  },
  *deliver(_cpu, batch) {
    return batch.length;
  },
  *transmitted() {
    // Nothing is held.
  },
  *release() {
    // Nothing is held.
  },
  *reclaim() {
    // Nothing was lent.
  },
  check: () => undefined,
};

function strategyOf(way: ReceiveWay, carrier: Carrier): Strategy {
  const sequences = { ...grantCopy.sequences, netIn: way };
  return { ...grantCopy, sequences, carrier: () => carrier };
}

function run(strategy: Strategy, input: ScenarioInput): RunResult {
  const scenario = parseScenario({ workload: 'net-rx', requests: 500, ...input });
  const simulation = prepareRunOf(strategy, scenario, null);
  while (simulation.step(10_000)) {
    // Go on.
  }
  return simulation.finish();
}

describe('direct: the device writes into buffers of the guest', () => {
  const calls = (at: RespondAt) => {
    const seen: string[] = [];
    const note = (name: string, transfers: readonly Transfer[]) => {
      for (const { direction } of transfers) seen.push(`${name} ${direction}`);
    };
    const carrier: Carrier = {
      ...SILENT,
      respondAt: () => at,
      slotsOf: () => 1,
      *transmitted(_cpu, transfer) {
        note('transmitted', [transfer]);
      },
      *release(_cpu, batch) {
        note('release', batch);
      },
      *reclaim(_cpu, transfer) {
        note('reclaim', [transfer]);
      },
    };
    return { seen, strategy: strategyOf('direct', carrier) };
  };
  const count = (seen: readonly string[], what: string) => seen.filter((s) => s === what).length;

  it.each([
    { at: 'transmitted', released: 0 },
    { at: 'released', released: 500 },
  ] as const)('answers when they are $at, and every buffer comes back', ({ at, released }) => {
    const { seen, strategy } = calls(at);
    const result = run(strategy, {});
    expect(result.requests).toBe(500);
    expect(result.counts).toMatchObject({ dma: 500, copy: 0 });
    expect(count(seen, 'transmitted in')).toBe(500);
    expect(count(seen, 'release in')).toBe(released);
    expect(count(seen, 'reclaim in')).toBe(500);
  });

  it('takes a page for each 4 KiB of a packet', () => {
    const { seen, strategy } = calls('transmitted');
    const result = run(strategy, { payloadBytes: 9000, requests: 100 });
    expect(result.counts.dma).toBe(300);
    expect(count(seen, 'reclaim in')).toBe(300);
  });

  it('reaches another guest through the switch of the card', () => {
    const { strategy } = calls('transmitted');
    const result = run(strategy, { guests: 2, net: { destination: 'vm' } });
    expect(result.requests).toBe(500);
    // Read from one guest, written to the other.
    expect(result.counts.dma).toBe(1000);
    expect(result.dropped).toBe(0);
    expect(result.busy['link']).toBe(0);
  });
});

describe('pushed: nothing is posted, and the area has room for so many packets', () => {
  it.each([1, 8, 1000])('%i: none is lost, and none is put where there is no room', (room) => {
    let held = 0;
    let most = 0;
    const carrier: Carrier = {
      ...SILENT,
      respondAt: () => 'transmitted',
      slotsOf: () => 1,
      *deliver(_cpu, batch) {
        const taken = Math.min(batch.length, room - held);
        held += taken;
        most = Math.max(most, held);
        return taken;
      },
      *reclaim() {
        held--;
      },
    };
    const result = run(strategyOf('pushed', carrier), { guests: 1 });
    expect(result.requests).toBe(500);
    expect(result.dropped).toBe(0);
    expect(held).toBe(0);
    expect(most).toBeLessThanOrEqual(room);
  });

  it('with messages that bring their own notification: no event channel is used', () => {
    const carrier: Carrier = {
      ...SILENT,
      signalling: 'own',
      respondAt: () => 'transmitted',
      slotsOf: () => 0,
    };
    for (const workload of ['net-tx', 'net-rx', 'net-rr'] as const) {
      const result = run(strategyOf('pushed', carrier), { workload });
      expect(result.requests).toBe(500);
      expect(result.counts.notify).toBe(0);
      expect(result.counts.upcall).toBeGreaterThan(0);
    }
  });
});
