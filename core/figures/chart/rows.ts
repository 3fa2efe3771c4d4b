/** What a chart is drawn from: one row for each run, with its axes, its result and what its trace tells. */
import * as v from 'valibot';
import type { AxisValue, ChartRow, Detail } from '../../contract/figure.ts';
import type { Scenario } from '../../contract/scenario.ts';
import type { RunResult } from '../../contract/result.ts';
import type { ChartSpec } from './spec.ts';

export { DETAILS, type Detail } from '../../contract/figure.ts';
export type { AxisValue, ChartRow, CounterCurve, RunDetail } from '../../contract/figure.ts';

const number = v.number();
const byName = v.record(v.string(), number);
const nullable = v.nullable(number);
const exposure = v.looseObject({
  heldByteSeconds: number,
  obtainableByteSeconds: number,
  standingBytes: number,
  granuleByteSeconds: number,
  staleByteSeconds: number,
});

/** A result as `mapcopy run --json` prints it; what a chart has no use for is not looked at. */
const ResultSchema = v.looseObject({
  fingerprint: v.string(),
  strategy: v.string(),
  hypervisor: v.string(),
  soc: v.string(),
  workload: v.string(),
  topology: v.string(),
  pair: v.picklist(['native', 'hypothetical', 'refused']),
  seed: number,
  payloadBytes: number,
  requests: number,
  throughputGbps: number,
  requestsPerSecond: number,
  cpuNsPerRequest: byName,
  cpuNsPerByte: byName,
  latencyNs: v.looseObject({ p50: number, p90: number, p99: number, p999: number, max: number }),
  waitNs: byName,
  batch: v.record(v.string(), byName),
  copiedBytes: number,
  memoryBytes: byName,
  pinnedPagesMax: number,
  exposure: v.record(v.string(), exposure),
  windowsNs: v.looseObject({ p50: number, p99: number, max: number }),
  hazards: v.record(v.string(), nullable),
  profiles: v.record(v.string(), v.string()),
  scenarioHash: v.string(),
  version: v.string(),
});

/** A row as a chart's document may hold it. */
export const RowSchema = v.strictObject({
  name: v.optional(v.pipe(v.string(), v.maxLength(200)), ''),
  axes: v.optional(v.record(v.string(), v.union([v.string(), number, v.boolean()])), {}),
  result: v.pipe(ResultSchema, v.description('A result, as mapcopy run --json prints it.')),
});

/** A row of a document as one to draw. */
export function rowOf({ name, axes, result }: v.InferOutput<typeof RowSchema>): ChartRow {
  const whole = result as unknown as RunResult;
  return {
    name: name === '' ? nameOf(whole) : name,
    origin: 'simulated',
    axes: { ...axesOfResult(whole), ...axes },
    result: whole,
    detail: null,
  };
}

export const nameOf = (result: RunResult): string =>
  `${result.strategy} ${result.hypervisor} ${result.soc} ${result.workload}`;

/** Axes that every result has. */
export function axesOfResult(result: RunResult): Record<string, AxisValue> {
  const { strategy, hypervisor, soc, workload, topology, payloadBytes, seed, hostDma } = result;
  return {
    strategy,
    hypervisor,
    soc,
    workload,
    topology,
    payloadBytes,
    seed,
    requests: result.requests,
    ...(hostDma === undefined ? {} : { hostDma }),
  };
}

/** Every field of a scenario by its path, as `arrival.kind`; lists and profiles are left out. */
export function axesOfScenario(scenario: Scenario): Record<string, AxisValue> {
  const axes: Record<string, AxisValue> = {};
  const walk = (value: object, prefix: string): void => {
    for (const [key, each] of Object.entries(value) as [string, unknown][]) {
      const path = `${prefix}${key}`;
      if (path === 'profiles' || path === 'format' || Array.isArray(each)) continue;
      if (typeof each === 'object' && each !== null) walk(each, `${path}.`);
      else if (['string', 'number', 'boolean'].includes(typeof each))
        axes[path] = each as AxisValue;
    }
  };
  walk(scenario, '');
  return axes;
}

/** What a chart needs beyond results. */
export function detailsOf({ chart, by }: Pick<ChartSpec, 'chart' | 'by'>): readonly Detail[] {
  if (chart === 'cdf' || chart === 'tail') return ['latency'];
  if (chart === 'payers') return ['payers'];
  if (chart === 'changes') return ['changes'];
  if (chart === 'series') return ['counters'];
  return chart === 'stacked' && by === 'component' ? ['components'] : [];
}
