/** Requests of a recording, played again. */
import { describe, expect, it } from 'vitest';
import { LabError } from '../contract/errors.ts';
import { parseScenario, type ScenarioInput } from '../contract/scenario.ts';
import type { RunResult } from '../contract/result.ts';
import { prepareRun } from '../experiment/index.ts';

type Stream = NonNullable<NonNullable<ScenarioInput['recorded']>['stream']>;

function play(protocol: 'net' | 'blk', stream: Stream, more: ScenarioInput = {}): RunResult {
  const scenario = parseScenario({ ...more, workload: 'recorded', recorded: { protocol, stream } });
  const run = prepareRun(scenario, null);
  while (run.step(10_000)) {
    // Go on.
  }
  return run.finish();
}

function whereWrong(protocol: 'net' | 'blk', stream: Stream): string {
  try {
    play(protocol, stream);
  } catch (error) {
    if (error instanceof LabError) return `${error.data.code} ${error.data.where}`;
    throw error;
  }
  return 'ran';
}

/** Two packets out, one in, 100 us apart. */
const THREE: Stream = [
  [0, 1500, 0],
  [100_000, 9000, 1],
  [200_000, 64, 0],
];

describe('a stream that cannot be played is refused, by its first wrong request', () => {
  it.each<[string, 'net' | 'blk', Stream]>([
    ['recorded.stream', 'net', []],
    [
      'recorded.stream[1]',
      'net',
      [
        [10, 64, 0],
        [9, 64, 0],
      ],
    ],
    ['recorded.stream[0]', 'net', [[-1, 64, 0]]],
    ['recorded.stream[0]', 'net', [[4e12, 64, 0]]],
    ['recorded.stream[0]', 'net', [[0, 65_537, 0]]],
    ['recorded.stream[0]', 'blk', [[0, 4_194_305, 0]]],
    ['recorded.stream[0]', 'blk', [[0, 0.5, 0]]],
    ['recorded.stream[0]', 'net', [[0, 64, 2]]],
  ])('%s', (where, protocol, stream) => {
    expect(whereWrong(protocol, stream)).toBe(`BAD_SCENARIO ${where}`);
  });
});

describe('a stream is played', () => {
  it('request by request, at its times', () => {
    const result = play('net', THREE);
    expect(result.requests).toBe(3);
    expect(result.simulatedNs).toBeGreaterThan(200_000);
    expect(result.simulatedNs).toBeLessThan(300_000);
  });

  it('with its own sizes: 9000 bytes lie in three pages', () => {
    const result = play('net', THREE, { strategy: 'grant-copy' });
    expect(result.copiedBytes).toBeGreaterThanOrEqual(1500 + 9000 + 64);
  });

  it('to a disk, in whole sectors', () => {
    const result = play(
      'blk',
      [
        [0, 700, 0],
        [50_000, 4096, 1],
      ],
      { strategy: 'grant-map' },
    );
    expect(result.requests).toBe(2);
    expect(result.counts.map).toBe(2);
  });

  it('whoever owns the device', () => {
    const machine = { strategy: 'iommu-strict', hypervisor: 'kvm-vhost' } as const;
    for (const topology of ['assigned', 'native'] as const) {
      expect(play('net', THREE, { ...machine, topology }).requests).toBe(3);
      expect(play('blk', THREE, { ...machine, topology }).requests).toBe(3);
    }
  });

  it('later where it comes faster than it can be carried', () => {
    const burst: Stream = Array.from({ length: 500 }, (_, i) => [i, 60_000, 0]);
    const result = play('net', burst);
    expect(result.requests).toBe(500);
    expect(result.latencyNs.max).toBeGreaterThan(100_000);
  });
});
