/**
 * A chart as one JSON document: what it is about, how it is drawn, what is said in it. The window, the
 * command line and reports draw from the same document, and every exported figure carries it.
 */
import * as v from 'valibot';
import { toJsonSchema } from '@valibot/to-json-schema';
import { nearest } from '../../base/nearest.ts';
import { LabError } from '../../contract/errors.ts';
import { explainIssue, ScenarioSchema } from '../../contract/scenario.ts';
import { RowSchema } from './rows.ts';

export const CHART_TYPES = [
  'bars',
  'stacked',
  'percentiles',
  'cdf',
  'tail',
  'batches',
  'waits',
  'payers',
  'changes',
  'memory',
  'crossover',
  'heat',
  'pareto',
  'series',
] as const;
export type ChartType = (typeof CHART_TYPES)[number];
/** Charts that can have a strip of ratios. */
export const RATIO_CHARTS: ReadonlySet<ChartType> = new Set(['bars', 'crossover', 'memory']);

/** Widths that journals print at, and the one of a screen. */
export const SIZES = ['single', 'double', 'screen'] as const;
export type SizeName = (typeof SIZES)[number];

const text = (max: number, doc: string) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(max), v.description(doc));
const scalar = v.union([v.string(), v.number(), v.boolean()]);
const axis = (doc: string) => v.optional(v.nullable(text(100, doc)), null);
const between = (low: number, high: number, doc: string) =>
  v.optional(
    v.nullable(v.pipe(v.number(), v.minValue(low), v.maxValue(high), v.description(doc))),
    null,
  );

/** Where the results of a chart come from. */
export const ChartSourceSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('traces'),
    traces: v.pipe(
      v.array(text(4096, 'A file, relative to this document, or an id of the library.')),
      v.minLength(1, 'the list is empty'),
      v.maxLength(1000),
    ),
    names: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(), v.maxLength(200))),
        v.description('What to call the runs, in their order; a name that is empty is their own.'),
      ),
    ),
  }),
  v.strictObject({
    kind: v.literal('sweep'),
    database: text(4096, 'Folder of a sweep or its database, relative to this document, or an id.'),
  }),
  v.strictObject({
    kind: v.literal('scenarios'),
    scenarios: v.pipe(
      v.array(ScenarioSchema),
      v.minLength(1, 'the list is empty'),
      v.maxLength(500),
    ),
  }),
  v.strictObject({
    kind: v.literal('rows'),
    rows: v.pipe(v.array(RowSchema), v.minLength(1, 'the list is empty'), v.maxLength(10_000)),
  }),
]);
export type ChartSource = v.InferOutput<typeof ChartSourceSchema>;

const AnnotationSchema = v.strictObject({
  axis: v.pipe(v.picklist(['x', 'y']), v.description('The axis that the numbers are of.')),
  at: v.pipe(v.number(), v.description('In the unit of the axis.')),
  to: v.optional(
    v.nullable(v.pipe(v.number(), v.description('A band from `at` to here instead of a line.'))),
    null,
  ),
  label: v.optional(v.pipe(v.string(), v.maxLength(120)), ''),
});
export type Annotation = v.InferOutput<typeof AnnotationSchema>;

