/** Updates of a graphics table: who handles them, and that choosing their entries ends. */
import { describe, expect, it } from 'vitest';
import { parseScenario, type ScenarioInput } from '../../contract/scenario.ts';
import type { RunResult } from '../../contract/result.ts';
import { judge, prepareRun } from '../../experiment/index.ts';
import { runSeen } from '../../experiment/testing.ts';

const GPU = { workload: 'gpu-gtt', topology: 'assigned', requests: 40 } as const;

function run(input: ScenarioInput): RunResult {
  const simulation = prepareRun(parseScenario({ ...GPU, ...input }), null);
  while (simulation.step(10_000)) {
    // Go on.
  }
  return simulation.finish();
}

describe('an update of more entries than there are', () => {
  it('changes those that there are, also where all are hot', () => {
    const hot = { gpu: { batch: 108, entries: 512, hotPercent: 100 } } as const;
    expect(run({ strategy: 'gfn-lookup', ...hot }).requests).toBe(40);
    expect(run({ strategy: 'gfn-lookup', gpu: { batch: 128, entries: 64 } }).requests).toBe(40);
  });
});

describe('a write to the table', () => {
  it('goes to an emulator on Xen, which is told and answers', () => {
    const { counts } = run({ strategy: 'gfn-lookup', hypervisor: 'xen-pv-dom0' });
    expect(counts.trap).toBe(40);
    expect([counts.notify, counts.upcall]).toEqual([80, 80]);
  });

  it('is handled in the kernel by KVMGT, without a word to anybody', () => {
    const { counts } = run({ strategy: 'gfn-map-refcount', hypervisor: 'kvm-vhost' });
    expect([counts.trap, counts.notify, counts.upcall]).toEqual([40, 0, 0]);
  });

  it('is the hypervisor’s work there, to the last pin and entry', () => {
    const { events } = runSeen({
      ...GPU,
      ...{ strategy: 'gfn-map-refcount', hypervisor: 'kvm-vhost' },
    });
    const trackOf = (kind: string) => [
      ...new Set(events.filter((each) => each.kind === kind).map((each) => each.track)),
    ];
    const [kernel] = trackOf('VMEXIT');
    for (const kind of ['vfio_pin_pages', 'IOVA.alloc', 'IOMMU.map', 'GTT.write']) {
      expect(trackOf(kind)).toEqual([kernel]);
    }
    expect(trackOf('gtt_update')).not.toContain(kernel);
  });

  it('is hypothetical where the hypervisor has no such way', () => {
    const foreign = { ...GPU, strategy: 'gfn-map-refcount', gpu: { trap: 'ioreq' } } as const;
    expect(judge(parseScenario({ ...foreign, hypervisor: 'kvm-vhost' })).status).toBe(
      'hypothetical',
    );
    const own = { ...foreign, strategy: 'bfn-reserved', hypervisor: 'xen-pv-dom0' } as const;
    expect(judge(parseScenario(own)).status).toBe('native');
  });
});
