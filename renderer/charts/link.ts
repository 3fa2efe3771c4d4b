/** A chart as an address: the description itself, without what has its default. */
import { parseChartSpec, type ChartSpec } from '../../core/figures/chart/spec.ts';
import type { RouteInput } from '../app/route.ts';

/** The description as people write it: what is not said has its default. */
export function compact(spec: ChartSpec): Record<string, unknown> {
  const { chart, source } = spec;
  const usual = parseChartSpec({ chart, source }) as unknown as Record<string, unknown>;
  const told = Object.entries(spec).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(usual[key]),
  );
  return { chart, source, ...Object.fromEntries(told) };
}

/** Where the Charts room shows this chart. */
export const chartRoute = (spec: ChartSpec): RouteInput => ({
  room: 'charts',
  query: { spec: JSON.stringify(compact(spec)) },
});

/** The chart of an address; null where there is none. @throws LabError BAD_CHART for a wrong one */
export function chartOf(query: Readonly<Record<string, string>>): ChartSpec | null {
  const text = query['spec'];
  if (text === undefined || text === '') return null;
  let document: unknown = null;
  try {
    document = JSON.parse(text);
  } catch {
    // An address that was cut off: the schema says so.
  }
  return parseChartSpec(document, 'address');
}

/** CPU time of these traces, by actor: what one asks first. */
export const chartOfTraces = (traces: readonly string[]): RouteInput =>
  chartRoute(
    parseChartSpec({ chart: 'stacked', source: { kind: 'traces', traces }, group: 'run' }),
  );
