import { LabError, type RunProgress, type RunResult } from '../../core/contract/index.ts';
import type { Scenario } from '../../core/contract/index.ts';
import type { Simulation } from '../../core/experiment/index.ts';
import type { LabParts, Recording } from './parts.ts';

/** Longest time a run keeps the thread before other calls get their turn. */
const SLICE_MS = 10;
/** Engine events between two looks at the clock. */
const STEP_EVENTS = 256;
const PROGRESS_MS = 100;

/** One run to carry out. */
export interface RunJob {
  readonly scenario: Scenario;
  /** File to record into, or null. */
  readonly output: string | null;
  readonly name: string;
  readonly onProgress: (progress: RunProgress) => void;
  /** Ends the run early; its `reason`, when it is text, is noted in the trace. */
  readonly signal: AbortSignal;
}

/**
 * Runs a scenario in slices, so that the thread stays responsive and the run can be cancelled.
 *
 * @throws LabError CANCELLED when the signal fired: the trace, if any, is complete up to there and
 *   marked incomplete. Any other error leaves nothing behind, but for what can be recovered of a trace
 *   whose disk was full or whose writer died.
 */
export async function runScenario(job: RunJob, parts: LabParts): Promise<RunResult> {
  const started = performance.now();
  const recording = job.output === null ? null : startRecording(job, job.output, parts);
  let result: RunResult;
  let file: string | null = null;
  let cancelled: boolean;
  try {
    const simulation = parts.simulator.prepareRun(job.scenario, recording);
    cancelled = !(await stepToEnd(simulation, recording, job));
    result = {
      ...simulation.finish(),
      status: cancelled ? 'incomplete' : 'complete',
      wallMs: Math.round(performance.now() - started),
      file: job.output,
    };
    if (recording !== null) {
      const { status } = result;
      const why = cancelled ? { interrupted: reasonOf(job.signal) } : {};
      ({ file } = await recording.finish({ status, result, ...why }));
    }
  } catch (thrown) {
    await recording?.abandon();
    throw thrown;
  }
  if (cancelled) {
    throw new LabError(
      'CANCELLED',
      'the run was cancelled',
      file ?? '',
      file === null ? 'run it again' : 'what was recorded until then is in this file',
    );
  }
  return { ...result, file };
}

function startRecording(job: RunJob, output: string, parts: LabParts): Recording {
  return parts.traces.record(output, {
    name: job.name,
    scenario: job.scenario,
    ...parts.simulator.identify(job.scenario),
    recordedAt: parts.now().toISOString(),
  });
}

/** @returns false when the signal ended the run early */
async function stepToEnd(
  simulation: Simulation,
  recording: Recording | null,
  { signal, onProgress }: RunJob,
): Promise<boolean> {
  let reported = performance.now();
  report(simulation, onProgress);
  for (;;) {
    if (signal.aborted) return false;
    const sliceStart = performance.now();
    let more = true;
    while (more && performance.now() - sliceStart < SLICE_MS) more = simulation.step(STEP_EVENTS);
    if (!more) {
      report(simulation, onProgress);
      return true;
    }
    if (performance.now() - reported >= PROGRESS_MS) {
      reported = performance.now();
      report(simulation, onProgress);
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
    await recording?.ready();
  }
}

function report(simulation: Simulation, onProgress: RunJob['onProgress']): void {
  onProgress({
    done: simulation.requestsDone,
    total: simulation.requestsTotal,
    events: simulation.eventsDone,
    simulatedNs: simulation.simulatedNs,
  });
}

function reasonOf(signal: AbortSignal): string {
  return typeof signal.reason === 'string' ? signal.reason : 'cancelled';
}
