/** What a block backend does with payload: copies of its own only where there is a reason. */
import { describe, expect, it } from 'vitest';
import { parseScenario, type ScenarioInput } from '../../contract/scenario.ts';
import type { RunResult } from '../../contract/result.ts';
import { prepareRun } from '../../experiment/run.ts';

function run(input: ScenarioInput): RunResult {
  const simulation = prepareRun(parseScenario({ requests: 2000, ...input }), null);
  while (simulation.step(10_000)) {
    // Go on.
  }
  return simulation.finish();
}

const KVM = {
  strategy: 'map-all-memory',
  hypervisor: 'kvm-vhost',
  soc: 'xeon-2020',
  payloadBytes: 65_536,
} as const;

describe('a block backend under KVM', () => {
  it('copies when it is told to', () => {
    const copies = run({ ...KVM, workload: 'blk-write', backend: { copy: 'always' } });
    expect(copies.copiedBytes).toBe(2000 * 65_536);
  });

  it.each(['blk-write', 'blk-read'] as const)('hands the guest’s own pages on: %s', (workload) => {
    expect(run({ ...KVM, workload }).copiedBytes).toBe(0);
  });

  it('is a different matter from a network backend, which copies', () => {
    expect(run({ ...KVM, workload: 'net-tx' }).copiedBytes).toBeGreaterThan(0);
  });
});

describe('a disk in memory', () => {
  const disk = (soc: 'xeon-2020' | 'xeon-2012') =>
    run({ ...KVM, soc, workload: 'blk-write', blk: { device: 'ramdisk' } });

  it('is larger than the cache, so that what is copied there comes and goes by memory', () => {
    const { throughputGbps, busy } = disk('xeon-2012');
    // A warm copy would move 12 GB/s, a cold one 6: half cold is 8.
    expect(throughputGbps).toBeLessThan(8.5 * 8);
    expect(busy['memory of node 0']).toBeGreaterThan(0.05);
  });
});
