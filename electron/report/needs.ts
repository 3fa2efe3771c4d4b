/** Files that a report is about, found by whoever knows the user's folders. */
import { parseChartSpec, type ChartSpec } from '../../core/figures/chart/spec.ts';
import { needsOf, type ReportSpec } from '../../core/report/index.ts';

/** Where a host finds what a report names. Throws LabError for what is not there. */
export interface Locate {
  trace(ref: string): { readonly file: string; readonly name: string | null };
  sweep(ref: string): string;
}

/** A report with its files found: plain data. */
export interface ReportJob {
  readonly spec: ReportSpec;
  /** Charts in their order, each checked. */
  readonly charts: readonly ChartSpec[];
  readonly traces: Readonly<
    Record<string, { readonly file: string; readonly name: string | null }>
  >;
  readonly sweeps: Readonly<Record<string, string>>;
}

/** @throws LabError for a chart that is none, naming its section, and what `locate` throws */
export function reportJob(spec: ReportSpec, where: string, locate: Locate): ReportJob {
  const charts = spec.sections.flatMap((section, i) =>
    section.kind === 'chart'
      ? [parseChartSpec(section.chart, `${where}: sections.${i}.chart`)]
      : [],
  );
  const traces = new Set(needsOf(spec).traces);
  const sweeps = new Set<string>();
  for (const { source } of charts) {
    if (source.kind === 'traces') for (const each of source.traces) traces.add(each);
    if (source.kind === 'sweep') sweeps.add(source.database);
  }
  const all = <T>(refs: ReadonlySet<string>, find: (ref: string) => T) =>
    Object.fromEntries([...refs].map((ref) => [ref, find(ref)]));
  return {
    spec,
    charts,
    traces: all(traces, (ref) => locate.trace(ref)),
    sweeps: all(sweeps, (ref) => locate.sweep(ref)),
  };
}
