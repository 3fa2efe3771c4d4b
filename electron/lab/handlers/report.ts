import path from 'node:path';
import {
  toErrorData,
  type CallContext,
  type LabErrorData,
  type LabHandlers,
  type SavedReport,
} from '../../../core/contract/index.ts';
import {
  documentOf,
  needsOf,
  parseReport,
  type Materials,
  type ReportSpec,
  type ReportTrace,
} from '../../../core/report/index.ts';
import { reportJob } from '../../report/needs.ts';
import { deliver, type Deliveries } from '../deliveries.ts';
import { Documents, type Saved } from '../documents.ts';
import { slugOf } from '../file-names.ts';
import type { LabContext } from './context.ts';

type Topic = Pick<LabHandlers, Extract<keyof LabHandlers, `report.${string}`>>;

/** Hazards that a report may list of one trace. */
const HAZARDS_MAX = 1000;

export interface ReportParts {
  /** The lab's own, which keeps what it has compared. */
  readonly runDiff: LabHandlers['diff.run'];
  /** Database of a sweep by its id. */
  readonly sweep: (id: string) => string;
  readonly deliveries: Deliveries | null;
}

/** Reports. */
export function reportHandlers(
  { library, parts, track, until }: LabContext,
  { runDiff, sweep, deliveries }: ReportParts,
): Topic {
  const reports = new Documents(path.join(library.home, 'reports'), parseReport);

  const readTraces = (refs: readonly string[]) => {
    const traces: ReportTrace[] = [];
    const problems: { ref: string; error: LabErrorData }[] = [];
    for (const ref of refs) {
      try {
        const hazards = library.reader(ref).hazards(HAZARDS_MAX);
        traces.push({ ref, info: library.info(ref), hazards });
      } catch (thrown) {
        problems.push({ ref, error: toErrorData(thrown) });
      }
    }
    return { traces, problems };
  };

  const materialsOf = async (
    spec: ReportSpec,
    { progress, signal }: CallContext<'report.document'>,
  ): Promise<Materials> => {
    const needs = needsOf(spec);
    const read = readTraces(needs.traces);
    const diffs: { a: string; b: string; diff: Awaited<ReturnType<typeof runDiff>> }[] = [];
    for (const [a, b] of needs.diffs) {
      if (read.problems.some(({ ref }) => ref === a || ref === b)) continue;
      diffs.push({ a, b, diff: await runDiff({ a, b }, { progress, signal }) });
    }
    return { ...read, diffs };
  };

  return {
    'report.list': () => reports.list().map(listed),
    'report.save': ({ report, spec }) =>
      listed(reports.save(report, parseReport(spec, 'report').title, spec)),
    'report.remove': ({ report }) => {
      reports.remove(report);
      return null;
    },
    'report.document': async ({ spec }, context) => {
      const parsed = parseReport(spec, 'report');
      return documentOf(parsed, await materialsOf(parsed, context));
    },
    'report.export': ({ spec, format }, { progress, signal }) => {
      const parsed = parseReport(spec, 'report');
      const trace = (ref: string) => ({ file: library.file(ref), name: library.entry(ref).name });
      const job = reportJob(parsed, 'report', { trace, sweep });
      const watch = { onProgress: progress, signal: until(signal) };
      return track(
        deliver(deliveries, `${slugOf(parsed.title)}.${format}`, 'use "mapcopy report"', (output) =>
          parts.writeFile({ kind: 'report', job, format, output }, watch),
        ),
      );
    },
  };
}

function listed({ document, ...saved }: Saved<ReportSpec>): SavedReport {
  return {
    ...saved,
    title: document?.title ?? saved.id,
    sections: document?.sections.length ?? 0,
    spec: document,
  };
}
