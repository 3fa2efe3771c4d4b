/** The runs that a chart is about, read from where its document says. Loading this module loads SQLite. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RunResult, Scenario } from '../../core/contract/index.ts';
import {
  axesOfResult,
  axesOfScenario,
  rowOf,
  type AxisValue,
  type ChartRow,
  type Detail,
} from '../../core/figures/chart/rows.ts';
import { badChart, type ChartSource } from '../../core/figures/chart/spec.ts';
import { openTrace } from '../../traces/index.ts';
import { nameOfRun } from '../lab/file-names.ts';
import { realParts } from '../lab/real-parts.ts';
import { runScenario } from '../lab/runs.ts';
import { openSweep } from '../lab/sweep/database.ts';
import { readDetail, type FirstRun } from './detail.ts';
import type { Places } from './places.ts';

export interface ReadOptions {
  readonly places: Places;
  readonly details: readonly Detail[];
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** More runs than this are no chart. */
const RUNS_MAX = 20_000;

/** @throws LabError for a file that cannot be read, a pair that does not exist, or CANCELLED */
export async function readRows(source: ChartSource, options: ReadOptions): Promise<ChartRow[]> {
  switch (source.kind) {
    case 'rows':
      return source.rows.map(rowOf);
    case 'traces':
      return readTraces(source.names ?? [], options);
    case 'sweep':
      return readSweep(options.places.database ?? '');
    case 'scenarios':
      return await makeRuns(source.scenarios, options);
  }
}

function readTraces(
  names: readonly string[],
  { places, details, onProgress }: ReadOptions,
): ChartRow[] {
  const read = rowReader(details);
  return places.traces.map(({ file, name }, index) => {
    onProgress(index, places.traces.length);
    return read(file, names[index] || name);
  });
}

/** Reads traces one by one; it remembers the first, which others may be held against. */
function rowReader(details: readonly Detail[]) {
  let first: FirstRun | null = null;
  return (file: string, name: string | null): ChartRow => {
    const reader = openTrace(file);
    try {
      const info = reader.info(file, name ?? undefined);
      const detail = readDetail(reader, details, first);
      if (details.includes('changes')) {
        first ??= { requests: reader.requests(), scenario: info.scenario };
      }
      return {
        name: info.name,
        origin: info.kind === 'imported' ? 'recorded' : 'simulated',
        axes: axesOf(info.scenario, info.result),
        result: info.result,
        detail,
      };
    } finally {
      reader.close();
    }
  };
}

const axesOf = (scenario: Scenario | null, result: RunResult | null) => ({
  ...(scenario === null ? {} : axesOfScenario(scenario)),
  ...(result === null ? {} : axesOfResult(result)),
});

function readSweep(file: string): ChartRow[] {
  const { db } = openSweep(file);
  try {
    const rows = db
      .prepare(
        `SELECT axes, scenario, result FROM runs WHERE status = 'done' ORDER BY id LIMIT ${RUNS_MAX + 1}`,
      )
      .all() as { axes: string; scenario: string; result: string }[];
    if (rows.length > RUNS_MAX) {
      throw badChart(
        `the sweep has more than ${RUNS_MAX} runs`,
        file,
        'chart a smaller sweep, or rows of your own from its database',
      );
    }
    if (rows.length === 0) {
      throw badChart('the sweep has no finished run', file, 'carry it on with mapcopy sweep');
    }
    return rows.map((row): ChartRow => {
      const result = JSON.parse(row.result) as RunResult;
      const axes = {
        ...axesOf(JSON.parse(row.scenario) as Scenario, result),
        ...(JSON.parse(row.axes) as Record<string, AxisValue>),
      };
      return { name: nameOfAxes(axes), origin: 'simulated', axes, result, detail: null };
    });
  } finally {
    db.close();
  }
}

const nameOfAxes = (axes: Record<string, AxisValue>): string =>
  ['strategy', 'hypervisor', 'soc', 'payloadBytes', 'seed'].map((axis) => axes[axis]).join(' ');

/** Makes the runs, one after the other; into traces that go again where those are needed. */
async function makeRuns(scenarios: readonly Scenario[], options: ReadOptions): Promise<ChartRow[]> {
  const { details, onProgress, signal } = options;
  const folder =
    details.length === 0 ? null : mkdtempSync(path.join(os.tmpdir(), 'mapcopy-chart-'));
  const read = rowReader(details);
  const rows: ChartRow[] = [];
  try {
    for (const [index, scenario] of scenarios.entries()) {
      const output = folder === null ? null : path.join(folder, `${index}.mctrace`);
      const name = nameOfRun(scenario);
      const share = ({ done, total }: { done: number; total: number }) =>
        onProgress(index + (total === 0 ? 0 : done / total), scenarios.length);
      const job = { scenario, output, name, onProgress: share, signal };
      const result = await runScenario(job, realParts);
      const detail = output === null ? null : read(output, name).detail;
      rows.push({ name, origin: 'simulated', axes: axesOf(scenario, result), result, detail });
      if (output !== null) rmSync(output);
    }
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}
