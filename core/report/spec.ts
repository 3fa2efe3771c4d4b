/** What a person writes to get a report: a JSON document, checked before anything is read. */
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { LabError } from '../contract/errors.ts';
import { HAZARD_IDS } from '../contract/ids.ts';
import { METRICS } from '../figures/metrics.ts';

/** A trace by file (command line) or by its id in the library (window). */
const ref = v.pipe(v.string(), v.minLength(1), v.maxLength(512));
const words = v.pipe(v.string(), v.maxLength(300));
const title = v.optional(words, '');

const TextSchema = v.strictObject({
  kind: v.literal('text'),
  /** Markdown without HTML. */
  markdown: v.pipe(v.string(), v.maxLength(100_000)),
});
const ResultsSchema = v.strictObject({
  kind: v.literal('results'),
  title,
  /** Simulated traces, a row each. */
  traces: v.pipe(v.array(ref), v.minLength(1), v.maxLength(200)),
  /** Metric ids, a column each; exposure and hazards are shown in any case. */
  metrics: v.optional(v.array(v.picklist(METRICS.map(({ id }) => id))), [
    'throughput',
    'cpu-per-byte',
    'latency-p99',
  ]),
});
const ChartSchema = v.strictObject({
  kind: v.literal('chart'),
  title,
  /** As `mapcopy chart` takes it. */
  chart: v.record(v.string(), v.unknown()),
  caption: v.optional(words, ''),
});
const DiffSchema = v.strictObject({ kind: v.literal('diff'), title, a: ref, b: ref });
const HazardsSchema = v.strictObject({
  kind: v.literal('hazards'),
  title,
  trace: ref,
  /** Only these; all when left out. */
  codes: v.optional(v.array(v.picklist(HAZARD_IDS)), []),
  /** Rows of the table; the rest is counted. */
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)), 20),
});

export const SectionSchema = v.variant('kind', [
  TextSchema,
  ResultsSchema,
  ChartSchema,
  DiffSchema,
  HazardsSchema,
]);
export type Section = v.InferOutput<typeof SectionSchema>;
export type SectionInput = v.InferInput<typeof SectionSchema>;

export const ReportSchema = v.strictObject({
  /** Version of this document. */
  format: v.literal(1),
  title: v.pipe(v.string(), v.minLength(1), v.maxLength(300)),
  authors: v.optional(words, ''),
  sections: v.pipe(v.array(SectionSchema), v.minLength(1), v.maxLength(500)),
});
export type ReportSpec = v.InferOutput<typeof ReportSchema>;

/** @throws LabError `BAD_ARGUMENT` that names the first field that is wrong */
export function parseReport(document: unknown, where: string): ReportSpec {
  const parsed = v.safeParse(ReportSchema, document);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue) ?? 'the document';
  throw new LabError(
    'BAD_ARGUMENT',
    `this is no report: ${path}: ${issue.message}`,
    where,
    'correct it; "mapcopy report --schema" prints what a report may hold',
  );
}

/** Traces that a section is about; those of a chart are the chart's own business. */
export function tracesOf(section: Section): readonly string[] {
  if (section.kind === 'results') return section.traces;
  if (section.kind === 'hazards') return [section.trace];
  return section.kind === 'diff' ? [section.a, section.b] : [];
}

/** What must be read before a report can be written: each once, in order of appearance. */
export function needsOf({ sections }: ReportSpec): {
  readonly traces: readonly string[];
  readonly diffs: readonly (readonly [string, string])[];
} {
  const diffs = sections.flatMap((each) =>
    each.kind === 'diff' ? [[JSON.stringify([each.a, each.b]), each] as const] : [],
  );
  return {
    traces: [...new Set(sections.flatMap(tracesOf))],
    diffs: [...new Map(diffs).values()].map(({ a, b }) => [a, b]),
  };
}

/** The published JSON schema of a report. */
export function reportJsonSchema(): object {
  return toJsonSchema(ReportSchema, { errorMode: 'ignore', typeMode: 'input' });
}
