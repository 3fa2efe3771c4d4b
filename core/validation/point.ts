/** A published measurement that the lab can repeat: schema of a points file, and what it is scored by. */
import * as v from 'valibot';
import { toJsonSchema } from '@valibot/to-json-schema';
import type { RunResult } from '../contract/result.ts';

const sum = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((total, each) => total + each, 0);

/** What a result is read for; each with its unit. */
export const POINT_METRICS = {
  throughputGbps: { unit: 'Gb/s', of: (result: RunResult) => result.throughputGbps },
  requestsPerSecond: { unit: '1/s', of: (result: RunResult) => result.requestsPerSecond },
  latencyP50Ns: { unit: 'ns', of: (result: RunResult) => result.latencyNs.p50 },
  cpuNsPerByte: { unit: 'ns/B', of: (result: RunResult) => sum(result.cpuNsPerByte) },
  hostCpuNsPerByte: {
    unit: 'ns/B',
    of: ({ cpuNsPerByte }: RunResult) =>
      (cpuNsPerByte.backend ?? 0) + (cpuNsPerByte.hypervisor ?? 0) + (cpuNsPerByte.vmm ?? 0),
  },
  mapsPerRequest: {
    unit: 'maps',
    of: (result: RunResult) => result.counts.map / Math.max(1, result.requests),
  },
} as const;
export type PointMetric = keyof typeof POINT_METRICS;

const text = v.pipe(v.string(), v.minLength(1));
const scenario = v.record(v.string(), v.unknown());

/** One point. */
export const PointSchema = v.strictObject({
  id: v.pipe(text, v.description('Short name, unique in its file.')),
  kind: v.pipe(
    v.picklist(['validation', 'consistency', 'prediction']),
    v.description(
      'validation: nothing in a profile comes from it; consistency: a constant does; prediction: nobody has measured it.',
    ),
  ),
  what: v.pipe(text, v.description('What was measured, in a sentence.')),
  where: v.pipe(text, v.description('Machine and software.')),
  source: v.pipe(text, v.description('Who published it, and where.')),
  tag: v.pipe(
    v.picklist(['S', 'S-abs', 'D', 'R', 'user']),
    v.description('Seen, seen in an abstract, derived, remembered, or the user’s own.'),
  ),
  measure: v.pipe(
    v.picklist(['value', 'ratio', 'order']),
    v.description(
      'value: of the first scenario; ratio: the first by the second; order: greatest first, as listed.',
    ),
  ),
  metric: v.pipe(
    v.picklist(Object.keys(POINT_METRICS) as [PointMetric, ...PointMetric[]]),
    v.description('What the results are read for.'),
  ),
  scenarios: v.pipe(
    v.array(scenario),
    v.minLength(1),
    v.description('One for a value, two for a ratio, two or more for an order.'),
  ),
  published: v.pipe(v.number(), v.description('Published value or ratio; 1 for an order.')),
  tolerance: v.optional(
    v.pipe(
      v.number(),
      v.minValue(0),
      v.description('Share of the published value; 0.2 for ratios and 0.35 for values.'),
    ),
  ),
  dependsOn: v.optional(
    v.pipe(v.array(text), v.description('Constants that the outcome turns on most.')),
    [],
  ),
  lacks: v.optional(v.pipe(v.string(), v.description('What the model lacks, where it fails.')), ''),
});

/** A file of points. */
export const PointsFileSchema = v.strictObject({
  format: v.literal(1),
  points: v.array(PointSchema),
});

/** A point as it is written. */
export type PointInput = v.InferInput<typeof PointSchema>;
/** A point with defaults filled in. */
export type Point = v.InferOutput<typeof PointSchema>;

/** The published JSON schema of a points file. */
export function pointsJsonSchema(): object {
  return toJsonSchema(PointsFileSchema, { errorMode: 'ignore', typeMode: 'input' });
}