export const ChartSpecSchema = v.strictObject({
  format: v.optional(v.pipe(v.literal(1), v.description('Version of this document.')), 1),
  chart: v.pipe(
    v.picklist(CHART_TYPES),
    v.description(
      'bars: one number a run; stacked: CPU time by actor or component; percentiles: latency from p50 to p99.9; cdf: latency distribution; tail: the same on a scale of nines, so that p99 and p99.9 can be told apart; batches: histograms of batch sizes; waits: mean wait by lock and queue; payers: who a request waits for, from submission to completion; changes: latency of each request less that of the same request in the first trace; memory: payload memory; crossover: a metric over sizes, and where the order changes; heat: a metric by two axes, against a baseline; pareto: exposure against throughput or cost; series: a counter over time.',
    ),
  ),
  source: ChartSourceSchema,
  where: v.optional(
    v.pipe(
      v.record(v.string(), v.union([scalar, v.pipe(v.array(scalar), v.minLength(1))])),
      v.description('Axis -> value or list of values: the runs that are shown.'),
    ),
    {},
  ),
  metric: v.optional(
    v.nullable(
      text(
        200,
        'What is measured: an id of a metric; the kind of batch for batches; the counter for series. The first that there is when left out.',
      ),
    ),
    null,
  ),
  by: v.optional(
    v.pipe(
      v.picklist(['actor', 'component']),
      v.description('What a stacked bar is divided by. Components need traces.'),
    ),
    'actor',
  ),
  group: axis('Axis along which the runs are laid out: a field of the scenario, as payloadBytes.'),
  split: axis('Axis whose values are series of their own, as strategy.'),
  panels: axis(
    'Axis whose values are small charts of their own, side by side and on the same scales, as hypervisor.',
  ),
  ratio: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        'Bars and curves over a number: beside them a strip with each of them over that of the baseline.',
      ),
    ),
    false,
  ),
  scale: v.optional(
    v.nullable(
      v.pipe(
        v.picklist(['linear', 'log']),
        v.description('Of the axis of values; what suits the chart when left out.'),
      ),
    ),
    null,
  ),
  baseline: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(100),
      v.description(
        'Heat, and charts with a ratio: the strategy that others are compared with; shipped: the default of each machine.',
      ),
    ),
    'shipped',
  ),
  intervals: v.optional(v.pipe(v.boolean(), v.description('Draw intervals over seeds.')), true),
  annotations: v.optional(v.pipe(v.array(AnnotationSchema), v.maxLength(50)), []),
  title: v.optional(
    v.pipe(v.string(), v.maxLength(200), v.description('Drawn above the chart; none when empty.')),
    '',
  ),
  size: v.optional(
    v.pipe(
      v.picklist(SIZES),
      v.description('single: 84 mm wide, one column; double: 178 mm, two; screen: 254 mm.'),
    ),
    'double',
  ),
  heightMm: between(30, 400, 'Height; what suits the chart when left out.'),
  textPt: between(5, 16, 'Size of text at that width; 8 pt when left out.'),
  theme: v.optional(v.picklist(['light', 'dark']), 'light'),
});
export type ChartSpec = v.InferOutput<typeof ChartSpecSchema>;
export type ChartSpecInput = v.InferInput<typeof ChartSpecSchema>;

/** The published JSON schema of a chart. */
export function chartJsonSchema(): object {
  return toJsonSchema(ChartSpecSchema, { errorMode: 'ignore', typeMode: 'input' });
}

export const badChart = (what: string, where: string, remedy: string) =>
  new LabError('BAD_CHART', what, where, remedy);

/**
 * Checks a chart, to the last value.
 *
 * @param where file that it came from, for messages
 * @throws LabError BAD_CHART, or BAD_SCENARIO and UNKNOWN_ID for a scenario in it
 */
export function parseChartSpec(document: unknown, where = 'chart'): ChartSpec {
  // To the schema a list is an object without fields.
  if (Array.isArray(document) || typeof document !== 'object' || document === null) {
    throw badChart('a chart is a JSON object', `${where}: (whole document)`, 'write {...}');
  }
  const outcome = v.safeParse(ChartSpecSchema, document);
  if (outcome.success) return outcome.output;
  throw explain(outcome.issues[0], where);
}

/** Checks a source alone, as for `parseChartSpec`. */
export const parseChartSource = (source: unknown): ChartSource =>
  parseChartSpec({ chart: 'bars', source }).source;

function explain(issue: v.BaseIssue<unknown>, where: string): LabError {
  const path = (issue.path ?? []).map((each) => String(each.key));
  const at = `${where}: ${path.length === 0 ? '(whole document)' : path.join('.')}`;
  if (path[0] === 'source' && path[1] === 'scenarios' && path.length > 3) {
    const { code, what, remedy } = explainIssue(issue, path.slice(3).join('.'));
    return new LabError(code, what, at, remedy);
  }
  const last = path.at(-1) ?? '';
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const keys = Object.keys(ChartSpecSchema.entries);
    const close = nearest(last, keys);
    const meant = close === undefined ? '' : `did you mean ${close}? `;
    return badChart(
      `a chart has no part ${JSON.stringify(last)}`,
      at,
      path.length === 1 ? `${meant}it has ${keys.join(', ')}` : 'remove it, or see --schema',
    );
  }
  if (issue.type === 'picklist' || issue.type === 'variant') {
    const options = (issue.expected ?? '').replace(/[()"]/g, '').split(' | ').join(', ');
    return badChart(
      `unknown ${last || 'document'} ${JSON.stringify(issue.input) ?? ''}`.trim(),
      at,
      `use one of ${options}`,
    );
  }
  if (issue.input === undefined) {
    return badChart(`${last} is missing`, at, `add ${last}; see "mapcopy chart --schema"`);
  }
  return badChart(
    issue.message.replace(/^./, (first) => first.toLowerCase()),
    at,
    'see "mapcopy chart --schema" for what a chart may say',
  );
}
