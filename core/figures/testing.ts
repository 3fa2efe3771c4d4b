/** Rows made by hand, for tests: every number is one that a reader can work out. */
import type { RunResult } from '../contract/result.ts';
import { axesOfResult, type AxisValue, type ChartRow } from './chart/rows.ts';
import { parseChartSpec, type ChartSpec } from './chart/spec.ts';

export function result(fields: Partial<RunResult> = {}): RunResult {
  const whole = {
    file: null,
    status: 'complete',
    strategy: 'grant-map',
    hypervisor: 'xen-arm-dom0',
    soc: 'cortex-a72',
    workload: 'net-tx',
    topology: 'mediated',
    pair: 'native',
    pairReason: '',
    seed: 1,
    payloadBytes: 1024,
    hostDma: 'lazy',
    events: 100,
    requests: 1024,
    simulatedNs: 1e6,
    warmupNs: 0,
    wallMs: 0,
    throughputGbps: 4,
    requestsPerSecond: 500_000,
    cpuNsPerRequest: { frontend: 1024, backend: 2048 },
    cpuNsPerByte: { frontend: 1, backend: 2 },
    busy: {},
    steady: true,
    bottleneck: 'backend CPU 0',
    latencyNs: { p50: 10_000, p90: 20_000, p99: 40_000, p999: 80_000, max: 90_000 },
    waitNs: { maptrack: 250 },
    counts: {},
    batch: { 'packets per NIC poll': { '1': 1, '4': 3 } },
    copiedBytes: 0,
    memoryBytes: { frontend: 4096, backend: 8192 },
    pinnedPagesMax: 3,
    hitRate: { iotlb: null, walkCache: null, ddio: null },
    exposure: {
      backend: {
        heldByteSeconds: 1024,
        obtainableByteSeconds: 0,
        standingBytes: 0,
        granuleByteSeconds: 0,
        staleByteSeconds: 0,
      },
    },
    windowsNs: { p50: 1, p99: 1, max: 1 },
    hazards: { H1: 0, H3: 2 },
    wrongDataOnWire: 0,
    dropped: 0,
    dirtyPages: null,
    profiles: { 'cortex-a72': '07d2e8aa00000000', 'xen-arm-dom0': 'a90c710000000000' },
    version: '0.1.0',
    ...fields,
  };
  const id = JSON.stringify(fields).length.toString(16).padStart(16, '0');
  return { fingerprint: id, scenarioHash: id, ...whole } as unknown as RunResult;
}

export function row(
  fields: Partial<RunResult> = {},
  axes: Readonly<Record<string, AxisValue>> = {},
): ChartRow {
  const found = result(fields);
  return {
    name: found.strategy,
    origin: 'simulated',
    axes: { ...axesOfResult(found), ...axes },
    result: found,
    detail: null,
  };
}

/** A description whose source does not matter, for the rows are given. */
export const spec = (fields: object): ChartSpec =>
  parseChartSpec({ source: { kind: 'traces', traces: ['x.mctrace'] }, ...fields });

/** CPU time of all actors for one byte. */
export const perByte = (ns: number): Partial<RunResult> => ({
  cpuNsPerByte: { backend: ns },
  cpuNsPerRequest: { backend: ns * 1024 },
});

/** Rows with which each type of chart has something to draw. */
export const SAMPLE_ROWS: readonly ChartRow[] = (
  ['grant-map', 'grant-copy', 'grant-persistent'] as const
).flatMap((strategy, s) =>
  [64, 1024, 4096, 65_536].flatMap((payloadBytes, p) =>
    [1, 2, 3].map((seed): ChartRow => {
      const ns = [8 - 2 * p, 5 - p * 0.5, 6 - p][s] as number;
      const ms = (n: number) => 1000 * (n + s + p);
      return {
        ...row(
          {
            strategy,
            payloadBytes,
            seed,
            pair: strategy === 'grant-persistent' ? 'hypothetical' : 'native',
            throughputGbps: 10 / ns,
            latencyNs: { p50: ms(10), p90: ms(20), p99: ms(40), p999: ms(80 + seed), max: ms(90) },
            memoryBytes: { backend: 4096 * (p + 1) * (s + 1) },
            waitNs: { maptrack: 100 * s, 'backend qdisc': 300 * (p + 1) },
            fingerprint: `${s}${p}${seed}`.padStart(16, '0'),
            scenarioHash: `${seed}${p}${s}`.padStart(16, '0'),
            ...perByte(ns + seed / 100),
          },
          { guests: 2 ** p },
        ),
        detail: {
          latency: { ns: [ms(1), ms(2), ms(8)], share: [0.5, 0.9, 1], requests: 10 },
          components: { hypercall: 100 * (s + 1), copy: 300, stack: 1000 },
          payers: {
            requests: 400,
            ns: {
              backend: {
                total: 1000 * (s + 1),
                shared: 250,
                interval: [900 * (s + 1), 1100 * (s + 1)],
              },
              waiting: { total: 3000, shared: 0, interval: [2900, 3100] },
              latency: {
                total: 1000 * (s + 4),
                shared: 0,
                interval: [1000 * (s + 4) - 200, 1000 * (s + 4) + 200],
              },
            },
          },
          changes:
            s === 0
              ? null
              : {
                  each: 2,
                  first: [1, 3, 5],
                  atNs: [0, 2000, 4000],
                  meanNs: [100 * s, -200, 50],
                  leastNs: [0, -400, -100],
                  mostNs: [200 * s, 0, 200],
                  largest: [1, 4, 6],
                },
          counters: [
            {
              name: 'Transmit ring',
              unit: 'slots',
              ns: [0, 1000, 2000],
              min: [0, 3, 0],
              max: [0, 5, 2],
              last: [0, 4, 2],
            },
          ],
        },
      };
    }),
  ),
);
