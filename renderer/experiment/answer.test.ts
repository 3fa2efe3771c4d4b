import { describe, expect, test } from 'vitest';
import { HAZARD_IDS, type CrossoverAnswer, type RunResult } from '../../core/contract/index.ts';
import type { MatrixRun } from '../../core/figures/matrix.ts';
import { metricOf } from '../../core/figures/metrics.ts';
import { answerOf } from './answer.ts';
import { crossingAnswer } from './crossing.ts';

const none = Object.fromEntries(HAZARD_IDS.map((id) => [id, 0]));
function run(
  strategy: string,
  cpu: number | null,
  more: Partial<RunResult> = {},
): MatrixRun<RunResult> {
  const place = { hypervisor: 'kvm-vhost', soc: 'xeon-2020', workload: 'net-tx' };
  const result = {
    ...place,
    strategy,
    pair: 'native',
    requests: 1000,
    payloadBytes: 2 ** 20,
    seed: 1,
    steady: true,
    cpuNsPerByte: { backend: cpu ?? 0 },
    bottleneck: 'host CPU 0',
    busy: { 'host CPU 0': 0.98 },
    latencyNs: {},
    windowsNs: { p50: 1, p99: 2000, max: 1 },
    hazards: none,
    exposure: { backend: { heldByteSeconds: 1024, granuleByteSeconds: 0, staleByteSeconds: 0 } },
    memoryBytes: {},
    wrongDataOnWire: 0,
    ...more,
  } as unknown as RunResult;
  const status = result.pair;
  return {
    ...place,
    strategy,
    variant: '',
    status,
    reason: '',
    result: cpu === null ? null : result,
  };
}
const metric = metricOf('cpu-per-byte');

describe('the answer to a question', () => {
  test('says nothing of runs that are not done, and how many there are', () => {
    expect(answerOf([run('iommu-strict', null)], ['iommu-strict'], metric)).toEqual({
      done: 0,
      of: 1,
      cost: [],
      safety: [],
      caveats: [],
    });
  });

  test('holds the one that is asked about against the others, and names what it waits for', () => {
    const runs = [run('iommu-lazy', 1), run('iommu-strict', 1.3), run('iommu-passthrough', 1.31)];
    const { cost } = answerOf(runs, ['iommu-strict', 'iommu-lazy', 'iommu-passthrough'], metric);
    expect(cost).toHaveLength(1);
    expect(cost[0]).toContain('iommu-strict takes 1.30');
    expect(cost[0]).toMatch(/30\s% more than iommu-lazy/);
    expect(cost[0]).toContain('as much as iommu-passthrough');
    expect(cost[0]).toContain('host CPU 0');
  });

  test('puts safety beside it: exposure, hazards by name, wrong data', () => {
    const hazards = { ...none, H4: 7 } as RunResult['hazards'];
    const { safety } = answerOf(
      [run('grant-map', 1, { hazards, wrongDataOnWire: 12 }), run('grant-copy', 2)],
      ['grant-map', 'grant-copy'],
      metric,
    );
    expect(safety[0]).toMatch(/H4 stale IOTLB window \(7\)/);
    expect(safety[0]).toMatch(/12\sframes left the machine with wrong data/);
    expect(safety[1]).toContain('no hazard happened');
  });

  test('a hypothetical pair, a refusal, a run too short and a hazard not checked are caveats', () => {
    const hazards = { ...none, H5: null } as RunResult['hazards'];
    const runs = [
      run('grant-map', 1, { pair: 'hypothetical', pairReason: 'It is not there.' }),
      { ...run('argo', null), status: 'refused' as const, reason: 'KVM has none.' },
      run('grant-copy', 1, { steady: false, hazards }),
    ];
    const { caveats, of } = answerOf(runs, ['grant-map', 'grant-copy', 'argo'], metric);
    expect(of).toBe(2);
    expect(caveats.join('\n')).toMatch(/Hypothetical: grant-map. It is not there./);
    expect(caveats.join('\n')).toMatch(/Refused: argo. KVM has none./);
    expect(caveats.join('\n')).toMatch(/No steady state, too few requests: grant-copy/);
    expect(caveats.join('\n')).toMatch(/Not checked: H5/);
  });
});

