/** A thread that reads the runs of one chart or draws one chart, says so, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { toErrorData } from '../../core/contract/index.ts';
import { detailsOf, type ChartRow } from '../../core/figures/chart/rows.ts';
import { badChart } from '../../core/figures/chart/spec.ts';
import { chartModel } from '../../core/figures/models/index.ts';
import type { Places } from './places.ts';
import { readRows } from './read-rows.ts';
import type { FigureAnswer, FigureJob, FigureMessage } from './thread.ts';
import { figureFile } from './write.ts';

const PROGRESS_MS = 50;

const say = (message: FigureMessage) => parentPort?.postMessage(message);
const stop = new AbortController();
parentPort?.once('message', () => stop.abort());

let told = 0;
const watch = {
  onProgress(done: number, total: number) {
    const now = performance.now();
    if (now - told < PROGRESS_MS) return;
    told = now;
    say({ type: 'progress', progress: { done, total } });
  },
  signal: stop.signal,
};

async function answerTo(job: FigureJob, places: Places): Promise<FigureAnswer[keyof FigureAnswer]> {
  if (job.kind === 'rows') {
    return forWindow(await readRows(job.source, { places, details: job.details, ...watch }));
  }
  const details = detailsOf(job.spec);
  const rows = await readRows(job.spec.source, { places, details, ...watch });
  return await figureFile(chartModel(job.spec, rows), job.format, job.scale);
}

/** A window is not sent more than it can hold. */
const WINDOW_RUNS = 5000;

function forWindow(rows: readonly ChartRow[]): readonly ChartRow[] {
  if (rows.length <= WINDOW_RUNS) return rows;
  throw badChart(
    `there are ${rows.length} runs, and a window takes ${WINDOW_RUNS} at most`,
    'source',
    'draw it with "mapcopy chart", or chart a smaller sweep',
  );
}

const { job, places } = workerData as { readonly job: FigureJob; readonly places: Places };
try {
  say({ type: 'done', answer: await answerTo(job, places) });
} catch (thrown) {
  say({ type: 'failed', error: toErrorData(thrown) });
} finally {
  parentPort?.close();
}
