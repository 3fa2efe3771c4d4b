/** What benches measure with: scenarios, runs, traces, a folder that goes again. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { StrategyId } from '../../core/contract/ids.ts';
import { parseScenario, type Scenario } from '../../core/contract/index.ts';
import type { TraceSink } from '../../core/engine/recording.ts';
import { identify, prepareRun } from '../../core/experiment/index.ts';
import { realParts } from '../../electron/lab/real-parts.ts';
import { runScenario } from '../../electron/lab/runs.ts';
import { createTraceWriter } from '../../traces/index.ts';

/** A long path through the simulator: maps, flushes, copies. */
export const scenarioOf = (requests: number, strategy: StrategyId = 'grant-map'): Scenario =>
  parseScenario({ strategy, requests });

/** Runs a scenario to its end. @returns recorded events */
export function simulate(scenario: Scenario, sink: TraceSink | null) {
  const simulation = prepareRun(scenario, sink);
  while (simulation.step(100_000)) {
    // Go on.
  }
  return simulation.finish();
}

export function record(scenario: Scenario, file: string): number {
  const head = { name: 'bench', scenario, recordedAt: '2026-01-01T00:00:00.000Z' };
  const writer = createTraceWriter(file, { ...head, ...identify(scenario) });
  const result = simulate(scenario, writer);
  return writer.finish({ status: 'complete', result }).events;
}

/** The same as the lab does it: in slices, written by another thread. */
export function recordAsUsers(scenario: Scenario, output: string): Promise<unknown> {
  const { signal } = new AbortController();
  const onProgress = () => undefined;
  return runScenario({ scenario, output, name: 'bench', signal, onProgress }, realParts);
}

export function temporaryFolder(): { folder: string; done: () => void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mapcopy-bench-'));
  return { folder, done: () => rmSync(folder, { recursive: true, force: true }) };
}
