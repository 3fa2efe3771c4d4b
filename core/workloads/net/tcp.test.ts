/** What TCP adds to packets: small queues, acknowledgements, frames that a driver joins; and raw traffic. */
import { describe, expect, it } from 'vitest';
import { LabError } from '../../contract/errors.ts';
import { parseScenario, type ScenarioInput } from '../../contract/scenario.ts';
import type { RunResult } from '../../contract/result.ts';
import { prepareRun } from '../../experiment/run.ts';

const XEN = { hypervisor: 'xen-pv-dom0', soc: 'xeon-2012', device: { linkMbps: 100_000 } } as const;
const BULK = { ...XEN, payloadBytes: 61_440, requests: 500 } as const;
const SMALL = { ...XEN, payloadBytes: 64, requests: 2000 } as const;

function run(input: ScenarioInput): RunResult {
  const simulation = prepareRun(parseScenario(input), null);
  while (simulation.step(10_000)) {
    // Go on.
  }
  return simulation.finish();
}

function refusal(input: ScenarioInput): string {
  try {
    run(input);
  } catch (thrown) {
    if (thrown instanceof LabError) return thrown.data.code;
    throw thrown;
  }
  return 'ran';
}

const total = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((sum, each) => sum + each, 0);

describe('acknowledgements', () => {
  it('take the way back: a copy and a buffer for each so many packets', () => {
    const send = (ackEvery: number) =>
      run({ ...BULK, strategy: 'grant-copy', workload: 'net-tx', net: { ackEvery } });
    const [none, each, fourth] = [send(0), send(1), send(4)];
    expect(each.counts.copy - none.counts.copy).toBe(500);
    expect(fourth.counts.copy - none.counts.copy).toBe(125);
    expect(each.requests).toBe(500);
    expect(total(each.cpuNsPerByte)).toBeGreaterThan(total(fourth.cpuNsPerByte));
    expect(total(fourth.cpuNsPerByte)).toBeGreaterThan(total(none.cpuNsPerByte));
  });

  it('are packets of the guest’s own where it receives', () => {
    const receive = (ackEvery: number) =>
      run({ ...BULK, strategy: 'grant-copy', workload: 'net-rx', net: { ackEvery } });
    const [none, each] = [receive(0), receive(1)];
    expect(each.counts.copy - none.counts.copy).toBe(500);
    expect(each.cpuNsPerRequest.frontend).toBeGreaterThan(none.cpuNsPerRequest.frontend ?? 0);
  });

  it('go both ways at once, through every carrier that receives', () => {
    for (const strategy of ['grant-map', 'grant-persistent', 'single-fifo', 'argo'] as const) {
      const result = run({ ...BULK, strategy, workload: 'net-both', net: { ackEvery: 2 } });
      expect(result.requests, strategy).toBe(500);
      expect(result.counts.fault, strategy).toBe(0);
    }
  });
});

describe('small queues', () => {
  const send = (strategy: 'grant-map' | 'grant-copy', smallQueueKiB: number) =>
    run({ ...BULK, strategy, workload: 'net-tx', net: { smallQueueKiB } });

  it('slow down who is answered late, much more than who is answered early', () => {
    const slowed = send('grant-map', 256).throughputGbps / send('grant-map', 0).throughputGbps;
    const copied = send('grant-copy', 256).throughputGbps / send('grant-copy', 0).throughputGbps;
    expect(slowed).toBeLessThan(0.8);
    expect(copied).toBeGreaterThan(slowed + 0.2);
  });

  it('let more out the larger they are', () => {
    const rates = [64, 256, 1024].map((kib) => send('grant-map', kib).throughputGbps);
    expect(rates).toEqual([...rates].sort((a, b) => a - b));
    expect(rates[2]).toBeGreaterThan(2 * (rates[0] as number));
  });
});

describe('frames under a bridge', () => {
  it('have a page each, so that more is copied piece by piece', () => {
    const receive = (lro: boolean) =>
      run({ ...BULK, strategy: 'grant-copy', workload: 'net-rx', net: { lro } });
    const [joined, apart] = [receive(true), receive(false)];
    expect(joined.counts.copy).toBe(500 * 15);
    // 41 frames, and 14 of them lie across two pages of the guest.
    expect(apart.counts.copy).toBeGreaterThanOrEqual(500 * (41 + 14));
    expect(apart.throughputGbps).toBeLessThan(joined.throughputGbps / 2);
    expect(apart.copiedBytes).toBe(joined.copiedBytes);
  });
});

describe('raw traffic', () => {
  const raw = { traffic: 'raw', destination: 'local' } as const;

  it('goes one way between a guest and its backend, or nowhere', () => {
    const one = { ...SMALL, strategy: 'grant-copy', workload: 'net-tx' } as const;
    expect(refusal({ ...one, net: { traffic: 'raw' } })).toBe('BAD_SCENARIO');
    expect(refusal({ ...one, workload: 'net-rr', net: raw })).toBe('BAD_SCENARIO');
    expect(refusal({ ...one, guests: 2, net: { ...raw, destination: 'vm' } })).toBe('BAD_SCENARIO');
    expect(refusal({ ...one, net: raw })).toBe('ran');
  });

  it.each(['net-tx', 'net-rx'] as const)('leaves out both stacks: %s', (workload) => {
    for (const strategy of ['grant-copy', 'grant-map', 'grant-persistent'] as const) {
      const socket = run({ ...SMALL, strategy, workload, net: { destination: 'local' } });
      const bare = run({ ...SMALL, strategy, workload, net: raw });
      expect(bare.requests, strategy).toBe(2000);
      expect(bare.requestsPerSecond, strategy).toBeGreaterThan(1.3 * socket.requestsPerSecond);
    }
  });
});