describe('the answer of a crossover', () => {
  const side = (strategy: string) => ({ strategy, pair: 'native' as const, reason: '' });
  const at = (hazards: object, held: number) => ({
    hazards,
    exposure: {
      device: {
        heldByteSeconds: held,
        granuleByteSeconds: 0,
        staleByteSeconds: 0,
        obtainableByteSeconds: 0,
        standingBytes: 0,
      },
    },
    requests: 1,
    payloadBytes: 2 ** 30,
    bottleneck: '',
  });
  const found = {
    a: side('grant-map'),
    b: side('grant-copy'),
    workload: 'net-tx',
    hypervisor: 'xen-arm-dom0',
    soc: 'cortex-a72',
    metric: 'cpuPerByte',
    unit: 'ns/B',
    points: [
      { bytes: 64, winner: 'tie', a: 2, b: 2 },
      { bytes: 1500, winner: 'b', a: 6, b: 5 },
      { bytes: 65_536, winner: 'a', a: 1.2, b: 1.5 },
    ],
    crossings: [
      {
        at: 18_883,
        low: 4096,
        high: 28_672,
        from: 'b',
        to: 'a',
        share: 0.5,
        given: true,
        break: null,
      },
    ],
    verdict: 'crosses',
    reason: '',
    caution: '',
    dependsOn: [],
    samples: [
      { crossings: [{}], leader: 'a' },
      { crossings: [], leader: 'b' },
    ],
    runs: 100,
    safety: [
      { bytes: 64, a: at(none, 1), b: at(none, 1) },
      { bytes: 18_900, a: at({ ...none, H3: 2 }, 2048), b: at(none, 1024) },
    ],
  } as unknown as CrossoverAnswer;
  const plain = (text: string) => text.replace(/[\u2009\u00a0]/g, ' ');

  test('names the size and who is ahead from it on, how far apart they are, and how sure that is', () => {
    const answer = crossingAnswer(found, 'done');
    expect(plain(answer.headline)).toBe(
      'From 18 883 B on grant-map takes less CPU time per byte than grant-copy (net-tx on xen-arm-dom0, cortex-a72).',
    );
    expect(plain(answer.amount)).toBe(
      'grant-map takes at 1 500 B 6.00 ns/B, 20 % more than grant-copy (5.00); at 65 536 B 1.20 ns/B, 20 % less than grant-copy (1.50).',
    );
    expect(plain(answer.certainty)).toBe(
      '1 of 2 samples change places between 4 096 B and 28 672 B; in 1 grant-copy is ahead wherever they differ.',
    );
  });

  test('says what each exposes there, and what happened to whom', () => {
    const { exposes } = crossingAnswer(found, 'done');
    expect(plain(exposes[0] ?? '')).toBe(
      'At 18 900 B the device reaches without need: with grant-map 2.0 KiB·s per GiB moved, with grant-copy 1.0 KiB·s per GiB moved.',
    );
    expect(exposes[1]).toMatch(/^H3 sub-page leak \(grant-map alone\): /);
  });

  test('says once what is the same with either: memory in reach all the time, and privilege', () => {
    const device = { heldByteSeconds: 9, granuleByteSeconds: 0, staleByteSeconds: 0 };
    const standing = { ...device, obtainableByteSeconds: 0, standingBytes: 2 ** 30 };
    const may = { ...standing, heldByteSeconds: 0, obtainableByteSeconds: 7, standingBytes: 0 };
    const side = { ...at(none, 0), exposure: { device: standing, backend: may } };
    const safety = [{ bytes: 18_900, a: side, b: side }];
    const { exposes } = crossingAnswer({ ...found, safety } as unknown as CrossoverAnswer, 'done');
    expect(exposes.map(plain)).toEqual([
      'With either, the device reaches without need 1.0 GiB of the guest’s memory all the time: the choice changes nothing about that.',
      'With either the backend’s privilege would let it map other memory of the guest too, if it chose.',
    ]);
  });

  test('that was ended early says so, and is only so far', () => {
    const answer = crossingAnswer(found, 'cancelled');
    expect(answer.headline).toMatch(/^So far: From/);
    expect(answer.basis).toMatch(/^Partial: it was ended early/);
  });

  test('never, always and undecided are answers', () => {
    const never = { ...found, verdict: 'never' as const, crossings: [] };
    expect(crossingAnswer(never, 'done').headline).toMatch(
      /^Never: grant-copy takes less CPU time per byte than grant-map.*but for sizes where/,
    );
    const always = { ...never, points: found.points.slice(2) };
    expect(crossingAnswer(always, 'done').headline).toMatch(/^Always: grant-map takes less/);
    const undecided = { ...found, verdict: 'undecided' as const, reason: 'they are the same' };
    expect(crossingAnswer(undecided, 'done').headline).toMatch(
      /^Undecided. With the profiles’ own values, from .* but only 1 of 2.samples agree/,
    );
    const tie = { ...undecided, crossings: [] };
    expect(crossingAnswer(tie, 'done').headline).toMatch(/^Undecided: they are the same/);
  });
});
