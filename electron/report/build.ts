/** Reads what a report is about and writes it. Loading this module loads SQLite and the canvas. */
import { exists } from '../../core/base/assert.ts';
import { diff } from '../../core/diff/index.ts';
import { LabError } from '../../core/contract/index.ts';
import { detailsOf } from '../../core/figures/chart/rows.ts';
import { parseChartSpec, type ChartSource, type ChartSpec } from '../../core/figures/chart/spec.ts';
import {
  documentOf,
  needsOf,
  reportHtml,
  type DrawnFigure,
  type Materials,
} from '../../core/report/index.ts';
import { openTrace } from '../../traces/index.ts';
import { fontFaces } from '../figures/fonts.ts';
import { htmlToPdf } from '../figures/pdf.ts';
import type { Places } from '../figures/places.ts';
import { readRows } from '../figures/read-rows.ts';
import { svgOf } from '../figures/write.ts';
import type { ReportFormat } from './formats.ts';
import type { ReportJob } from './needs.ts';

export interface ReportWatch {
  /** Steps done of all: traces, diffs and charts. */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Requests that a diff names as those that changed most. */
const MOST = 10;
/** Hazards of a trace that a section may list. */
const HAZARDS_MAX = 1000;

/**
 * The bytes of the file. The same traces give the same HTML.
 * @throws LabError for a trace or sweep that cannot be read, CANCELLED, and what `htmlToPdf` throws
 */
export async function buildReport(
  job: ReportJob,
  format: ReportFormat,
  { onProgress, signal }: ReportWatch,
): Promise<Buffer> {
  const needs = needsOf(job.spec);
  // A diff has up to three charts, as its traces turn out to have requests.
  const total = needs.traces.length + 4 * needs.diffs.length + job.charts.length;
  let done = 0;
  const step = async () => {
    onProgress(done++, total);
    // Lets a cancel through.
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (signal.aborted) {
      throw new LabError('CANCELLED', 'the report was cancelled', '', 'write it again');
    }
  };

  const document = documentOf(job.spec, await readMaterials(job, needs, step));
  const figures: DrawnFigure[] = [];
  for (const [i, chart] of document.figures.entries()) {
    await step();
    figures.push(await drawn(job, parseChartSpec(chart, `figure ${i + 1}`), i, signal));
  }
  const html = reportHtml(document, figures, fontFaces());
  return format === 'html' ? Buffer.from(html) : await htmlToPdf(html);
}

async function readMaterials(
  { traces }: ReportJob,
  needs: ReturnType<typeof needsOf>,
  step: () => Promise<void>,
): Promise<Materials> {
  const open = (ref: string) => {
    const { file, name } = exists(traces[ref], 'every trace of a report has been found');
    const reader = openTrace(file);
    return { reader, info: reader.info(ref, name ?? undefined) };
  };
  const read: Materials['traces'][number][] = [];
  for (const ref of needs.traces) {
    await step();
    const { reader, info } = open(ref);
    try {
      read.push({ ref, info, hazards: reader.hazards(HAZARDS_MAX) });
    } finally {
      reader.close();
    }
  }
  const diffs: Materials['diffs'][number][] = [];
  for (const [a, b] of needs.diffs) {
    await step();
    const [left, right] = [open(a).reader, open(b).reader];
    try {
      const sequences = (request: number) =>
        [left.sequence(request), right.sequence(request)] as const;
      diffs.push({ a, b, diff: diff(left.subject(a), right.subject(b), sequences, MOST) });
    } finally {
      left.close();
      right.close();
    }
  }
  return { traces: read, diffs };
}

async function drawn(
  job: ReportJob,
  spec: ChartSpec,
  index: number,
  signal: AbortSignal,
): Promise<DrawnFigure> {
  const places = placesOf(spec.source, job);
  const options = { places, details: detailsOf(spec), onProgress: () => undefined, signal };
  const { svg, words } = svgOf(spec, await readRows(spec.source, options), `f${index}-`);
  return { svg, words };
}

function placesOf(source: ChartSource, { traces, sweeps }: ReportJob): Places {
  return {
    traces:
      source.kind === 'traces'
        ? source.traces.map((ref) => exists(traces[ref], 'every trace of a chart has been found'))
        : [],
    database: source.kind === 'sweep' ? (sweeps[source.database] ?? null) : null,
  };
}
