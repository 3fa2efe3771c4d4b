import path from 'node:path';
import type { LabHandlers, SavedChart } from '../../../core/contract/index.ts';
import {
  parseChartSpec,
  parseChartSource,
  type ChartSource,
  type ChartSpec,
} from '../../../core/figures/chart/spec.ts';
import type { Places } from '../../figures/places.ts';
import { figureInThread } from '../../figures/thread.ts';
import { Documents, type Saved } from '../documents.ts';
import type { Studies } from '../study/studies.ts';
import type { LabContext } from './context.ts';

type Topic = Extract<keyof LabHandlers, `figure.${string}`>;

const MIMES = {
  svg: 'image/svg+xml',
  png: 'image/png',
  csv: 'text/csv;charset=utf-8',
  pdf: 'application/pdf',
} as const;

/** Charts: drawn in a thread each, so that the lab answers others meanwhile. */
export function figureHandlers(
  { library, track, until }: LabContext,
  studies: Studies,
): Pick<LabHandlers, Topic> {
  const charts = new Documents(path.join(library.home, 'charts'), parseChartSpec);
  const placesOf = (source: ChartSource) => placesInLibrary(source, library, studies);
  return {
    'figure.rows': ({ source: given, details }, { progress, signal }) => {
      const source = parseChartSource(given);
      const watch = { onProgress: progress, signal: until(signal) };
      return track(figureInThread({ kind: 'rows', source, details }, placesOf(source), watch));
    },
    'figure.draw': async ({ spec: given, format, scale }, { progress, signal }) => {
      const spec = parseChartSpec(given);
      const watch = { onProgress: progress, signal: until(signal) };
      const job = { kind: 'file' as const, spec, format, scale };
      const file = await track(figureInThread(job, placesOf(spec.source), watch));
      return { base64: Buffer.from(file).toString('base64'), mime: MIMES[format] };
    },
    'figure.list': () => charts.list().map(listed),
    'figure.save': ({ chart, name, spec }) => listed(charts.save(chart, name, spec)),
    'figure.remove': ({ chart }) => {
      charts.remove(chart);
      return null;
    },
  };
}

/** A window names traces and sweeps by their ids, and nothing else. @throws LabError NOT_FOUND */
export function placesInLibrary(
  source: ChartSource,
  library: LabContext['library'],
  studies: Studies,
): Places {
  if (source.kind === 'sweep') {
    return { traces: [], database: studies.info(source.database).database };
  }
  const refs = source.kind === 'traces' ? source.traces : [];
  const traces = refs.map((ref) => ({ file: library.file(ref), name: library.entry(ref).name }));
  return { traces, database: null };
}

function listed({ document, ...saved }: Saved<ChartSpec>): SavedChart {
  const name = document === null || document.title === '' ? saved.id : document.title;
  return { ...saved, name, spec: document };
}
